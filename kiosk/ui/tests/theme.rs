//! Colours come from the design tokens and stand out enough; words, icons and sizes are complete.
#![allow(clippy::unwrap_used, unreachable_pub)]

mod samples;

use std::collections::BTreeSet;
use std::path::Path;

use session::touch::Language;

fn source(path: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

/// (name, high-contrast colour, normal colour) of each two-sided colour in theme.slint.
fn pairs() -> Vec<(String, String, String)> {
    let theme = source("ui/theme.slint");
    let lines = theme
        .lines()
        .filter_map(|line| line.trim().strip_prefix("out property <color> "));
    let parsed = lines.filter_map(|line| {
        let (name, rest) = line.split_once(": ")?;
        let (high, normal) = rest
            .strip_prefix("high ? ")?
            .trim_end_matches(';')
            .split_once(" : ")?;
        Some((name.to_owned(), high.to_owned(), normal.to_owned()))
    });
    parsed.collect()
}

fn luminance(hex: &str) -> f64 {
    let channel = |at: usize| {
        let value = f64::from(u8::from_str_radix(&hex[at..at + 2], 16).unwrap()) / 255.0;
        if value <= 0.04045 {
            value / 12.92
        } else {
            ((value + 0.055) / 1.055).powf(2.4)
        }
    };
    0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5)
}

/// WCAG 2 contrast ratio.
fn ratio(a: &str, b: &str) -> f64 {
    let (a, b) = (luminance(a), luminance(b));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

#[test]
fn every_colour_is_a_design_token() {
    let tokens: serde_json::Value =
        serde_json::from_str(&source("../../assets/design/tokens.json")).unwrap();
    let known: BTreeSet<&str> = tokens["color"]
        .as_object()
        .unwrap()
        .values()
        .filter_map(|hex| hex.as_str())
        .collect();
    let theme = source("ui/theme.slint");
    let used: Vec<&str> = theme
        .match_indices('#')
        .map(|(at, _)| &theme[at..at + 7])
        .collect();
    assert!(used.len() > 40);
    for hex in used {
        assert!(known.contains(hex), "{hex} is no token");
    }
}

#[test]
fn ink_stands_out_from_every_ground_it_is_drawn_on() {
    let pairs = pairs();
    let colour = |name: &str| {
        pairs
            .iter()
            .find(|(known, ..)| known == name)
            .unwrap_or_else(|| panic!("no {name}"))
    };
    let mut checked = 0;
    for (ink, grounds) in [
        (
            "text",
            &[
                "ground",
                "surface",
                "sunken",
                "tint",
                "error-ground",
                "success-ground",
                "warning-ground",
                "pressed",
            ][..],
        ),
        ("muted", &["ground", "surface", "tint"]),
        ("link", &["ground", "surface", "tint", "pressed"]),
        ("on-primary", &["primary", "primary-pressed"]),
        ("on-disabled", &["disabled", "ground"]),
        ("error", &["surface", "ground", "error-ground"]),
        ("success", &["surface", "success-ground"]),
        ("warning", &["surface", "warning-ground"]),
    ] {
        for ground in grounds {
            let ((_, high_ink, ink_hex), (_, high_ground, ground_hex)) =
                (colour(ink), colour(ground));
            for (a, b, which) in [
                (ink_hex, ground_hex, "normal"),
                (high_ink, high_ground, "high"),
            ] {
                checked += 1;
                assert!(
                    ratio(a, b) >= 4.5,
                    "{ink} on {ground}, {which}: {:.2}",
                    ratio(a, b)
                );
            }
        }
    }
    assert!(checked > 40);
}

#[test]
fn no_other_file_names_a_colour() {
    for folder in ["ui/parts", "ui/screens"] {
        for entry in std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)).unwrap()
        {
            let path = entry.unwrap().path();
            let text = std::fs::read_to_string(&path).unwrap();
            let hex = |at: usize| {
                text[at + 1..]
                    .chars()
                    .take(6)
                    .all(|letter| letter.is_ascii_hexdigit())
            };
            assert!(
                !text.match_indices('#').any(|(at, _)| hex(at)),
                "{}",
                path.display()
            );
        }
    }
}

#[test]
fn every_word_that_the_screens_ask_for_is_in_the_book() {
    let book = samples::book();
    let known: BTreeSet<&str> = book.keys().collect();
    let mut asked = 0;
    for folder in ["ui/parts", "ui/screens"] {
        for entry in std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)).unwrap()
        {
            let text = std::fs::read_to_string(entry.unwrap().path()).unwrap();
            for part in text.split('"').filter(|part| part.starts_with("ui.")) {
                asked += 1;
                assert!(known.contains(part), "{part}");
            }
        }
    }
    assert!(asked > 60);
}

#[test]
fn every_icon_of_the_screens_and_life_events_is_there() {
    let events = source("../../assets/catalogue/events.toml");
    let events: guidance::document::Document = toml::from_str(&events).unwrap();
    assert_eq!(events.event.len(), 16);
    for event in events.event {
        assert!(ui::icons::known(&event.icon), "{}", event.icon);
    }
    assert!(!ui::icons::known("no-such-icon") && ui::icons::known("unknown"));
    for folder in ["ui/parts", "ui/screens"] {
        for entry in std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)).unwrap()
        {
            let text = std::fs::read_to_string(entry.unwrap().path()).unwrap();
            for part in text
                .split("icon: \"")
                .skip(1)
                .filter_map(|rest| rest.split('"').next())
            {
                assert!(part.is_empty() || ui::icons::known(part), "{part}");
            }
        }
    }
}

#[test]
fn a_date_is_said_as_people_say_it() {
    let book = samples::book();
    let day = session::text::Text::Date(jiff::civil::date(2026, 6, 24));
    let said = |tag: &str| book.plain(&day, &Language(tag.to_owned()));
    assert_eq!(said("ja"), "6月24日(水)");
    assert_eq!(said("en"), "Wed 24 June");
    assert_eq!(
        book.resolve(&day, &Language("ja-simple".to_owned())),
        "6{月|がつ}24{日|にち}({水|すい})"
    );
}

#[test]
fn gaps_between_languages_are_errors() {
    use ui::{WordBook, WordsError};
    let load = |ja: &str, en: &str| WordBook::from_files([("ja", ja), ("en", en)]);
    assert!(
        matches!(load("a = 'あ'\nb = 'い'", "a = 'A'"), Err(WordsError::Keys { missing, .. }) if missing == ["b"])
    );
    assert!(matches!(
        load("a = '{n}人'", "a = 'people'"),
        Err(WordsError::Arguments { .. })
    ));
    assert!(matches!(
        load("a = '{漢|'", "a = 'A'"),
        Err(WordsError::Braces { .. })
    ));
    assert!(matches!(
        load("a = 1", "a = 'A'"),
        Err(WordsError::NotText { .. })
    ));
    assert!(matches!(
        load("a = ", "a = 'A'"),
        Err(WordsError::Toml { .. })
    ));
    assert!(matches!(
        WordBook::from_files([("en", "a = 'A'")]),
        Err(WordsError::NoFirst)
    ));
    assert!(matches!(
        WordBook::from_files([("ja", "a = 'あ'"), ("ja", "a = 'い'")]),
        Err(WordsError::Twice { .. })
    ));
}

#[test]
fn a_missing_word_is_seen() {
    let book = samples::book();
    let shown = book.plain(
        &session::text::Text::key("no.such"),
        &Language("en".to_owned()),
    );
    assert_eq!(shown, "⟦no.such⟧");
}
