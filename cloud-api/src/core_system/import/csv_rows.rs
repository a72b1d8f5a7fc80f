//! CSV (RFC 4180) as rows: the first record is the heading, quoted cells may hold line ends.

use std::io::Read;

use csv::{ByteRecord, Reader, ReaderBuilder};

use super::ImportError;
use super::column::Column;
use super::encoding::{Bounded, Encoding};
use super::rejection::Reason;
use super::row::{Faulty, NextRow, RawRow};
use crate::spreadsheet::from_cell;

/// The rows of a CSV file.
pub(super) struct CsvRows<R> {
    reader: Reader<Bounded<R>>,
    encoding: Encoding,
    columns: Vec<Column>,
    record: ByteRecord,
    row: u64,
}

impl<R: Read> CsvRows<R> {
    /// Reads the heading. Shift_JIS may be split before it is decoded: none of its second bytes is a comma, a quotation
    /// mark or a line end.
    pub(super) fn new(source: R, encoding: Encoding) -> Result<Self, ImportError> {
        let mut reader = ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .from_reader(Bounded::new(source));
        let mut record = ByteRecord::new();
        if !reader.read_byte_record(&mut record)? {
            return Err(ImportError::Empty);
        }
        let mut columns = Vec::with_capacity(record.len());
        for (at, cell) in record.iter().enumerate() {
            let known = encoding.text(cell).map(|name| Column::find(name.trim()));
            let column = match known {
                None => Err("bytes that are not of the file's encoding; name it with --encoding"),
                Some(None) => Err("no known column"),
                Some(Some(column)) if columns.contains(&column) => Err("the column stands twice"),
                Some(Some(column)) => Ok(column),
            };
            let wrong = |reason| ImportError::Heading {
                column: at + 1,
                reason,
            };
            columns.push(column.map_err(wrong)?);
        }
        Ok(Self {
            reader,
            encoding,
            columns,
            record,
            row: 1,
        })
    }

    fn cells(&self) -> Result<Vec<(Column, String)>, Faulty> {
        let (found, expected) = (self.record.len(), self.columns.len());
        if found != expected {
            return Err((Reason::Cells { found, expected }, None));
        }
        let cells = self.columns.iter().zip(self.record.iter());
        cells
            .map(|(column, bytes)| match self.encoding.text(bytes) {
                Some(text) => Ok((*column, from_cell(&text).to_owned())),
                None => Err((Reason::Encoding, Some(*column))),
            })
            .collect()
    }
}

impl<R: Read> NextRow for CsvRows<R> {
    fn next_row(&mut self) -> Result<Option<RawRow>, ImportError> {
        self.reader.get_mut().next_record();
        if !self.reader.read_byte_record(&mut self.record)? {
            return Ok(None);
        }
        self.row += 1;
        Ok(Some(RawRow {
            row: self.row,
            cells: self.cells(),
        }))
    }
}
