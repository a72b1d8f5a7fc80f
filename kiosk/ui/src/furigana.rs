//! The markup of words: `{漢字|かんじ}` carries furigana, `{name}` stands for an argument.

use std::collections::BTreeSet;

/// A stretch of marked text.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Stretch<'a> {
    /// As it stands.
    Plain(&'a str),
    /// With its reading above.
    Ruby(&'a str, &'a str),
    /// An argument's name.
    Argument(&'a str),
}

/// Splits marked text; `None` when a brace is never closed, or a side of it is empty.
pub(crate) fn stretches(text: &str) -> Option<Vec<Stretch<'_>>> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(open) = rest.find('{') {
        if open > 0 {
            found.push(Stretch::Plain(&rest[..open]));
        }
        let close = rest[open..].find('}')? + open;
        let inner = &rest[open + 1..close];
        found.push(match inner.split_once('|') {
            Some((base, ruby)) if !base.is_empty() && !ruby.is_empty() => Stretch::Ruby(base, ruby),
            None if !inner.is_empty() => Stretch::Argument(inner),
            _ => return None,
        });
        rest = &rest[close + 1..];
    }
    if !rest.is_empty() {
        found.push(Stretch::Plain(rest));
    }
    Some(found)
}

/// Names of the arguments; `None` when braces are broken.
pub(crate) fn arguments(text: &str) -> Option<BTreeSet<String>> {
    let names = stretches(text)?
        .into_iter()
        .filter_map(|stretch| match stretch {
            Stretch::Argument(name) => Some(name.to_owned()),
            _ => None,
        });
    Some(names.collect())
}

/// Puts arguments in; furigana stays marked. Text with broken braces comes back as it is.
pub(crate) fn filled(text: &str, argument: impl Fn(&str) -> String) -> String {
    let Some(parts) = stretches(text) else {
        return text.to_owned();
    };
    let mut out = String::with_capacity(text.len());
    for part in parts {
        match part {
            Stretch::Plain(plain) => out.push_str(plain),
            Stretch::Ruby(base, ruby) => {
                out.push('{');
                out.push_str(base);
                out.push('|');
                out.push_str(ruby);
                out.push('}');
            }
            Stretch::Argument(name) => out.push_str(&argument(name)),
        }
    }
    out
}

/// Whether any furigana is marked.
pub(crate) fn has_ruby(text: &str) -> bool {
    stretches(text).is_some_and(|parts| parts.iter().any(|part| matches!(part, Stretch::Ruby(..))))
}

/// The text without furigana.
pub(crate) fn plain(text: &str) -> String {
    let Some(parts) = stretches(text) else {
        return text.to_owned();
    };
    parts
        .iter()
        .map(|part| match part {
            Stretch::Plain(text) | Stretch::Ruby(text, _) | Stretch::Argument(text) => *text,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn furigana_and_arguments_are_told_apart() {
        let parts = stretches("{name}さんの {手続|てつづ}き");
        let expected = [
            Stretch::Argument("name"),
            Stretch::Plain("さんの "),
            Stretch::Ruby("手続", "てつづ"),
            Stretch::Plain("き"),
        ];
        assert_eq!(parts.as_deref(), Some(&expected[..]));
        assert_eq!(plain("{手続|てつづ}き"), "手続き");
        assert_eq!(filled("{n}{人|にん}", |_| "3".to_owned()), "3{人|にん}");
    }

    #[test]
    fn broken_braces_are_seen() {
        for text in ["{", "a{b", "{}", "{|か}", "{漢|}"] {
            assert_eq!(stretches(text), None, "{text}");
        }
    }
}
