//! People who work with the service (職員), what they may do, and how they log in.
//!
//! A person belongs to one realm. Roles give permissions; single ones can be granted or withheld beside them (JK-10.3).

mod bearer;
mod clerk;
mod enrolment;
mod log_in;
mod password;
mod provider;
mod second_factor;

pub use bearer::Bearer;
pub use clerk::{
    Away, Clerk, Operator, Posted, SESSION_COOKIE, SESSION_IDLE, SESSION_LONGEST, Signed, cookie,
};
pub use enrolment::{ENROLMENT_LIFE, EnrolError, Enrolled};
pub use log_in::{FailedLogIn, LOCKED_FOR, TRIES};
pub use password::{Password, PasswordError};
pub use provider::{Identity, Provider, ProviderError, SIGN_IN_WITHIN};
pub use second_factor::{FactorError, SecondFactor};
