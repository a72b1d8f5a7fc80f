//! Procedure guidance (手続きガイダンス): facts in, a plan with its reasons out; pure.
//!
//! [`Facts`] say what is known on the day of a visit; a [`Catalogue`] is one edition of the rules; the
//! [`Plan`] names procedures, persons, due dates, counters and what to bring, each line with the reasons
//! that put it there. The same facts give the same bytes on the kiosk and in the cloud.

mod age;
mod calendar;
mod catalogue;
mod checks;
mod compiled;
mod condition;
pub mod document;
mod editions;
mod fact_text;
mod facts;
mod gates;
mod guide;
mod life_event;
mod load;
mod masters;
mod plan;
mod planning;
mod probe;
mod question;
mod reading;
mod situation;
mod unknown;
mod vocabulary;
mod words;

pub use age::{age_on, attained_on, is_late_elderly, within_fiscal_year_of};
pub use calendar::{Calendar, CalendarError, FirstDay, Unit, last_day};
pub use catalogue::{Catalogue, Found};
pub use editions::Editions;
pub use facts::{FactError, FactPath, Facts, ParameterValue, Subject, is_event_id};
pub use guide::{GuideError, guide};
pub use load::CatalogueError;
pub use masters::{
    CounterPlace, DayOfWeek, Fee, HIGHEST_FEE, Hours, Masters, MastersError, OpenDay, Opening, Site,
};
pub use plan::{Bring, Due, DueKind, EditionRef, Level, Line, Plan, PlanChange, Unknown, Why};
pub use question::{Answer, Question, QuestionKind, SharedAnswer, Together};
pub use vocabulary::{FactDef, FactId, FactKind, FactValue, Scope};
pub use words::Words;
