//! What stands around the kiosk: a demo town's keys and cards, its cloud and core system, the reader's card and the printers, all
//! on loopback of this machine; the guest reaches them at 10.0.2.2.

use std::fs;
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use crate::machine::{run, until};

pub struct Town {
    folder: PathBuf,
    programs: PathBuf,
    ports: Ports,
    running: Vec<Child>,
}

struct Ports {
    cloud: u16,
    device: u16,
    core: u16,
    receipt: u16,
    form: u16,
}

impl Town {
    /// Makes keys, certificates, cards and settings.
    pub fn prepare(folder: &Path, programs: &Path, workspace: &Path) -> Self {
        let port = || {
            TcpListener::bind("127.0.0.1:0")
                .unwrap()
                .local_addr()
                .unwrap()
                .port()
        };
        let ports = Ports {
            cloud: port(),
            device: port(),
            core: port(),
            receipt: port(),
            form: port(),
        };
        let here = |port: u16| format!("127.0.0.1:{port}");
        let mut prepare = Command::new(programs.join("demo-town"));
        prepare
            .args(["prepare", "--host-from-image", "10.0.2.2", "--out"])
            .arg(folder)
            .args([
                "--cloud-listen",
                &here(ports.cloud),
                "--device-listen",
                &here(ports.device),
            ])
            .args(["--core-listen", &here(ports.core)])
            .args([
                "--form-printer",
                &format!("http://{}/ipp/print", here(ports.form)),
            ])
            .arg("--assets")
            .arg(workspace.join("assets"))
            .arg("--postal-codes")
            .arg(workspace.join("target/data/postal.tsv"));
        run(&mut prepare);
        Self {
            folder: folder.to_owned(),
            programs: programs.to_owned(),
            ports,
            running: Vec::new(),
        }
    }

    /// What makes a machine this town's kiosk; see README.md, Flashing.
    pub fn provision(&self, to: &Path) {
        let files = [
            ("settings/kiosk-image.toml", "settings/kiosk.toml"),
            ("tls/kiosk-1.pem", "tls/kiosk-1.pem"),
            ("tls/kiosk-1.key", "tls/kiosk-1.key"),
            ("tls/authority.pem", "tls/authority.pem"),
            ("tenant/sealing.json", "tenant/sealing.json"),
        ];
        for (from, name) in files {
            fs::create_dir_all(to.join(name).parent().unwrap()).unwrap();
            fs::copy(self.folder.join(from), to.join(name)).unwrap();
        }
        run(Command::new("cp")
            .arg("-r")
            .arg(self.folder.join("trust"))
            .arg(to));
    }

    /// Starts the core system, the cloud and the receipt printer.
    pub fn open(&mut self) {
        let (core, cloud, receipt) = (self.ports.core, self.ports.cloud, self.ports.receipt);
        let mut system = self.program("demo-town");
        system.args([
            "core-system",
            "--listen",
            &format!("127.0.0.1:{core}"),
            "--token-file",
        ]);
        system.arg(self.folder.join("core-system/token"));
        self.start(system, core);
        let mut service = self.program("cloud-api");
        service
            .args(["serve", "--settings"])
            .arg(self.folder.join("settings/cloud-api.toml"));
        self.start(service, cloud);
        let mut printer = self.program("virtual-receipt-printer");
        printer.args(["--listen", &format!("127.0.0.1:{receipt}"), "--out"]);
        printer
            .arg(self.folder.join("receipts"))
            .arg("--control")
            .arg(self.folder.join("printer.sock"));
        self.start(printer, receipt);
    }

    /// QEMU's arguments for the USB reader and the printer on a USB serial line.
    pub fn devices(&self) -> Vec<String> {
        let (reader, receipt) = (self.folder.join("ccid.sock"), self.ports.receipt);
        [
            "-device",
            "qemu-xhci",
            "-device",
            "usb-ccid,id=ccid",
            "-chardev",
            &format!(
                "socket,id=card,path={},server=on,wait=off",
                reader.display()
            ),
            "-device",
            "ccid-card-passthru,chardev=card,bus=ccid.0",
            "-chardev",
            &format!("socket,id=receipts,host=127.0.0.1,port={receipt}"),
            "-device",
            "usb-serial,chardev=receipts",
        ]
        .map(str::to_owned)
        .to_vec()
    }

    fn program(&self, name: &str) -> Command {
        let mut command = Command::new(self.programs.join(name));
        command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        command
    }

    fn start(&mut self, mut command: Command, port: u16) {
        self.running.push(command.spawn().unwrap());
        until(&format!("{command:?}"), 60, || {
            TcpStream::connect(("127.0.0.1", port)).is_ok()
        });
    }
}

impl Drop for Town {
    fn drop(&mut self) {
        for child in &mut self.running {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}
