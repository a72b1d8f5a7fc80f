//! A row as it was read, before anything is checked.

use super::ImportError;
use super::column::{Column, Field};
use super::rejection::Reason;

/// What is wrong, and in which column.
pub(super) type Faulty = (Reason, Option<Column>);

/// Texts of a row by column, or why it could not be read.
pub(super) struct RawRow {
    /// Which record.
    pub(super) row: u64,
    pub(super) cells: Result<Vec<(Column, String)>, Faulty>,
}

impl RawRow {
    /// The text of a field; empty when the row has none.
    pub(super) fn field(&self, field: Field) -> &str {
        let cells = self.cells.as_deref().unwrap_or_default();
        cells
            .iter()
            .find(|(column, _)| *column == Column::Field(field))
            .map_or("", |(_, text)| text.trim())
    }
}

/// Gives rows one by one, so that a million of them need no more memory than one.
pub(super) trait NextRow {
    /// The next row; `None` at the end.
    ///
    /// # Errors
    /// What ends the whole import.
    fn next_row(&mut self) -> Result<Option<RawRow>, ImportError>;
}
