//! External programs: run with an error that names the program, quotes its last lines, and says how to get it.

use std::io::{self, Write as _};
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use thiserror::Error;

/// Why a program did not do its work.
#[derive(Debug, Error)]
pub enum ToolError {
    /// It is not installed.
    #[error("{0} is not installed: run firmware-image/setup")]
    Missing(String),
    /// It ended with an error.
    #[error("{program} failed ({status}): {errors}")]
    Failed {
        program: String,
        /// Its exit status.
        status: String,
        /// The end of what it wrote to standard error.
        errors: String,
    },
    /// It could not be started, or its pipes failed.
    #[error("{program}: {source}")]
    Io { program: String, source: io::Error },
}

/// A command found also where only root's search path looks (`/usr/sbin`): mkfs and its like need no rights on plain files.
#[must_use]
pub fn tool(program: &str) -> Command {
    let mut command = Command::new(program);
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::env::split_paths(&path).chain(["/usr/sbin", "/sbin"].map(PathBuf::from));
    if let Ok(path) = std::env::join_paths(folders) {
        command.env("PATH", path);
    }
    command
}

/// Runs to the end; standard output is the answer.
///
/// # Errors
/// [`ToolError`] with the last lines of standard error.
pub fn run(command: &mut Command) -> Result<Vec<u8>, ToolError> {
    let program = name(command);
    let output = command
        .stdin(Stdio::null())
        .output()
        .map_err(|source| not_run(&program, source))?;
    answer(program, output)
}

/// Runs with something on its standard input, written by `feed`.
///
/// # Errors
/// [`ToolError`]; of a program that stopped reading, its own error and not the broken pipe.
pub fn fed(
    command: &mut Command,
    feed: impl FnOnce(&mut dyn io::Write) -> io::Result<()>,
) -> Result<Vec<u8>, ToolError> {
    let program = name(command);
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|source| not_run(&program, source))?;
    let written = match child.stdin.take() {
        Some(pipe) => {
            let mut pipe = io::BufWriter::with_capacity(1 << 20, pipe);
            feed(&mut pipe).and_then(|()| pipe.flush())
        }
        None => Ok(()),
    };
    let output = child
        .wait_with_output()
        .map_err(|source| not_run(&program, source))?;
    let answer = answer(program.clone(), output)?;
    written.map_err(|source| ToolError::Io { program, source })?;
    Ok(answer)
}

fn name(command: &Command) -> String {
    command.get_program().to_string_lossy().into_owned()
}

fn not_run(program: &str, source: io::Error) -> ToolError {
    if source.kind() == io::ErrorKind::NotFound {
        ToolError::Missing(program.to_owned())
    } else {
        ToolError::Io {
            program: program.to_owned(),
            source,
        }
    }
}

fn answer(program: String, output: Output) -> Result<Vec<u8>, ToolError> {
    if output.status.success() {
        return Ok(output.stdout);
    }
    let errors = String::from_utf8_lossy(&output.stderr);
    let lines: Vec<&str> = errors.lines().collect();
    Err(ToolError::Failed {
        program,
        status: output.status.to_string(),
        errors: lines[lines.len().saturating_sub(12)..].join("\n"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_program_says_how_to_get_it() {
        let error = run(&mut tool("no-such-program-here")).unwrap_err();
        assert_eq!(
            error.to_string(),
            "no-such-program-here is not installed: run firmware-image/setup"
        );
    }

    #[test]
    fn a_failed_program_is_quoted() {
        let error = run(tool("sh").args(["-c", "echo because >&2; exit 3"])).unwrap_err();
        assert!(error.to_string().contains("because"), "{error}");
        assert!(error.to_string().contains("exit status: 3"), "{error}");
    }

    #[test]
    fn what_is_fed_arrives_whole() {
        let text = vec![7; 3 << 20];
        let counted = fed(tool("wc").arg("-c"), |pipe| pipe.write_all(&text)).unwrap();
        assert_eq!(
            String::from_utf8_lossy(&counted).trim(),
            text.len().to_string()
        );
    }

    #[test]
    fn a_program_that_stops_reading_says_itself_why() {
        let error = fed(tool("sh").args(["-c", "echo full >&2; exit 1"]), |pipe| {
            pipe.write_all(&vec![0; 4 << 20])
        });
        assert!(error.unwrap_err().to_string().contains("full"));
    }
}
