//! Postal codes: 7 digits → towns, from a table made at set-up (`scripts/postal.py`).
//!
//! The table (some 12 MB, sorted) stays on the disk; a question is answered by halving it, the start of a kiosk reads nothing of it.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use session::effect::PostalTown;
use thiserror::Error;

/// Why there is no postal code look-up.
#[derive(Debug, Error)]
pub enum PostalError {
    /// The table cannot be read.
    #[error("{file}: {source}", file = file.display())]
    Unreadable { file: PathBuf, source: io::Error },
    /// A line is not `postal prefecture city town kana`, or out of order.
    #[error("{file}: the line at byte {at}: {reason}", file = file.display())]
    Malformed {
        file: PathBuf,
        /// Where the line begins, in bytes from the file's beginning.
        at: u64,
        reason: &'static str,
    },
}

const COLUMNS: &str = "not seven digits and four columns";

/// The table.
pub struct PostalCodes {
    file: PathBuf,
}

impl PostalCodes {
    /// Looks whether the table is there and begins as one.
    ///
    /// # Errors
    /// Names the file and what is wrong.
    pub fn open(file: &Path) -> Result<Self, PostalError> {
        let codes = Self {
            file: file.to_owned(),
        };
        codes.lines()?.next()?;
        Ok(codes)
    }

    /// Reads the table through.
    ///
    /// # Errors
    /// Names the file and the line that is wrong.
    pub fn check(&self) -> Result<(), PostalError> {
        let (mut lines, mut last) = (self.lines()?, String::new());
        while let Some(line) = lines.next()? {
            if line.code < last {
                return Err(lines.malformed(line.at, "out of order"));
            }
            last = line.code;
        }
        Ok(())
    }

    /// The towns of a code, in the table's order; none for anything but seven known digits.
    ///
    /// # Errors
    /// When the table cannot be read any more, or what is read is no table.
    pub fn find(&self, code: &str) -> Result<Vec<PostalTown>, PostalError> {
        if code.len() != 7 || !code.bytes().all(|byte| byte.is_ascii_digit()) {
            return Ok(Vec::new());
        }
        let mut lines = self.lines()?;
        // Every line that begins before `from` has a smaller code, none that begins at `to` or behind it has.
        let (mut from, mut to) = (0, lines.end()?);
        while from < to {
            let middle = from + (to - from) / 2;
            lines.begin_at(middle)?;
            match lines.next()? {
                Some(line) if line.at < to && *line.code < *code => from = lines.at,
                _ => to = middle,
            }
        }
        lines.begin_at(from)?;
        let mut towns = Vec::new();
        while let Some(line) = lines.next()?.filter(|line| line.code == code) {
            towns.push(line.town);
        }
        Ok(towns)
    }

    fn lines(&self) -> Result<Lines<'_>, PostalError> {
        let unreadable = |source| unreadable(&self.file, source);
        let table = File::open(&self.file).map_err(unreadable)?;
        Ok(Lines {
            file: &self.file,
            table: BufReader::new(table),
            at: 0,
        })
    }
}

fn unreadable(file: &Path, source: io::Error) -> PostalError {
    PostalError::Unreadable {
        file: file.to_owned(),
        source,
    }
}

struct Line {
    at: u64,
    code: String,
    town: PostalTown,
}

/// The table from a place on, line by line.
struct Lines<'a> {
    file: &'a Path,
    table: BufReader<File>,
    /// Where the next line begins.
    at: u64,
}

impl Lines<'_> {
    fn next(&mut self) -> Result<Option<Line>, PostalError> {
        let (at, mut text) = (self.at, String::new());
        self.at += self.read(|table| table.read_line(&mut text))? as u64;
        if text.is_empty() {
            return Ok(None);
        }
        let (code, town) =
            parse(text.trim_end_matches('\n')).ok_or_else(|| self.malformed(at, COLUMNS))?;
        let code = code.to_owned();
        Ok(Some(Line { at, code, town }))
    }

    /// Goes to the first line that begins at this byte or behind it.
    fn begin_at(&mut self, byte: u64) -> Result<(), PostalError> {
        let before = byte.saturating_sub(1);
        self.at = self.read(|table| table.seek(SeekFrom::Start(before)))?;
        if byte > 0 {
            self.at += self.read(|table| table.skip_until(b'\n'))? as u64;
        }
        Ok(())
    }

    fn end(&mut self) -> Result<u64, PostalError> {
        self.read(|table| table.seek(SeekFrom::End(0)))
    }

    fn read<T>(
        &mut self,
        how: impl FnOnce(&mut BufReader<File>) -> io::Result<T>,
    ) -> Result<T, PostalError> {
        how(&mut self.table).map_err(|source| unreadable(self.file, source))
    }

    fn malformed(&self, at: u64, reason: &'static str) -> PostalError {
        PostalError::Malformed {
            file: self.file.to_owned(),
            at,
            reason,
        }
    }
}

fn parse(line: &str) -> Option<(&str, PostalTown)> {
    let mut columns = line.split('\t');
    let code = columns
        .next()
        .filter(|code| code.len() == 7 && code.bytes().all(|byte| byte.is_ascii_digit()))?;
    let mut column = || columns.next().map(str::to_owned);
    let town = PostalTown {
        prefecture: column()?,
        city: column()?,
        town: column()?,
        kana: column()?,
    };
    columns.next().is_none().then_some((code, town))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &str = "0010010\t北海道\t札幌市北区\t北十条西\tホッカイドウ\n\
        1000001\t東京都\t千代田区\t千代田\tトウキョウトチヨダクチヨダ\n\
        1000002\t東京都\t千代田区\t皇居外苑\tトウキョウト\n\
        1000002\t東京都\t千代田区\t丸の内\tトウキョウト\n\
        9998531\t山形県\t飽海郡遊佐町\t菅里\tヤマガタケン\n";

    fn table(text: &str) -> (tempfile::TempDir, Result<PostalCodes, PostalError>) {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("postal.tsv");
        std::fs::write(&file, text).unwrap();
        let codes = PostalCodes::open(&file);
        (folder, codes)
    }

    #[test]
    fn finds_every_town_of_a_code() {
        let (_folder, codes) = table(TABLE);
        let codes = codes.unwrap();
        let towns = |code| {
            codes
                .find(code)
                .unwrap()
                .into_iter()
                .map(|town| town.town)
                .collect::<Vec<_>>()
        };
        assert_eq!(towns("1000002"), ["皇居外苑", "丸の内"]);
        assert_eq!(towns("0010010"), ["北十条西"]);
        assert_eq!(towns("9998531"), ["菅里"]);
        for code in [
            "1000003",
            "0000000",
            "9999999",
            "",
            "100000",
            "10000021",
            "１０００００１",
            "100000a",
        ] {
            assert!(towns(code).is_empty(), "{code}");
        }
    }

    /// Also where the code looked for is the table's first, its last, or stands alone.
    #[test]
    fn finds_every_code_of_tables_of_every_length() {
        for count in 0..40 {
            let line = |code: usize| {
                let long = "長".repeat(code % 7);
                format!("{:07}\t県\t市\t町{long}\tカナ\n", code / 2 * 20)
            };
            let text: String = (0..count).map(line).collect();
            let (_folder, codes) = table(&text);
            let codes = codes.unwrap();
            codes.check().unwrap();
            for code in 0..count * 10 + 20 {
                let expected = (0..count).filter(|line| line / 2 * 20 == code).count();
                let found = codes.find(&format!("{code:07}")).unwrap();
                assert_eq!(found.len(), expected, "{code} of {count} lines");
            }
        }
    }

    #[test]
    fn a_wrong_line_is_named() {
        let good = "1000001\ta\tb\tc\td\n";
        for (text, end) in [
            ("1000001\t東京都\n".to_owned(), format!("byte 0: {COLUMNS}")),
            (
                format!("{good}1000000\ta\tb\tc\td\n"),
                "byte 16: out of order".to_owned(),
            ),
            (
                format!("{good}100-001\ta\tb\tc\td\n"),
                format!("byte 16: {COLUMNS}"),
            ),
            (
                format!("{good}1ab0001\ta\tb\tc\td\n"),
                format!("byte 16: {COLUMNS}"),
            ),
        ] {
            let (_folder, codes) = table(&text);
            let error = codes.and_then(|codes| codes.check()).unwrap_err();
            assert!(error.to_string().ends_with(&end), "{error}");
        }
        let missing = PostalCodes::open(Path::new("/nowhere")).err().unwrap();
        assert!(missing.to_string().starts_with("/nowhere: "));
    }

    #[test]
    fn a_question_that_meets_a_wrong_line_fails_instead_of_finding_nothing() {
        let good = "1000001\ta\tb\tc\td\n";
        let (_folder, codes) = table(&format!("{good}broken\n{good}"));
        let error = codes.unwrap().find("1000001").unwrap_err();
        assert!(error.to_string().ends_with(COLUMNS), "{error}");
    }
}
