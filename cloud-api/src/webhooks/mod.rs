//! Webhooks (docs/hand-off.md): what happened to an application, sent to other services, signed as the Standard Webhooks
//! specification has it. An event names an application by its numbers and nobody by name; who may know more asks for it.

mod announce;
mod delivery;
mod event;
mod guard;
mod signature;
mod webhook;

pub use announce::{announce, new_delivery};
pub(crate) use delivery::post_signed;
pub use delivery::{LONGEST_WAIT, Webhooks};
pub use event::{Event, EventType};
pub use guard::{Guard, Refused, Resolve, Resolving, SystemResolver, Target, is_public};
pub use signature::{SecretError, SigningSecret};
pub use webhook::Webhook;
