//! What differs from town to town: the parameters of an edition, and their values in one town or one document of facts.

use std::collections::BTreeMap;

use crate::document::{Amount, Document, Parameter};
use crate::situation::Situation;
use crate::{Catalogue, FactError, Facts, ParameterValue};

impl Catalogue {
    /// The same edition with a town's own parameters, e.g. `child_medical_until` = `fy15`.
    ///
    /// # Errors
    /// When a parameter doesn't exist or a value isn't one of its.
    pub fn with_parameters<'a>(
        &self,
        values: impl IntoIterator<Item = (&'a str, ParameterValue)>,
    ) -> Result<Self, FactError> {
        let values: BTreeMap<&str, ParameterValue> = values.into_iter().collect();
        for (id, value) in &values {
            self.check_parameter(id, value)?;
        }
        let set = |document: &mut Document| {
            for parameter in &mut document.parameter {
                if let Some(value) = values.get(parameter.id.as_str()) {
                    parameter.default = value.clone();
                }
            }
        };
        self.changed(set)
            .map_err(|error| FactError::new("tenant", error.to_string()))
    }

    /// Checks what only the catalogue can: the life event, and the names and values of `tenant` overrides.
    ///
    /// # Errors
    /// Names the path, and what would be right.
    pub fn check(&self, facts: &Facts) -> Result<(), FactError> {
        let kind = facts.event_kind();
        if self.life_event(kind).is_none() {
            let known = self.life_events().iter().map(|one| one.id.as_str());
            let known = known.collect::<Vec<_>>().join(", ");
            let reason = format!("unknown value {kind:?}; expected one of {known}");
            return Err(FactError::new("event.kind", reason));
        }
        facts
            .tenant
            .iter()
            .try_for_each(|(id, value)| self.check_parameter(id, value))
    }

    fn check_parameter(&self, id: &str, value: &ParameterValue) -> Result<(), FactError> {
        let parameters = &self.document().parameter;
        let path = format!("tenant.{id}");
        match parameters.iter().find(|parameter| parameter.id == id) {
            Some(parameter) => check_value(path, parameter, value),
            None => {
                let known = parameters.iter().map(|parameter| parameter.id.as_str());
                let known = known.collect::<Vec<_>>().join(", ");
                let reason = format!("unknown key; expected one of {known}");
                Err(FactError::new(path, reason))
            }
        }
    }

    /// Every parameter's value for these facts, in the document's order. An override that
    /// [`Catalogue::check`] refuses counts as absent.
    fn parameters(&self, facts: &Facts) -> Vec<ParameterValue> {
        (0..self.document.parameter.len())
            .map(|index| self.parameter(facts, index).clone())
            .collect()
    }

    fn parameter<'a>(&'a self, facts: &'a Facts, index: usize) -> &'a ParameterValue {
        let parameter = &self.document.parameter[index];
        let over = facts.tenant.get(&parameter.id);
        over.filter(|value| self.check_parameter(&parameter.id, value).is_ok())
            .unwrap_or(&parameter.default)
    }

    pub(crate) fn situation(&self, facts: &Facts) -> Situation {
        let parameters = self.parameters(facts);
        Situation::new(facts, self.book(&self.medical_until(facts)), parameters)
    }

    /// The number that an amount says in this town; 0 where there is none.
    pub(crate) fn amount(&self, situation: &Situation, amount: Option<&Amount>) -> i64 {
        match amount {
            None => 0,
            Some(Amount::Number(number)) => i64::from(*number),
            Some(Amount::Parameter(name)) => match self.tenant(situation, name) {
                Some(ParameterValue::Count(number)) => *number,
                _ => 0,
            },
        }
    }

    /// The value of `tenant.<parameter>`.
    pub(crate) fn tenant<'a>(
        &self,
        situation: &'a Situation,
        name: &str,
    ) -> Option<&'a ParameterValue> {
        let id = name.strip_prefix("tenant.")?;
        Some(situation.parameter(self.parameter_index(id)?))
    }

    pub(crate) fn medical_until(&self, facts: &Facts) -> String {
        let index = self.parameter_index("child_medical_until");
        match index.map(|index| self.parameter(facts, index)) {
            Some(ParameterValue::Word(word)) => word.clone(),
            _ => "fy18".to_owned(),
        }
    }
}

/// Checks that a value is of the parameter's kind and, where the parameter lists words, among them.
fn check_value(
    path: String,
    parameter: &Parameter,
    value: &ParameterValue,
) -> Result<(), FactError> {
    let listed = |word: &String| parameter.values.contains(word);
    let unknown = |word: &String| {
        let known = parameter.values.join(", ");
        format!("unknown value {word:?}; expected one of {known}")
    };
    let expected = match (&parameter.default, value) {
        (ParameterValue::Flag(_), ParameterValue::Flag(_))
        | (ParameterValue::Count(_), ParameterValue::Count(0..=1_000_000_000)) => return Ok(()),
        (ParameterValue::Word(_), ParameterValue::Word(word)) if listed(word) => return Ok(()),
        (ParameterValue::Word(_), ParameterValue::Word(word)) => unknown(word),
        (ParameterValue::List(_), ParameterValue::List(words)) => {
            let mut words = words.iter();
            match words.find(|word| !parameter.values.is_empty() && !listed(word)) {
                Some(word) => unknown(word),
                None => return Ok(()),
            }
        }
        (ParameterValue::Flag(_), _) => "expected true or false".to_owned(),
        (ParameterValue::Count(_), _) => "expected a whole number, zero or more".to_owned(),
        (ParameterValue::Word(_), _) => "expected a word".to_owned(),
        (ParameterValue::List(_), _) => "expected a list of words".to_owned(),
    };
    Err(FactError::new(path, expected))
}
