//! The catalogue as it is written: the schema of `assets/catalogue/*.toml` and of a shipped edition.
//!
//! One set of types serves both, so that an edition written out as one JSON document loads back equal.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

pub use crate::fact_text::{FactText, ValueText};
pub use crate::life_event::{Concern, EventDate, LifeEvent};
use crate::{FirstDay, Level, ParameterValue, Unit, Words};

/// An edition of the catalogue: everything that decides a plan.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Document {
    /// What the edition is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub edition: Option<Edition>,
    /// The life events, in the order in which a welcome screen shows them.
    #[serde(default)]
    pub event: Vec<LifeEvent>,
    /// The counters.
    #[serde(default)]
    pub counter: Vec<Counter>,
    /// What differs from town to town.
    #[serde(default)]
    pub parameter: Vec<Parameter>,
    /// Things to bring.
    #[serde(default)]
    pub item: Vec<Item>,
    /// Why a thing can stay at home.
    #[serde(default)]
    pub reason: Vec<Reason>,
    /// What facts say as the reason for a line.
    #[serde(default)]
    pub fact: Vec<FactText>,
    /// The procedures with their rules.
    #[serde(default)]
    pub procedure: Vec<Procedure>,
    /// The questions, in the order in which they are asked.
    #[serde(default)]
    pub question: Vec<QuestionText>,
    /// National holidays: day → name. In files, `holidays.csv`.
    #[serde(default)]
    pub holiday: BTreeMap<Date, String>,
}

/// What an edition is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Edition {
    /// Its name, unique in a town.
    pub name: String,
    /// The first day on which it is the one in force.
    pub in_force_from: Date,
    /// Whether it is a sample that no municipality has confirmed yet.
    pub sample: bool,
    /// What is shown beside every plan made with it.
    pub notice: Words,
}

/// A counter (窓口).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Counter {
    /// Its id.
    pub id: String,
    /// What it is called.
    pub title: Words,
    /// Number over the counter and on the map; 0 for an office outside the town hall.
    pub number: u32,
    /// Floor and area, as printed.
    pub place: Words,
    /// When it is open: hours, or `tenant.<parameter>`.
    pub hours: String,
    /// Where a town has one counter for all of an event: it replaces the others then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub one_stop: Option<OneStop>,
}

/// One counter for every procedure of a life event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OneStop {
    /// The life event.
    pub event: String,
    /// The parameter that says whether the town has it, `tenant.<parameter>`.
    pub if_parameter: String,
}

/// A tenant parameter.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Parameter {
    /// Its id, `tenant.<id>` in conditions.
    pub id: String,
    /// Its value unless the tenant says otherwise.
    pub default: ParameterValue,
    /// The words that it may take; empty for flags and numbers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub values: Vec<String>,
    /// The ordinance or table that it was taken from.
    pub source: String,
    /// Whether the source was seen.
    pub source_seen: bool,
}

/// A thing to bring.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Item {
    /// Its id.
    pub id: String,
    /// What it is called.
    pub title: Words,
    /// What it is for.
    #[serde(default, skip_serializing_if = "Words::is_empty")]
    pub why: Words,
}

/// Why a thing can stay at home.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reason {
    /// Its id.
    pub id: String,
    /// The sentence, shown beside the thing.
    pub title: Words,
}

/// A procedure (手続き).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Procedure {
    /// Its id.
    pub id: String,
    /// Position in a careful clerk's order; smaller first.
    pub order: u32,
    /// What it is called.
    pub title: Words,
    /// What it is for, in a line: shown where a resident may leave it out.
    #[serde(default, skip_serializing_if = "Words::is_empty")]
    pub purpose: Words,
    /// Reading, for the 50音 search.
    pub kana: String,
    /// Id of the counter.
    pub counter: String,
    /// Id of the form that a kiosk can make.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub form: Option<String>,
    /// What the paper is officially called.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub paper: Option<String>,
    /// What the paper asks for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<String>,
    /// What the resident pays, in yen; none or 0: free.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fee_yen: Option<Amount>,
    /// What the resident is paid, in yen, where that is one sum.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grant_yen: Option<Amount>,
    /// The statute, in Japanese, as printed.
    pub statute: String,
    /// Whether the source's text was seen; if not, it was written from memory and is to be confirmed.
    pub source_seen: bool,
    /// What a clerk should know.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// What to bring.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub bring: Vec<BringRule>,
    /// When it is needed.
    #[serde(default)]
    pub rule: Vec<Rule>,
}

/// Yen, days or months: a number, or `tenant.<parameter>`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Amount {
    /// So many everywhere.
    Number(u32),
    /// What the parameter says.
    Parameter(String),
}

/// One thing to bring for a procedure.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BringRule {
    /// Id of the item.
    pub item: String,
    /// Mentioned only if this holds for one of the persons concerned.
    #[serde(default, rename = "if", skip_serializing_if = "Option::is_none")]
    pub only_if: Option<String>,
    /// Not needed where this holds: for every person of a person's line, for one of a household's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unless: Option<String>,
    /// Id of the reason why it is not needed then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// Who gets a line from a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Each {
    /// One for the household.
    Household,
    /// One for all persons for whom its conditions hold.
    Person,
}

/// When a procedure is needed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Kind of the life event.
    pub event: String,
    /// Who gets a line.
    pub each: Each,
    /// How strongly it is put to the resident.
    pub level: Level,
    /// Conditions, all of which must hold; CEL.
    #[serde(default)]
    pub when: Vec<String>,
    /// When it is due.
    pub due: DueRule,
    /// A fee that differs from the procedure's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fee_yen: Option<Amount>,
    /// The first day on which this is the law.
    pub in_force_from: Date,
    /// The last day on which it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub in_force_until: Option<Date>,
}

/// Whose closed days move a due day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Office {
    /// The municipality's, for a period set by law (地方自治法4条の2第4項).
    #[default]
    Municipal,
    /// The municipality's, for a period set by ordinance: only if `tenant.ordinance_periods_roll`.
    Ordinance,
    /// The state's (行政機関の休日に関する法律2条).
    National,
    /// An employer's: no law moves the day.
    Employer,
}

/// When a line is due.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum DueRule {
    /// By the last day of a period.
    On {
        /// Length, in `unit`s.
        count: Amount,
        /// What is counted; years are prescriptions, which no closed day moves.
        unit: Unit,
        /// The date fact from which it runs, e.g. `event.date`.
        from: String,
        /// Whether that day counts.
        first_day: FirstDay,
        /// Whose closed days move it.
        #[serde(default)]
        office: Office,
    },
    /// So many days after the filing.
    AfterFiling {
        /// How many, the day of filing not counted.
        days: u16,
    },
    /// Before the event's date.
    Before,
    /// Together with another procedure.
    With {
        /// Its id.
        procedure: String,
    },
    /// As soon as possible (速やかに).
    Asap {
        /// In any case within so many days, where an ordinance says so.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        within_days: Option<Amount>,
    },
    /// No due day.
    None,
}

/// A question's text.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QuestionText {
    /// The fact that it asks, e.g. `person.pregnant`.
    pub fact: String,
    /// Only for these life events; empty for all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub events: Vec<String>,
    /// The question, with `{person}`.
    pub title: Words,
    /// The same put to the resident about themself, in languages whose grammar needs another sentence.
    #[serde(default, skip_serializing_if = "Words::is_empty")]
    pub title_self: Words,
    /// Asked once for the household: for whom it is yes, or anything but `none`.
    #[serde(default, skip_serializing_if = "Words::is_empty")]
    pub group_title: Words,
    /// Asked once for the household, where one answer mostly holds for everybody.
    #[serde(default, skip_serializing_if = "Words::is_empty")]
    pub shared_title: Words,
    /// Answers that hold for everybody.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub shared: Vec<SharedText>,
    /// Why it is asked.
    pub why: Words,
    /// Not asked where this cannot hold, e.g. `person.age < 7`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub possible_if: Option<String>,
    /// The largest sensible number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<i64>,
    /// Answers to choose, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub answer: Vec<AnswerText>,
}

/// One answer's label.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AnswerText {
    /// The word, by its long name.
    pub value: String,
    /// What the resident touches.
    pub label: Words,
    /// Not offered where this cannot hold, e.g. `person.age < 13`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub possible_if: Option<String>,
}

/// One answer that holds for everybody, or for some in one way and for the rest in another (an insured employee and
/// the family insured with them).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SharedText {
    /// The word, by its long name.
    pub value: String,
    /// What the resident touches.
    pub label: Words,
    /// For whom it is `value`; asked next where the rest differ.
    #[serde(default, skip_serializing_if = "Words::is_empty")]
    pub who: Words,
    /// The word for the rest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rest: Option<String>,
}
