//! A town's masters (マスタ): its sites, counters, hours, closed days and fees, as it changes them from day to day.
//!
//! They are no rules: a rule changes with an edition, signed by the town. They are applied to the edition in use, on the
//! kiosk and in the cloud alike, so that both still make the same plan.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use jiff::civil::{Date, Time, Weekday};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::document::{Amount, Counter, Document, Parameter, Procedure};
use crate::fact_value::YEARS;
use crate::{Catalogue, CatalogueError, ParameterValue, Words};

/// The parameters that hold the hours.
const HOURS: &str = "opening_hours";
const MORE_HOURS: &str = "saturday_or_evening_counter";
/// No fee of a counter is higher, in yen; one that is was mistyped.
pub const HIGHEST_FEE: u32 = 1_000_000;

/// What a town sets for itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Masters {
    /// Town hall and branch offices (庁舎・支所).
    #[serde(default)]
    pub site: Vec<Site>,
    /// When the counters are open; none: as the edition says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub opening: Option<Opening>,
    /// What differs from the edition's counters.
    #[serde(default)]
    pub counter: Vec<CounterPlace>,
    /// Days on which the town is closed beside weekends, holidays and the turn of the year: day → its name. A due date
    /// on such a day moves to the next open one (地方自治法4条の2第4項), so that only days that the town's ordinance
    /// names (休日条例) belong here.
    #[serde(default)]
    pub closed: BTreeMap<Date, String>,
    /// Fees in yen, by the edition's parameter.
    #[serde(default)]
    pub fee: BTreeMap<String, u32>,
}

/// A building with counters or kiosks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Site {
    /// Its id, unique in the town.
    pub id: String,
    /// What it is called.
    pub name: Words,
    /// Its address, as printed.
    #[serde(default)]
    pub address: String,
    /// Its telephone number, as printed.
    #[serde(default)]
    pub phone: String,
    /// Kiosks that stand there, by id.
    #[serde(default)]
    pub kiosks: BTreeSet<String>,
}

/// From when until when, on the same day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hours {
    /// Opening time.
    pub from: Time,
    /// Closing time; later than `from`.
    pub until: Time,
}

impl fmt::Display for Hours {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (from, until) = (self.from, self.until);
        let [h, m, to_h, to_m] = [from.hour(), from.minute(), until.hour(), until.minute()];
        write!(f, "{h:02}:{m:02}-{to_h:02}:{to_m:02}")
    }
}

/// When the counters are open.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Opening {
    /// Monday to Friday.
    pub weekdays: Hours,
    /// Saturdays, Sundays and evenings beside these.
    #[serde(default)]
    pub more: Vec<OpenDay>,
}

/// A day of the week with hours of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OpenDay {
    /// The day of the week.
    pub day: DayOfWeek,
    /// When the counters are open on it.
    pub hours: Hours,
}

/// A day of the week.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DayOfWeek {
    /// 月
    Monday,
    /// 火
    Tuesday,
    /// 水
    Wednesday,
    /// 木
    Thursday,
    /// 金
    Friday,
    /// 土
    Saturday,
    /// 日
    Sunday,
}

impl DayOfWeek {
    /// All of them, from Monday.
    pub const ALL: [Self; 7] = [
        Self::Monday,
        Self::Tuesday,
        Self::Wednesday,
        Self::Thursday,
        Self::Friday,
        Self::Saturday,
        Self::Sunday,
    ];

    /// Its Japanese name, e.g. 土曜.
    #[must_use]
    pub fn japanese(self) -> &'static str {
        ["月曜", "火曜", "水曜", "木曜", "金曜", "土曜", "日曜"][self as usize]
    }
}

/// Where a counter of the edition is in this town.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CounterPlace {
    /// The edition's counter.
    pub id: String,
    /// Number over the counter, from 1.
    pub number: u32,
    /// Where it is in its building.
    pub place: Words,
    /// The building, where the town has several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub site: Option<String>,
    /// Its own hours; none: the town's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hours: Option<Hours>,
}

/// What is wrong with masters, whatever the edition.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum MastersError {
    /// Hours that end before they begin.
    #[error("{0}: the hours end before they begin")]
    Hours(String),
    /// The same id or number twice.
    #[error("{0}: is there twice")]
    Twice(String),
    /// A text that must be there and is not.
    #[error("{0}: the Japanese text is empty")]
    Empty(String),
    /// A counter in a building that is not listed.
    #[error("{0}: no such site")]
    UnknownSite(String),
    /// A number or day outside what can be.
    #[error("{0}: out of range")]
    Range(String),
}

impl Masters {
    /// Checks what can be checked without an edition.
    ///
    /// # Errors
    /// Names the entry, e.g. `counter.tax`.
    pub fn check(&self) -> Result<(), MastersError> {
        self.check_sites()?;
        self.check_counters()?;
        self.check_opening()?;
        for (day, name) in &self.closed {
            let at = format!("closed.{day}");
            if !YEARS.contains(&day.year()) {
                return Err(MastersError::Range(at));
            }
            filled(name, at)?;
        }
        let high = self.fee.iter().find(|(_, yen)| **yen > HIGHEST_FEE);
        high.map_or(Ok(()), |(id, _)| {
            Err(MastersError::Range(format!("fee.{id}")))
        })
    }

    fn check_sites(&self) -> Result<(), MastersError> {
        let mut kiosks = BTreeSet::new();
        for (index, site) in self.site.iter().enumerate() {
            let at = format!("site.{}", site.id);
            filled(site.name.get("ja"), at.clone())?;
            if site.id.is_empty() || self.site[..index].iter().any(|other| other.id == site.id) {
                return Err(MastersError::Twice(at));
            }
            let twice = site.kiosks.iter().find(|kiosk| !kiosks.insert(*kiosk));
            if let Some(kiosk) = twice {
                return Err(MastersError::Twice(format!("{at}.{kiosk}")));
            }
        }
        Ok(())
    }

    fn check_counters(&self) -> Result<(), MastersError> {
        let (mut ids, mut numbers) = (BTreeSet::new(), BTreeSet::new());
        for counter in &self.counter {
            let at = format!("counter.{}", counter.id);
            filled(counter.place.get("ja"), at.clone())?;
            // Two buildings may each have a counter 1.
            let number = (counter.site.as_deref(), counter.number);
            if !ids.insert(&counter.id) || !numbers.insert(number) {
                return Err(MastersError::Twice(at));
            }
            if !(1..=999).contains(&counter.number) {
                return Err(MastersError::Range(at));
            }
            let here = |id: &String| self.site.iter().any(|site| site.id == *id);
            if !counter.site.as_ref().is_none_or(here) {
                return Err(MastersError::UnknownSite(at));
            }
            ordered(counter.hours, at)?;
        }
        Ok(())
    }

    fn check_opening(&self) -> Result<(), MastersError> {
        let Some(opening) = &self.opening else {
            return Ok(());
        };
        ordered(Some(opening.weekdays), "opening".to_owned())?;
        opening
            .more
            .iter()
            .try_for_each(|one| ordered(Some(one.hours), "opening".to_owned()))
    }

    /// The site where this kiosk stands.
    #[must_use]
    pub fn site_of(&self, kiosk: &str) -> Option<&Site> {
        self.site.iter().find(|site| site.kiosks.contains(kiosk))
    }

    /// Whether the town opens on this day of the week beside its usual ones.
    #[must_use]
    pub fn opens_on(&self, day: Weekday) -> bool {
        let more = self.opening.iter().flat_map(|opening| &opening.more);
        let number = day.to_monday_zero_offset();
        more.into_iter()
            .any(|one| i8::try_from(one.day as usize) == Ok(number))
    }

    fn site(&self, id: &str) -> Option<&Site> {
        self.site.iter().find(|site| site.id == id)
    }

    fn apply_to(&self, document: &mut Document, fees: &BTreeSet<String>) {
        for counter in &mut document.counter {
            let own = self.counter.iter().find(|own| own.id == counter.id);
            // Another office stays another office.
            if let Some(own) = own.filter(|_| counter.number > 0) {
                self.move_counter(counter, own);
            }
        }
        for parameter in &mut document.parameter {
            match self.fee.get(&parameter.id) {
                Some(yen) if fees.contains(&parameter.id) => {
                    parameter.default = ParameterValue::Count(i64::from(*yen));
                }
                _ => self.set_hours(parameter),
            }
        }
        document.holiday.extend(self.closed.clone());
    }

    fn move_counter(&self, counter: &mut Counter, own: &CounterPlace) {
        counter.number = own.number;
        counter.place = match own.site.as_deref().and_then(|id| self.site(id)) {
            Some(site) if self.site.len() > 1 => in_building(&site.name, &own.place),
            _ => own.place.clone(),
        };
        if let Some(hours) = own.hours {
            counter.hours = hours.to_string();
        }
    }

    fn set_hours(&self, parameter: &mut Parameter) {
        let Some(opening) = &self.opening else { return };
        match parameter.id.as_str() {
            HOURS => {
                let hours = opening.weekdays.to_string();
                // The edition lists the usual hours; a town's own need not be one of them.
                if !parameter.values.contains(&hours) {
                    parameter.values.push(hours.clone());
                }
                parameter.default = ParameterValue::Word(hours);
            }
            MORE_HOURS => {
                let text = |one: &OpenDay| format!("{} {}", one.day.japanese(), one.hours);
                parameter.default = ParameterValue::List(opening.more.iter().map(text).collect());
            }
            _ => {}
        }
    }
}

fn filled(text: &str, at: String) -> Result<(), MastersError> {
    if text.trim().is_empty() {
        return Err(MastersError::Empty(at));
    }
    Ok(())
}

fn ordered(hours: Option<Hours>, at: String) -> Result<(), MastersError> {
    match hours {
        Some(hours) if hours.from >= hours.until => Err(MastersError::Hours(at)),
        _ => Ok(()),
    }
}

/// `支所 2階`, in every language that either has.
fn in_building(site: &Words, place: &Words) -> Words {
    let mut both = Words::default();
    for tag in site.languages().chain(place.languages()) {
        both.insert(tag, format!("{} {}", site.get(tag), place.get(tag)));
    }
    both
}

/// A fee that a town can set.
#[derive(Clone, Debug)]
pub struct Fee<'a> {
    /// The edition's parameter.
    pub parameter: &'a Parameter,
    /// What it is in this edition, in yen.
    pub yen: i64,
    /// The procedures that ask it.
    pub procedures: Vec<&'a Procedure>,
}

impl Catalogue {
    /// The same edition as this town works by it.
    ///
    /// What the masters name and the edition does not have is left out, since an edition may come or go after the
    /// masters were written; [`Catalogue::unknown_masters`] says what that is.
    ///
    /// # Errors
    /// When the changed document does not compile, which no masters that pass [`Masters::check`] bring about.
    pub fn with_masters(&self, masters: &Masters) -> Result<Self, CatalogueError> {
        let fees = self.fees().into_iter().map(|fee| fee.parameter.id.clone());
        let fees: BTreeSet<String> = fees.collect();
        self.changed(|document| masters.apply_to(document, &fees))
    }

    /// What masters name and this edition does not have: `counter.<id>`, `fee.<id>`.
    #[must_use]
    pub fn unknown_masters(&self, masters: &Masters) -> Vec<String> {
        let counters = masters.counter.iter().map(|counter| &counter.id);
        let unknown = counters
            .filter(|id| self.counter(id).is_none_or(|counter| counter.number == 0))
            .map(|id| format!("counter.{id}"));
        let fees = self.fees();
        let no_fee = masters
            .fee
            .keys()
            .filter(|id| !fees.iter().any(|fee| fee.parameter.id == **id))
            .map(|id| format!("fee.{id}"));
        unknown.chain(no_fee).collect()
    }

    /// The fees that differ from town to town, in the order of the parameters.
    #[must_use]
    pub fn fees(&self) -> Vec<Fee<'_>> {
        let document = self.document();
        let asks = |procedure: &&Procedure, id: &str| match &procedure.fee_yen {
            Some(Amount::Parameter(name)) => name.strip_prefix("tenant.") == Some(id),
            _ => false,
        };
        document
            .parameter
            .iter()
            .filter_map(|parameter| {
                let ParameterValue::Count(yen) = parameter.default else {
                    return None;
                };
                let all = document.procedure.iter();
                let procedures: Vec<_> = all.filter(|one| asks(one, &parameter.id)).collect();
                (!procedures.is_empty()).then_some(Fee {
                    parameter,
                    yen,
                    procedures,
                })
            })
            .collect()
    }
}
