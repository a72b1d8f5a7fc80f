//! A document checked and made ready: every id resolved, every condition compiled once.

use std::collections::HashMap;

use jiff::civil::Date;

use crate::Level;
use crate::checks;
use crate::condition::{About, Condition};
use crate::document::{Amount, BringRule, Document, DueRule, Each, Procedure, QuestionText, Rule};
use crate::load::{CatalogueError, EntryId, Sources};
use crate::situation::Names;
use crate::vocabulary::{FactId, FactKind, Scope};

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
    /// For each of the document's fact texts, its fact.
    pub(crate) fact_texts: Vec<Option<FactId>>,
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
    pub(crate) fee: Option<Amount>,
    pub(crate) grant: Option<Amount>,
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
    pub(crate) reason: Option<usize>,
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
    checks::check(document, sources)?;
    let mut compiler = Compiler {
        document,
        sources,
        names,
        conditions: Vec::new(),
        known: HashMap::new(),
    };
    let mut rules = Vec::new();
    let mut bring = Vec::new();
    let mut by_procedure = Vec::new();
    for (index, procedure) in document.procedure.iter().enumerate() {
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
    let fact_texts = document.fact.iter();
    let fact_texts = fact_texts.map(|text| FactId::named(&text.fact)).collect();
    Ok(Compiled {
        fact_texts,
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
    fn condition(
        &mut self,
        entry: EntryId<'_>,
        source: &str,
        about: About,
    ) -> Result<ConditionId, CatalogueError> {
        let key = (source.to_owned(), about == About::Person);
        if let Some(known) = self.known.get(&key) {
            return Ok(*known);
        }
        let condition = Condition::compile(source, about, self.document)
            .map_err(|error| self.sources.error(entry, source, error.to_string()))?;
        self.conditions.push(condition);
        self.known.insert(key, self.conditions.len() - 1);
        Ok(self.conditions.len() - 1)
    }

    fn bring(
        &mut self,
        procedure: &Procedure,
        rule: &BringRule,
    ) -> Result<CompiledBring, CatalogueError> {
        let entry = EntryId("procedure", &procedure.id);
        if rule.unless.is_some() != rule.reason.is_some() {
            let reason = "'unless' and 'reason' go together";
            return Err(self.sources.error(entry, &rule.item, reason));
        }
        let items = self.document.item.iter().map(|item| &item.id);
        let item = self.index_of(entry, "item", &rule.item, items)?;
        let reasons = self.document.reason.iter().map(|reason| &reason.id);
        let reason = rule.reason.as_ref();
        let reason = reason
            .map(|id| self.index_of(entry, "reason", id, reasons))
            .transpose()?;
        let mut optional = |source: &Option<String>| {
            source
                .as_ref()
                .map(|source| self.condition(entry, source, About::Person))
                .transpose()
        };
        let (only_if, unless) = (optional(&rule.only_if)?, optional(&rule.unless)?);
        Ok(CompiledBring {
            item,
            only_if,
            unless,
            reason,
        })
    }

    /// The index of the entry with this id.
    fn index_of<'b>(
        &self,
        entry: EntryId<'_>,
        what: &str,
        id: &str,
        mut ids: impl Iterator<Item = &'b String>,
    ) -> Result<usize, CatalogueError> {
        let unknown = || {
            let reason = format!("unknown {what} {id:?}");
            self.sources.error(entry, id, reason)
        };
        ids.position(|other| other == id).ok_or_else(unknown)
    }

    fn check_rule(&self, entry: EntryId<'_>, rule: &Rule) -> Result<(), CatalogueError> {
        if !checks::has_event(self.document, &rule.event) {
            let reason = format!("unknown life event {:?}", rule.event);
            return Err(self.sources.error(entry, &rule.event, reason));
        }
        let mut until = rule.in_force_until.iter();
        if until.any(|until| *until < rule.in_force_from) {
            let reason = "in force until a day before it begins";
            return Err(self.sources.error(entry, "in_force_until", reason));
        }
        checks::check_amount(entry, rule.fee_yen.as_ref(), self.document, self.sources)
    }

    fn rule(
        &mut self,
        index: usize,
        procedure: &Procedure,
        rule: &Rule,
    ) -> Result<CompiledRule, CatalogueError> {
        let entry = EntryId("procedure", &procedure.id);
        self.check_rule(entry, rule)?;
        let about = if rule.each == Each::Person {
            About::Person
        } else {
            About::Household
        };
        let when = rule
            .when
            .iter()
            .map(|source| self.condition(entry, source, about))
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
            due_from: self.due_from(entry, &rule.due)?,
            due: rule.due.clone(),
            fee: rule.fee_yen.clone().or_else(|| procedure.fee_yen.clone()),
            grant: procedure.grant_yen.clone(),
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

    fn due_from(
        &self,
        entry: EntryId<'_>,
        due: &DueRule,
    ) -> Result<Option<FactId>, CatalogueError> {
        match due {
            DueRule::On { from, count, .. } => {
                let fact = from
                    .strip_prefix("event.")
                    .and_then(|name| FactId::find(Scope::Event, name));
                checks::check_amount(entry, Some(count), self.document, self.sources)?;
                let some = *count != Amount::Number(0);
                let fact = fact.filter(|fact| fact.def().kind == FactKind::Date && some);
                let error = || {
                    self.sources.error(
                        entry,
                        from,
                        format!("{from:?} is not a date of the event, or count is 0"),
                    )
                };
                fact.map(Some).ok_or_else(error)
            }
            DueRule::With { procedure } => {
                let ids = self.document.procedure.iter().map(|other| &other.id);
                self.index_of(entry, "procedure", procedure, ids)?;
                Ok(None)
            }
            DueRule::Asap { within_days } => {
                checks::check_amount(entry, within_days.as_ref(), self.document, self.sources)?;
                Ok(None)
            }
            DueRule::Before => Ok(Some(self.names.date)),
            DueRule::AfterFiling { .. } => Ok(Some(self.names.filed_on)),
            _ => Ok(None),
        }
    }

    fn question(&mut self, text: &QuestionText) -> Result<CompiledQuestion, CatalogueError> {
        let entry = EntryId("question", &text.fact);
        let fact = FactId::named(&text.fact)
            .ok_or_else(|| self.sources.error(entry, "", "unknown fact"))?;
        let about = if fact.def().scope == Scope::Person {
            About::Person
        } else {
            About::Household
        };
        let mut possible = |source: &Option<String>| {
            source
                .as_ref()
                .map(|source| self.condition(entry, source, about))
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
}
