//! Programs that a figure needs running: the demo town's folder, the kiosk, the card reader.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

use crate::Done;

/// A program of this workspace, as the running bench was built.
pub(crate) fn program(name: &str) -> Done<PathBuf> {
    let here = std::env::current_exe()?;
    let path = here
        .parent()
        .and_then(Path::parent)
        .map(|folder| folder.join(name))
        .ok_or("this program lies in no folder")?;
    if path.is_file() {
        Ok(path)
    } else {
        Err(format!("{} is not built; run `make build`", path.display()).into())
    }
}

/// A child that ends with its owner.
pub(crate) struct Running(pub(crate) Child);

impl Drop for Running {
    fn drop(&mut self) {
        // A script that holds others must hear of it to end them too.
        let _ = Command::new("kill").arg(self.0.id().to_string()).status();
        let _ = self.0.wait();
    }
}

/// A folder with settings, keys and cards of the demo town, at addresses that are free now.
pub(crate) struct Town {
    folder: TempDir,
}

impl Town {
    pub(crate) fn prepare() -> Done<Self> {
        let root = tidy::root();
        let parent = root.join("target/bench");
        fs::create_dir_all(&parent)?;
        let folder = tempfile::tempdir_in(parent)?;
        let mut command = Command::new(program("demo-town")?);
        command.arg("prepare").arg("--out").arg(folder.path());
        for place in [
            "--cloud-listen",
            "--device-listen",
            "--core-listen",
            "--screen-listen",
            "--receipt-printer",
        ] {
            command.args([place, &free_address()?]);
        }
        command.args([
            "--form-printer",
            &format!("http://{}/ipp/print", free_address()?),
        ]);
        command.arg("--assets").arg(root.join("assets"));
        command
            .arg("--postal-codes")
            .arg(root.join("target/data/postal.tsv"));
        let done = command.stdout(Stdio::null()).status()?;
        if done.success() {
            Ok(Self { folder })
        } else {
            Err(format!("demo-town prepare: {done}").into())
        }
    }

    pub(crate) fn at(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Starts the kiosk; returns it with the address of its screen once that is served.
    pub(crate) fn kiosk(&self) -> Done<(Running, String)> {
        let child = Command::new(program("kiosk")?)
            .args(["run", "--settings"])
            .arg(self.at("settings/kiosk.toml"))
            .env("RUST_LOG", "kiosk=info")
            // No reader: a kiosk shows its welcome without one.
            .env("PCSCLITE_CSOCK_NAME", self.at("no-reader"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()?;
        let mut running = Running(child);
        let address = told(&mut running, "address=")?;
        Ok((running, address))
    }
}

/// The word after `mark` in the first line of a program's standard error that has it. Goes on reading, so that the program is
/// never held up.
pub(crate) fn told(running: &mut Running, mark: &str) -> Done<String> {
    let stderr = running.0.stderr.take().ok_or("no standard error")?;
    let mut lines = BufReader::new(stderr).lines();
    let mut said = String::new();
    for line in lines.by_ref() {
        let line = line?;
        if let Some((_, rest)) = line.split_once(mark) {
            let word = rest
                .split_whitespace()
                .next()
                .unwrap_or_default()
                .to_owned();
            std::thread::spawn(move || lines.for_each(drop));
            return Ok(word);
        }
        said = line;
    }
    Err(format!("the program ended without saying {mark:?}: {said}").into())
}

fn free_address() -> Done<String> {
    Ok(TcpListener::bind(("127.0.0.1", 0))?
        .local_addr()?
        .to_string())
}

/// A private pcscd with the card simulator, as `make demo` has it; ended when dropped.
pub(crate) struct Reader {
    _running: Running,
    folder: PathBuf,
}

impl Reader {
    pub(crate) fn start(town: &Town) -> Done<Self> {
        let folder = town.at("reader");
        fs::create_dir_all(&folder)?;
        let child = Command::new("sh")
            .arg(tidy::root().join("kiosk/devices/scripts/with-vpcd.sh"))
            .args([&folder, &town.at("cards"), &program("card-simulator")?])
            .stdout(Stdio::piped())
            .spawn()?;
        let mut running = Running(child);
        let stdout = running.0.stdout.take().ok_or("no standard output")?;
        let mut line = String::new();
        BufReader::new(stdout).read_line(&mut line)?;
        if line == "ready\n" {
            Ok(Self {
                _running: running,
                folder,
            })
        } else {
            Err("the reader did not start; are pcscd and vsmartcard-vpcd installed?".into())
        }
    }

    /// Puts a card on the reader.
    pub(crate) fn insert(&self, card: &str) -> Done<()> {
        devices::control::ask(&self.folder.join("card.sock"), &format!("insert {card}"))?;
        Ok(())
    }

    /// A command that finds this reader's pcscd.
    pub(crate) fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Command::new(program);
        command.env("PCSCLITE_CSOCK_NAME", self.folder.join("pcscd.comm"));
        command
    }
}
