//! `partitions.toml`: the disk's partitions, where each begins, and whether something fits.

use serde::Deserialize;
use thiserror::Error;

/// Bytes of a MiB.
pub const MIB: u64 = 1 << 20;
/// GPT counts in these here.
const SECTOR: u64 = 512;
/// Room for the table before the first partition, and for its copy after the last.
const HEAD: u64 = MIB;

/// Labels that GRUB, the first file system, RAUC and the data service look for, in this order.
const LABELS: [&str; 6] = ["esp", "boot-a", "boot-b", "rootfs-a", "rootfs-b", "data"];

/// Why the partitions are not used.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum PartitionError {
    /// Not TOML, or a key too many or too few.
    #[error("partitions.toml: {0}")]
    Malformed(String),
    /// Other labels, or in another order.
    #[error("partitions.toml: the labels must be {}, in this order (grub.cfg counts on it)", LABELS.join(", "))]
    Labels,
    /// The two slots differ.
    #[error(
        "partitions.toml: {0}-a and {0}-b must have the same size_mib: an update goes into either"
    )]
    Unequal(&'static str),
    /// A size or an id that cannot be.
    #[error("partitions.toml: {label}: {why}")]
    Value { label: String, why: &'static str },
    /// Something does not fit.
    #[error(
        "partition {label} is too small: {need} bytes do not fit into {size_mib} MiB; raise size_mib of {label} \
         (and of its twin) in partitions.toml to at least {wanted_mib}"
    )]
    TooSmall {
        label: String,
        /// Bytes to go in.
        need: u64,
        size_mib: u64,
        /// The size that would do.
        wanted_mib: u64,
    },
}

/// The whole file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Partitions {
    disk: Disk,
    #[serde(rename = "partition")]
    partitions: Vec<Partition>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Disk {
    id: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Partition {
    /// Its GPT name.
    pub label: String,
    kind: Kind,
    size_mib: u64,
    id: String,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Esp,
    Linux,
}

impl Kind {
    /// GPT type GUID.
    fn guid(self) -> &'static str {
        match self {
            Self::Esp => "C12A7328-F81F-11D2-BA4B-00A0C93EC93B",
            Self::Linux => "0FC63DAF-8483-4772-8E79-3D69D8477DE4",
        }
    }
}

impl Partitions {
    /// Takes the partitions from the file's text.
    ///
    /// # Errors
    /// [`PartitionError`].
    pub fn parse(text: &str) -> Result<Self, PartitionError> {
        let read: Self =
            toml::from_str(text).map_err(|error| PartitionError::Malformed(error.to_string()))?;
        if !read
            .partitions
            .iter()
            .map(|partition| &*partition.label)
            .eq(LABELS)
        {
            return Err(PartitionError::Labels);
        }
        for partition in &read.partitions {
            partition.check()?;
        }
        for twins in ["boot", "rootfs"] {
            if read.size(&format!("{twins}-a")) != read.size(&format!("{twins}-b")) {
                return Err(PartitionError::Unequal(twins));
            }
        }
        Ok(read)
    }

    /// Bytes of the whole disk.
    #[must_use]
    pub fn disk_size(&self) -> u64 {
        let content: u64 = self.partitions.iter().map(Partition::size).sum();
        HEAD + content + HEAD
    }

    /// First byte of a partition.
    #[must_use]
    pub fn start(&self, label: &str) -> u64 {
        let before = self
            .partitions
            .iter()
            .take_while(|partition| partition.label != label);
        HEAD + before.map(Partition::size).sum::<u64>()
    }

    /// For the first file system: each boot partition's id, the slot's name, the number of its root partition.
    #[must_use]
    pub fn slots(&self) -> String {
        let lines = self.partitions.iter().filter_map(|partition| {
            let letter = partition.label.strip_prefix("boot-")?;
            let (id, name) = (partition.id.to_lowercase(), letter.to_uppercase());
            let root = format!("rootfs-{letter}");
            let number = 1 + LABELS.iter().position(|label| *label == root)?;
            Some(format!("{id} {name} {number}\n"))
        });
        lines.collect()
    }

    /// For the first file system: each partition's number, its id as the 16 bytes of the disk's table in hexadecimal, its label.
    #[must_use]
    pub fn table(&self) -> String {
        let lines = self.partitions.iter().zip(1..).map(|(partition, number)| {
            format!("{number} {} {}\n", on_disk(&partition.id), partition.label)
        });
        lines.collect()
    }

    /// Bytes of a partition; 0 if there is none.
    #[must_use]
    pub fn size(&self, label: &str) -> u64 {
        let found = self
            .partitions
            .iter()
            .find(|partition| partition.label == label);
        found.map_or(0, Partition::size)
    }

    /// Whether so many bytes go into a partition.
    ///
    /// # Errors
    /// [`PartitionError::TooSmall`] with the size that would do.
    pub fn fits(&self, label: &str, need: u64) -> Result<(), PartitionError> {
        let size = self.size(label);
        if need <= size {
            return Ok(());
        }
        Err(PartitionError::TooSmall {
            label: label.to_owned(),
            need,
            size_mib: size / MIB,
            wanted_mib: need.div_ceil(MIB),
        })
    }

    /// What sfdisk reads.
    #[must_use]
    pub fn script(&self) -> String {
        let mut script = format!(
            "label: gpt\nlabel-id: {}\nunit: sectors\nfirst-lba: {}\n",
            self.disk.id,
            HEAD / SECTOR
        );
        for partition in &self.partitions {
            script += &format!(
                "start={}, size={}, type={}, uuid={}, name=\"{}\"\n",
                self.start(&partition.label) / SECTOR,
                partition.size() / SECTOR,
                partition.kind.guid(),
                partition.id,
                partition.label
            );
        }
        script
    }
}

/// A UUID as GPT writes it: the first three groups with their lowest byte first (UEFI 2.10, appendix A).
fn on_disk(id: &str) -> String {
    let groups = id.split('-').enumerate().map(|(at, group)| {
        let bytes = group.as_bytes().chunks(2).map(String::from_utf8_lossy);
        let bytes: Vec<_> = bytes.collect();
        let in_order: Vec<_> = if at < 3 {
            bytes.into_iter().rev().collect()
        } else {
            bytes
        };
        in_order.concat()
    });
    groups.collect::<String>().to_lowercase()
}

impl Partition {
    fn size(&self) -> u64 {
        self.size_mib.saturating_mul(MIB)
    }

    fn check(&self) -> Result<(), PartitionError> {
        let fault = |why| PartitionError::Value {
            label: self.label.clone(),
            why,
        };
        if !(8..=1 << 20).contains(&self.size_mib) {
            return Err(fault("size_mib is 8 to 1048576"));
        }
        let groups: Vec<usize> = self.id.split('-').map(str::len).collect();
        let hex = self.id.chars().all(|c| c == '-' || c.is_ascii_hexdigit());
        if groups != [8, 4, 4, 4, 12] || !hex {
            return Err(fault("id is a UUID"));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHIPPED: &str = include_str!("../partitions.toml");

    #[test]
    fn partitions_lie_one_behind_the_other() {
        let partitions = Partitions::parse(SHIPPED).unwrap();
        let mut end = MIB;
        for label in LABELS {
            assert_eq!(partitions.start(label), end, "{label}");
            end += partitions.size(label);
        }
        assert_eq!(partitions.disk_size(), end + MIB);
        assert_eq!(partitions.script().lines().count(), 4 + LABELS.len());
    }

    #[test]
    fn the_first_file_system_finds_its_slot_by_the_boot_partitions_id() {
        let slots = Partitions::parse(SHIPPED).unwrap().slots();
        let lines: Vec<Vec<&str>> = slots
            .lines()
            .map(|line| line.split(' ').collect())
            .collect();
        assert_eq!(
            lines,
            [
                ["0b5d1c57-5a1a-4f58-8a3f-000000000002", "A", "4"],
                ["0b5d1c57-5a1a-4f58-8a3f-000000000003", "B", "5"],
            ]
        );
    }

    /// What sfdisk writes for these ids, read from a disk that it made.
    #[test]
    fn ids_are_compared_as_they_stand_on_the_disk() {
        let table = Partitions::parse(SHIPPED).unwrap().table();
        assert_eq!(
            table.lines().next(),
            Some("1 571c5d0b1a5a584f8a3f000000000001 esp")
        );
        assert_eq!(
            table.lines().last(),
            Some("6 571c5d0b1a5a584f8a3f000000000006 data")
        );
    }

    #[test]
    fn what_does_not_fit_is_refused_with_the_size_that_would_do() {
        let partitions = Partitions::parse(SHIPPED).unwrap();
        let size = partitions.size("boot-a");
        assert_eq!(partitions.fits("boot-a", size), Ok(()));
        let error = partitions.fits("boot-a", size + 1).unwrap_err().to_string();
        assert!(
            error.contains(&format!("at least {}", size / MIB + 1)),
            "{error}"
        );
    }

    #[test]
    fn a_table_that_updates_would_break_on_is_refused() {
        let unequal = SHIPPED.replacen("size_mib = 40", "size_mib = 41", 1);
        assert_eq!(
            Partitions::parse(&unequal).unwrap_err(),
            PartitionError::Unequal("boot")
        );
        let renamed = SHIPPED.replace("\"rootfs-b\"", "\"root-b\"");
        assert_eq!(
            Partitions::parse(&renamed).unwrap_err(),
            PartitionError::Labels
        );
        let nothing = SHIPPED.replacen("size_mib = 32", "size_mib = 0", 1);
        assert!(matches!(
            Partitions::parse(&nothing).unwrap_err(),
            PartitionError::Value { .. }
        ));
        let unknown = SHIPPED.replacen("size_mib = 32", "size = 32", 1);
        assert!(matches!(
            Partitions::parse(&unknown).unwrap_err(),
            PartitionError::Malformed(_)
        ));
    }
}
