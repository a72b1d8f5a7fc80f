//! Rows of an import that has not ended yet.

/// A keyed hash in a column; whoever asks makes it with the town's key.
pub type Digest = [u8; 32];

/// What a row is found by.
#[derive(Clone, PartialEq, Eq)]
pub struct RowDigests {
    /// Of the 宛名番号.
    pub resident: Digest,
    /// Of the 世帯番号.
    pub household: Digest,
    /// Of the four items, the address without the building.
    pub by_address: Digest,
    /// Of the four items, the address with the building.
    pub by_building: Digest,
    /// Of the name.
    pub by_name: Digest,
}

/// A row that waits for the end of its import.
pub struct StagedRow {
    /// What it is found by.
    pub digests: RowDigests,
    pub(super) place: i64,
    /// The resident, sealed; none: to be taken out.
    pub sealed: Option<Vec<u8>>,
}

impl StagedRow {
    /// A resident at a row of the register's order.
    #[must_use]
    pub fn new(digests: RowDigests, row: u64, sealed: Option<Vec<u8>>) -> Self {
        Self {
            digests,
            place: i64::try_from(row).unwrap_or(i64::MAX),
            sealed,
        }
    }

    /// A resident who is to be taken out.
    #[must_use]
    pub fn gone(resident: Digest, row: u64) -> Self {
        let digests = RowDigests {
            resident,
            household: [0; 32],
            by_address: [0; 32],
            by_building: [0; 32],
            by_name: [0; 32],
        };
        Self::new(digests, row, None)
    }
}

/// A resident whose row was left out, since it could not be read.
pub struct OmittedRow {
    /// Of the resident.
    pub resident: Digest,
    /// Of the household that the row named.
    pub household: Digest,
}
