//! People who work with the service (職員), what they may do, and how they log in.
//!
//! A person belongs to one realm. Roles give actions; single rights can be granted or withheld beside them (JK-10.3).

mod bearer;
mod clerk;
mod enrolment;
mod log_in;
mod password;
mod provider;
mod rights;
mod second_factor;

pub use bearer::Bearer;
pub use clerk::{
    Away, Clerk, Operator, Posted, SESSION_COOKIE, SESSION_IDLE, SESSION_LONGEST, Signed, cookie,
};
pub use enrolment::{ENROLMENT_LIFE, EnrolError, Enrolled};
pub use log_in::{FailedLogIn, LOCKED_FOR, TRIES};
pub use password::{Password, PasswordError};
pub use provider::{Identity, Provider, ProviderError, SIGN_IN_WITHIN};
pub use rights::{Action, Rights, Role};
pub use second_factor::{FactorError, SecondFactor};

use jiff::Timestamp;

/// A person.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Person {
    /// UUID.
    pub id: String,
    /// What they type to log in; unique in the realm.
    pub login: String,
    /// Name, as colleagues and auditors read it.
    pub name: String,
    /// What they may do.
    pub rights: Rights,
    /// Since when they no longer work here.
    pub left_at: Option<Timestamp>,
    /// Whether a password and second factor are set.
    pub enrolled: bool,
    /// Locked until then, after too many failures.
    pub locked_until: Option<Timestamp>,
}
