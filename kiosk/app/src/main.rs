//! The kiosk program. This file and `command/` are the only place that picks real or simulated parts.

mod command;

use std::alloc::System;
use std::process::ExitCode;

use zeroizing_alloc::ZeroAlloc;

/// What is freed is overwritten first. A name passes through buffers of the window, of JSON, TLS and the printers that no
/// type of ours owns; none of them is to hold it when the next resident stands there (tests/forgotten.rs).
#[global_allocator]
static ALLOCATOR: ZeroAlloc<System> = ZeroAlloc(System);

fn main() -> ExitCode {
    command::run()
}
