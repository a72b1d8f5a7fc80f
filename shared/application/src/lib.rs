//! Application forms (申請書作成): fields, sources of values, prefill, checks, closed vocabularies; pure.
//!
//! One value entered once serves every form, and keeps where it came from.

pub mod characters;
mod check;
pub mod era;
mod field;
mod filled;
mod form;
mod load;
mod needs;
mod prefill;
mod problem;
mod reception;
mod sealed;
mod value;

pub use field::{APPLICANT, Asking, Field, FieldKind, NO, PERSON, When, YES, key_for, person_of};
pub use filled::{FillError, FilledBox, FilledForm, FilledPerson, fill};
pub use form::{Entry, Form, FormField, FormSet, Paper, Per, Who};
pub use load::FormError;
pub use needs::{Need, keys, needs};
pub use prefill::{CardFour, Refused, Visit, derive, prefill};
pub use problem::Problem;
pub use reception::{ReceptionError, check_digit, parse_reception, reception_number};
pub use sealed::{
    APPLICATION_VERSION, Application, CardCheck, FormUse, Signature, StaffNote, StaffNoteKind,
};
pub use value::{Source, Value, ValueKey, ValueSet};
