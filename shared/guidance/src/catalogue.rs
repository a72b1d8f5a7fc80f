//! One edition of the catalogue, ready to plan with.

use std::collections::BTreeMap;

use jiff::civil::Date;
use sha2::{Digest, Sha256};

use crate::compiled::{Compiled, compile};
use crate::document::{Counter, Document, Edition, FactText, LifeEvent, Procedure};
use crate::load::{CatalogueError, Sources, read_files};
use crate::situation::{Defaults, Names, Rulebook};
use crate::titles::fill_titles;
use crate::{Calendar, EditionRef, FactId, Words};

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
    pub(crate) open_titles: BTreeMap<usize, Words>,
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

    pub(crate) fn book<'a>(&'a self, medical_until: &'a str) -> Rulebook<'a> {
        Rulebook {
            names: &self.names,
            defaults: &self.defaults,
            calendar: &self.calendar,
            medical_until,
        }
    }

    /// Index of the parameter with this id.
    pub(crate) fn parameter_index(&self, id: &str) -> Option<usize> {
        let mut parameters = self.document.parameter.iter();
        parameters.position(|parameter| parameter.id == id)
    }

    /// Index of the question that asks this fact in a visit for this life event.
    pub(crate) fn question_for(&self, fact: FactId, event: &str) -> Option<usize> {
        let questions = self.compiled.questions.iter().zip(&self.document.question);
        let fits = |events: &[String]| events.is_empty() || events.iter().any(|id| id == event);
        let mut found = questions.enumerate();
        let (index, _) =
            found.find(|(_, (asked, text))| asked.fact == fact && fits(&text.events))?;
        Some(index)
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

/// Two editions are equal when their canonical documents are.
impl PartialEq for Catalogue {
    fn eq(&self, other: &Self) -> bool {
        self.canonical == other.canonical
    }
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
