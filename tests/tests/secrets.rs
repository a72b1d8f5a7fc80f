//! Never rule 6: what is secret, or is a person, cannot reach a log or a file by accident.

use static_assertions::assert_not_impl_any;
use std::fmt::{Debug, Display};

assert_not_impl_any!(devices::card::Pin: Debug, Display, serde::Serialize);
assert_not_impl_any!(session::touch::SecretDigit: Debug, Display, serde::Serialize);
assert_not_impl_any!(session::effect::CardItems: Debug, Display, serde::Serialize);
assert_not_impl_any!(session::effect::Household: Debug, Display, serde::Serialize);
assert_not_impl_any!(application::Value: Debug, Display);
assert_not_impl_any!(application::ValueSet: Debug, Display);

#[test]
fn the_assertions_above_were_compiled() {
    // The statements above fail at compile time; this keeps the file a test of its own, so that it can't be left out.
    assert!(
        std::mem::needs_drop::<devices::card::Pin>(),
        "a PIN is wiped when dropped"
    );
    assert!(
        std::mem::needs_drop::<session::effect::CardItems>(),
        "card items are wiped when dropped"
    );
}
