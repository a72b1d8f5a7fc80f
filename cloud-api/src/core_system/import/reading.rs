//! Reads a file into batches of sealed rows. Blocking: it runs on a thread of its own.

use std::collections::{HashMap, HashSet};
use std::io::{BufReader, Read};

use application::FormSet;
use cloud_store::{Digest, OmittedRow, StagedRow};
use jiff::civil::Date;

use super::check::{Change, Rules, is_identifier};
use super::column::{Column, Field};
use super::csv_rows::CsvRows;
use super::encoding::Encoding;
use super::json_rows::JsonRows;
use super::rejection::{Reason, Report};
use super::row::{Faulty, NextRow, RawRow};
use super::{Format, ImportError, Kind};
use crate::core_system::registered::{RegisterKeys, Registered};

/// How many rows are stored at once.
const BATCH: usize = 500;

/// Rows on their way into the store.
#[derive(Default)]
pub(super) struct Batch {
    pub(super) rows: Vec<StagedRow>,
    pub(super) omitted: Vec<OmittedRow>,
}

/// What a file is read with.
pub(super) struct Reading<'a> {
    pub(super) rules: Rules<'a>,
    pub(super) keys: &'a RegisterKeys,
    seen: HashSet<[u8; 16]>,
    households: HashMap<[u8; 16], [u8; 16]>,
    report: Report,
    batch: Batch,
}

fn open<'a>(
    source: impl Read + 'a,
    format: Format,
    encoding: Encoding,
) -> Result<Box<dyn NextRow + 'a>, ImportError> {
    let mut source = BufReader::with_capacity(64 * 1024, source);
    let encoding = encoding.settle(&mut source)?;
    Ok(match format {
        Format::Csv => Box::new(CsvRows::new(source, encoding)?),
        Format::Json => Box::new(JsonRows::new(source, encoding)?),
    })
}

/// Half of a digest tells a town's residents apart: two of a million meet once in 10^26 registers.
fn half(digest: &Digest) -> [u8; 16] {
    let mut half = [0; 16];
    half.copy_from_slice(digest.split_at(16).0);
    half
}

impl<'a> Reading<'a> {
    pub(super) fn new(rules: Rules<'a>, keys: &'a RegisterKeys) -> Self {
        let report = Report::new(rules.kind);
        Self {
            rules,
            keys,
            seen: HashSet::new(),
            households: HashMap::new(),
            report,
            batch: Batch::default(),
        }
    }

    /// Reads to the end; `store` takes the batches and says whether it goes on.
    pub(super) fn read(
        mut self,
        source: impl Read,
        format: Format,
        encoding: Encoding,
        mut store: impl FnMut(Batch) -> Result<(), ImportError>,
    ) -> Result<Report, ImportError> {
        let mut rows = open(source, format, encoding)?;
        while let Some(raw) = rows.next_row()? {
            self.take(&raw)?;
            if self.batch.rows.len() + self.batch.omitted.len() >= BATCH {
                store(std::mem::take(&mut self.batch))?;
            }
        }
        store(self.batch)?;
        Ok(self.report)
    }

    fn take(&mut self, raw: &RawRow) -> Result<(), ImportError> {
        let change = self.rules.change(raw).and_then(|change| {
            self.unlike_others(&change)?;
            Ok(change)
        });
        match change {
            Ok(Change::Upsert(row)) => {
                let digests = self.keys.digests(&row);
                let sealed = Some(self.keys.seal(&row)?);
                self.batch
                    .rows
                    .push(StagedRow::new(digests, raw.row, sealed));
                self.report.accepted += 1;
            }
            Ok(Change::Delete(resident)) => {
                let gone = StagedRow::gone(self.keys.resident(&resident), raw.row);
                self.batch.rows.push(gone);
                self.report.deleted += 1;
            }
            Err((reason, column)) => {
                self.report.reject(reason.at(raw.row, column));
                self.omit(raw);
            }
        }
        Ok(())
    }

    /// A resident stands once in a file, and the rows of a household agree on what they share.
    fn unlike_others(&mut self, change: &Change) -> Result<(), Faulty> {
        let number = match change {
            Change::Upsert(row) => &row.person.resident,
            Change::Delete(number) => number,
        };
        let at = |field| Some(Column::Field(field));
        let resident = half(&self.keys.resident(number));
        if self.seen.contains(&resident) {
            return Err((Reason::Twice, at(Field::Resident)));
        }
        if let Change::Upsert(row) = change {
            self.agrees(row)
                .map_err(|reason| (reason, at(Field::Address)))?;
        }
        self.seen.insert(resident);
        Ok(())
    }

    fn agrees(&mut self, row: &Registered) -> Result<(), Reason> {
        let household = half(&self.keys.household(&row.household));
        let shared = half(&self.keys.shared(row));
        match *self.households.entry(household).or_insert(shared) == shared {
            true => Ok(()),
            false => Err(Reason::HouseholdDiffers),
        }
    }

    /// A household of which a row was left out is not whole: it must not be shown as if it were.
    fn omit(&mut self, raw: &RawRow) {
        let (resident, household) = (raw.field(Field::Resident), raw.field(Field::Household));
        let resident = match is_identifier(resident) {
            true if self.seen.contains(&half(&self.keys.resident(resident))) => return,
            true => self.keys.resident(resident),
            // Whose row it is nobody knows; `?` is in no number, so only the next full file clears it.
            false if is_identifier(household) => self.keys.resident(&format!("?{}", raw.row)),
            false => return,
        };
        self.batch.omitted.push(OmittedRow {
            resident,
            household: self.keys.household(household),
        });
    }
}

/// Reads a file without storing anything: the residents in it, and the report.
///
/// # Errors
/// What would end an import.
pub fn read_rows(
    source: impl Read,
    (format, encoding): (Format, Encoding),
    forms: &FormSet,
    today: Date,
    keys: &RegisterKeys,
) -> Result<(Vec<Registered>, Report), ImportError> {
    let rules = Rules {
        forms,
        kind: Kind::Full,
        check_digit: false,
        today,
    };
    let mut found = Vec::new();
    let report = Reading::new(rules, keys).read(source, format, encoding, |batch| {
        for row in batch.rows {
            if let Some(sealed) = &row.sealed {
                found.push(keys.open(&row.digests.resident, sealed)?);
            }
        }
        Ok(())
    })?;
    Ok((found, report))
}
