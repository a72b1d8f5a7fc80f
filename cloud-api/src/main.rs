//! `cloud-api`: serves, signs editions, makes keys. The only file that picks real parts.

mod command;

use std::alloc::System;
use std::process::ExitCode;

use clap::Parser;
use zeroizing_alloc::ZeroAlloc;

/// What is freed is overwritten first: applications, households and passwords pass through buffers of libraries.
#[global_allocator]
static ALLOCATOR: ZeroAlloc<System> = ZeroAlloc(System);

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
