//! What prefilling and asking depend on besides the values.

use guidance::Facts;

/// Whose forms are being filled, and for what.
#[derive(Clone, Copy)]
pub struct FormContext<'a> {
    /// The facts so far: day, life event, persons.
    pub facts: &'a Facts,
    /// The person who uses the kiosk; `None` for a representative (代理人) or while unknown.
    pub applicant: Option<&'a str>,
}
