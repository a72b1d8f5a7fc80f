//! What need not be asked: values from the card and from the core system.

use jiff::civil::Date;

use crate::characters::{printable, regular_width};
use crate::context::FormContext;
use crate::derive::derive;
use crate::form::FormSet;
use crate::problem::Problem;
use crate::value::{Source, ValueKey, ValueSet};

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
    /// Key of the value.
    pub key: ValueKey,
    /// Where it came from.
    pub source: Source,
    /// Why it cannot be used.
    pub problem: Problem,
}

/// Fills in what card and core know. What the resident entered or staff corrected is never overwritten; between card and core the
/// field's own preference decides. Then composes the rest as [`derive()`] does.
pub fn prefill(
    set: &FormSet,
    context: &FormContext<'_>,
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
    if let (Some(card), Some(person)) = (card, context.applicant) {
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
    derive(set, context, values);
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
            printable(text)?;
            regular_width(text)
        }
    };
    let preferred = |one: Source| {
        field
            .and_then(|field| field.prefer.iter().position(|other| *other == one))
            .unwrap_or(usize::MAX)
    };
    match values.get(key) {
        Some(old) if matches!(old.source, Source::Resident | Source::Fixed) => {}
        Some(old) if preferred(old.source) < preferred(source) => {}
        _ => values.set(key, text, source),
    }
    Ok(())
}
