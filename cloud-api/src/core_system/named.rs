//! Somebody as an application names them: the question after protective measures (支援措置).

use jiff::civil::Date;
use serde::Serialize;

use super::matching::normal;
use super::record::PersonRecord;

/// A person by name. The address is left out on purpose: who looks for a protected person does not know it, and gives an old
/// one. No Debug: it is a person.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Named {
    /// 氏名
    pub name: String,
    /// 生年月日, where the application knows it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub birth_date: Option<Date>,
}

impl Named {
    /// Whether the register's person may be this one: the same name, and no other day of birth where both are known.
    #[must_use]
    pub fn may_be(&self, person: &PersonRecord) -> bool {
        let other_day = self
            .birth_date
            .zip(person.birth_date)
            .is_some_and(|(own, theirs)| own != theirs);
        !other_day && normal(&self.name) == normal(&person.name)
    }
}
