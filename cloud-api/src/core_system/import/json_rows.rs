//! JSON as rows: one object after the other, or one array of them.

use std::io::{BufRead, BufReader, Read};

use serde::Deserialize as _;
use serde_json::{Map, Value};

use super::ImportError;
use super::column::Column;
use super::encoding::{Bounded, Encoding};
use super::rejection::Reason;
use super::row::{Faulty, NextRow, RawRow};

/// The rows of a JSON file.
pub(super) struct JsonRows<R> {
    source: BufReader<Bounded<R>>,
    in_array: bool,
    row: u64,
}

impl<R: Read> JsonRows<R> {
    pub(super) fn new(source: R, encoding: Encoding) -> Result<Self, ImportError> {
        if encoding == Encoding::ShiftJis {
            return Err(ImportError::JsonEncoding);
        }
        let mut rows = Self {
            source: BufReader::new(Bounded::new(source)),
            in_array: false,
            row: 0,
        };
        rows.in_array = rows.peek()? == Some(b'[');
        if rows.in_array {
            rows.source.consume(1);
        }
        Ok(rows)
    }

    /// The next byte that is no white space.
    fn peek(&mut self) -> Result<Option<u8>, ImportError> {
        loop {
            let buffer = self.source.fill_buf()?;
            let Some(first) = buffer.first().copied() else {
                return Ok(None);
            };
            if !first.is_ascii_whitespace() {
                return Ok(Some(first));
            }
            self.source.consume(1);
        }
    }

    /// An element of the array. After a fault in it nobody can say where the next begins.
    fn element(&mut self) -> Result<Option<Value>, ImportError> {
        let number = self.row + 1;
        let fault = |what: &str| ImportError::Json(format!("object {number}: {what}"));
        let mut next = self.peek()?;
        match next {
            Some(b']') => return Ok(None),
            Some(b',') if self.row > 0 => {
                self.source.consume(1);
                next = self.peek()?;
            }
            Some(_) if self.row > 0 => return Err(fault("no comma before it")),
            _ => {}
        }
        match next {
            None => return Err(ImportError::Json("the array is not closed".to_owned())),
            // Only an object ends with a byte of its own; of a number the parser would take one byte too many.
            Some(first) if first != b'{' => return Err(fault("not an object")),
            Some(_) => {}
        }
        let mut objects = serde_json::Deserializer::from_reader(&mut self.source);
        Value::deserialize(&mut objects).map(Some).map_err(|error| {
            fault(&format!(
                "line {} column {} of it",
                error.line(),
                error.column()
            ))
        })
    }

    /// A line; `Err` inside when it holds no JSON.
    fn line(&mut self) -> Result<Option<Result<Value, Faulty>>, ImportError> {
        if self.peek()?.is_none() {
            return Ok(None);
        }
        let mut line = Vec::new();
        self.source.read_until(b'\n', &mut line)?;
        Ok(Some(match std::str::from_utf8(&line) {
            Err(_) => Err((Reason::Encoding, None)),
            Ok(text) => serde_json::from_str(text).map_err(|_| (Reason::NotJson, None)),
        }))
    }
}

impl<R: Read> NextRow for JsonRows<R> {
    fn next_row(&mut self) -> Result<Option<RawRow>, ImportError> {
        self.source.get_mut().next_record();
        let value = if self.in_array {
            self.element()?.map(Ok)
        } else {
            self.line()?
        };
        Ok(value.map(|value| {
            self.row += 1;
            RawRow {
                row: self.row,
                cells: value.and_then(cells),
            }
        }))
    }
}

fn cells(value: Value) -> Result<Vec<(Column, String)>, Faulty> {
    let Value::Object(object) = value else {
        return Err((Reason::NotJson, None));
    };
    object_cells(object)
}

fn object_cells(object: Map<String, Value>) -> Result<Vec<(Column, String)>, Faulty> {
    let cells = object.into_iter().map(|(key, value)| {
        let column = Column::find(&key).ok_or((Reason::UnknownColumn, None))?;
        let text = match value {
            Value::Null => String::new(),
            Value::Bool(yes) => if yes { "1" } else { "0" }.to_owned(),
            Value::Number(number) => number.to_string(),
            Value::String(text) => text,
            Value::Array(_) | Value::Object(_) => return Err((Reason::NotScalar, Some(column))),
        };
        Ok((column, text))
    });
    cells.collect()
}
