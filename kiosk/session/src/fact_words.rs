//! Facts in words: why a line is in the plan.

use guidance::FactValue;
use guidance::document::FactText;

use crate::text::Text;

/// A fact as a sentence, 「山田 花子さん: 健康保険: 国民健康保険」. `None` for a value that the catalogue has no words
/// for, since it would explain nothing to the person concerned: "no" to what nobody asked.
pub(crate) fn reason(text: &FactText, value: FactValue, who: Option<Text>) -> Option<Text> {
    let sentence = text.sentence(value)?.clone();
    let filled = |value: Text| Text::WordsWith(sentence.clone(), vec![("value", value)]);
    let what = match value {
        FactValue::Count(count) => filled(Text::Plain(count.to_string())),
        FactValue::Date(date) => filled(Text::Date(date)),
        FactValue::Choice(word) if !text.reason.is_empty() => {
            filled(Text::Words(text.label(word)?.clone()))
        }
        FactValue::Choice(_) | FactValue::Flag(_) => Text::Words(sentence),
    };
    Some(match who {
        Some(who) => Text::Key("reason.person", vec![("person", who), ("fact", what)]),
        None => what,
    })
}
