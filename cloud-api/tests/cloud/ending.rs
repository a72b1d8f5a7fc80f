//! The service as its manager ends it: the real program, ended by a signal, waited for.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Command, Stdio};

/// Starts the program, lets it answer once, ends it with the signal and returns its exit code.
fn ended_by(signal: &str) -> Option<i32> {
    let folder = tempfile::tempdir().unwrap();
    let database = format!("sqlite:{}", folder.path().join("cloud.sqlite").display());
    let mut child = Command::new(env!("CARGO_BIN_EXE_cloud-api"))
        .args(["serve", "--listen", "127.0.0.1:0", "--database", &database])
        .env_remove("RUST_LOG")
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut log = BufReader::new(child.stderr.take().unwrap()).lines();
    let address = log
        .by_ref()
        .map(|line| line.unwrap())
        .find_map(|line| {
            let (_, rest) = line.split_once("127.0.0.1:")?;
            let port: String = rest.chars().take_while(char::is_ascii_digit).collect();
            Some(format!("127.0.0.1:{port}"))
        })
        .unwrap();
    // A kept-alive connection must not hold the end up.
    let mut client = TcpStream::connect(&address).unwrap();
    write!(client, "GET /healthz HTTP/1.1\r\nHost: {address}\r\n\r\n").unwrap();
    let mut first = [0; 15];
    client.read_exact(&mut first).unwrap();
    assert_eq!(&first, b"HTTP/1.1 200 OK");
    let pid = child.id().to_string();
    assert!(
        Command::new("kill")
            .args([signal, &pid])
            .status()
            .unwrap()
            .success()
    );
    let told = log
        .map_while(Result::ok)
        .any(|line| line.contains("stopping"));
    assert!(told);
    child.wait().unwrap().code()
}

#[test]
fn the_managers_signal_and_ctrl_c_end_it_well() {
    assert_eq!(ended_by("-TERM"), Some(0));
    assert_eq!(ended_by("-INT"), Some(0));
}
