//! `cloud-api`: serves, signs editions, makes keys. The only file that picks real parts.

mod command;

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    match command::run(command::Command::parse()) {
        Ok(code) => code,
        Err(error) => {
            tracing::error!(%error, "cloud-api");
            command::output::tell(&format!("cloud-api: {error}"));
            ExitCode::FAILURE
        }
    }
}
