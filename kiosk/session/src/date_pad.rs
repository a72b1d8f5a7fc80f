//! The era-date pad: an era, then year, month and day by digits; parts may be unknown (不詳) where a record allows it.

use application::Problem;
use application::era::{Calendar, EraDate, Eras, Part};
use guidance::Words;
use jiff::civil::Weekday;
use serde::{Deserialize, Serialize};

use crate::choice_id::ChoiceId;
use crate::screen::{Choice, DatePad};
use crate::text::Text;
use crate::touch::{Key, Language};

/// Western years, for people whose papers use them.
const WESTERN: &str = "western";
/// How an unknown part shows.
const UNKNOWN: &str = "不詳";

/// A date being typed.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(crate) struct DateTyping {
    era: Option<String>,
    part: usize,
    parts: [String; 3],
    unknown_allowed: bool,
    western_allowed: bool,
}

impl DateTyping {
    /// An empty pad; `era` is chosen already where nearly every answer lies in it.
    pub(crate) fn empty(era: Option<&str>, unknown_allowed: bool, western_allowed: bool) -> Self {
        Self {
            era: era.map(str::to_owned),
            unknown_allowed,
            western_allowed,
            ..Self::default()
        }
    }

    /// A date that was there already, with its unknown parts.
    pub(crate) fn filled(
        date: &EraDate,
        eras: &Eras,
        unknown_allowed: bool,
        western_allowed: bool,
    ) -> Self {
        let era = match &date.calendar {
            Calendar::Era(name) => eras
                .iter()
                .find(|era| era.name == *name)
                .map(|era| era.id.clone()),
            Calendar::Western => Some(WESTERN.to_owned()),
        };
        let parts = [date.year, date.month, date.day].map(|part| part.to_string());
        Self {
            era,
            part: 0,
            parts,
            unknown_allowed,
            western_allowed,
        }
    }

    pub(crate) fn choose_era(&mut self, id: &str) {
        if self.era.as_deref() != Some(id) {
            self.era = Some(id.to_owned());
            self.parts[0].clear();
        }
        self.part = 0;
    }

    pub(crate) fn press(&mut self, key: Key) {
        match key {
            Key::Char(digit) => self.digit(digit),
            Key::Delete => self.delete(),
            Key::Clear => {
                self.parts = [String::new(), String::new(), String::new()];
                self.part = 0;
            }
            Key::Unknown if self.unknown_allowed => self.unknown(),
            Key::Part(part) => self.part = usize::from(part).min(2),
            Key::Unknown | Key::Dakuten | Key::Handakuten | Key::Small => {}
        }
    }

    fn digit(&mut self, digit: char) {
        let most = if self.part == 0 && self.era.as_deref() == Some(WESTERN) {
            4
        } else {
            2
        };
        let part = &mut self.parts[self.part];
        if !digit.is_ascii_digit() || part.is_empty() && digit == '0' && self.part == 0 {
            return;
        }
        if part == UNKNOWN || part.len() >= most {
            part.clear();
        }
        part.push(digit);
        // A month of 2 or more, a day of 4 or more can't become longer: go on without another touch.
        let full = part.len() == most
            || self.part == 1 && part.as_str() > "1"
            || self.part == 2 && part.as_str() > "3";
        if full && self.part < 2 {
            self.part += 1;
        }
    }

    fn delete(&mut self) {
        if self.parts[self.part].is_empty() && self.part > 0 {
            self.part -= 1;
        }
        let part = &mut self.parts[self.part];
        if part == UNKNOWN {
            part.clear();
        } else {
            part.pop();
        }
    }

    /// What follows an unknown part is unknown too: nobody knows the day of an unknown month.
    fn unknown(&mut self) {
        for part in &mut self.parts[self.part..] {
            UNKNOWN.clone_into(part);
        }
        self.part = 2;
    }

    pub(crate) fn is_whole(&self) -> bool {
        self.era.is_some() && self.parts.iter().all(|part| !part.is_empty())
    }

    /// The date as typed, checked against the calendar and its era.
    pub(crate) fn date(&self, eras: &Eras) -> Result<EraDate, Problem> {
        let shape = || Problem::new("problem.date_shape");
        let id = self.era.as_deref().ok_or_else(shape)?;
        let calendar = match eras.iter().find(|era| era.id == id) {
            Some(era) => Calendar::Era(era.name.clone()),
            None if id == WESTERN => Calendar::Western,
            None => return Err(shape()),
        };
        let part = |text: &str| match text {
            UNKNOWN => Ok(Part::Unknown),
            digits => digits.parse().map(Part::Known).map_err(|_| shape()),
        };
        let [year, month, day] = &self.parts;
        let date = EraDate {
            calendar,
            year: part(year)?,
            month: part(month)?,
            day: part(day)?,
            about: false,
        };
        eras.check(&date)?;
        Ok(date)
    }

    /// The pad as it is drawn.
    pub(crate) fn pad(&self, eras: &Eras, language: &Language) -> DatePad {
        let choice = |id: &str, title: Text| {
            Choice::new(ChoiceId::Era(id.to_owned()), title).chosen(self.era.as_deref() == Some(id))
        };
        let mut offered: Vec<Choice> = eras
            .iter()
            .rev()
            .map(|era| choice(&era.id, Text::Words(era_words(&era.name, &era.id))))
            .collect();
        if self.western_allowed {
            offered.push(choice(WESTERN, Text::key("date.western")));
        }
        DatePad {
            eras: offered,
            part: self.part,
            parts: self.parts.clone(),
            unknown_allowed: self.unknown_allowed,
            spoken: self
                .date(eras)
                .ok()
                .filter(|_| self.is_whole())
                .map(|date| spoken(&date, eras, language)),
        }
    }
}

/// 令和 in Japanese, Reiwa elsewhere: the id is the era's name in Latin letters.
fn era_words(name: &str, id: &str) -> Words {
    let mut latin = id.to_owned();
    if let Some(first) = latin.get_mut(0..1) {
        first.make_ascii_uppercase();
    }
    Words::from_pairs([("ja", name), ("en", latin.as_str())])
}

/// The date in words, so that a slip of the finger is seen: with the weekday, which people remember.
fn spoken(date: &EraDate, eras: &Eras, language: &Language) -> String {
    let Ok(civil) = eras.to_date(date) else {
        return date.to_string();
    };
    if language.0.starts_with("ja") {
        let western = match date.calendar {
            Calendar::Western => eras.from_date(civil).to_string(),
            Calendar::Era(_) => date.to_string(),
        };
        return format!("{western}({})", weekday(civil.weekday()));
    }
    civil.strftime("%a %-d %b %Y").to_string()
}

fn weekday(day: Weekday) -> char {
    match day {
        Weekday::Monday => '月',
        Weekday::Tuesday => '火',
        Weekday::Wednesday => '水',
        Weekday::Thursday => '木',
        Weekday::Friday => '金',
        Weekday::Saturday => '土',
        Weekday::Sunday => '日',
    }
}
