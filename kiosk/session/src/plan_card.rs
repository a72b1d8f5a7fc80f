//! A line of the plan as a resident reads it: what, for whom, by when, where, what to bring, and why.

use guidance::{Bring, Catalogue, Due, FactKind, FactPath, FactValue, Facts, Level, Line, Subject};

use crate::choice_id::ChoiceId;
use crate::fact_words;
use crate::kiosk_state::KioskState;
use crate::people::People;
use crate::screen::{BringItem, PlanCard};
use crate::text::Text;
use crate::visit::{Visit, has_form};

/// The line at this place of the plan.
pub(crate) fn plan_card(index: usize, line: &Line, visit: &Visit, kiosk: &KioskState) -> PlanCard {
    let catalogue = &kiosk.town.catalogue;
    let here = has_form(&kiosk.town.forms, line);
    PlanCard {
        id: ChoiceId::PlanLine(index),
        title: Text::Words(line.title.clone()),
        who: People::of(visit, catalogue).call_all(&line.persons),
        level: Text::key(level(line.level)),
        due: due(line, catalogue),
        overdue: overdue(line, here),
        counter: counter(&line.counter, catalogue),
        here,
        fee: Some(money(line)),
        bring: line.bring.iter().map(bring_item).collect(),
        statute: line.statute.clone(),
        unverified: !line.source_seen,
        reasons: reasons(line, visit, catalogue),
    }
}

/// The same line opened: the counter with its hours.
pub(crate) fn open_card(index: usize, line: &Line, visit: &Visit, kiosk: &KioskState) -> PlanCard {
    let card = plan_card(index, line, visit, kiosk);
    let Some(hours) = &line.hours else {
        return card;
    };
    let hours = Text::Plain(hours.clone());
    let counter = Text::Key(
        "plan.counter.open",
        vec![("counter", card.counter), ("hours", hours)],
    );
    PlanCard { counter, ..card }
}

/// How many lines, how many done here, the earliest day.
pub(crate) fn summary(lines: &[Line], kiosk: &KioskState) -> Text {
    if lines.is_empty() {
        return Text::key("plan.summary.empty");
    }
    let count = |n: usize| Text::Plain(n.to_string());
    let here = lines
        .iter()
        .filter(|line| has_form(&kiosk.town.forms, line));
    let mut args = vec![("count", count(lines.len())), ("here", count(here.count()))];
    let open = lines.iter().filter(|line| !line.due.is_overdue());
    match open.filter_map(|line| line.due.date()).min() {
        Some(first) => {
            args.push(("first", Text::Date(first)));
            Text::Key("plan.summary.due", args)
        }
        None => Text::Key("plan.summary.lines", args),
    }
}

fn overdue(line: &Line, here: bool) -> Option<Text> {
    let date = line.due.date().filter(|_| line.due.is_overdue())?;
    let words = if here {
        "plan.overdue.here"
    } else {
        "plan.overdue.counter"
    };
    Some(Text::Key(words, vec![("date", Text::Date(date))]))
}

fn due(line: &Line, catalogue: &Catalogue) -> Option<Text> {
    match &line.due {
        Due::On { date, .. } => Some(Text::Key("plan.due.on", vec![("date", Text::Date(*date))])),
        Due::Before { date, .. } => Some(Text::Key(
            "plan.due.before",
            vec![("date", Text::Date(*date))],
        )),
        Due::With { procedure } => {
            let other = catalogue.procedure(procedure)?;
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

fn counter(id: &str, catalogue: &Catalogue) -> Text {
    let Some(counter) = catalogue.counter(id) else {
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

/// The facts behind a line, each once, in words. Defaults that nobody said ("not pregnant") explain little and
/// are left out unless nothing else remains.
fn reasons(line: &Line, visit: &Visit, catalogue: &Catalogue) -> Vec<Text> {
    let people = People::of(visit, catalogue);
    let event = visit.interview.facts().map_or("", Facts::event_kind);
    let reason = |why: &guidance::Why| {
        let path: FactPath = why.fact.parse().ok()?;
        let value = value_of(path.fact.def().kind, &why.value)?;
        let who = match &path.subject {
            Subject::Person(id) => Some(people.call(id)),
            Subject::Event | Subject::Household => None,
        };
        fact_words::reason(catalogue.fact_text(event, path.fact)?, value, who)
    };
    let mut reasons: Vec<Text> = Vec::new();
    for text in line.why.iter().filter_map(reason) {
        if !reasons.contains(&text) {
            reasons.push(text);
        }
    }
    if reasons.is_empty() {
        let event = catalogue.life_event(event);
        reasons.extend(event.map(|event| {
            let title = Text::Words(event.title.clone());
            Text::Key("reason.event", vec![("event", title)])
        }));
    }
    reasons
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
pub(crate) fn all_items(lines: &[Line]) -> Vec<BringItem> {
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
