//! Peers that live in Python packages: one process, asked a line at a time so that rounds of ours and theirs can take turns.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::Value;

use crate::Done;
use crate::figure::Times;

/// The running peers; ended when dropped.
pub(crate) struct Peers {
    child: Child,
    requests: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Peers {
    /// Starts `peers/peers.py` in the environment that `peers/setup` made.
    pub(crate) fn start() -> Done<Self> {
        let root = tidy::root();
        let mut child = Command::new(root.join("target/bench/venv/bin/python"))
            .arg(root.join("tests/benches/figures/peers/peers.py"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| {
                format!("peers.py: {error}; run `make bench`, which installs the peers")
            })?;
        let (Some(requests), Some(answers)) = (child.stdin.take(), child.stdout.take()) else {
            return Err("peers.py has no pipes".into());
        };
        Ok(Self {
            child,
            requests,
            answers: BufReader::new(answers),
        })
    }

    /// One request; the answer holds at least `ms`, a list of times.
    pub(crate) fn ask(&mut self, request: &Value) -> Done<Value> {
        writeln!(self.requests, "{request}")?;
        let mut line = String::new();
        self.answers.read_line(&mut line)?;
        let answer: Value = serde_json::from_str(&line).map_err(|error| {
            format!("peers.py answered {line:?} to {}: {error}", request["peer"])
        })?;
        match answer["error"].as_str() {
            Some(error) => Err(format!("peer {}: {error}", request["peer"]).into()),
            None => Ok(answer),
        }
    }
}

impl Drop for Peers {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The times of an answer.
pub(crate) fn times(answer: &Value) -> Times {
    let all = answer["ms"].as_array().into_iter().flatten();
    Times::new(all.filter_map(Value::as_f64).collect())
}
