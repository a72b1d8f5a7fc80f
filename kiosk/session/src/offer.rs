//! What need not be done today: asked once after the plan, each with what it is for.
//!
//! What law demands is never asked about. What a careful clerk always names (`should`) is marked beforehand and can be
//! left out; it stays on the plan then, without a form. What is only for those who wish (`may`) is marked by nobody
//! but the resident, and stands on the plan that is printed only if it was.

use application::Per;
use guidance::{Level, Line, Plan};

use crate::page::Page;
use crate::place::Place;
use crate::plan::PlanStage;
use crate::question::toggle;
use crate::screen::{Body, Choice, Step};
use crate::session::Session;
use crate::text::Text;
use crate::touch::Touch;

/// A line of the plan, or one person's part of it, that can be left out.
struct Offered<'a> {
    key: String,
    line: &'a Line,
    persons: &'a [String],
}

impl Session {
    fn offered<'a>(&self, plan: &'a Plan) -> Vec<Offered<'a>> {
        let optional = |line: &&Line| match line.level {
            Level::Must => false,
            // Without a form here there is nothing to leave out: the plan names it in any case.
            Level::Should => self.is_here(line),
            Level::May => true,
        };
        let parts = plan.lines.iter().filter(optional);
        parts.flat_map(|line| self.parts(line)).collect()
    }

    /// One for each person where each has a paper of their own; else the line as a whole.
    fn parts<'a>(&self, line: &'a Line) -> Vec<Offered<'a>> {
        let mut forms = self.town.forms.forms();
        let apart = forms.any(|form| form.per == Per::Person && form.serves(line));
        let size = if apart { 1 } else { line.persons.len() };
        let part = |persons: &'a [String]| Offered {
            key: format!("{}:{}", line.procedure, persons.join(",")),
            line,
            persons,
        };
        match size {
            0 => vec![part(&line.persons)],
            size => line.persons.chunks(size).map(part).collect(),
        }
    }

    fn is_wanted(&self, part: &Offered<'_>) -> bool {
        let said = self.visit.decided.get(&part.key).copied();
        said.unwrap_or(part.line.level != Level::May)
    }

    /// The plan for which forms are made: without what was left out.
    pub(crate) fn wanted(&self, plan: &Plan) -> Plan {
        self.without(plan, |_| true)
    }

    /// The plan that is stored and printed: a clerk's advice stays on it, whether it was taken or not.
    pub(crate) fn agreed(&self, plan: &Plan) -> Plan {
        self.without(plan, |line| line.level == Level::May)
    }

    fn without(&self, plan: &Plan, may_go: impl Fn(&Line) -> bool) -> Plan {
        let mut plan = plan.clone();
        let lines = std::mem::take(&mut plan.lines);
        for mut line in lines {
            if line.level == Level::Must || !may_go(&line) {
                plan.lines.push(line);
                continue;
            }
            let parts = self.parts(&line);
            let wanted: Vec<&Offered<'_>> =
                parts.iter().filter(|part| self.is_wanted(part)).collect();
            if wanted.is_empty() {
                continue;
            }
            let persons = wanted
                .iter()
                .flat_map(|part| part.persons)
                .cloned()
                .collect();
            line.persons = persons;
            plan.lines.push(line);
        }
        plan
    }

    /// The offer, where there is one; else the forms.
    pub(crate) fn begin_offer(&mut self) {
        if !self.offer() {
            self.begin_forms();
        }
    }

    /// Shows what can be left out; false where that is nothing.
    pub(crate) fn offer(&mut self) -> bool {
        let Some(plan) = &self.visit.plan else {
            return false;
        };
        let offered = self.offered(plan);
        if offered.is_empty() {
            return false;
        }
        let wanted = offered.iter().filter(|part| self.is_wanted(part));
        let marked = wanted.map(|part| part.key.clone()).collect();
        self.visit.entry = crate::entry::Entry::default();
        self.visit.entry.marked = marked;
        self.go(Place::Plan(PlanStage::Offer));
        true
    }

    pub(crate) fn offer_page(&self, plan: &Plan) -> Page {
        let choices = self.offered(plan).into_iter().map(|part| {
            let chosen = self.visit.entry.marked.contains(&part.key);
            let title = Text::Words(part.line.title.clone());
            let title = match part.persons {
                [] => title,
                persons => Text::Key(
                    "plan.offer.for",
                    vec![("what", title), ("who", Text::List(self.persons(persons)))],
                ),
            };
            let choice = Choice::new(format!("want:{}", part.key), title).chosen(chosen);
            match self.purpose(&part.line.procedure) {
                Some(purpose) => choice.lead(purpose),
                None => choice,
            }
        });
        let body = Body::Choices {
            title: Text::key("plan.offer.title"),
            lead: Some(Text::key("plan.offer.lead")),
            picture: None,
            choices: choices.collect(),
            many: true,
            why: None,
        };
        let words = if self.visit.entry.marked.is_empty() {
            "plan.offer.none"
        } else {
            "button.next"
        };
        Page::new(Step::Plan, body).back().next(words, true)
    }

    fn purpose(&self, procedure: &str) -> Option<Text> {
        let purpose = &self.town.catalogue.procedure(procedure)?.purpose;
        (!purpose.is_empty()).then(|| Text::Words(purpose.clone()))
    }

    pub(crate) fn offer_touch(&mut self, touch: &Touch) {
        match touch {
            Touch::Choose(id) => self.mark_offered(id),
            Touch::Next => self.take_offer(),
            Touch::Back => self.go(Place::Plan(PlanStage::Overview)),
            _ => {}
        }
    }

    fn mark_offered(&mut self, id: &str) {
        let (Some(plan), Some(key)) = (&self.visit.plan, id.strip_prefix("want:")) else {
            return;
        };
        if self.offered(plan).iter().any(|part| part.key == key) {
            toggle(&mut self.visit.entry.marked, key);
        }
    }

    fn take_offer(&mut self) {
        if let Some(plan) = self.visit.plan.take() {
            let keys: Vec<String> = self
                .offered(&plan)
                .into_iter()
                .map(|part| part.key)
                .collect();
            for key in keys {
                let wanted = self.visit.entry.marked.contains(&key);
                self.visit.decided.insert(key, wanted);
            }
            self.take_plan(plan);
        }
        self.fill_values();
        self.begin_forms();
    }
}
