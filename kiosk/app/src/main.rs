//! The kiosk program. This file and `command/` are the only place that picks real or simulated parts.

mod command;

use std::process::ExitCode;

fn main() -> ExitCode {
    command::run()
}
