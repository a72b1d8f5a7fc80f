//! The plan as a resident reads it: what, for whom, by when, where, what to bring, and why.

use guidance::{Bring, Due, FactKind, FactValue, Level, Line, Plan};

use crate::fact_words;
use crate::page::Page;
use crate::place::Place;
use crate::screen::{Body, BringItem, PlanCard, Step};
use crate::session::Session;
use crate::text::Text;
use crate::touch::Touch;

/// What of the plan is open.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum PlanStage {
    /// Every line.
    Overview,
    /// One line.
    Detail(usize),
    /// What of it need not be done today.
    Offer,
}

impl Session {
    pub(crate) fn make_plan(&mut self) {
        let Some(facts) = &self.visit.facts else {
            return self.choose_event();
        };
        let plan = self.town.catalogue.plan(facts);
        self.take_plan(plan);
        self.fill_values();
        self.go(Place::Plan(PlanStage::Overview));
    }

    /// Keeps a plan, with the forms of what is wanted of it.
    pub(crate) fn take_plan(&mut self, plan: Plan) {
        if let Some(facts) = &self.visit.facts {
            self.visit.uses = self.town.forms.uses(&self.wanted(&plan), facts);
        }
        self.visit.plan = Some(plan);
    }

    pub(crate) fn plan_page(&self, stage: PlanStage) -> Page {
        let lines = self
            .visit
            .plan
            .as_ref()
            .map(|plan| plan.lines.as_slice())
            .unwrap_or_default();
        match stage {
            PlanStage::Detail(index) => match lines.get(index) {
                Some(line) => {
                    let card = PlanCard {
                        counter: self.open_counter(line),
                        ..self.card(index, line)
                    };
                    Page::new(Step::Plan, Body::PlanDetail(Box::new(card))).back()
                }
                None => self.plan_page(PlanStage::Overview),
            },
            PlanStage::Offer => match &self.visit.plan {
                Some(plan) => self.offer_page(plan),
                None => self.plan_page(PlanStage::Overview),
            },
            PlanStage::Overview => {
                let next = if self.visit.uses.is_empty() {
                    "plan.print"
                } else {
                    "plan.write"
                };
                Page::new(Step::Plan, self.overview(lines))
                    .back()
                    .next(next, true)
            }
        }
    }

    fn overview(&self, lines: &[Line]) -> Body {
        let title = if lines.is_empty() {
            "plan.title.empty"
        } else {
            "plan.title.lines"
        };
        Body::Plan {
            title: Text::key(title),
            summary: self.summary(lines),
            lines: lines
                .iter()
                .enumerate()
                .map(|(index, line)| self.card(index, line))
                .collect(),
            bring: all_items(lines),
        }
    }

    fn summary(&self, lines: &[Line]) -> Text {
        if lines.is_empty() {
            return Text::key("plan.summary.empty");
        }
        let count = |n: usize| Text::Plain(n.to_string());
        let here = lines.iter().filter(|line| self.is_here(line)).count();
        let mut args = vec![("count", count(lines.len())), ("here", count(here))];
        match lines
            .iter()
            .filter(|line| !line.due.is_overdue())
            .filter_map(|line| line.due.date())
            .min()
        {
            Some(first) => {
                args.push(("first", Text::Date(first)));
                Text::Key("plan.summary.due", args)
            }
            None => Text::Key("plan.summary.lines", args),
        }
    }

    /// A form of this kiosk serves the line.
    pub(crate) fn is_here(&self, line: &Line) -> bool {
        self.town.forms.forms().any(|form| form.serves(line))
    }

    fn card(&self, index: usize, line: &Line) -> PlanCard {
        PlanCard {
            id: format!("line:{index}"),
            title: Text::Words(line.title.clone()),
            who: self.persons(&line.persons),
            level: Text::key(level(line.level)),
            due: self.due(line),
            overdue: line
                .due
                .date()
                .filter(|_| line.due.is_overdue())
                .map(|date| {
                    let words = if self.is_here(line) {
                        "plan.overdue.here"
                    } else {
                        "plan.overdue.counter"
                    };
                    Text::Key(words, vec![("date", Text::Date(date))])
                }),
            counter: self.counter(&line.counter),
            here: self.is_here(line),
            fee: Some(money(line)),
            bring: line.bring.iter().map(bring_item).collect(),
            statute: line.statute.clone(),
            unverified: !line.source_seen,
            because: self.reasons(line),
        }
    }

    fn due(&self, line: &Line) -> Option<Text> {
        match &line.due {
            Due::On { date, .. } => {
                Some(Text::Key("plan.due.on", vec![("date", Text::Date(*date))]))
            }
            Due::Before { date, .. } => Some(Text::Key(
                "plan.due.before",
                vec![("date", Text::Date(*date))],
            )),
            Due::With { procedure } => {
                let other = self.town.catalogue.procedure(procedure)?;
                Some(Text::Key(
                    "plan.due.with",
                    vec![("other", Text::Words(other.title.clone()))],
                ))
            }
            Due::Asap { days: Some(days) } => {
                let days = Text::Plain(days.to_string());
                Some(Text::Key("plan.due.asap_within", vec![("days", days)]))
            }
            Due::Asap { days: None } => Some(Text::key("plan.due.asap")),
            Due::AfterFiling { days } => {
                let days = Text::Plain(days.to_string());
                Some(Text::Key("plan.due.after", vec![("days", days)]))
            }
            Due::None => None,
        }
    }

    fn counter(&self, id: &str) -> Text {
        let Some(counter) = self.town.catalogue.counter(id) else {
            return Text::key("plan.counter.ask");
        };
        let title = ("title", Text::Words(counter.title.clone()));
        if counter.number == 0 {
            return Text::Key("plan.counter.elsewhere", vec![title]);
        }
        Text::Key(
            "plan.counter.number",
            vec![("number", Text::Plain(counter.number.to_string())), title],
        )
    }

    /// The counter with its hours.
    fn open_counter(&self, line: &Line) -> Text {
        let counter = self.counter(&line.counter);
        match &line.hours {
            Some(hours) => Text::Key(
                "plan.counter.open",
                vec![("counter", counter), ("hours", Text::Plain(hours.clone()))],
            ),
            None => counter,
        }
    }

    /// The facts behind a line, each once, in words. Defaults that nobody said ("not pregnant") explain little and
    /// are left out unless nothing else remains.
    fn reasons(&self, line: &Line) -> Vec<Text> {
        let facts = self.visit.facts.as_ref();
        let kind = facts.map_or("", guidance::Facts::event_kind);
        let mut reasons: Vec<Text> = Vec::new();
        for why in &line.why {
            let Ok(path) = why.fact.parse::<guidance::FactPath>() else {
                continue;
            };
            let Some(value) = value_of(path.fact.def().kind, &why.value) else {
                continue;
            };
            let who = match &path.subject {
                guidance::Subject::Person(id) => Some(self.person(id)),
                guidance::Subject::Event | guidance::Subject::Household => None,
            };
            let text = self.town.catalogue.fact_text(kind, path.fact);
            let Some(text) = text.and_then(|text| fact_words::reason(text, value, who)) else {
                continue;
            };
            if !reasons.contains(&text) {
                reasons.push(text);
            }
        }
        if reasons.is_empty() {
            let event = self.town.catalogue.life_event(kind);
            reasons.extend(event.map(|event| {
                Text::Key(
                    "reason.event",
                    vec![("event", Text::Words(event.title.clone()))],
                )
            }));
        }
        reasons
    }

    pub(crate) fn plan_touch(&mut self, stage: PlanStage, touch: &Touch) {
        let lines = self.visit.plan.as_ref().map_or(0, |plan| plan.lines.len());
        match (stage, touch) {
            (PlanStage::Overview, Touch::Choose(id)) => {
                let index = id
                    .strip_prefix("line:")
                    .and_then(|index| index.parse().ok());
                if let Some(index) = index.filter(|index| *index < lines) {
                    self.go(Place::Plan(PlanStage::Detail(index)));
                }
            }
            (PlanStage::Detail(_), Touch::Back) => self.go(Place::Plan(PlanStage::Overview)),
            (PlanStage::Overview, Touch::Back) => self.back_to_answer(),
            (PlanStage::Overview, Touch::Next) => self.begin_offer(),
            (PlanStage::Offer, touch) => self.offer_touch(touch),
            _ => {}
        }
    }
}

fn level(level: Level) -> &'static str {
    match level {
        Level::Must => "plan.level.must",
        Level::Should => "plan.level.should",
        Level::May => "plan.level.may",
    }
}

/// What it costs, or what is paid out.
fn money(line: &Line) -> Text {
    let yen =
        |key: &'static str, yen: i64| Text::Key(key, vec![("yen", Text::Plain(grouped(yen)))]);
    match (line.fee_yen, line.grant_yen) {
        (0, Some(grant)) => yen("plan.fee.grant", grant),
        (0, None) => Text::key("plan.fee.none"),
        (fee, _) => yen("plan.fee.yen", fee),
    }
}

/// 1,000 as people read it.
fn grouped(number: i64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

fn bring_item(bring: &Bring) -> BringItem {
    let why = (!bring.why.is_empty()).then(|| Text::Words(bring.why.clone()));
    BringItem {
        item: Text::Words(bring.item.clone()),
        needed: bring.needed,
        why,
    }
}

/// Every thing once; needed where one line needs it.
fn all_items(lines: &[Line]) -> Vec<BringItem> {
    let mut seen: Vec<&Bring> = Vec::new();
    for bring in lines.iter().flat_map(|line| &line.bring) {
        match seen.iter_mut().find(|other| other.item_id == bring.item_id) {
            Some(other) if bring.needed && !other.needed => *other = bring,
            Some(_) => {}
            None => seen.push(bring),
        }
    }
    seen.sort_by_key(|bring| !bring.needed);
    seen.into_iter().map(bring_item).collect()
}

fn value_of(kind: FactKind, json: &serde_json::Value) -> Option<FactValue> {
    match kind {
        FactKind::Flag => json.as_bool().map(FactValue::Flag),
        FactKind::Count => json.as_i64().map(FactValue::Count),
        FactKind::Date => json
            .as_str()
            .and_then(|text| text.parse().ok())
            .map(FactValue::Date),
        FactKind::Choice(words) => {
            let word = json.as_str()?;
            words
                .iter()
                .find(|(long, _)| *long == word)
                .map(|(long, _)| FactValue::Choice(long))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn yen_are_grouped() {
        assert_eq!(grouped(300), "300");
        assert_eq!(grouped(3000), "3,000");
        assert_eq!(grouped(1_234_567), "1,234,567");
    }
}
