//! Procedure guidance (手続きガイダンス): facts in, a plan with its reasons out; pure.
//!
//! [`Facts`] say what is known on the day of a visit; a [`Catalogue`] is one edition of the rules; the
//! [`Plan`] names procedures, persons, due dates, counters and what to bring, each line with the reasons
//! that put it there. The same facts give the same bytes on the kiosk and in the cloud.
//!
//! A life event and its procedure are text of the catalogue, never code:
//!
//! ```
//! use guidance::{Catalogue, FactValue, Facts};
//! use jiff::civil::date;
//!
//! let catalogue = Catalogue::from_files([("town.toml", r#"
//! [edition]
//! name = "example"
//! in_force_from = "2026-04-01"
//! sample = true
//! notice = { ja = "見本です" }
//!
//! [[event]]
//! id = "dog"
//! title = { ja = "犬を飼う" }
//! subtitle = { ja = "登録" }
//! icon = "dog"
//! kana = "いぬをかう"
//! concern = "nobody"
//! date = { title = { ja = "いつからですか" } }
//!
//! [[counter]]
//! id = "environment"
//! title = { ja = "環境課" }
//! number = 5
//! place = { ja = "2階" }
//! hours = "08:30-17:15"
//!
//! [[procedure]]
//! id = "dog_new"
//! order = 1
//! title = { ja = "犬の登録" }
//! kana = "いぬのとうろく"
//! counter = "environment"
//! statute = "狂犬病予防法4条1項"
//! source_seen = true
//!
//! [[procedure.rule]]
//! event = "dog"
//! each = "household"
//! level = "must"
//! when = ["event.what == 'new'"]
//! due = { kind = "on", count = 30, unit = "days", from = "event.date", first_day = "excluded" }
//! in_force_from = "1950-08-26"
//! "#)])?;
//!
//! let mut facts = Facts::new(date(2026, 4, 27), "dog")?;
//! facts.set("event.date", FactValue::Date(date(2026, 4, 20)))?;
//! assert!(catalogue.plan(&facts).lines.is_empty());
//! facts.set("event.what", FactValue::Choice("new"))?;
//! let plan = catalogue.plan(&facts);
//! assert_eq!(plan.lines[0].procedure, "dog_new");
//! assert!(plan.to_json().contains("2026-05-20"), "thirty days after the event");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod age;
mod bring;
mod calendar;
mod catalogue;
mod checks;
mod combinations;
mod compiled;
mod condition;
pub mod document;
mod due;
mod due_date;
mod editions;
mod fact_text;
mod fact_value;
mod facts;
mod guide;
mod hits;
mod life_event;
mod load;
mod masters;
mod parameters;
mod plan;
mod planning;
mod probe;
mod question;
mod reading;
mod search;
mod situation;
mod titles;
mod unknown;
mod vocabulary;
mod words;

pub use age::{age_on, attained_on, is_late_elderly, within_fiscal_year_of};
pub use calendar::{
    Calendar, CalendarError, FirstDay, JAPAN, Unit, date_in_japan, datetime_in_japan, last_day,
};
pub use catalogue::Catalogue;
pub use due::Due;
pub use editions::Editions;
pub use fact_value::FactError;
pub use facts::{FactPath, Facts, MOST_PERSONS, ParameterValue, Subject, is_event_id};
pub use guide::{GuideError, guide, guide_while};
pub use load::CatalogueError;
pub use masters::{
    CounterPlace, DayOfWeek, Fee, HIGHEST_FEE, Hours, Masters, MastersError, OpenDay, Opening, Site,
};
pub use plan::{Bring, EditionRef, Level, Line, Plan, PlanChange, Unknown, Why};
pub use question::{Answer, Question, QuestionKind, SharedAnswer, Together};
pub use search::Found;
pub use vocabulary::{FactDef, FactId, FactKind, FactValue, Scope};
pub use words::Words;
