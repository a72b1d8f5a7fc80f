//! What the cloud published while the kiosk was running.

use guidance::Catalogue;

use super::{Edition, Forms};

/// An accepted edition on its way to the loop, which uses it from the next visit on.
pub enum NewEdition {
    /// Another catalogue, or other masters over the same one.
    Catalogue(Edition<Catalogue>),
    /// Other forms.
    Forms(Edition<Forms>),
}
