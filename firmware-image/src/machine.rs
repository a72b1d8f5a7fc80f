//! A kiosk's board in QEMU, to see the image start and to test it: firmware with Secure Boot and our keys in its lists, disk, TPM,
//! screen, touch panel, network. A reset of the guest ends QEMU; the caller starts it again.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use thiserror::Error;

use crate::file::{FileError, at};
use crate::keys::{KeyError, Keys};
use crate::provision::{self, ProvisionError};
use crate::tool::{self, ToolError, tool};

/// UEFI for virtual machines with Secure Boot (package ovmf).
const FIRMWARE: &str = "/usr/share/OVMF/OVMF_CODE_4M.secboot.fd";
/// Its settings when it is new: no keys, Secure Boot off.
pub const VARIABLES: &str = "/usr/share/OVMF/OVMF_VARS_4M.fd";
/// What writes keys into those settings (virt-firmware of PyPI), where setup puts it.
const ENROL: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../target/venv/bin/virt-fw-vars"
);
/// Whose entries the keys are in the firmware's lists: ours, by an id of our own.
const OWNER: &str = "0b5d1c57-5a1a-4f58-8a3f-0000000000bb";
/// The screen's dots.
pub const SIZE: (u32, u32) = (1080, 1920);

/// Why there is no board.
#[derive(Debug, Error)]
pub enum MachineError {
    /// A key of the firmware's lists.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The kiosk's folder.
    #[error(transparent)]
    Provision(#[from] ProvisionError),
    #[error(transparent)]
    Tool(#[from] ToolError),
    #[error(transparent)]
    File(#[from] FileError),
}

/// What differs from start to start.
pub struct QemuOptions {
    /// QEMU's `-netdev`, with the id `lan`.
    pub network: String,
    /// Writes to the disk fail.
    pub read_only_disk: bool,
    /// Further arguments of QEMU.
    pub more: Vec<String>,
}

impl Default for QemuOptions {
    /// A network that reaches this machine's loopback at 10.0.2.2, and a good disk.
    fn default() -> Self {
        Self {
            network: "user,id=lan".to_owned(),
            read_only_disk: false,
            more: Vec::new(),
        }
    }
}

/// What lasts from start to start, in one folder: the disk, the firmware's settings and the TPM's memory.
pub struct Board {
    folder: PathBuf,
}

impl Board {
    /// The board of a folder; one that is new gets a copy of the factory disk with `provision`, signed, on it (see README.md, Flashing).
    ///
    /// # Errors
    /// [`MachineError`].
    pub fn at(
        folder: &Path,
        image: &Path,
        provision: &Path,
        keys: &Keys,
    ) -> Result<Self, MachineError> {
        let board = Self {
            folder: folder.to_owned(),
        };
        if !board.disk().exists() {
            Self::blank(folder, image, keys)?;
            provision::sign(provision, 1, keys)?;
            // The first partition begins after one MiB; see partitions.toml.
            let esp = format!("{}@@1048576", board.disk().display());
            tool::run(
                tool("mcopy")
                    .args(["-s", "-i", &esp])
                    .arg(provision)
                    .arg("::/provision"),
            )?;
        }
        Ok(board)
    }

    /// A new board with a copy of the factory disk as it is; its firmware starts nothing but what these keys signed.
    ///
    /// # Errors
    /// [`MachineError`].
    pub fn blank(folder: &Path, image: &Path, keys: &Keys) -> Result<Self, MachineError> {
        let (board, tpm) = (
            Self {
                folder: folder.to_owned(),
            },
            folder.join("tpm"),
        );
        fs::create_dir_all(&tpm).map_err(at(&tpm))?;
        enrol(keys, &board.firmware_settings())?;
        let mut copy = tool("cp");
        tool::run(copy.arg("--sparse=always").arg(image).arg(board.disk()))?;
        Ok(board)
    }

    /// The firmware's settings that each start begins with, lists of keys included.
    #[must_use]
    pub fn firmware_settings(&self) -> PathBuf {
        self.folder.join("firmware.fd")
    }

    #[must_use]
    pub fn disk(&self) -> PathBuf {
        self.folder.join("disk.img")
    }

    /// QEMU's own line (QMP), while it runs.
    #[must_use]
    pub fn control(&self) -> PathBuf {
        self.folder.join("qmp")
    }

    /// Where the TPM listens.
    #[must_use]
    pub fn tpm_socket(&self) -> PathBuf {
        self.folder.join("tpm/socket")
    }

    /// The TPM; it must listen before QEMU starts, and ends with it.
    #[must_use]
    pub fn tpm(&self) -> Command {
        let mut tpm = tool("swtpm");
        tpm.args(["socket", "--tpm2", "--terminate", "--tpmstate"])
            .arg(format!("dir={}", self.folder.join("tpm").display()))
            .arg("--ctrl")
            .arg(format!("type=unixio,path={}", self.tpm_socket().display()));
        tpm
    }

    /// What connects the machine with its TPM.
    #[must_use]
    pub fn tpm_arguments(&self) -> Vec<String> {
        let socket = format!("socket,id=tpm,path={}", self.tpm_socket().display());
        [
            "-chardev",
            &socket,
            "-tpmdev",
            "emulator,id=tpm,chardev=tpm",
            "-device",
            "tpm-tis,tpmdev=tpm",
        ]
        .map(str::to_owned)
        .to_vec()
    }

    /// The machine itself, its serial console on standard output; without a TPM.
    ///
    /// # Errors
    /// The firmware's settings cannot be copied.
    pub fn qemu(&self, options: &QemuOptions) -> Result<Command, MachineError> {
        let variables = self.folder.join("variables.fd");
        let settings = self.firmware_settings();
        fs::copy(&settings, &variables).map_err(at(&settings))?;
        let mut qemu = tool("qemu-system-x86_64");
        // Only the firmware itself, in its own mode of the processor (SMM), writes the lists of keys.
        qemu.args(["-machine", "q35,smm=on", "-cpu", "max", "-smp", "2"])
            .args(["-global", "driver=cfi.pflash01,property=secure,value=on"])
            .args(["-global", "ICH9-LPC.disable_s3=1", "-m", "1024"])
            .args(["-accel", accelerator(), "-no-reboot"])
            .args([
                "-display", "none", "-vga", "none", "-monitor", "none", "-serial", "stdio",
            ])
            .args(["-device", "virtio-rng-pci", "-device", "i6300esb"])
            .args(["-device", "virtio-tablet-pci", "-device"])
            .arg(format!(
                "virtio-gpu-pci,id=screen,xres={},yres={}",
                SIZE.0, SIZE.1
            ))
            .args(["-netdev", &options.network])
            .args(["-device", "virtio-net-pci,netdev=lan"])
            .arg("-drive")
            .arg(format!("if=pflash,format=raw,readonly=on,file={FIRMWARE}"))
            .arg("-drive")
            .arg(format!("if=pflash,format=raw,file={}", variables.display()))
            .arg("-drive")
            .arg(format!(
                "if=none,id=disk,format=raw,readonly={},file={}",
                if options.read_only_disk { "on" } else { "off" },
                self.disk().display()
            ))
            .args(["-device", "virtio-blk-pci,drive=disk,bootindex=0"])
            .arg("-qmp")
            .arg(format!(
                "unix:{},server=on,wait=off",
                self.control().display()
            ))
            .args(&options.more);
        Ok(qemu)
    }
}

/// Writes a firmware's settings with our keys in its lists; from then on it starts nothing else.
///
/// # Errors
/// [`MachineError`].
pub fn enrol(keys: &Keys, to: &Path) -> Result<(), MachineError> {
    let (platform, (_, boot)) = (keys.platform()?, keys.boot()?);
    let mut enrol = tool(ENROL);
    enrol.args(["--input", VARIABLES, "--secure-boot", "--output"]);
    enrol.arg(to);
    for (list, certificate) in [
        ("--set-pk", &platform),
        ("--add-kek", &platform),
        ("--add-db", &boot),
    ] {
        enrol.args([list, OWNER]).arg(certificate);
    }
    tool::run(&mut enrol)?;
    Ok(())
}

/// A hypervisor that cannot run a stock kernel may offer /dev/kvm all the same; the processor says the truth.
fn accelerator() -> &'static str {
    let processor = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let able = processor
        .split_whitespace()
        .any(|flag| flag == "vmx" || flag == "svm");
    if able && Path::new("/dev/kvm").exists() {
        "kvm"
    } else {
        "tcg,thread=multi"
    }
}
