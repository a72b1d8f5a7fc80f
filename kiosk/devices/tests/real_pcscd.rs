//! The card contract on Debian's pcscd with its virtual reader and our simulated card, in a namespace of its own.
//! Needs the packages pcscd and vsmartcard-vpcd, and root or unprivileged user namespaces.
#![allow(clippy::unwrap_used, clippy::print_stdout, dead_code, unreachable_pub)]

#[path = "contract/card.rs"]
mod contract;

use std::io::{BufRead as _, BufReader};
use std::os::unix::process::CommandExt as _;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use devices::card::pcsc::PcscReader;
use devices::control;

const FOLDER: &str = "GENKAN_TEST_PCSCD";

/// Ends the namespace whatever happens to the test.
struct Namespace(Child);

impl Drop for Namespace {
    fn drop(&mut self) {
        let _ = Command::new("kill").arg(self.0.id().to_string()).status();
        let _ = self.0.wait();
    }
}

#[test]
fn the_real_reader_keeps_the_contract() {
    let folder = tempfile::tempdir().unwrap();
    contract::cards::write_profiles(folder.path());
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/scripts/with-vpcd.sh");
    let mut child = Command::new("sh")
        .arg(script)
        .args([folder.path(), folder.path()])
        .arg(env!("CARGO_BIN_EXE_card-simulator"))
        .stdout(Stdio::piped())
        .process_group(0)
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap())
        .read_line(&mut line)
        .unwrap();
    let _namespace = Namespace(child);
    assert_eq!(line, "ready\n", "are pcscd and vsmartcard-vpcd installed?");
    // libpcsclite reads its socket's path from the environment once, so the contract runs in a child of its own.
    let status = Command::new(std::env::current_exe().unwrap())
        .args([
            "--ignored",
            "--exact",
            "contract_in_a_prepared_environment",
            "--nocapture",
        ])
        .env("PCSCLITE_CSOCK_NAME", folder.path().join("pcscd.comm"))
        .env(FOLDER, folder.path())
        .status()
        .unwrap();
    assert!(status.success());
}

#[test]
#[ignore = "run by the test above, which sets the environment"]
fn contract_in_a_prepared_environment() {
    let Some(folder) = std::env::var_os(FOLDER).map(PathBuf::from) else {
        return;
    };
    let mut reader = PcscReader::new(Some("Virtual PCD 00 00".to_owned()), contract::DEADLINE);
    let socket = folder.join("card.sock");
    let mut hand = |request: &str| {
        control::ask(&socket, request).unwrap_or_else(|error| panic!("{request}: {error}"))
    };
    let known = contract::cards::read_known(&folder);
    contract::play_all(&mut contract::Bench {
        reader: &mut reader,
        hand: &mut hand,
        known,
    });
}
