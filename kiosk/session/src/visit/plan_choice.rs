//! The plan, and what of it the resident leaves out.
//!
//! What law demands is never asked about. What a careful clerk always names (`should`) is marked beforehand and can be
//! left out; it stays on the plan then, without a form. What is only for those who wish (`may`) is marked by nobody
//! but the resident, and is on the plan that is stored and printed only if it was.

use std::collections::BTreeMap;

use application::{FormSet, Per};
use guidance::{Level, Line, Plan};
use serde::{Deserialize, Serialize};

use crate::choice_id::PlanPart;
use crate::visit::saved;

/// The plan for the facts as they are, with the resident's decisions.
#[derive(Default, Serialize, Deserialize)]
pub(crate) struct PlanChoice {
    plan: Option<Plan>,
    /// What the resident wants done or left out. Kept when the plan is made again.
    #[serde(with = "saved::pairs")]
    decided: BTreeMap<PlanPart, bool>,
}

/// A part of the plan that can be left out.
pub(crate) struct Offered<'a> {
    pub(crate) part: PlanPart,
    pub(crate) line: &'a Line,
}

impl PlanChoice {
    pub(crate) fn keep(&mut self, plan: Plan) {
        self.plan = Some(plan);
    }

    pub(crate) fn lines(&self) -> &[Line] {
        self.plan
            .as_ref()
            .map(|plan| plan.lines.as_slice())
            .unwrap_or_default()
    }

    /// What can be left out, in the plan's order.
    pub(crate) fn offered(&self, forms: &FormSet) -> Vec<Offered<'_>> {
        let optional = |line: &&Line| match line.level {
            Level::Must => false,
            // Without a form here there is nothing to leave out: the plan names it in any case.
            Level::Should => has_form(forms, line),
            Level::May => true,
        };
        let lines = self.lines().iter().filter(optional);
        lines.flat_map(|line| parts(forms, line)).collect()
    }

    pub(crate) fn is_wanted(&self, offered: &Offered<'_>) -> bool {
        let decided = self.decided.get(&offered.part).copied();
        decided.unwrap_or(offered.line.level != Level::May)
    }

    /// Of everything that is offered, these parts are wanted and no others.
    pub(crate) fn decide(&mut self, forms: &FormSet, wanted: &[PlanPart]) {
        let offered: Vec<PlanPart> = self
            .offered(forms)
            .into_iter()
            .map(|one| one.part)
            .collect();
        for part in offered {
            let is_wanted = wanted.contains(&part);
            self.decided.insert(part, is_wanted);
        }
    }

    /// The plan for which forms are made: without what was left out.
    pub(crate) fn for_forms(&self, forms: &FormSet) -> Option<Plan> {
        self.without_declined(forms, |_| true)
    }

    /// The plan that is stored and printed: a clerk's advice stays on it, whether it was taken or not.
    pub(crate) fn agreed(&self, forms: &FormSet) -> Option<Plan> {
        self.without_declined(forms, |line| line.level == Level::May)
    }

    fn without_declined(&self, forms: &FormSet, may_go: impl Fn(&Line) -> bool) -> Option<Plan> {
        let mut plan = self.plan.clone()?;
        let lines = std::mem::take(&mut plan.lines);
        for mut line in lines {
            if line.level != Level::Must && may_go(&line) {
                let parts = parts(forms, &line);
                let wanted: Vec<&Offered<'_>> =
                    parts.iter().filter(|one| self.is_wanted(one)).collect();
                if wanted.is_empty() {
                    continue;
                }
                let persons = wanted.iter().flat_map(|one| &one.part.persons);
                line.persons = persons.cloned().collect();
            }
            plan.lines.push(line);
        }
        Some(plan)
    }
}

/// A form of this kiosk serves the line.
pub(crate) fn has_form(forms: &FormSet, line: &Line) -> bool {
    forms.forms().any(|form| form.serves(line))
}

/// One for each person where each has a paper of their own; else the line as a whole.
fn parts<'a>(forms: &FormSet, line: &'a Line) -> Vec<Offered<'a>> {
    let mut all = forms.forms();
    let apart = all.any(|form| form.per == Per::Person && form.serves(line));
    let size = if apart { 1 } else { line.persons.len() };
    let part = |persons: &[String]| Offered {
        part: PlanPart {
            procedure: line.procedure.clone(),
            persons: persons.to_vec(),
        },
        line,
    };
    match size {
        0 => vec![part(&line.persons)],
        size => line.persons.chunks(size).map(part).collect(),
    }
}
