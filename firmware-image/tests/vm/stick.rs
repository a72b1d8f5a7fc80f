//! A USB stick: with an update on it, or with whatever an attacker likes.

use std::fs::{self, File, OpenOptions};
use std::io::{Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::machine::{FIRST_PARTITION, run};

pub struct Stick {
    pub file: PathBuf,
}

impl Stick {
    pub fn with(folder: &Path, name: &str, bundle: &Path) -> Self {
        let file = folder.join(format!("stick-{name}.img"));
        let size = fs::metadata(bundle).unwrap().len() + (16 << 20);
        File::create(&file).unwrap().set_len(size).unwrap();
        run(Command::new("/usr/sbin/mkfs.vfat")
            .args(["-n", "GENKAN"])
            .arg(&file));
        run(Command::new("mcopy")
            .arg("-i")
            .arg(&file)
            .arg(bundle)
            .arg("::/genkan.raucb"));
        Self { file }
    }

    /// With the last third of the bundle missing.
    pub fn shortened(folder: &Path, name: &str, bundle: &Path) -> Self {
        let short = folder.join(format!("{name}.raucb"));
        fs::copy(bundle, &short).unwrap();
        let length = fs::metadata(&short).unwrap().len();
        OpenOptions::new()
            .write(true)
            .open(&short)
            .unwrap()
            .set_len(length / 3 * 2)
            .unwrap();
        Self::with(folder, name, &short)
    }

    /// With a few bytes of the payload changed; the signature only covers the root of its hash tree.
    pub fn damaged(folder: &Path, name: &str, bundle: &Path) -> Self {
        let damaged = folder.join(format!("{name}.raucb"));
        fs::copy(bundle, &damaged).unwrap();
        let length = fs::metadata(&damaged).unwrap().len();
        let mut file = OpenOptions::new().write(true).open(&damaged).unwrap();
        file.seek(SeekFrom::Start(length / 2)).unwrap();
        file.write_all(b"other").unwrap();
        Self::with(folder, name, &damaged)
    }

    /// A copy of the factory disk: every label and id is as on the kiosk's own disk.
    pub fn twin(folder: &Path, image: &Path) -> Self {
        let file = folder.join("stick-twin.img");
        run(Command::new("cp")
            .arg("--sparse=always")
            .arg(image)
            .arg(&file));
        Self { file }
    }

    /// Puts a folder on the first partition of a [`Self::twin`].
    pub fn put(&self, from: &Path, to: &str) {
        let first = format!("{}@@{FIRST_PARTITION}", self.file.display());
        let mut copy = Command::new("mcopy");
        copy.args(["-s", "-o", "-i", &first]);
        run(copy.arg(from).arg(format!("::{to}")));
    }

    /// QEMU's arguments for a second disk beside the kiosk's own instead of a stick.
    pub fn built_in(&self) -> Vec<String> {
        let drive = format!(
            "if=none,id=twin,format=raw,readonly=on,file={}",
            self.file.display()
        );
        ["-drive", &drive, "-device", "virtio-blk-pci,drive=twin"]
            .map(str::to_owned)
            .to_vec()
    }

    /// QEMU's arguments for a socket that a stick goes into later.
    pub fn socket() -> Vec<String> {
        ["-device", "qemu-xhci,id=sticks"]
            .map(str::to_owned)
            .to_vec()
    }

    /// QEMU's arguments for a stick that is there from the start.
    pub fn device(&self) -> Vec<String> {
        let drive = format!(
            "if=none,id=stick,format=raw,readonly=on,file={}",
            self.file.display()
        );
        let device = "usb-storage,drive=stick,bus=sticks.0".to_owned();
        let stick = ["-drive", &drive, "-device", &device].map(str::to_owned);
        [Self::socket(), stick.to_vec()].concat()
    }
}
