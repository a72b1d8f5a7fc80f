//! What the command line prints.

use std::error::Error;
use std::io::Write as _;

/// How a command ends.
pub(super) type Outcome = Result<(), Box<dyn Error>>;

/// One line to the technician.
pub(crate) fn tell(line: &str) {
    // Nobody may be listening; that is no reason to fail.
    let _closed = writeln!(std::io::stderr().lock(), "{line}");
}

pub(super) fn print(text: &str) -> Outcome {
    Ok(writeln!(std::io::stdout().lock(), "{text}")?)
}
