//! A part of the masters as the page posts it, read into the whole.

use std::collections::BTreeMap;

use guidance::{
    Catalogue, CounterPlace, DayOfWeek, Hours, Masters, MastersError, OpenDay, Opening, Site, Words,
};
use jiff::civil::{Date, Time};

use super::super::people::Fields;
use crate::language::Language;

/// A part of the masters: each has its own form on the page.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in super::super) enum Part {
    Sites,
    Opening,
    Counters,
    Closed,
    Fees,
}

impl Part {
    pub(super) const ALL: [Self; 5] = [
        Self::Sites,
        Self::Opening,
        Self::Counters,
        Self::Closed,
        Self::Fees,
    ];

    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Sites => "sites",
            Self::Opening => "opening",
            Self::Counters => "counters",
            Self::Closed => "closed",
            Self::Fees => "fees",
        }
    }

    pub(in super::super) fn japanese(self) -> &'static str {
        match self {
            Self::Sites => "庁舎・支所",
            Self::Opening => "開庁時間",
            Self::Counters => "窓口",
            Self::Closed => "休日",
            Self::Fees => "手数料",
        }
    }

    pub(in super::super) fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|part| part.as_str() == word)
    }
}

/// A posted form, read against the catalogue under the masters; what is wrong is said in the reader's language.
pub(super) struct Form<'a> {
    fields: &'a Fields,
    catalogue: &'a Catalogue,
    language: Language,
}

impl<'a> Form<'a> {
    pub(super) fn new(fields: &'a Fields, catalogue: &'a Catalogue, language: Language) -> Self {
        Self {
            fields,
            catalogue,
            language,
        }
    }

    /// The masters with one part as the form has it.
    ///
    /// # Errors
    /// What is wrong and where, in the reader's language.
    pub(super) fn changed(&self, before: &Masters, part: Part) -> Result<Masters, String> {
        let mut masters = before.clone();
        match part {
            Part::Sites => masters.site = sites(before, self.fields),
            Part::Opening => masters.opening = self.opening()?,
            Part::Counters => masters.counter = self.counters()?,
            Part::Closed => masters.closed = self.closed()?,
            Part::Fees => masters.fee = self.fees()?,
        }
        // A site that is gone takes its counters' building along.
        for counter in &mut masters.counter {
            let here = |id: &String| masters.site.iter().any(|site| site.id == *id);
            counter.site = counter.site.take().filter(here);
        }
        let wrong = |error: MastersError| self.wrong(&error, &masters);
        masters.check().map_err(wrong)?;
        masters
            .counter
            .retain(|place| !as_shipped(place, self.catalogue));
        Ok(masters)
    }

    fn say(&self, japanese: &str) -> String {
        self.language.say(japanese).to_owned()
    }

    fn opening(&self) -> Result<Option<Opening>, String> {
        let mut weekdays = None;
        let mut more = Vec::new();
        for [day, from, until] in rows(self.fields, ["day", "from", "until"]) {
            let Some(hours) = self.hours(from, until)? else {
                continue;
            };
            let day_of_week = DayOfWeek::ALL.into_iter().find(|one| one.japanese() == day);
            match day_of_week {
                None => weekdays = Some(hours),
                Some(day) => more.push(OpenDay { day, hours }),
            }
        }
        match weekdays {
            Some(weekdays) => Ok(Some(Opening { weekdays, more })),
            None if more.is_empty() => Ok(None),
            None => Err(self.say("平日の開庁時間を入力してください。")),
        }
    }

    fn counters(&self) -> Result<Vec<CounterPlace>, String> {
        let names = [
            "id",
            "number",
            "place",
            "place_simple",
            "place_en",
            "site",
            "from",
            "until",
        ];
        let mut counters = Vec::new();
        for [id, number, place, simple, english, site, from, until] in rows(self.fields, names) {
            let Some(counter) = self.catalogue.counter(id) else {
                continue;
            };
            let title = self.language.of_words(&counter.title);
            let wrong = "{}：番号を1から999の数字で入力してください。";
            let wrong = |_| self.language.fill(wrong, &[&title]);
            let hours = self.hours(from, until);
            counters.push(CounterPlace {
                id: id.to_owned(),
                number: number.parse().map_err(wrong)?,
                place: words(place, simple, english),
                site: Some(site.to_owned()).filter(|site| !site.is_empty()),
                hours: hours.map_err(|error| self.language.fill("{}：{}", &[&title, &error]))?,
            });
        }
        Ok(counters)
    }

    fn closed(&self) -> Result<BTreeMap<Date, String>, String> {
        let mut closed = BTreeMap::new();
        for [day, name] in rows(self.fields, ["date", "name"]) {
            if day.is_empty() && name.is_empty() {
                continue;
            }
            let wrong = |_| self.language.fill("{}：日付を入力してください。", &[&name]);
            let date = day.parse::<Date>().map_err(wrong)?;
            if closed.insert(date, name.to_owned()).is_some() {
                return Err(self.language.fill("{}が2回あります。", &[&day]));
            }
        }
        Ok(closed)
    }

    fn fees(&self) -> Result<BTreeMap<String, u32>, String> {
        let mut own = BTreeMap::new();
        for [id, yen] in rows(self.fields, ["id", "yen"]) {
            let mut fees = self.catalogue.fees().into_iter();
            let Some(fee) = fees.find(|fee| fee.parameter.id == id) else {
                continue;
            };
            if yen.is_empty() {
                continue;
            }
            let wrong = |_| {
                let title = fee_title(self.language, &fee);
                let text = "{}：金額を数字で入力してください。";
                self.language.fill(text, &[&title])
            };
            let yen: u32 = yen.parse().map_err(wrong)?;
            if i64::from(yen) != fee.yen {
                own.insert(id.to_owned(), yen);
            }
        }
        Ok(own)
    }

    fn hours(&self, from: &str, until: &str) -> Result<Option<Hours>, String> {
        if from.is_empty() && until.is_empty() {
            return Ok(None);
        }
        let wrong =
            |_| self.say("時刻を「08:30」のように、始まりと終わりの両方に入力してください。");
        let time = |text: &str| text.parse::<Time>().map_err(wrong);
        Ok(Some(Hours {
            from: time(from)?,
            until: time(until)?,
        }))
    }

    fn wrong(&self, error: &MastersError, masters: &Masters) -> String {
        let (at, what) = match error {
            MastersError::Hours(at) => (at, "終わりの時刻を始まりより後にしてください。"),
            MastersError::Twice(at) => (at, "同じ番号や場所が2回あります。片方を変えてください。"),
            MastersError::Empty(at) => (at, "日本語の欄が空です。入力してください。"),
            MastersError::UnknownSite(at) => (at, "登録のない庁舎です。選び直してください。"),
            MastersError::Range(at) => (
                at,
                "使えない値です。番号は1から999、金額は100万円以下です。",
            ),
        };
        let place = place(self.language, at, masters, self.catalogue);
        self.language.fill("{}：{}", &[&place, &self.say(what)])
    }
}

/// Every value posted under one name, in the order of the form's rows.
fn column<'a>(fields: &'a Fields, name: &str) -> Vec<&'a str> {
    let own = fields.iter().filter(|(own, _)| own == name);
    own.map(|(_, value)| value.trim()).collect()
}

/// Rows of the form: the values of each of `N` names, side by side. A short column ends the table.
fn rows<'a, const N: usize>(fields: &'a Fields, names: [&str; N]) -> Vec<[&'a str; N]> {
    let columns = names.map(|name| column(fields, name));
    let length = columns.iter().map(Vec::len).min().unwrap_or(0);
    let row = |index: usize| std::array::from_fn(|column: usize| columns[column][index]);
    (0..length).map(row).collect()
}

fn sites(before: &Masters, fields: &Fields) -> Vec<Site> {
    let mut sites: Vec<Site> = Vec::new();
    let rows = rows(fields, ["id", "name", "name_en", "address", "phone"]);
    let taken = rows.iter().map(|row| row[0]);
    let taken = taken.filter_map(|id| id.strip_prefix('s')?.parse::<u32>().ok());
    let mut last = taken.max().unwrap_or(0);
    for [id, name, english, address, phone] in rows {
        if name.is_empty() {
            continue;
        }
        let known = before.site.iter().find(|site| site.id == id);
        let id = known.map_or_else(
            || {
                last += 1;
                format!("s{last}")
            },
            |site| site.id.clone(),
        );
        let here = |(field, site): &(String, String)| {
            let kiosk = field.strip_prefix("kiosk:")?;
            (*site == id).then(|| kiosk.to_owned())
        };
        sites.push(Site {
            kiosks: fields.iter().filter_map(here).collect(),
            name: words(name, "", english),
            address: address.to_owned(),
            phone: phone.to_owned(),
            id,
        });
    }
    sites
}

/// What says nothing else than the edition is not kept: a later edition may then say something else.
fn as_shipped(place: &CounterPlace, catalogue: &Catalogue) -> bool {
    catalogue.counter(&place.id).is_some_and(|counter| {
        place.number == counter.number
            && place.place == counter.place
            && place.site.is_none()
            && place.hours.is_none()
    })
}

/// What a fee is for, by the procedures that ask it.
pub(super) fn fee_title(language: Language, fee: &guidance::Fee<'_>) -> String {
    let procedures = fee.procedures.iter();
    let titles = procedures.map(|one| language.of_words(&one.title));
    titles.collect::<Vec<_>>().join(language.say("・"))
}

fn words(ja: &str, simple: &str, english: &str) -> Words {
    let mut words = Words::ja(ja);
    for (tag, text) in [("ja-simple", simple), ("en", english)] {
        if !text.is_empty() {
            words.insert(tag, text);
        }
    }
    words
}

/// What a path in the masters is called on the page.
pub(super) fn place(
    language: Language,
    at: &str,
    masters: &Masters,
    catalogue: &Catalogue,
) -> String {
    let (kind, id) = at.split_once('.').unwrap_or((at, ""));
    let known = match kind {
        "counter" => catalogue
            .counter(id)
            .map(|counter| language.of_words(&counter.title).to_owned()),
        "site" => masters
            .site
            .iter()
            .find(|site| id.split('.').next() == Some(&site.id))
            .map(|site| language.of_words(&site.name).to_owned()),
        "fee" => catalogue
            .fees()
            .iter()
            .find(|fee| fee.parameter.id == id)
            .map(|fee| fee_title(language, fee)),
        "opening" => Some(language.say(Part::Opening.japanese()).to_owned()),
        _ => None,
    };
    known.unwrap_or_else(|| id.to_owned())
}
