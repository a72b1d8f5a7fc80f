//! How a command ends: its exit code, what it prints, and why it failed.

use std::io::Write as _;
use std::process::ExitCode;

/// Why a command failed.
pub(super) struct Failure {
    pub(super) code: u8,
    pub(super) reason: String,
}

impl Failure {
    /// A file or argument is wrong.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "used as map_err(Failure::input)"
    )]
    pub(super) fn input(error: impl ToString) -> Self {
        Self {
            code: 2,
            reason: error.to_string(),
        }
    }

    /// A part or the system failed.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "used as map_err(Failure::work)"
    )]
    pub(super) fn work(error: impl ToString) -> Self {
        Self {
            code: 1,
            reason: error.to_string(),
        }
    }
}

/// The exit code of a command that could do its work.
pub(super) type Outcome = Result<ExitCode, Failure>;

/// Writes to standard output.
pub(super) fn print(bytes: &[u8]) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    out.write_all(bytes)
        .and_then(|()| out.flush())
        .map_err(Failure::work)
}

/// Writes indented JSON.
pub(super) fn print_json(value: &serde_json::Value) -> Result<(), Failure> {
    print(format!("{value:#}\n").as_bytes())
}
