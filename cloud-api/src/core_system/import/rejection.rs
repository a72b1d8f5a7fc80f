//! What is wrong with a row, in both languages, and the report of an import. Neither repeats a value: values are people.

use serde::Serialize;

use super::Kind;
use super::column::Column;

/// A row that was left out.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Rejection {
    /// Which record; in CSV the heading is 1, in JSON the first object is 1.
    pub row: u64,
    /// The column's key; none where the row as a whole is at fault.
    pub column: Option<String>,
    /// Why, in Japanese.
    pub reason: String,
    /// Why, in English.
    pub reason_en: String,
}

/// Why a cell or a row is not taken.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Reason {
    Missing,
    Identifier,
    CheckDigit,
    TooLong(usize),
    Character(String),
    Kana,
    Date,
    Future,
    Sex,
    Serial,
    Relationship,
    YesNo,
    Count,
    Word(String),
    PostalCode,
    Change,
    Encoding,
    Cells { found: usize, expected: usize },
    NotJson,
    NotScalar,
    UnknownColumn,
    Twice,
    HouseholdDiffers,
}

impl Reason {
    fn both(&self) -> (String, String) {
        let fixed = |ja: &str, en: &str| (ja.to_owned(), en.to_owned());
        match self {
            Self::Missing => fixed("値がありません。", "a value is required"),
            Self::Identifier => fixed(
                "番号は半角の英数字・ハイフン・下線で 64 文字までです。",
                "an identifier is 1 to 64 characters of A-Z a-z 0-9 - _",
            ),
            Self::CheckDigit => fixed(
                "宛名番号のチェックディジットが合いません。",
                "the check digit of the 宛名番号 does not fit",
            ),
            Self::TooLong(most) => (
                format!("{most} 文字を超えています。"),
                format!("longer than {most} characters"),
            ),
            Self::Character(code) => (
                format!("使えない文字（外字・制御文字など）{code} があります。"),
                format!("character {code} cannot be taken (private use, control or unassigned)"),
            ),
            Self::Kana => fixed("カタカナではありません。", "not katakana"),
            Self::Date => fixed(
                "日付として読めません。例: 1988-04-01、昭和63年4月1日、昭和20年月日不詳",
                "not a date such as 1988-04-01 or 昭和63年4月1日",
            ),
            Self::Future => fixed("未来の日付です。", "the date is in the future"),
            Self::Sex => fixed(
                "性別は 1（男）・2（女）・9（適用不能）です。",
                "sex is 1 (male), 2 (female) or 9 (not applicable)",
            ),
            Self::Serial => fixed(
                "証明書のシリアル番号は 16 進数 40 桁までで、空白で区切ります。",
                "serial numbers are at most 40 hexadecimal digits each, parted by spaces",
            ),
            Self::Relationship => fixed(
                "続柄は決められた語を「の」で 4 つまでつないだものです（孫は「子の子」）。",
                "a 続柄 is up to four words of the closed list joined by の (孫 is 子の子)",
            ),
            Self::YesNo => fixed("1 または 0 ではありません。", "neither 1 nor 0"),
            Self::Count => fixed(
                "0 以上の整数ではありません。",
                "not a whole number of 0 or more",
            ),
            Self::Word(words) => (
                format!("決められた語ではありません。使える語: {words}"),
                format!("not one of: {words}"),
            ),
            Self::PostalCode => fixed("郵便番号は 7 桁です。", "a postal code has seven digits"),
            Self::Change => fixed(
                "異動区分は upsert（追加・更新）または delete（削除）です。",
                "change is upsert or delete",
            ),
            Self::Encoding => fixed(
                "ファイルの文字コードとして読めない文字があります。",
                "bytes that are not of the file's encoding",
            ),
            Self::Cells { found, expected } => (
                format!("列の数が見出しと違います（{found} 列、見出しは {expected} 列）。"),
                format!("{found} cells where the heading has {expected}"),
            ),
            Self::NotJson => fixed("JSON の形になっていません。", "not a JSON object"),
            Self::NotScalar => fixed(
                "文字列・数・真偽値のいずれでもありません。",
                "neither text, number nor true or false",
            ),
            Self::UnknownColumn => fixed("知らない項目です。", "an unknown key"),
            Self::Twice => fixed(
                "同じ宛名番号の行が前にあります。",
                "an earlier row has the same 宛名番号",
            ),
            Self::HouseholdDiffers => fixed(
                "住所など世帯の項目が、同じ世帯の前の行と違います。",
                "the household's values differ from an earlier row of the same household",
            ),
        }
    }

    pub(super) fn at(&self, row: u64, column: Option<Column>) -> Rejection {
        self.named(row, column.map(Column::key))
    }

    pub(super) fn named(&self, row: u64, column: Option<String>) -> Rejection {
        let (reason, reason_en) = self.both();
        Rejection {
            row,
            column,
            reason,
            reason_en,
        }
    }
}

/// Most rejections that a report lists one by one.
const LISTED: usize = 10_000;

/// What became of an import.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Report {
    /// Full or delta.
    pub kind: Kind,
    /// Residents taken in.
    pub accepted: u64,
    /// Residents taken out.
    pub deleted: u64,
    /// Rows left out.
    pub rejected_rows: u64,
    /// The first 10,000 of them.
    pub rejected: Vec<Rejection>,
}

impl Report {
    pub(super) fn new(kind: Kind) -> Self {
        Self {
            kind,
            accepted: 0,
            deleted: 0,
            rejected_rows: 0,
            rejected: Vec::new(),
        }
    }

    pub(super) fn reject(&mut self, rejection: Rejection) {
        self.rejected_rows += 1;
        if self.rejected.len() < LISTED {
            self.rejected.push(rejection);
        }
    }

    /// Whether rows left out are more than `percent` of a hundred.
    pub(super) fn rejects_more_than(&self, percent: u8) -> bool {
        let rows = self.accepted + self.deleted + self.rejected_rows;
        self.rejected_rows * 100 > rows * u64::from(percent)
    }
}
