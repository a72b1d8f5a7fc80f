//! One edition of the catalogue, ready to plan with.

use std::collections::BTreeMap;

use jiff::civil::Date;
use sha2::{Digest, Sha256};

use crate::compiled::{Compiled, compile};
use crate::document::{Counter, Document, Edition, FactText, LifeEvent, Parameter, Procedure};
use crate::load::{CatalogueError, Sources, read_files};
use crate::situation::{Defaults, Names, Rulebook, Situation};
use crate::{Calendar, EditionRef, FactError, FactId, Facts, ParameterValue, Words};

/// One edition: rules, texts, parameters and holidays, checked and compiled.
#[derive(Clone, Debug)]
pub struct Catalogue {
    pub(crate) document: Document,
    pub(crate) compiled: Compiled,
    pub(crate) names: Names,
    defaults: Defaults,
    pub(crate) calendar: Calendar,
    edition: Edition,
    reference: EditionRef,
    /// Titles that hold a parameter, as written, by index of the procedure; the document has them filled.
    open_titles: BTreeMap<usize, Words>,
    canonical: String,
}

impl Catalogue {
    /// Loads an edition from its files: TOML by subject and `holidays.csv`, in any order.
    ///
    /// # Errors
    /// Names file, line and reason.
    pub fn from_files<N: Into<String>, T: Into<String>>(
        files: impl IntoIterator<Item = (N, T)>,
    ) -> Result<Self, CatalogueError> {
        let files = files
            .into_iter()
            .map(|(name, text)| (name.into(), text.into()));
        let (document, sources) = read_files(files)?;
        Self::from_parts(document, &sources)
    }

    /// Loads an edition from its canonical document, as [`Catalogue::edition_bytes`] gives it.
    ///
    /// # Errors
    /// Names line and reason.
    pub fn from_document(json: &str) -> Result<Self, CatalogueError> {
        let document: Document = serde_json::from_str(json).map_err(|error| CatalogueError {
            file: "edition".to_owned(),
            line: Some(error.line()),
            reason: error.to_string(),
        })?;
        Self::from_parts(document, &Sources::single("edition"))
    }

    fn from_parts(mut document: Document, sources: &Sources) -> Result<Self, CatalogueError> {
        document
            .procedure
            .sort_by(|a, b| (a.order, &a.id).cmp(&(b.order, &b.id)));
        let broken = |reason: &str| sources.unplaced("catalogue", reason.to_owned());
        let edition = document
            .edition
            .clone()
            .ok_or_else(|| broken("no [edition]"))?;
        let names =
            Names::look_up().ok_or_else(|| broken("the vocabulary lacks a derived fact"))?;
        let compiled = compile(&document, sources, &names)?;
        let canonical =
            serde_json::to_string(&document).map_err(|error| broken(&error.to_string()))?;
        let reference = EditionRef {
            edition: edition.name.clone(),
            in_force_from: edition.in_force_from,
            digest: hex(&Sha256::digest(canonical.as_bytes())),
        };
        let calendar = Calendar::new(document.holiday.clone());
        let open_titles = fill_titles(&mut document);
        Ok(Self {
            document,
            compiled,
            names,
            defaults: Defaults::new(),
            calendar,
            edition,
            reference,
            open_titles,
            canonical,
        })
    }

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

    /// The same edition with a changed document, titles as they were written.
    pub(crate) fn changed(
        &self,
        change: impl FnOnce(&mut Document),
    ) -> Result<Self, CatalogueError> {
        let mut document = self.document.clone();
        for (index, title) in &self.open_titles {
            document.procedure[*index].title = title.clone();
        }
        change(&mut document);
        Self::from_parts(document, &Sources::single("edition"))
    }

    /// The edition's canonical form: one JSON document, to be signed and sent; loads back equal.
    #[must_use]
    pub fn edition_bytes(&self) -> &[u8] {
        self.canonical.as_bytes()
    }

    /// SHA-256 of [`Catalogue::edition_bytes`], 64 hexadecimal digits.
    #[must_use]
    pub fn digest(&self) -> &str {
        &self.reference.digest
    }

    /// The edition's name, first day and digest, as a plan carries them.
    #[must_use]
    pub fn reference(&self) -> &EditionRef {
        &self.reference
    }

    /// What the edition says about itself; `notice` goes with every plan shown or printed.
    #[must_use]
    pub fn edition(&self) -> &Edition {
        &self.edition
    }

    /// The whole document: every text, for search, console and translation.
    #[must_use]
    pub fn document(&self) -> &Document {
        &self.document
    }

    /// The life events in the order of the welcome screen.
    #[must_use]
    pub fn life_events(&self) -> &[LifeEvent] {
        &self.document.event
    }

    /// The life event with this id.
    #[must_use]
    pub fn life_event(&self, id: &str) -> Option<&LifeEvent> {
        self.document.event.iter().find(|event| event.id == id)
    }

    /// What the fact says as a reason in a visit for this life event: words for the event go before words for all.
    #[must_use]
    pub fn fact_text(&self, event: &str, fact: FactId) -> Option<&FactText> {
        let texts = self.document.fact.iter().zip(&self.compiled.fact_texts);
        let texts: Vec<&FactText> = texts
            .filter(|(_, about)| **about == Some(fact))
            .map(|(text, _)| text)
            .collect();
        let own = texts
            .iter()
            .find(|text| text.events.iter().any(|id| id == event));
        own.or_else(|| texts.iter().find(|text| text.events.is_empty()))
            .copied()
    }

    /// The procedures in a clerk's order.
    #[must_use]
    pub fn procedures(&self) -> &[Procedure] {
        &self.document.procedure
    }

    /// The procedure with this id.
    #[must_use]
    pub fn procedure(&self, id: &str) -> Option<&Procedure> {
        self.document
            .procedure
            .iter()
            .find(|procedure| procedure.id == id)
    }

    /// The counter with this id.
    #[must_use]
    pub fn counter(&self, id: &str) -> Option<&Counter> {
        self.document
            .counter
            .iter()
            .find(|counter| counter.id == id)
    }

    /// A thing to bring, by its id.
    #[must_use]
    pub fn item(&self, id: &str) -> Option<&Words> {
        self.document
            .item
            .iter()
            .find(|item| item.id == id)
            .map(|item| &item.title)
    }

    /// The closed days.
    #[must_use]
    pub fn calendar(&self) -> &Calendar {
        &self.calendar
    }

    /// Life events and procedures whose title or reading contains `text`, events first, for the 50音 search.
    ///
    /// Hiragana and katakana are the same, letter case too; an empty text finds everything.
    #[must_use]
    pub fn search(&self, text: &str) -> Vec<Found<'_>> {
        let wanted = folded(text);
        let hit = |title: &Words, kana: &str| {
            folded(kana).contains(&wanted)
                || title
                    .languages()
                    .any(|tag| folded(title.get(tag)).contains(&wanted))
        };
        let events = self
            .document
            .event
            .iter()
            .filter(|event| hit(&event.title, &event.kana))
            .map(Found::Event);
        let procedures = self
            .document
            .procedure
            .iter()
            .filter(|entry| hit(&entry.title, &entry.kana));
        events.chain(procedures.map(Found::Procedure)).collect()
    }

    /// Checks what only the catalogue can: the life event, and the names and values of `tenant` overrides.
    ///
    /// # Errors
    /// Names the path, and what would be right.
    pub fn check(&self, facts: &Facts) -> Result<(), FactError> {
        let kind = facts.event_kind();
        if self.life_event(kind).is_none() {
            let known: Vec<&str> = self
                .life_events()
                .iter()
                .map(|one| one.id.as_str())
                .collect();
            let reason = format!(
                "unknown value {kind:?}; expected one of {}",
                known.join(", ")
            );
            return Err(FactError::new("event.kind", reason));
        }
        facts
            .tenant
            .iter()
            .try_for_each(|(id, value)| self.check_parameter(id, value))
    }

    fn check_parameter(&self, id: &str, value: &ParameterValue) -> Result<(), FactError> {
        let path = format!("tenant.{id}");
        let parameters = &self.document.parameter;
        let Some(parameter) = parameters.iter().find(|parameter| parameter.id == id) else {
            let known: Vec<&str> = parameters
                .iter()
                .map(|parameter| parameter.id.as_str())
                .collect();
            return Err(FactError::new(
                path,
                format!("unknown key; expected one of {}", known.join(", ")),
            ));
        };
        match (&parameter.default, value) {
            (ParameterValue::Flag(_), ParameterValue::Flag(_)) => Ok(()),
            (ParameterValue::Count(_), ParameterValue::Count(0..=1_000_000_000)) => Ok(()),
            (ParameterValue::Word(_), ParameterValue::Word(word))
                if parameter.values.contains(word) =>
            {
                Ok(())
            }
            (ParameterValue::List(_), ParameterValue::List(words)) => {
                let unknown = words
                    .iter()
                    .find(|word| !parameter.values.is_empty() && !parameter.values.contains(word));
                unknown.map_or(Ok(()), |word| Err(unknown_value(path, word, parameter)))
            }
            (ParameterValue::List(_), _) => Err(FactError::new(path, "expected a list of words")),
            (ParameterValue::Flag(_), _) => Err(FactError::new(path, "expected true or false")),
            (ParameterValue::Count(_), _) => Err(FactError::new(
                path,
                "expected a whole number, zero or more",
            )),
            (ParameterValue::Word(_), ParameterValue::Word(word)) => {
                Err(unknown_value(path, word, parameter))
            }
            (ParameterValue::Word(_), _) => Err(FactError::new(path, "expected a word")),
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

    pub(crate) fn parameter_index(&self, id: &str) -> Option<usize> {
        self.document
            .parameter
            .iter()
            .position(|parameter| parameter.id == id)
    }

    /// The procedure's title in this town.
    pub(crate) fn title_for(&self, situation: &Situation, procedure: usize) -> Words {
        let document = &self.document;
        let title = match self.open_titles.get(&procedure) {
            Some(open) => filled(open, &document.parameter, |index| {
                situation.parameter(index)
            }),
            None => document.procedure[procedure].title.clone(),
        };
        let languages = self.parameter_index("oshirase_lang");
        match languages.map(|index| situation.parameter(index)) {
            Some(ParameterValue::List(tags)) => title.in_languages(tags),
            _ => title,
        }
    }

    pub(crate) fn situation(&self, facts: &Facts) -> Situation {
        let parameters = self.parameters(facts);
        Situation::new(facts, self.book(&self.medical_until(facts)), parameters)
    }

    pub(crate) fn medical_until(&self, facts: &Facts) -> String {
        let index = self.parameter_index("child_medical_until");
        match index.map(|index| self.parameter(facts, index)) {
            Some(ParameterValue::Word(word)) => word.clone(),
            _ => "fy18".to_owned(),
        }
    }

    pub(crate) fn book<'a>(&'a self, medical_until: &'a str) -> Rulebook<'a> {
        Rulebook {
            names: &self.names,
            defaults: &self.defaults,
            calendar: &self.calendar,
            medical_until,
        }
    }

    /// The rules of this life event that are in force on `day`, by index.
    pub(crate) fn rules_for(&self, event: &str, day: Date) -> Vec<usize> {
        let rules = self.compiled.rules.iter().enumerate();
        rules
            .filter(|(_, rule)| rule.event == event && rule.in_force(day))
            .map(|(index, _)| index)
            .collect()
    }
}

fn unknown_value(path: String, word: &str, parameter: &Parameter) -> FactError {
    let known = parameter.values.join(", ");
    FactError::new(
        path,
        format!("unknown value {word:?}; expected one of {known}"),
    )
}

/// Two editions are equal when their canonical documents are.
impl PartialEq for Catalogue {
    fn eq(&self, other: &Self) -> bool {
        self.canonical == other.canonical
    }
}

/// A search result.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Found<'a> {
    /// A life event.
    Event(&'a LifeEvent),
    /// A procedure.
    Procedure(&'a Procedure),
}

/// Fills the parameters into the titles, with what the town says; gives back the titles as they were written.
fn fill_titles(document: &mut Document) -> BTreeMap<usize, Words> {
    let mut open = BTreeMap::new();
    let parameters = &document.parameter;
    for (index, procedure) in document.procedure.iter_mut().enumerate() {
        if procedure.title.get("ja").contains("{tenant.") {
            let title = filled(&procedure.title, parameters, |at| &parameters[at].default);
            open.insert(index, std::mem::replace(&mut procedure.title, title));
        }
    }
    open
}

/// `{tenant.<parameter>}` replaced by the parameter's value, in every language.
fn filled<'a>(
    words: &Words,
    parameters: &[Parameter],
    value: impl Fn(usize) -> &'a ParameterValue,
) -> Words {
    let mut out = words.clone();
    for (index, parameter) in parameters.iter().enumerate() {
        let place = format!("{{tenant.{}}}", parameter.id);
        let said = match value(index) {
            ParameterValue::Word(word) => word.clone(),
            ParameterValue::Count(count) => count.to_string(),
            ParameterValue::Flag(_) | ParameterValue::List(_) => continue,
        };
        for tag in words.languages() {
            let text = out.get(tag).replace(&place, &said);
            out.insert(tag, text);
        }
    }
    out
}

fn folded(text: &str) -> String {
    let fold = |c: char| match c {
        'ァ'..='ヶ' => char::from_u32(u32::from(c) - 0x60).unwrap_or(c),
        other => other,
    };
    text.chars()
        .filter(|c| !c.is_whitespace())
        .map(fold)
        .flat_map(char::to_lowercase)
        .collect()
}

fn hex(bytes: &[u8]) -> String {
    bytes
        .iter()
        .fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
            for nibble in [byte >> 4, byte & 15] {
                text.push(char::from_digit(u32::from(nibble), 16).unwrap_or('0'));
            }
            text
        })
}
