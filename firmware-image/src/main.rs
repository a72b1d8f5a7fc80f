//! `firmware-image`: makes the image that a kiosk boots.

use std::io::{self, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use firmware_image::build::{self, BuildOptions};
use firmware_image::debian;
use firmware_image::keys::Keys;
use firmware_image::machine::{Board, QemuOptions};
use firmware_image::provision;
use firmware_image::service;

/// The image that a kiosk boots: factory disk, update bundle, bill of materials, manifest.
#[derive(Parser)]
#[command(version, about)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Builds everything.
    Build {
        /// Folder of the declarative files.
        #[arg(long, default_value = "firmware-image")]
        recipe: PathBuf,
        /// The workspace's folder.
        #[arg(long, default_value = ".")]
        workspace: PathBuf,
        /// Folder with the programs `kiosk` (built with kms and without web) and `kiosk-health`.
        #[arg(long, default_value = "target/image/programs")]
        programs: PathBuf,
        /// Postal code table.
        #[arg(long, default_value = "target/data/postal.tsv")]
        postal_codes: PathBuf,
        /// Folder with the keys of README.md.
        #[arg(long, default_value = "target/image/keys")]
        keys: PathBuf,
        /// Where the image goes.
        #[arg(long, default_value = "target/image")]
        out: PathBuf,
        /// What is kept between builds.
        #[arg(long, default_value = "target/image/cache")]
        cache: PathBuf,
        /// The image's version.
        #[arg(long, default_value = env!("CARGO_PKG_VERSION"))]
        version: String,
    },
    /// Takes Debian's present packages and writes packages.lock; no build takes others than it names.
    Lock {
        /// Folder of the declarative files.
        #[arg(long, default_value = "firmware-image")]
        recipe: PathBuf,
        /// What is kept between builds.
        #[arg(long, default_value = "target/image/cache")]
        cache: PathBuf,
    },
    /// The service as a town hall gets it: program, bill of materials, provenance.
    Service {
        /// The program `cloud-api`, built.
        program: PathBuf,
        /// The workspace's folder.
        #[arg(long, default_value = ".")]
        workspace: PathBuf,
        /// The service's version.
        #[arg(long, default_value = env!("CARGO_PKG_VERSION"))]
        version: String,
        /// Where they go.
        #[arg(long, default_value = "target/service")]
        out: PathBuf,
    },
    /// Starts a board in QEMU until it resets or ends; its serial console comes out here.
    Run {
        /// The board's folder: disk, TPM, QEMU's own line `qmp`. Made if it is not there.
        #[arg(long)]
        board: PathBuf,
        /// The factory disk of a new board.
        #[arg(long, default_value = "target/image/genkan.img")]
        image: PathBuf,
        /// What makes a new board a certain kiosk.
        #[arg(long)]
        provision: PathBuf,
        /// Folder with platform.pem and boot.pem, for the firmware of a new board.
        #[arg(long, default_value = "target/image/keys")]
        keys: PathBuf,
        /// Further arguments of QEMU, after `--`.
        #[arg(last = true)]
        more: Vec<String>,
    },
    /// Signs the folder that makes a board a certain kiosk; it names the kiosk in settings/kiosk.toml.
    Provision {
        /// The folder; `manifest` and `manifest.p7s` are written into it.
        folder: PathBuf,
        /// A board takes no folder whose counter is not higher than the last one's.
        #[arg(long)]
        counter: u32,
        /// Folder with provision.key and provision.pem.
        #[arg(long, default_value = "target/image/keys")]
        keys: PathBuf,
    },
    /// Keys that sign update bundles, boot loader, kernel images and kiosks' folders.
    Keys {
        #[command(subcommand)]
        command: KeyCommand,
    },
}

#[derive(Subcommand)]
enum KeyCommand {
    /// Makes the keys that are missing, for development.
    Dev {
        /// Where they go.
        #[arg(long, default_value = "target/image/keys")]
        out: PathBuf,
    },
}

fn main() -> ExitCode {
    match run(Arguments::parse().command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(io::stderr(), "firmware-image: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command) -> Result<(), Box<dyn std::error::Error>> {
    match command {
        Command::Keys {
            command: KeyCommand::Dev { out },
        } => Ok(Keys::of(&out).make_for_development()?),
        Command::Lock { recipe, cache } => {
            writeln!(
                io::stdout(),
                "{}",
                debian::write_lock(&recipe, &cache)?.display()
            )?;
            Ok(())
        }
        Command::Service {
            program,
            workspace,
            version,
            out,
        } => {
            for file in service::release(&program, &workspace, &version, &out)? {
                writeln!(io::stdout(), "{}", file.display())?;
            }
            Ok(())
        }
        Command::Provision {
            folder,
            counter,
            keys,
        } => Ok(provision::sign(&folder, counter, &Keys::of(&keys))?),
        Command::Run {
            board,
            image,
            provision,
            keys,
            more,
        } => start(
            &Board::at(&board, &image, &provision, &Keys::of(&keys))?,
            &QemuOptions {
                more,
                ..QemuOptions::default()
            },
        ),
        Command::Build {
            recipe,
            workspace,
            programs,
            postal_codes,
            keys,
            out,
            cache,
            version,
        } => {
            let options = BuildOptions {
                recipe,
                workspace,
                programs,
                postal_codes,
                keys,
                out,
                cache,
                version,
            };
            let manifest = build::build(&options, &|step| {
                let _ = writeln!(io::stderr(), "firmware-image: {step}");
            })?;
            let mut stdout = io::stdout().lock();
            for (name, built) in &manifest.files {
                writeln!(
                    stdout,
                    "{}  {:>12}  {}",
                    built.sha256,
                    built.bytes,
                    options.out.join(name).display()
                )?;
            }
            Ok(())
        }
    }
}

fn start(board: &Board, options: &QemuOptions) -> Result<(), Box<dyn std::error::Error>> {
    let _ = std::fs::remove_file(board.tpm_socket());
    let mut tpm = board.tpm().spawn()?;
    // It takes milliseconds, and a TPM that ended instead is an error.
    while !board.tpm_socket().exists() {
        if let Some(status) = tpm.try_wait()? {
            return Err(format!("swtpm ended at once: {status}").into());
        }
        std::thread::yield_now();
    }
    let ended = board.qemu(options)?.args(board.tpm_arguments()).status();
    // It ends by itself with QEMU.
    tpm.wait()?;
    if ended?.success() {
        Ok(())
    } else {
        Err("QEMU ended with an error".into())
    }
}
