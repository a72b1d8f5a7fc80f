//! A document checked and made ready: every id resolved, every condition compiled once.

use std::collections::HashMap;

use jiff::civil::Date;

use crate::condition::{About, Condition};
use crate::document::{BringRule, Document, DueRule, Each, Fee, Procedure, QuestionText, Rule};
use crate::load::{CatalogueError, Sources};
use crate::situation::Names;
use crate::vocabulary::{FactId, FactKind, Scope};
use crate::{Level, ParameterValue};

/// The answer of those whom a question for the household does not concern.
pub(crate) const NONE: &str = "none";

/// Index into [`Compiled::conditions`].
pub(crate) type ConditionId = usize;

#[derive(Clone, Debug)]
pub(crate) struct Compiled {
    pub(crate) conditions: Vec<Condition>,
    /// In the catalogue's order of procedures, then as written.
    pub(crate) rules: Vec<CompiledRule>,
    /// For each procedure of the document.
    pub(crate) bring: Vec<Vec<CompiledBring>>,
    pub(crate) questions: Vec<CompiledQuestion>,
    /// For each procedure of the document, its rules.
    pub(crate) by_procedure: Vec<Vec<usize>>,
}

#[derive(Clone, Debug)]
pub(crate) struct CompiledRule {
    /// Index of the procedure in the document.
    pub(crate) procedure: usize,
    pub(crate) event: String,
    pub(crate) each: Each,
    pub(crate) level: Level,
    pub(crate) when: Vec<ConditionId>,
    /// Facts that can be given or asked and on which it depends.
    pub(crate) reads: Vec<FactId>,
    /// The same for each of its conditions.
    pub(crate) condition_reads: Vec<Vec<FactId>>,
    pub(crate) due: DueRule,
    /// The date fact from which `due` runs.
    pub(crate) due_from: Option<FactId>,
    pub(crate) fee: Option<Fee>,
    in_force_from: Date,
    in_force_until: Option<Date>,
}

impl CompiledRule {
    pub(crate) fn in_force(&self, day: Date) -> bool {
        self.in_force_from <= day && self.in_force_until.is_none_or(|until| day <= until)
    }
}

#[derive(Clone, Debug)]
pub(crate) struct CompiledBring {
    /// Index of the item in the document.
    pub(crate) item: usize,
    pub(crate) only_if: Option<ConditionId>,
    pub(crate) unless: Option<ConditionId>,
    /// Index of the reason in the document.
    pub(crate) because: Option<usize>,
}

#[derive(Clone, Debug)]
pub(crate) struct CompiledQuestion {
    pub(crate) fact: FactId,
    pub(crate) possible_if: Option<ConditionId>,
    /// The same for each answer.
    pub(crate) answers_if: Vec<Option<ConditionId>>,
}

/// Checks and compiles a document.
pub(crate) fn compile(
    document: &Document,
    sources: &Sources,
    names: &Names,
) -> Result<Compiled, CatalogueError> {
    let mut compiler = Compiler {
        document,
        sources,
        names,
        conditions: Vec::new(),
        known: HashMap::new(),
    };
    compiler.check_lists()?;
    let mut rules = Vec::new();
    let mut bring = Vec::new();
    let mut by_procedure = Vec::new();
    for (index, procedure) in document.procedure.iter().enumerate() {
        compiler.check_procedure(procedure)?;
        bring.push(
            procedure
                .bring
                .iter()
                .map(|rule| compiler.bring(procedure, rule))
                .collect::<Result<_, _>>()?,
        );
        by_procedure.push((rules.len()..rules.len() + procedure.rule.len()).collect());
        for rule in &procedure.rule {
            rules.push(compiler.rule(index, procedure, rule)?);
        }
    }
    let questions = document
        .question
        .iter()
        .map(|text| compiler.question(text))
        .collect::<Result<_, _>>()?;
    Ok(Compiled {
        conditions: compiler.conditions,
        rules,
        bring,
        questions,
        by_procedure,
    })
}

struct Compiler<'a> {
    document: &'a Document,
    sources: &'a Sources,
    names: &'a Names,
    conditions: Vec<Condition>,
    known: HashMap<(String, bool), ConditionId>,
}

impl Compiler<'_> {
    fn check_lists(&self) -> Result<(), CatalogueError> {
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

    fn check_unique<'b>(
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

    fn check_procedure(&self, procedure: &Procedure) -> Result<(), CatalogueError> {
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
        self.check_fee(procedure, procedure.fee_yen.as_ref())
    }

    fn check_fee(&self, procedure: &Procedure, fee: Option<&Fee>) -> Result<(), CatalogueError> {
        let Some(Fee::Parameter(name)) = fee else {
            return Ok(());
        };
        let id = name.strip_prefix("tenant.").unwrap_or_default();
        let parameter = self
            .document
            .parameter
            .iter()
            .find(|parameter| parameter.id == id);
        match parameter.map(|parameter| &parameter.default) {
            Some(ParameterValue::Count(_)) => Ok(()),
            _ => Err(self.sources.error(
                &procedure.id,
                name,
                format!("{name:?} is not a numeric tenant parameter"),
            )),
        }
    }

    fn condition(
        &mut self,
        id: &str,
        source: &str,
        about: About,
    ) -> Result<ConditionId, CatalogueError> {
        let key = (source.to_owned(), about == About::Person);
        if let Some(known) = self.known.get(&key) {
            return Ok(*known);
        }
        let condition = Condition::compile(source, about, &self.document.parameter)
            .map_err(|error| self.sources.error(id, source, error.to_string()))?;
        self.conditions.push(condition);
        self.known.insert(key, self.conditions.len() - 1);
        Ok(self.conditions.len() - 1)
    }

    fn bring(
        &mut self,
        procedure: &Procedure,
        rule: &BringRule,
    ) -> Result<CompiledBring, CatalogueError> {
        let document = self.document;
        let id = procedure.id.as_str();
        let item = document.item.iter().position(|item| item.id == rule.item);
        let item = item.ok_or_else(|| {
            self.sources
                .error(id, &rule.item, format!("unknown item {:?}", rule.item))
        })?;
        if rule.unless.is_some() != rule.because.is_some() {
            return Err(self
                .sources
                .error(id, &rule.item, "'unless' and 'because' go together"));
        }
        let because = match &rule.because {
            None => None,
            Some(name) => match document.reason.iter().position(|reason| reason.id == *name) {
                None => {
                    return Err(self
                        .sources
                        .error(id, name, format!("unknown reason {name:?}")));
                }
                found => found,
            },
        };
        let mut optional = |source: &Option<String>| {
            source
                .as_ref()
                .map(|source| self.condition(id, source, About::Person))
                .transpose()
        };
        let (only_if, unless) = (optional(&rule.only_if)?, optional(&rule.unless)?);
        Ok(CompiledBring {
            item,
            only_if,
            unless,
            because,
        })
    }

    fn rule(
        &mut self,
        index: usize,
        procedure: &Procedure,
        rule: &Rule,
    ) -> Result<CompiledRule, CatalogueError> {
        let id = procedure.id.as_str();
        if !self
            .document
            .event
            .iter()
            .any(|event| event.id == rule.event)
        {
            return Err(self.sources.error(
                id,
                &rule.event,
                format!("unknown life event {:?}", rule.event),
            ));
        }
        if rule
            .in_force_until
            .is_some_and(|until| until < rule.in_force_from)
        {
            return Err(self.sources.error(
                id,
                "in_force_until",
                "in force until a day before it begins",
            ));
        }
        self.check_fee(procedure, rule.fee_yen.as_ref())?;
        let about = if rule.each == Each::Person {
            About::Person
        } else {
            About::Household
        };
        let when = rule
            .when
            .iter()
            .map(|source| self.condition(id, source, about))
            .collect::<Result<Vec<_>, _>>()?;
        let condition_reads: Vec<Vec<FactId>> = when
            .iter()
            .map(|condition| self.base_facts(*condition))
            .collect();
        let mut reads = condition_reads.concat();
        reads.sort();
        reads.dedup();
        Ok(CompiledRule {
            procedure: index,
            event: rule.event.clone(),
            each: rule.each,
            level: rule.level,
            when,
            reads,
            condition_reads,
            due_from: self.due_from(id, &rule.due)?,
            due: rule.due.clone(),
            fee: rule.fee_yen.clone().or_else(|| procedure.fee_yen.clone()),
            in_force_from: rule.in_force_from,
            in_force_until: rule.in_force_until,
        })
    }

    /// The facts that may be given or asked and on which a condition depends.
    fn base_facts(&self, condition: ConditionId) -> Vec<FactId> {
        let facts = self.conditions[condition].facts.iter();
        facts
            .flat_map(|fact| self.names.base_facts(*fact))
            .collect()
    }

    fn due_from(&self, id: &str, due: &DueRule) -> Result<Option<FactId>, CatalogueError> {
        match due {
            DueRule::On { from, count, .. } => {
                let fact = from
                    .strip_prefix("event.")
                    .and_then(|name| FactId::find(Scope::Event, name));
                let fact = fact.filter(|fact| fact.def().kind == FactKind::Date && *count > 0);
                let error = || {
                    self.sources.error(
                        id,
                        from,
                        format!("{from:?} is not a date of the event, or count is 0"),
                    )
                };
                fact.map(Some).ok_or_else(error)
            }
            DueRule::With { procedure }
                if !self
                    .document
                    .procedure
                    .iter()
                    .any(|other| other.id == *procedure) =>
            {
                Err(self
                    .sources
                    .error(id, procedure, format!("unknown procedure {procedure:?}")))
            }
            DueRule::Before => Ok(Some(self.names.date)),
            DueRule::AfterFiling { .. } => Ok(Some(self.names.filed_on)),
            _ => Ok(None),
        }
    }

    fn question(&mut self, text: &QuestionText) -> Result<CompiledQuestion, CatalogueError> {
        let unknown = || {
            self.sources
                .error(&text.fact, "", format!("unknown fact {:?}", text.fact))
        };
        let (root, name) = text.fact.split_once('.').ok_or_else(unknown)?;
        let scopes = [Scope::Event, Scope::Household, Scope::Person];
        let scope = scopes
            .into_iter()
            .find(|scope| scope.in_conditions() == root)
            .ok_or_else(unknown)?;
        let fact = FactId::find(scope, name)
            .filter(|fact| !fact.is_derived())
            .ok_or_else(unknown)?;
        self.check_answers(text, fact)?;
        let about = if scope == Scope::Person {
            About::Person
        } else {
            About::Household
        };
        let mut possible = |source: &Option<String>| {
            source
                .as_ref()
                .map(|source| self.condition(&text.fact, source, about))
                .transpose()
        };
        Ok(CompiledQuestion {
            fact,
            possible_if: possible(&text.possible_if)?,
            answers_if: text
                .answer
                .iter()
                .map(|answer| possible(&answer.possible_if))
                .collect::<Result<_, _>>()?,
        })
    }

    fn check_answers(&self, text: &QuestionText, fact: FactId) -> Result<(), CatalogueError> {
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
