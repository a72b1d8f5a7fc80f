//! People who work with the service (職員), what they may do, and how they log in.
//!
//! A person belongs to one realm. Roles give permissions; single ones can be granted or withheld beside them (JK-10.3).

mod bearer;
mod clerk;
mod client_secret;
mod common_password;
mod enrolment;
mod guesses;
mod hash_queue;
mod known_browser;
mod log_in;
mod password;
mod proof;
mod provider;
mod second_factor;
mod second_person;

pub use bearer::Bearer;
pub use clerk::{
    Away, Clerk, Operator, PROVEN_FOR, Posted, SESSION_COOKIE, SESSION_IDLE, SESSION_LONGEST,
    Signed, cookie,
};
pub use client_secret::SECRET_LIFE;
pub use enrolment::{ENROLMENT_LIFE, EnrolError, Enrolled};
pub use guesses::{FAILURE_WINDOW, Visitor, WAIT, run as end_failure_windows};
pub use hash_queue::{HashMemory, HashQueue, LineFull};
pub use known_browser::{BROWSER_COOKIE, BROWSER_KNOWN, KnownBrowser};
pub use log_in::FailedLogIn;
pub use password::{Password, PasswordError};
pub use proof::FailedChange;
pub use provider::{Identity, Provider, ProviderError, SIGN_IN_WITHIN};
pub use second_factor::{FactorError, SecondFactor};
pub use second_person::{ConfirmError, may_confirm, rights_detail};

pub(crate) use guesses::hex;
pub(crate) use log_in::Begun;
