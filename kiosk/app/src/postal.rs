//! Postal codes: 7 digits → towns, from a table made at set-up (`scripts/postal.py`).
//!
//! The table (some 12 MB, sorted) stays on the disk; only where each three-digit head begins is kept in memory.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use session::effect::Town;
use thiserror::Error;

/// Why there is no postal code look-up.
#[derive(Debug, Error)]
pub enum PostalError {
    /// The table cannot be read.
    #[error("{file}: {source}", file = file.display())]
    Unreadable {
        /// The file.
        file: PathBuf,
        /// What the file system said.
        source: io::Error,
    },
    /// A line is not `postal prefecture city town kana`, or out of order.
    #[error("{file}:{line}: {reason}", file = file.display())]
    Malformed {
        /// The file.
        file: PathBuf,
        /// Line, from 1.
        line: usize,
        /// What is wrong.
        reason: &'static str,
    },
}

/// The table.
pub struct PostalCodes {
    file: PathBuf,
    /// Where the lines of each three-digit head begin, and the end of the file last.
    heads: Vec<u64>,
}

impl PostalCodes {
    /// Reads the table through once.
    ///
    /// # Errors
    /// Names the file and the line that is wrong.
    pub fn open(file: &Path) -> Result<Self, PostalError> {
        let unreadable = |source| PostalError::Unreadable {
            file: file.to_owned(),
            source,
        };
        let mut table = BufReader::with_capacity(1 << 16, File::open(file).map_err(unreadable)?);
        let mut heads = Vec::with_capacity(1001);
        let (mut at, mut number, mut last) = (0_u64, 0, String::new());
        let mut line = String::new();
        loop {
            line.clear();
            let length = table.read_line(&mut line).map_err(unreadable)?;
            if length == 0 {
                break;
            }
            number += 1;
            let malformed = |reason| PostalError::Malformed {
                file: file.to_owned(),
                line: number,
                reason,
            };
            let (code, _) = parse(line.trim_end_matches('\n'))
                .ok_or_else(|| malformed("not seven digits and four columns"))?;
            if code < last.as_str() {
                return Err(malformed("out of order"));
            }
            let head = code[..3]
                .parse::<usize>()
                .map_err(|_| malformed("not a postal code"))?;
            while heads.len() <= head {
                heads.push(at);
            }
            code.clone_into(&mut last);
            at += length as u64;
        }
        heads.resize(1001, at);
        Ok(Self {
            file: file.to_owned(),
            heads,
        })
    }

    /// The towns of a code, in the table's order; none for anything but seven known digits.
    ///
    /// # Errors
    /// When the table cannot be read any more.
    pub fn find(&self, code: &str) -> Result<Vec<Town>, PostalError> {
        if code.len() != 7 || !code.bytes().all(|byte| byte.is_ascii_digit()) {
            return Ok(Vec::new());
        }
        let head: usize = code[..3].parse().unwrap_or(0);
        let (from, to) = (self.heads[head], self.heads[head + 1]);
        let lines = self
            .read(from, to)
            .map_err(|source| PostalError::Unreadable {
                file: self.file.clone(),
                source,
            })?;
        Ok(lines
            .lines()
            .filter_map(parse)
            .filter(|(found, _)| *found == code)
            .map(|(_, town)| town)
            .collect())
    }

    fn read(&self, from: u64, to: u64) -> io::Result<String> {
        let mut table = File::open(&self.file)?;
        table.seek(SeekFrom::Start(from))?;
        let mut lines = String::new();
        table.take(to - from).read_to_string(&mut lines)?;
        Ok(lines)
    }
}

fn parse(line: &str) -> Option<(&str, Town)> {
    let mut columns = line.split('\t');
    let code = columns
        .next()
        .filter(|code| code.len() == 7 && code.bytes().all(|byte| byte.is_ascii_digit()))?;
    let mut column = || columns.next().map(str::to_owned);
    let town = Town {
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

    #[test]
    fn a_wrong_line_is_named() {
        for (text, told) in [
            ("1000001\t東京都\n", ":1: not seven digits and four columns"),
            (
                "1000001\ta\tb\tc\td\n1000000\ta\tb\tc\td\n",
                ":2: out of order",
            ),
            (
                "100-001\ta\tb\tc\td\n",
                ":1: not seven digits and four columns",
            ),
            (
                "1ab0001\ta\tb\tc\td\n",
                ":1: not seven digits and four columns",
            ),
        ] {
            let (_folder, codes) = table(text);
            let error = codes
                .err()
                .map(|error| error.to_string())
                .unwrap_or_default();
            assert!(error.ends_with(told), "{error}");
        }
        assert!(
            PostalCodes::open(Path::new("/nowhere"))
                .err()
                .unwrap()
                .to_string()
                .starts_with("/nowhere: ")
        );
    }
}
