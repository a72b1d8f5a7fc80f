//! What must hold of a document before it is compiled: ids that exist and are unique, texts in Japanese, parameters of
//! the right kind.

use crate::ParameterValue;
use crate::compiled::{Compiler, NONE};
use crate::document::{Amount, Counter, Parameter, Procedure, QuestionText};
use crate::load::CatalogueError;
use crate::vocabulary::{FactId, FactKind};

impl Compiler<'_> {
    pub(crate) fn check_lists(&self) -> Result<(), CatalogueError> {
        let document = self.document;
        self.check_unique("life event", document.event.iter().map(|entry| &entry.id))?;
        self.check_unique("counter", document.counter.iter().map(|entry| &entry.id))?;
        self.check_unique(
            "parameter",
            document.parameter.iter().map(|entry| &entry.id),
        )?;
        self.check_unique("item", document.item.iter().map(|entry| &entry.id))?;
        self.check_unique("reason", document.reason.iter().map(|entry| &entry.id))?;
        self.check_unique(
            "procedure",
            document.procedure.iter().map(|entry| &entry.id),
        )?;
        let titles = (document
            .event
            .iter()
            .flat_map(|entry| [(&entry.id, &entry.title), (&entry.id, &entry.subtitle)]))
        .chain(
            document
                .counter
                .iter()
                .map(|entry| (&entry.id, &entry.title)),
        )
        .chain(document.item.iter().map(|entry| (&entry.id, &entry.title)))
        .chain(
            document
                .reason
                .iter()
                .map(|entry| (&entry.id, &entry.title)),
        )
        .chain(
            document
                .procedure
                .iter()
                .map(|entry| (&entry.id, &entry.title)),
        )
        .chain(
            document
                .question
                .iter()
                .flat_map(|entry| [(&entry.fact, &entry.title), (&entry.fact, &entry.why)]),
        );
        for (id, title) in titles {
            if title.exact("ja").is_none_or(str::is_empty) {
                return Err(self.sources.error(id, "title", "a text without ja"));
            }
        }
        document
            .counter
            .iter()
            .try_for_each(|counter| self.check_counter(counter))?;
        let known = crate::EVENT_KINDS;
        for event in &document.event {
            if !known.iter().any(|(kind, _)| *kind == event.id) {
                return Err(self.sources.error(&event.id, "", "unknown life event"));
            }
        }
        document
            .parameter
            .iter()
            .try_for_each(|parameter| match &parameter.default {
                ParameterValue::Word(word) if !parameter.values.contains(word) => {
                    Err(self.sources.error(
                        &parameter.id,
                        "default",
                        format!("{word:?} is not one of its values"),
                    ))
                }
                _ => Ok(()),
            })
    }

    pub(crate) fn check_unique<'b>(
        &self,
        what: &str,
        ids: impl Iterator<Item = &'b String>,
    ) -> Result<(), CatalogueError> {
        let mut seen = std::collections::HashSet::new();
        for id in ids {
            if !seen.insert(id) {
                return Err(self
                    .sources
                    .error(id, "", format!("a second {what} {id:?}")));
            }
        }
        Ok(())
    }

    pub(crate) fn check_procedure(&self, procedure: &Procedure) -> Result<(), CatalogueError> {
        if !self
            .document
            .counter
            .iter()
            .any(|counter| counter.id == procedure.counter)
        {
            let reason = format!("unknown counter {:?}", procedure.counter);
            return Err(self
                .sources
                .error(&procedure.id, &procedure.counter, reason));
        }
        if procedure.rule.is_empty() {
            return Err(self
                .sources
                .error(&procedure.id, "", "no rule: it could never be needed"));
        }
        self.check_amount(&procedure.id, procedure.fee_yen.as_ref())?;
        self.check_amount(&procedure.id, procedure.grant_yen.as_ref())
    }

    pub(crate) fn check_amount(
        &self,
        id: &str,
        amount: Option<&Amount>,
    ) -> Result<(), CatalogueError> {
        let Some(Amount::Parameter(name)) = amount else {
            return Ok(());
        };
        match self.parameter(name).map(|parameter| &parameter.default) {
            Some(ParameterValue::Count(_)) => Ok(()),
            _ => Err(self.sources.error(
                id,
                name,
                format!("{name:?} is not a numeric tenant parameter"),
            )),
        }
    }

    /// The parameter that `tenant.<parameter>` names.
    fn parameter(&self, name: &str) -> Option<&Parameter> {
        let id = name.strip_prefix("tenant.")?;
        let parameters = &self.document.parameter;
        parameters.iter().find(|parameter| parameter.id == id)
    }

    pub(crate) fn check_counter(&self, counter: &Counter) -> Result<(), CatalogueError> {
        let unknown = |name: &str| {
            let reason = format!("unknown parameter {name:?}, or not of this kind");
            Err(self.sources.error(&counter.id, name, reason))
        };
        if counter.hours.starts_with("tenant.") && self.parameter(&counter.hours).is_none() {
            return unknown(&counter.hours);
        }
        match &counter.one_stop {
            Some(one)
                if !matches!(
                    self.parameter(&one.if_parameter)
                        .map(|parameter| &parameter.default),
                    Some(ParameterValue::Flag(_))
                ) =>
            {
                unknown(&one.if_parameter)
            }
            _ => Ok(()),
        }
    }

    pub(crate) fn check_answers(
        &self,
        text: &QuestionText,
        fact: FactId,
    ) -> Result<(), CatalogueError> {
        let FactKind::Choice(words) = fact.def().kind else {
            return Ok(());
        };
        if text.answer.len() < 2 {
            return Err(self
                .sources
                .error(&text.fact, "", "a choice needs two answers or more"));
        }
        let answers = text.answer.iter().map(|answer| &answer.value);
        let shared = text.shared.iter().map(|answer| &answer.value);
        let rest = text.shared.iter().filter_map(|answer| answer.rest.as_ref());
        for answer in answers.chain(shared).chain(rest) {
            if !words.iter().any(|(long, _)| long == answer) {
                let reason = format!("unknown answer {answer:?}");
                return Err(self.sources.error(&text.fact, answer, reason));
            }
        }
        let none = text.answer.iter().any(|answer| answer.value == NONE);
        if !text.group_title.is_empty() && !none {
            let reason = "asked for whom it is not `none`, it needs that answer";
            return Err(self.sources.error(&text.fact, "", reason));
        }
        if let Some(half) = text
            .shared
            .iter()
            .find(|answer| answer.rest.is_some() == answer.who.is_empty())
        {
            let reason = "`who` and `rest` go together";
            return Err(self.sources.error(&text.fact, &half.value, reason));
        }
        Ok(())
    }
}
