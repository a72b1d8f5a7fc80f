//! Application forms (申請書作成): fields, sources of values, prefill, checks, closed vocabularies; pure.
//!
//! One value entered once serves every form, and keeps where it came from.
//!
//! ```
//! use application::{FormContext, FormSet, FormUse, Source, ValueSet, needs};
//! use guidance::Facts;
//! use jiff::civil::date;
//!
//! let forms = FormSet::from_files([
//!     ("eras.toml", "eras = [{ id = 'reiwa', name = '令和', letter = 'R', first = '2019-05-01' }]"),
//!     ("vocabulary.toml", ""),
//!     ("fields.toml", r#"
//!         [[fields]]
//!         key = "applicant.phone"
//!         label = { ja = "電話番号" }
//!         ask = { ja = "電話番号を教えてください" }
//!         kind = "phone"
//!     "#),
//!     ("dog_registration.toml", r#"
//!         id = "dog_registration"
//!         title = { ja = "犬の登録申請書" }
//!         counter = { ja = "環境課" }
//!         procedures = ["dog_new"]
//!         per = "visit"
//!         fields = [{ key = "applicant.phone" }]
//!     "#),
//! ])?;
//! let facts = Facts::new(date(2026, 4, 27), "dog")?;
//! let context = FormContext { facts: &facts, applicant: None };
//! let uses = [FormUse { form: "dog_registration".to_owned(), persons: Vec::new() }];
//!
//! let mut values = ValueSet::default();
//! assert_eq!(needs(&forms, &context, &uses, &values)[0].key, "applicant.phone");
//! assert!(forms.enter(&context, "applicant.phone", "09012345", &mut values).is_err());
//! assert!(forms.enter(&context, "applicant.phone", "０９０１２３４５６７８", &mut values).is_ok());
//! assert_eq!(values.text("applicant.phone"), "090-1234-5678");
//! assert!(values.get("applicant.phone").is_some_and(|value| value.source == Source::Resident));
//! assert!(needs(&forms, &context, &uses, &values).is_empty());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod characters;
mod check;
mod context;
mod derive;
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
mod stored;
mod value;

pub use context::FormContext;
pub use derive::derive;
pub use field::{
    APPLICANT, Field, FieldKind, FieldQuestion, NO, PERSON, When, YES, key_for, person_of,
};
pub use filled::{FillError, FilledBox, FilledForm, FilledPerson, fill};
pub use form::{Entry, Form, FormField, FormSet, Paper, Per, Who};
pub use load::FormError;
pub use needs::{Need, needs, printed_keys};
pub use prefill::{CardFour, Refused, prefill};
pub use problem::Problem;
pub use reception::{ReceptionError, check_digit, parse_reception, reception_number};
pub use sealed::{
    APPLICATION_VERSION, Application, CardCheck, FormUse, Signature, StaffNote, StaffNoteKind,
};
pub use value::{Source, Value, ValueKey, ValueSet};
