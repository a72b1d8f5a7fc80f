//! How many connections each listener holds, from the settings and the process's limit of open files.

use crate::settings::ConnectionSettings;

/// Files that are not connections to a listener: the database, connections to other services, fonts, editions.
const OTHER_FILES: usize = 256;
/// More than any hall's office or all kiosks of a prefecture need; whoever needs more says so in the settings.
const OFFICE: usize = 1024;
const DEVICE: usize = 8192;
/// With fewer no listener is of use.
const LEAST: usize = 16;

/// Most connections of one listener.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Bound {
    pub(super) most: usize,
    pub(super) per_address: usize,
}

/// Of the office listener and of the device listener.
///
/// # Errors
/// When both together would not fit under the limit of open files.
pub(super) fn bounds(
    settings: &ConnectionSettings,
    open_files: u64,
) -> Result<(Bound, Bound), String> {
    let files = usize::try_from(open_files).unwrap_or(usize::MAX);
    let room = files.saturating_sub(OTHER_FILES);
    let office = settings.office.unwrap_or((room / 4).min(OFFICE));
    let device = settings.device.unwrap_or((room / 4 * 3).min(DEVICE));
    let fits = office.checked_add(device).is_some_and(|both| both <= room);
    if !fits || office < LEAST || device < LEAST {
        return Err(format!(
            "connections: {office} to the office and {device} to the device listener do not fit under the limit of {files} open \
             files, {OTHER_FILES} of which are for the database and other services; each listener needs {LEAST} at least: raise \
             the limit (LimitNOFILE= of the service's unit, ulimit -Hn) or lower [connections] office and device"
        ));
    }
    let bound = |most: usize| Bound {
        most,
        per_address: settings.per_address.unwrap_or(most / 4).min(most),
    };
    Ok((bound(office), bound(device)))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn both_listeners_stay_below_the_limit_of_open_files() {
        for files in [400, 1024, 4096, 20_000, 1_048_576, u64::MAX] {
            let (office, device) = bounds(&ConnectionSettings::default(), files).unwrap();
            let both = office.most + device.most + OTHER_FILES;
            assert!(
                u64::try_from(both).unwrap() <= files,
                "{files}: {office:?} {device:?}"
            );
            assert!(office.per_address <= office.most / 4 && office.per_address > 0);
        }
    }

    #[test]
    fn what_does_not_fit_is_refused_with_its_numbers() {
        let too_many = ConnectionSettings {
            office: Some(700),
            ..ConnectionSettings::default()
        };
        let reason = bounds(&too_many, 1024).unwrap_err();
        assert!(
            reason.contains("700") && reason.contains("1024"),
            "{reason}"
        );
        assert!(bounds(&ConnectionSettings::default(), 256).is_err());
    }
}
