//! Words: every key in every language, every argument used, every icon drawn.

use std::collections::{BTreeMap, BTreeSet};

use session::text::Text;

use crate::kiosk::Kiosk;
use crate::{reading, town};

/// String literals of the session's sources (and of `application`'s problems) that look like keys of the word book.
fn keys_in_sources() -> BTreeSet<String> {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = BTreeSet::new();
    for (folder, only) in [
        ("src", None),
        ("../../shared/application/src", Some("problem.")),
    ] {
        for text in sources(&root.join(folder)) {
            // Literals alternate with code; a quote inside a literal would only make candidates that are no keys.
            for literal in text.split('"') {
                if is_key(literal) && only.is_none_or(|prefix| literal.starts_with(prefix)) {
                    found.insert(literal.to_owned());
                }
            }
        }
    }
    found
}

/// The text of every file in the folder and in the folders in it.
fn sources(folder: &std::path::Path) -> Vec<String> {
    let mut out = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            out.extend(sources(&path));
        } else {
            out.push(std::fs::read_to_string(path).unwrap());
        }
    }
    out
}

fn is_key(literal: &str) -> bool {
    let sections = [
        "answer",
        "button",
        "count",
        "card",
        "choose",
        "closed",
        "date",
        "details",
        "done",
        "entry",
        "forms",
        "household",
        "leave",
        "paper",
        "person",
        "plan",
        "preview",
        "problem",
        "question",
        "review",
        "sign",
        "reason",
    ];
    let allowed =
        |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '.' | '_' | '-');
    let section = literal.split('.').next().unwrap_or_default();
    literal.contains('.')
        && literal.chars().all(allowed)
        && !literal.ends_with('.')
        && sections.contains(&section)
}

fn arguments(text: &str) -> BTreeSet<String> {
    let inside = text
        .split('{')
        .skip(1)
        .filter_map(|rest| rest.split('}').next());
    inside
        .filter(|name| !name.contains('|'))
        .map(str::to_owned)
        .collect()
}

fn books() -> BTreeMap<&'static str, BTreeMap<String, String>> {
    ["ja", "ja-simple", "en"]
        .map(|tag| (tag, town::words(tag)))
        .into()
}

#[test]
fn every_key_is_in_every_language_and_no_other() {
    let used = keys_in_sources();
    assert!(used.len() > 250);
    for (language, book) in books() {
        let there: BTreeSet<String> = book.keys().cloned().collect();
        assert_eq!(
            used.difference(&there).collect::<Vec<_>>(),
            Vec::<&String>::new(),
            "{language} lacks words"
        );
        assert_eq!(
            there.difference(&used).collect::<Vec<_>>(),
            Vec::<&String>::new(),
            "{language} has too many"
        );
    }
}

#[test]
fn the_same_arguments_in_every_language() {
    let books = books();
    for (key, text) in &books["ja"] {
        for (language, book) in &books {
            assert_eq!(
                arguments(&book[key]),
                arguments(text),
                "{key} in {language}"
            );
        }
    }
}

#[test]
fn every_kanji_of_plain_japanese_has_its_reading() {
    for (key, text) in &books()["ja-simple"] {
        let mut bare = String::new();
        let mut depth = 0;
        for letter in text.chars() {
            match letter {
                '{' => depth += 1,
                '}' => depth -= 1,
                _ if depth == 0 => bare.push(letter),
                _ => {}
            }
        }
        assert!(
            !bare.chars().any(|c| ('\u{4E00}'..='\u{9FFF}').contains(&c)),
            "{key}: {text}"
        );
    }
}

#[test]
fn titles_fit_eighteen_letters_a_line() {
    for (key, text) in books()["ja"]
        .iter()
        .filter(|(key, _)| key.contains(".title"))
    {
        for line in text.lines() {
            let width: usize = line.chars().map(|c| if c.is_ascii() { 1 } else { 2 }).sum();
            let arguments: usize = arguments(line).iter().map(|name| name.len() + 2).sum();
            assert!(width - arguments <= 36, "{key}: {line}");
        }
    }
}

/// Arguments given and arguments in the words are the same, on every screen of whole visits.
#[test]
fn every_argument_is_given_and_used() {
    let book = town::words("ja");
    let mut seen = BTreeSet::new();
    let mut check = |kiosk: &Kiosk| {
        reading::texts(&kiosk.screen(), &mut |text| {
            reading::walk(text, &mut |text| {
                let names = |given: &[(&str, Text)]| -> BTreeSet<String> {
                    given.iter().map(|(name, _)| (*name).to_owned()).collect()
                };
                match text {
                    Text::Key(key, given) => {
                        assert_eq!(names(given), arguments(&book[*key]), "{key}");
                        seen.insert(*key);
                    }
                    Text::WordsWith(words, given) => {
                        let asked = arguments(words.get("ja"));
                        assert!(names(given).is_superset(&asked), "{words:?}");
                    }
                    Text::Words(words) => assert_eq!(arguments(words.get("ja")), BTreeSet::new()),
                    _ => {}
                }
            });
        });
    };
    for event in town::events() {
        for known in [false, true] {
            let mut kiosk = Kiosk::new();
            if known {
                kiosk.with_household(event);
            } else {
                kiosk.begin(event).choose("without");
            }
            for _ in 0..200 {
                check(&kiosk);
                if kiosk.title() == "paper.storing.title" {
                    break;
                }
                kiosk.answer_plainly();
            }
        }
    }
    assert!(seen.len() > 60, "only {} words were seen", seen.len());
}

#[test]
fn every_icon_is_drawn() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut named = BTreeSet::new();
    for text in sources(&root) {
        for call in text
            .split("picture(\"")
            .skip(1)
            .chain(text.split("picture: Some(\"").skip(1))
        {
            named.insert(call.split('"').next().unwrap().to_owned());
        }
        for call in text.split("Explain::new(").skip(1) {
            named.extend(call.split('"').nth(1).map(str::to_owned));
        }
    }
    named.extend(
        town::catalogue()
            .life_events()
            .iter()
            .map(|event| event.icon.clone()),
    );
    for icon in named {
        let there = town::assets("icons").join(format!("{icon}.svg")).exists();
        assert!(there || icon.contains('.'), "no icon {icon}");
    }
}
