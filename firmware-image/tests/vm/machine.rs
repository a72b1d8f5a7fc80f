//! One start of a board: what it says, what it shows, fingers on its screen.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use firmware_image::keys::Keys;
use firmware_image::machine::{self, Board as Parts, QemuOptions, SIZE, VARIABLES};
use serde_json::json;

use crate::qmp::Qmp;
use crate::screen::Screen;
use crate::stick::Stick;

/// It begins after one MiB; see partitions.toml.
pub const FIRST_PARTITION: u64 = 1 << 20;

/// A board and how often it was started.
pub struct Board {
    parts: Parts,
    keys: Keys,
    pub folder: PathBuf,
    starts: usize,
}

/// A running machine.
pub struct Machine {
    qemu: Child,
    tpm: Option<Child>,
    qmp: Qmp,
    lines: Receiver<String>,
    heard: Vec<String>,
    pictures: usize,
    folder: PathBuf,
    since: Instant,
}

impl Board {
    /// A new board with a copy of the factory disk and a new TPM, set up as the kiosk of a demo town.
    pub fn new(folder: &Path, image: &Path, provision: &Path) -> Self {
        Self {
            parts: Parts::at(folder, image, provision, &keys(image)).unwrap(),
            keys: keys(image),
            folder: folder.to_owned(),
            starts: 0,
        }
    }

    /// One that is nobody's kiosk.
    pub fn bare(folder: &Path, image: &Path) -> Self {
        Self {
            parts: Parts::blank(folder, image, &keys(image)).unwrap(),
            keys: keys(image),
            folder: folder.to_owned(),
            starts: 0,
        }
    }

    pub fn disk(&self) -> PathBuf {
        self.parts.disk()
    }

    /// Power on. `more` are further arguments of QEMU.
    pub fn start(&mut self, more: &[String]) -> Machine {
        self.start_with(QemuOptions {
            more: more.to_vec(),
            ..QemuOptions::default()
        })
    }

    /// Power on, put together otherwise.
    pub fn start_with(&mut self, mut options: QemuOptions) -> Machine {
        let _ = fs::remove_file(self.parts.tpm_socket());
        let tpm = self.parts.tpm().spawn().unwrap();
        until("the TPM", 30, || self.parts.tpm_socket().exists());
        options.more.extend(self.parts.tpm_arguments());
        self.boot(Some(tpm), &options)
    }

    /// Power on with the TPM taken out.
    pub fn start_without_tpm(&mut self) -> Machine {
        self.boot(None, &QemuOptions::default())
    }

    /// Puts another board's TPM in; done again, its own. Only while it is off: a TPM keeps its memory where it was started.
    pub fn exchange_tpm(&self) {
        let [own, other, out] = ["tpm", "tpm-other", "tpm-out"].map(|name| self.folder.join(name));
        fs::create_dir_all(&other).unwrap();
        fs::rename(&own, &out).unwrap();
        fs::rename(&other, &own).unwrap();
        fs::rename(&out, &other).unwrap();
    }

    /// Signs a kiosk's folder and puts it on the first partition, as a technician does with the disk at another machine.
    pub fn provision(&self, folder: &Path, counter: u32) {
        firmware_image::provision::sign(folder, counter, &self.keys).unwrap();
        self.put(folder, "provision");
    }

    /// Puts files on the first partition.
    pub fn put(&self, from: &Path, to: &str) {
        self.put_at(FIRST_PARTITION, from, to);
    }

    /// The same on the partition that begins at this byte.
    pub fn put_at(&self, start: u64, from: &Path, to: &str) {
        let mut copy = Command::new("mcopy");
        copy.args(["-s", "-o", "-i", &self.partition(start)]);
        run(copy.arg(from).arg(format!("::{to}")));
    }

    /// Takes a file from the first partition.
    pub fn take(&self, from: &str, to: &Path) {
        let mut copy = Command::new("mcopy");
        copy.args(["-o", "-i", &self.partition(FIRST_PARTITION)]);
        run(copy.arg(format!("::{from}")).arg(to));
    }

    /// Puts keys into the firmware's empty lists again.
    pub fn enrol_keys(&self, keys: &Path) {
        machine::enrol(&Keys::of(keys), &self.parts.firmware_settings()).unwrap();
    }

    /// Empties the firmware's lists of keys: Secure Boot is off.
    pub fn forget_keys(&self) {
        fs::copy(VARIABLES, self.parts.firmware_settings()).unwrap();
    }

    /// Uses up every try of both slots.
    pub fn spend_all_tries(&self) {
        let file = self.folder.join("grubenv");
        self.take("EFI/BOOT/grubenv", &file);
        let mut set = Command::new("grub-editenv");
        run(set.arg(&file).args(["set", "A_TRY=3", "B_TRY=3"]));
        self.put(&file, "EFI/BOOT/grubenv");
    }

    /// As mtools name it.
    fn partition(&self, start: u64) -> String {
        format!("{}@@{start}", self.disk().display())
    }

    fn boot(&mut self, tpm: Option<Child>, options: &QemuOptions) -> Machine {
        self.starts += 1;
        let folder = self.folder.join(format!("start-{}", self.starts));
        fs::create_dir_all(&folder).unwrap();
        let control = self.parts.control();
        let _ = fs::remove_file(&control);
        let mut qemu = self.parts.qemu(options).unwrap();
        qemu.stdin(Stdio::null()).stdout(Stdio::piped());
        let since = Instant::now();
        let mut qemu = qemu.spawn().unwrap();
        let lines = read_console(&mut qemu, &folder.join("serial.log"));
        until("QEMU's own line", 30, || control.exists());
        Machine {
            qemu,
            tpm,
            qmp: Qmp::connect(&control),
            lines,
            heard: Vec::new(),
            pictures: 0,
            folder,
            since,
        }
    }
}

impl Machine {
    /// Waits for a line on the serial console that has these words; the line.
    pub fn says(&mut self, words: &str, seconds: u64) -> String {
        let end = Instant::now() + Duration::from_secs(seconds);
        loop {
            match self
                .lines
                .recv_timeout(end.saturating_duration_since(Instant::now()))
            {
                Ok(line) => {
                    self.heard.push(line.clone());
                    if line.contains(words) {
                        return line;
                    }
                }
                Err(error) => {
                    let ended = if error == RecvTimeoutError::Disconnected {
                        "it ended"
                    } else {
                        "it did not"
                    };
                    panic!(
                        "the machine should say {words:?} within {seconds} s; {ended}; it said:\n{}",
                        self.heard.join("\n")
                    )
                }
            }
        }
    }

    /// Every line so far.
    pub fn heard(&self) -> &[String] {
        &self.heard
    }

    /// Waits until the guest has reset or switched itself off; everything that it said.
    pub fn ends(mut self, seconds: u64) -> String {
        let end = Instant::now() + Duration::from_secs(seconds);
        loop {
            match self
                .lines
                .recv_timeout(end.saturating_duration_since(Instant::now()))
            {
                Ok(line) => self.heard.push(line),
                Err(RecvTimeoutError::Disconnected) => return self.heard.join("\n"),
                Err(RecvTimeoutError::Timeout) => panic!(
                    "no end within {seconds} s; it said:\n{}",
                    self.heard.join("\n")
                ),
            }
        }
    }

    /// The screen now.
    pub fn screen(&mut self) -> Screen {
        self.pictures += 1;
        let file = self.folder.join(format!("screen-{:02}.png", self.pictures));
        self.qmp.picture(&file);
        Screen::read(&file)
    }

    /// Waits until the screen is as expected, and stays so for a moment.
    pub fn shows(
        &mut self,
        what: &str,
        seconds: u64,
        expected: impl Fn(&Screen) -> bool,
    ) -> Screen {
        let end = Instant::now() + Duration::from_secs(seconds);
        loop {
            let screen = self.screen();
            if expected(&screen) {
                return screen;
            }
            assert!(
                Instant::now() < end,
                "{what} did not come; the last picture is {}",
                screen.file.display()
            );
            pause();
        }
    }

    /// The same with pictures that cost the machine next to nothing, none of which is kept but the last.
    pub fn glances(&mut self, what: &str, seconds: u64, expected: impl Fn(&Screen) -> bool) {
        assert!(
            self.comes(Duration::from_secs(seconds), expected),
            "{what} did not come within {seconds} s"
        );
    }

    /// Whether such a screen comes in so long; looked at as by [`Self::glances`].
    pub fn comes(&mut self, patience: Duration, expected: impl Fn(&Screen) -> bool) -> bool {
        let (file, end) = (self.folder.join("glance.ppm"), Instant::now() + patience);
        loop {
            self.qmp.picture(&file);
            if expected(&Screen::read(&file)) {
                return true;
            }
            if Instant::now() > end {
                return false;
            }
            pause();
        }
    }

    /// A tap as a finger makes it.
    pub fn tap(&mut self, at: (u32, u32)) {
        self.qmp.point(at, SIZE);
        pause();
        self.qmp.press(true);
        pause();
        self.qmp.press(false);
    }

    /// Puts a stick into the socket ([`Stick::socket`]).
    pub fn plug(&mut self, stick: &Stick) {
        let file = json!({ "driver": "file", "filename": stick.file });
        let drive =
            json!({ "driver": "raw", "node-name": "stick", "read-only": true, "file": file });
        self.qmp.ask("blockdev-add", &drive);
        let device = json!({ "driver": "usb-storage", "id": "plugged", "drive": "stick", "bus": "sticks.0" });
        self.qmp.ask("device_add", &device);
    }

    /// Plugs any USB device of QEMU's into the sticks' socket.
    pub fn plug_device(&mut self, driver: &str) {
        let device = json!({ "driver": driver, "id": "plugged", "bus": "sticks.0" });
        self.qmp.ask("device_add", &device);
    }

    /// Takes such a device out again.
    pub fn unplug_device(&mut self) {
        self.qmp.ask("device_del", &json!({ "id": "plugged" }));
    }

    /// Takes it out again.
    pub fn unplug(&mut self) {
        self.qmp.ask("device_del", &json!({ "id": "plugged" }));
        until("the stick to be out", 60, || {
            self.qmp
                .tries("blockdev-del", &json!({ "node-name": "stick" }))
        });
    }

    /// What a machine needs so that its memory can be measured, with 2 GiB of it.
    pub const MEASURED: [&str; 4] = ["-m", "2048", "-device", "virtio-balloon-pci,id=balloon"];

    /// Seconds since power-on.
    pub fn seconds(&self) -> f64 {
        self.since.elapsed().as_secs_f64()
    }

    /// Seconds of this machine's processors since power-on. Linux counts in hundredths here (USER_HZ; proc(5)).
    pub fn cpu_seconds(&self) -> f64 {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.qemu.id())).unwrap();
        let after_name = stat.rsplit(')').next().unwrap();
        let ticks = after_name.split_whitespace().skip(11).take(2);
        ticks
            .map(|field| field.parse::<f64>().unwrap())
            .sum::<f64>()
            / 100.0
    }

    /// MiB of memory that programs and kernel hold: all but what the guest's kernel calls available.
    pub fn used_mib(&mut self) -> f64 {
        let balloon = "/machine/peripheral/balloon";
        let every_second =
            json!({ "path": balloon, "property": "guest-stats-polling-interval", "value": 1 });
        self.qmp.ask("qom-set", &every_second);
        let (mut used, mut words) = (0.0, BTreeSet::new());
        // The first report was made when the driver started; what is true now comes after it.
        until("the guest's report on its memory", 60, || {
            let ask = json!({ "path": balloon, "property": "guest-stats" });
            let answer = self.qmp.ask("qom-get", &ask);
            words.extend(answer["last-update"].as_u64().filter(|second| *second > 0));
            let bytes = |name: &str| {
                answer["stats"][name]
                    .as_u64()
                    .filter(|bytes| *bytes < 1 << 60)
            };
            let held = bytes("stat-total-memory").zip(bytes("stat-available-memory"));
            used = held.map_or(0.0, |(all, free)| (all - free) as f64 / f64::from(1 << 20));
            words.len() > 3
        });
        used
    }

    /// Pulls the plug.
    pub fn cut(mut self) {
        self.qemu.kill().unwrap();
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        let _ = self.qemu.kill();
        let _ = self.qemu.wait();
        if let Some(tpm) = &mut self.tpm {
            let _ = tpm.kill();
            let _ = tpm.wait();
        }
    }
}

/// Those that the image was signed with.
fn keys(image: &Path) -> Keys {
    let out = image
        .ancestors()
        .find(|folder| folder.join("keys").exists());
    Keys::of(&out.unwrap().join("keys"))
}

/// The serial console, line by line; also kept in a file.
fn read_console(qemu: &mut Child, log: &Path) -> Receiver<String> {
    let (sender, lines) = channel();
    let (serial, mut log) = (qemu.stdout.take().unwrap(), File::create(log).unwrap());
    std::thread::spawn(move || {
        for line in BufReader::new(serial).split(b'\n').map_while(Result::ok) {
            let line = String::from_utf8_lossy(&line).into_owned();
            let _ = writeln!(log, "{line}");
            if sender.send(line).is_err() {
                break;
            }
        }
    });
    lines
}

pub fn run(command: &mut Command) {
    let output = command
        .output()
        .unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(
        output.status.success(),
        "{command:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
}

/// Looks again and again until something is so.
pub fn until(what: &str, seconds: u64, mut so: impl FnMut() -> bool) {
    let end = Instant::now() + Duration::from_secs(seconds);
    while !so() {
        assert!(
            Instant::now() < end,
            "{what} did not come within {seconds} s"
        );
        pause();
    }
}

/// Between two looks at something that cannot be waited on, and between the parts of a tap.
fn pause() {
    let (_keep, never) = channel::<()>();
    let _ = never.recv_timeout(Duration::from_millis(300));
}
