//! What the operating system keeps from others of this process's memory, which holds keys and residents' data.

use rustix::io::Errno;
use rustix::mm::{MlockAllFlags, mlockall};
use rustix::process::{
    DumpableBehavior, Resource, Rlimit, geteuid, getrlimit, set_dumpable_behavior, setrlimit,
};

/// No core dumps, no reading by other programs of the same user, no swapping out. What the system forbids is said as a warning.
pub fn protect() {
    if let Err(error) = set_dumpable_behavior(DumpableBehavior::NotDumpable) {
        tracing::warn!(%error, "other programs of this user may read the service's memory, and a crash may write it to the disk");
    }
    if let Err(error) = lock() {
        tracing::warn!(%error, "keys in memory may be swapped out: set LimitMEMLOCK=infinity in the service's unit, or have no swap");
    }
}

/// Locks what is there and what comes. With a limit, memory would run out at that limit some day: then nothing is locked.
fn lock() -> Result<(), Errno> {
    let limit = getrlimit(Resource::Memlock);
    let raised = Rlimit {
        current: limit.maximum,
        maximum: limit.maximum,
    };
    setrlimit(Resource::Memlock, raised)?;
    if limit.maximum.is_some() && !geteuid().is_root() {
        return Err(Errno::NOMEM);
    }
    mlockall(MlockAllFlags::CURRENT | MlockAllFlags::FUTURE | MlockAllFlags::ONFAULT)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use rustix::process::dumpable_behavior;

    use super::*;

    #[test]
    fn memory_is_neither_dumped_nor_swapped() {
        protect();
        assert_eq!(dumpable_behavior().unwrap(), DumpableBehavior::NotDumpable);
        // Whether locking is allowed is the machine's; what it says must be so.
        let locked = std::fs::read_to_string("/proc/self/status").unwrap();
        let locked = locked.lines().find(|line| line.starts_with("VmLck:"));
        let nothing = locked.unwrap().split_whitespace().nth(1) == Some("0");
        assert_eq!(nothing, lock().is_err());
    }
}
