//! Overwriting texts before their memory goes back.

use application::ValueSet;
use zeroize::Zeroize;

/// Overwrites the text of every value.
pub(crate) fn wipe(values: &mut ValueSet) {
    values.0.values_mut().for_each(|value| value.text.zeroize());
}
