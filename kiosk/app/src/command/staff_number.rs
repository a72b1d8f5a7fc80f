//! `kiosk staff-number --number-file FILE`

use std::fs;
use std::path::Path;
use std::process::ExitCode;

use kiosk::staff_number::StaffNumber;
use zeroize::Zeroizing;

use super::outcome::{Failure, Outcome, print};

pub(super) fn staff_number(file: &Path) -> Outcome {
    let number = fs::read_to_string(file)
        .map(Zeroizing::new)
        .map_err(|error| Failure::input(format!("{}: {error}", file.display())))?;
    let line = StaffNumber::line(number.trim()).map_err(Failure::input)?;
    print(format!("{line}\n").as_bytes())?;
    Ok(ExitCode::SUCCESS)
}
