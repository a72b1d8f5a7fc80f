//! 和暦: dates in Japanese eras with parts that may be unknown, as residents' records keep them.
//!
//! Eras are data (`assets/forms/eras.toml`), so a new era needs no release. The day on which an era changes is
//! valid in both (明治45年7月30日 and 大正1年7月30日 are the same day, and both are legal values).

use std::fmt;

use jiff::civil::Date;
use serde::Deserialize;

use crate::characters::{ascii_digits, regular_width};
use crate::problem::Problem;

/// One era.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Era {
    /// Identifies it: `reiwa`.
    pub id: String,
    /// As it is printed: 令和.
    pub name: String,
    /// Its Latin letter on forms: R.
    pub letter: String,
    /// First day.
    pub first: Date,
    /// Last day, which is the next era's first; `None` while it runs.
    #[serde(default)]
    pub last: Option<Date>,
}

/// The eras, oldest first.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Eras(Vec<Era>);

/// Which calendar a date is written in.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Calendar {
    /// An era by its printed name.
    Era(String),
    /// Western years (foreigners' dates of birth).
    Western,
}

/// A part of a date.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Part {
    /// Known.
    Known(u16),
    /// 不詳
    Unknown,
}

/// A date as a record keeps it: the era it was written in, unknown parts, 「頃」.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct EraDate {
    /// Era or western.
    pub calendar: Calendar,
    /// Year of the era, or western year.
    pub year: Part,
    /// Month; `Unknown` when only the year is known.
    pub month: Part,
    /// Day of month.
    pub day: Part,
    /// 「頃」: about then.
    pub about: bool,
}

impl Eras {
    /// Sorts and keeps eras.
    #[must_use]
    pub fn new(mut eras: Vec<Era>) -> Self {
        eras.sort_by_key(|era| era.first);
        Self(eras)
    }

    /// Oldest first.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &Era> {
        self.0.iter()
    }

    /// The era that `day` is written in today: on a change-over day the newer one.
    #[must_use]
    pub fn of(&self, day: Date) -> Option<&Era> {
        self.0.iter().rev().find(|era| era.first <= day)
    }

    /// A civil date in its era; western when it's before every era.
    #[must_use]
    pub fn from_date(&self, day: Date) -> EraDate {
        let (calendar, year) = match self.of(day) {
            Some(era) => (
                Calendar::Era(era.name.clone()),
                day.year() - era.first.year() + 1,
            ),
            None => (Calendar::Western, day.year()),
        };
        EraDate {
            calendar,
            year: Part::Known(year.unsigned_abs()),
            month: Part::Known(day.month().unsigned_abs().into()),
            day: Part::Known(day.day().unsigned_abs().into()),
            about: false,
        }
    }

    /// The civil date, when every part is known and lies inside its era (both ends included).
    ///
    /// # Errors
    /// `problem.date_unknown` when a part is unknown, `problem.date_impossible`, `problem.date_outside_era`.
    pub fn to_date(&self, date: &EraDate) -> Result<Date, Problem> {
        let (Part::Known(year), Part::Known(month), Part::Known(day)) =
            (date.year, date.month, date.day)
        else {
            return Err(Problem::new("problem.date_unknown"));
        };
        let western = self.western_year(&date.calendar, year)?;
        let civil = civil(western, month, day)?;
        self.inside(&date.calendar, civil, civil)?;
        Ok(civil)
    }

    /// Reads what [`EraDate`]'s `Display` writes, its variants (R8.4.27, 令和元年, 2026-04-27, fullwidth) and unknown parts.
    ///
    /// # Errors
    /// `problem.date_shape`, `problem.date_impossible`, `problem.date_outside_era`, `problem.era_unknown`.
    pub fn parse(&self, text: &str) -> Result<EraDate, Problem> {
        let text: String = regular_width(text)
            .chars()
            .filter(|c| !c.is_whitespace())
            .collect();
        if let Ok(day) = text.parse::<Date>() {
            return Ok(self.from_date(day));
        }
        let (text, about) = text
            .strip_suffix('頃')
            .map_or((text.as_str(), false), |rest| (rest, true));
        let (calendar, rest) = self.calendar_of(text)?;
        let mut parts = split_parts(rest)?;
        let mut next = || {
            if parts.is_empty() {
                Part::Unknown
            } else {
                parts.remove(0)
            }
        };
        let date = EraDate {
            calendar,
            year: next(),
            month: next(),
            day: next(),
            about,
        };
        self.check(&date)?;
        Ok(date)
    }

    fn calendar_of<'a>(&self, text: &'a str) -> Result<(Calendar, &'a str), Problem> {
        for era in &self.0 {
            let short = text
                .strip_prefix(&era.letter)
                .filter(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
            if let Some(rest) = text.strip_prefix(&era.name).or(short) {
                return Ok((Calendar::Era(era.name.clone()), rest));
            }
        }
        if text.starts_with(|c: char| c.is_ascii_digit()) || text.starts_with("年不詳") {
            return Ok((Calendar::Western, text));
        }
        Err(Problem::new("problem.era_unknown"))
    }

    /// Whether the known parts can be a date: 令和8年2月30日 can't, 昭和20年月日不詳 can.
    ///
    /// # Errors
    /// As [`Eras::parse`].
    pub fn check(&self, date: &EraDate) -> Result<(), Problem> {
        let Part::Known(year) = date.year else {
            return Ok(());
        };
        let western = self.western_year(&date.calendar, year)?;
        let (first, last) = match (date.month, date.day) {
            (Part::Unknown, Part::Known(_)) => return Err(Problem::new("problem.date_shape")),
            (Part::Unknown, Part::Unknown) => (civil(western, 1, 1)?, civil(western, 12, 31)?),
            (Part::Known(month), Part::Unknown) => {
                let first = civil(western, month, 1)?;
                (first, first.last_of_month())
            }
            (Part::Known(month), Part::Known(day)) => {
                (civil(western, month, day)?, civil(western, month, day)?)
            }
        };
        self.inside(&date.calendar, first, last)
    }

    fn western_year(&self, calendar: &Calendar, year: u16) -> Result<i16, Problem> {
        let before = match calendar {
            Calendar::Western => 0,
            Calendar::Era(name) => {
                let era = self.0.iter().find(|era| era.name == *name);
                era.ok_or_else(|| Problem::new("problem.era_unknown"))?
                    .first
                    .year()
                    - 1
            }
        };
        let year = i16::try_from(year).ok().filter(|year| *year >= 1);
        year.and_then(|year| before.checked_add(year))
            .filter(|year| (1800..=2999).contains(year))
            .ok_or_else(|| Problem::new("problem.date_impossible"))
    }

    /// Some day of `first..=last` must lie in the era.
    fn inside(&self, calendar: &Calendar, first: Date, last: Date) -> Result<(), Problem> {
        let Calendar::Era(name) = calendar else {
            return Ok(());
        };
        let fits = |era: &Era| {
            era.name == *name && era.first <= last && era.last.is_none_or(|end| first <= end)
        };
        if self.0.iter().any(fits) {
            Ok(())
        } else {
            Err(Problem::new("problem.date_outside_era"))
        }
    }
}

fn civil(year: i16, month: u16, day: u16) -> Result<Date, Problem> {
    let impossible = || Problem::new("problem.date_impossible");
    let month = i8::try_from(month).map_err(|_| impossible())?;
    let day = i8::try_from(day).map_err(|_| impossible())?;
    Date::new(year, month, day).map_err(|_| impossible())
}

/// 「8年4月27日」「8.4.27」「20年月日不詳」「8年4月日不詳」「8年」 → up to three parts.
fn split_parts(text: &str) -> Result<Vec<Part>, Problem> {
    let shape = || Problem::new("problem.date_shape");
    let mut rest = text.replace('元', "1");
    for unknown in ["年月日不詳", "月日不詳", "日不詳"] {
        if let Some(known) = rest.strip_suffix(unknown) {
            rest = known.to_owned();
            break;
        }
    }
    let pieces = rest
        .split(['年', '月', '日', '.', '/', '-'])
        .filter(|piece| !piece.is_empty());
    let parts = pieces.map(|piece| {
        let digits = ascii_digits(piece);
        if digits.bytes().all(|b| b.is_ascii_digit()) {
            digits.parse().map(Part::Known).map_err(|_| shape())
        } else {
            Err(shape())
        }
    });
    let parts: Vec<Part> = parts.collect::<Result<_, _>>()?;
    if parts.len() > 3 {
        Err(shape())
    } else {
        Ok(parts)
    }
}

impl EraDate {
    /// Whether a part is unknown.
    #[must_use]
    pub fn has_unknown(&self) -> bool {
        self.about || [self.year, self.month, self.day].contains(&Part::Unknown)
    }

    /// Era name (empty for western), year, month, day as printed in separate boxes; 元 for the first year.
    #[must_use]
    pub fn boxes(&self) -> [String; 4] {
        let (era, is_era) = match &self.calendar {
            Calendar::Era(name) => (name.clone(), true),
            Calendar::Western => (String::new(), false),
        };
        let year = match self.year {
            Part::Known(1) if is_era => "元".to_owned(),
            part => part.to_string(),
        };
        [era, year, self.month.to_string(), self.day.to_string()]
    }
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Known(number) => write!(f, "{number}"),
            Self::Unknown => f.write_str("不詳"),
        }
    }
}

impl fmt::Display for EraDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [era, year, month, day] = self.boxes();
        match (self.year, self.month, self.day) {
            (Part::Unknown, ..) => write!(f, "{era}年月日不詳")?,
            (_, Part::Unknown, _) if self.about => write!(f, "{era}{year}年")?,
            (_, Part::Unknown, _) => write!(f, "{era}{year}年月日不詳")?,
            (_, _, Part::Unknown) if self.about => write!(f, "{era}{year}年{month}月")?,
            (_, _, Part::Unknown) => write!(f, "{era}{year}年{month}月日不詳")?,
            _ => write!(f, "{era}{year}年{month}月{day}日")?,
        }
        if self.about {
            f.write_str("頃")
        } else {
            Ok(())
        }
    }
}
