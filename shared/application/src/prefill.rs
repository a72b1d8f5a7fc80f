//! What need not be asked: values from the card, from the core system, from facts already answered, and composed ones.

use guidance::{FactId, FactPath, FactValue, Facts, Scope, Subject};
use jiff::civil::Date;

use crate::characters::regular_width;
use crate::field::{FieldKind, NO, YES, key_for};
use crate::form::{FormSet, fact};
use crate::needs::optional_part;
use crate::problem::Problem;
use crate::value::{Source, ValueKey, ValueSet};

/// Who visits and why; what prefilling and asking depend on.
#[derive(Clone, Copy)]
pub struct Visit<'a> {
    /// The facts so far: day, life event, persons.
    pub facts: &'a Facts,
    /// Which person stands at the kiosk; `None` for a representative (代理人) or while unknown.
    pub applicant: Option<&'a str>,
}

/// The four items of the card (券面事項入力補助). No Debug.
#[derive(Clone, Copy)]
pub struct CardFour<'a> {
    /// 氏名
    pub name: &'a str,
    /// 住所: the registered one, which in a 転入 is the former one.
    pub address: &'a str,
    /// 生年月日
    pub birth_date: Date,
    /// 性別, ISO 5218.
    pub sex: u8,
}

/// A value of card or core that can't be used, with why (private-use characters…). Staff look at it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Refused {
    /// Which value.
    pub key: ValueKey,
    /// From where.
    pub source: Source,
    /// Why.
    pub problem: Problem,
}

/// Fills in what card and core know. What the resident said or staff fixed is never overwritten; between card and core the
/// field's own preference decides. Then composes the rest as [`derive()`] does.
pub fn prefill(
    set: &FormSet,
    visit: &Visit<'_>,
    card: Option<CardFour<'_>>,
    core: Option<&ValueSet>,
    values: &mut ValueSet,
) -> Vec<Refused> {
    let mut refused = Vec::new();
    let mut offers: Vec<(ValueKey, String, Source)> = Vec::new();
    if let Some(core) = core {
        offers.extend(
            core.iter()
                .map(|(key, value)| (key.clone(), value.text.clone(), Source::Core)),
        );
    }
    if let (Some(card), Some(person)) = (card, visit.applicant) {
        offers.extend(card_offers(set, &card, person));
    }
    for (key, text, source) in offers {
        if let Err(problem) = take(set, &key, &text, source, values) {
            refused.push(Refused {
                key,
                source,
                problem,
            });
        }
    }
    derive(set, visit, values);
    refused
}

fn card_offers(
    set: &FormSet,
    card: &CardFour<'_>,
    person: &str,
) -> Vec<(ValueKey, String, Source)> {
    let sex = match card.sex {
        1 => "男",
        2 => "女",
        _ => "",
    };
    let own = |name: &str| format!("persons[{person}].{name}");
    let items = [
        (own("name"), card.name.to_owned()),
        (
            own("birth_date"),
            set.eras().from_date(card.birth_date).to_string(),
        ),
        (own("sex"), sex.to_owned()),
        ("home.address".to_owned(), card.address.to_owned()),
    ];
    items
        .into_iter()
        .filter(|(_, text)| !text.is_empty())
        .map(|(key, text)| (key, text, Source::Card))
        .collect()
}

/// Values that no form knows are kept as they are, if they can be printed: another edition may use them.
fn take(
    set: &FormSet,
    key: &str,
    text: &str,
    source: Source,
    values: &mut ValueSet,
) -> Result<(), Problem> {
    let field = set.field(key);
    let text = match field {
        Some(field) => set.check(&field.kind, text)?,
        None => {
            crate::characters::printable(text)?;
            regular_width(text)
        }
    };
    let preferred = |one: Source| {
        field
            .and_then(|field| field.prefer.iter().position(|other| *other == one))
            .unwrap_or(usize::MAX)
    };
    match values.get(key) {
        Some(old) if matches!(old.source, Source::Said | Source::Fixed) => {}
        Some(old) if preferred(old.source) < preferred(source) => {}
        _ => values.set(key, text, source),
    }
    Ok(())
}

/// Computes what follows from other values: what the event decides, dates of filing, composed addresses, repeated values.
/// Call it after every change; it never touches a value that has a source of its own.
pub fn derive(set: &FormSet, visit: &Visit<'_>, values: &mut ValueSet) {
    from_facts(set, visit, values);
    for field in set.fields() {
        if let Some(text) = field.by_event.get(visit.facts.event_kind()) {
            values.offer(field.key.clone(), text.clone(), Source::Said);
        }
    }
    for field in set.fields() {
        let persons: Vec<Option<String>> = if field.key.contains(crate::field::PERSON) {
            visit
                .facts
                .persons()
                .map(|id| Some(id.to_owned()))
                .collect()
        } else {
            vec![None]
        };
        for person in persons {
            let person = person.as_deref();
            let key = key_for(&field.key, person);
            compose(&field.parts, person, &key, values);
            if let Some(same) = field.repeats(visit.facts.event_kind(), person, visit.applicant) {
                let same_has_parts = set
                    .field(&same)
                    .is_some_and(|field| !field.parts.is_empty());
                repeat(&key, &same, same_has_parts, values);
            }
        }
    }
}

/// A whole that was composed of its parts follows them; one that card or core gave stays.
fn compose(parts: &[ValueKey], person: Option<&str>, key: &str, values: &mut ValueSet) {
    let parts: Vec<ValueKey> = parts.iter().map(|part| key_for(part, person)).collect();
    if parts.iter().all(|part| values.get(part).is_none()) {
        return;
    }
    let given = values
        .get(key)
        .is_some_and(|value| matches!(value.source, Source::Card | Source::Core | Source::Fixed));
    let complete = parts
        .iter()
        .filter(|part| !optional_part(part))
        .all(|part| values.get(part).is_some());
    if !given && !complete {
        values.clear(key);
    } else if !given {
        let texts = parts
            .iter()
            .filter(|part| !part.ends_with(".postal_code"))
            .map(|part| values.text(part));
        let text = texts.filter(|text| !text.is_empty()).collect::<Vec<_>>();
        let text = match text.split_last() {
            Some((building, rest))
                if parts.last().is_some_and(|last| {
                    last.ends_with(".building") && values.get(last).is_some()
                }) =>
            {
                format!("{}\u{3000}{building}", rest.concat())
            }
            _ => text.concat(),
        };
        values.set(key, text, Source::Said);
    }
}

/// A repeated value follows what it repeats, whichever was known first. What is composed of parts is only followed.
fn repeat(key: &str, same: &str, same_has_parts: bool, values: &mut ValueSet) {
    if let Some(value) = values.get(same).cloned() {
        let own = values
            .get(key)
            .is_some_and(|value| value.source == Source::Fixed);
        if !own {
            values.set(key, value.text, value.source);
        }
    } else if same_has_parts {
        if values
            .get(key)
            .is_some_and(|value| value.source == Source::Said)
        {
            values.clear(key);
        }
    } else if let Some(value) = values.get(key).cloned() {
        values.set(same, value.text, value.source);
    }
}

fn from_facts(set: &FormSet, visit: &Visit<'_>, values: &mut ValueSet) {
    let facts = visit.facts;
    values.set(
        "filing.date",
        set.eras().from_date(facts.as_of()).to_string(),
        Source::Said,
    );
    for (name, key) in [
        ("date", "event.date"),
        ("planned_move_out_on", "move.planned_date"),
    ] {
        let Some(id) = FactId::find(Scope::Event, name) else {
            continue;
        };
        if let Some(FactValue::Date(day)) = facts.given(&FactPath {
            subject: Subject::Event,
            fact: id,
        }) {
            values.offer(key, set.eras().from_date(day).to_string(), Source::Said);
        }
    }
    for person in facts.persons() {
        if let Some(FactValue::Date(day)) = fact(facts, person, "birth_date") {
            values.offer(
                format!("persons[{person}].birth_date"),
                set.eras().from_date(day).to_string(),
                Source::Said,
            );
        }
        if let Some(FactValue::Flag(flag)) = fact(facts, person, "my_number_card") {
            values.offer(
                format!("persons[{person}].my_number_card"),
                if flag { YES } else { NO },
                Source::Said,
            );
        }
    }
}

impl FormSet {
    /// Sets a value that the resident said, checked and made regular, then derives what follows from it.
    ///
    /// # Errors
    /// The problem; `values` stays as it was.
    pub fn say(
        &self,
        visit: &Visit<'_>,
        key: &str,
        text: &str,
        values: &mut ValueSet,
    ) -> Result<(), Problem> {
        let kind = self
            .field(key)
            .map_or(FieldKind::Text { most: 200 }, |field| field.kind.clone());
        let text = self.check(&kind, text)?;
        values.set(key, text, Source::Said);
        if let Some(whole) = self
            .fields()
            .find(|field| field.parts.iter().any(|part| part == key))
        {
            values.clear(&whole.key);
        }
        derive(self, visit, values);
        Ok(())
    }
}
