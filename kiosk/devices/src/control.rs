//! The line-based control socket of the simulators: one request a line, answered by lines of which the last is `ok` or
//! `error: …`. A UNIX socket, because the simulated part may live in another network namespace than whoever controls it.

use std::io::{self, BufRead as _, BufReader, Write as _};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

/// Answers one request with lines, or says why not.
pub trait Control: Send {
    /// Carries out `line`.
    ///
    /// # Errors
    /// With what is wrong with the request, for a person to read.
    fn request(&mut self, line: &str) -> Result<Vec<String>, String>;
}

/// Serves control connections on `path` in the background, replacing a socket that an earlier run left behind.
///
/// # Errors
/// When the socket cannot be made.
pub fn serve(path: &Path, control: impl Control + 'static) -> io::Result<()> {
    if path.exists() && UnixStream::connect(path).is_err() {
        std::fs::remove_file(path)?;
    }
    let listener = UnixListener::bind(path)?;
    let control = Arc::new(Mutex::new(control));
    thread::Builder::new()
        .name("control".into())
        .spawn(move || {
            for stream in listener.incoming().flatten() {
                let control = Arc::clone(&control);
                let spawned = thread::Builder::new()
                    .name("control-client".into())
                    .spawn(move || converse(&stream, &control));
                if let Err(error) = spawned {
                    tracing::warn!(%error, "control connection dropped");
                }
            }
        })?;
    Ok(())
}

fn converse(stream: &UnixStream, control: &Mutex<impl Control>) {
    for line in BufReader::new(stream).lines().map_while(Result::ok) {
        let answer = control
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .request(line.trim());
        let text = match answer {
            Ok(lines) => {
                lines
                    .into_iter()
                    .map(|line| line + "\n")
                    .collect::<String>()
                    + "ok\n"
            }
            Err(reason) => format!("error: {reason}\n"),
        };
        let mut writer = stream;
        if writer.write_all(text.as_bytes()).is_err() {
            return;
        }
    }
}

/// Sends one request to a control socket and returns its lines.
///
/// # Errors
/// When nobody listens, or with the simulator's own reason.
pub fn ask(path: &Path, line: &str) -> io::Result<Vec<String>> {
    let mut stream = UnixStream::connect(path)?;
    stream.write_all(format!("{line}\n").as_bytes())?;
    let mut lines = Vec::new();
    for answer in BufReader::new(&stream).lines() {
        let answer = answer?;
        match answer.strip_prefix("error: ") {
            _ if answer == "ok" => return Ok(lines),
            Some(reason) => return Err(io::Error::other(reason.to_owned())),
            None => lines.push(answer),
        }
    }
    Err(io::ErrorKind::UnexpectedEof.into())
}
