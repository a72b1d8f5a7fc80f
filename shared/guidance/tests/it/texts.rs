//! Every text a resident reads is there in three languages, with readings where やさしい日本語 has kanji.

use guidance::{Catalogue, Words};

use crate::support::CATALOGUE;

fn texts(catalogue: &Catalogue) -> Vec<(String, Words)> {
    let document = catalogue.document();
    let mut texts = vec![("notice".to_owned(), catalogue.edition().notice.clone())];
    for event in &document.event {
        texts.extend([
            (event.id.clone(), event.title.clone()),
            (event.id.clone(), event.subtitle.clone()),
        ]);
        let date = event.date.iter().map(|date| date.title.clone());
        let who = Some(event.who_title.clone()).filter(|_| event.concern.asks_who());
        texts.extend(date.chain(who).map(|title| (event.id.clone(), title)));
    }
    for text in &document.fact {
        let sentences = [&text.reason, &text.reason_not].into_iter();
        let labels = text.value.iter().map(|value| &value.label);
        let there = sentences.chain(labels).filter(|words| !words.is_empty());
        texts.extend(there.map(|words| (text.fact.clone(), words.clone())));
    }
    for counter in &document.counter {
        texts.extend([
            (counter.id.clone(), counter.title.clone()),
            (counter.id.clone(), counter.place.clone()),
        ]);
    }
    texts.extend(document.item.iter().flat_map(|item| {
        [
            (item.id.clone(), item.title.clone()),
            (item.id.clone(), item.why.clone()),
        ]
    }));
    texts.extend(
        document
            .reason
            .iter()
            .map(|reason| (reason.id.clone(), reason.title.clone())),
    );
    texts.extend(
        document
            .procedure
            .iter()
            .map(|procedure| (procedure.id.clone(), procedure.title.clone())),
    );
    texts.extend(
        document
            .procedure
            .iter()
            .filter(|procedure| !procedure.purpose.is_empty())
            .map(|procedure| (procedure.id.clone(), procedure.purpose.clone())),
    );
    for question in &document.question {
        texts.extend([
            (question.fact.clone(), question.title.clone()),
            (question.fact.clone(), question.why.clone()),
        ]);
        texts.extend(
            question
                .answer
                .iter()
                .map(|answer| (question.fact.clone(), answer.label.clone())),
        );
        let whole = [
            &question.group_title,
            &question.shared_title,
            &question.title.clone().replaced_by(&question.title_self),
        ];
        let shared = question
            .shared
            .iter()
            .flat_map(|answer| [&answer.label, &answer.who]);
        let there = whole
            .into_iter()
            .chain(shared)
            .filter(|words| !words.is_empty());
        texts.extend(there.map(|words| (question.fact.clone(), words.clone())));
    }
    texts
}

fn is_kanji(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{9fff}' | '々')
}

fn is_kana(c: char) -> bool {
    matches!(c, 'ぁ'..='ゖ' | 'ァ'..='ヺ' | 'ー')
}

/// Checks `{漢字|かんじ}`: balanced, a reading in kana, no kanji outside.
fn readings_are_sound(text: &str) -> bool {
    let mut rest = text.replace("{person}", "").replace("{value}", "");
    while let Some(open) = rest.find('{') {
        let Some(close) = rest[open..].find('}').map(|at| open + at) else {
            return false;
        };
        let Some((base, reading)) = rest[open + 1..close].split_once('|') else {
            return false;
        };
        if base.is_empty() || reading.is_empty() || !reading.chars().all(is_kana) {
            return false;
        }
        rest.replace_range(open..=close, "");
    }
    !rest.contains('}') && !rest.chars().any(is_kanji)
}

#[test]
fn every_text_has_three_languages() {
    for (id, words) in texts(&CATALOGUE) {
        for language in ["ja", "ja-simple", "en"] {
            assert!(
                words
                    .exact(language)
                    .is_some_and(|text| !text.trim().is_empty()),
                "{id} lacks {language}: {words:?}"
            );
        }
    }
}

#[test]
fn simple_japanese_gives_a_reading_to_every_kanji() {
    for (id, words) in texts(&CATALOGUE) {
        if let Some(text) = words.exact("ja-simple") {
            assert!(readings_are_sound(text), "{id}: {text}");
        }
    }
}

#[test]
fn english_is_in_latin_letters() {
    for (id, words) in texts(&CATALOGUE) {
        let text = words.get("en");
        assert!(
            !text.chars().any(|c| is_kanji(c) || is_kana(c)),
            "{id}: {text}"
        );
    }
}

#[test]
fn titles_of_life_events_fit_eighteen_letters_a_line() {
    for event in &CATALOGUE.document().event {
        let date = event.date.iter().map(|date| &date.title);
        for title in date.chain([&event.who_title]) {
            for line in title.get("ja").lines() {
                assert!(line.chars().count() <= 18, "{}: {line}", event.id);
            }
        }
    }
}

#[test]
fn a_value_goes_where_every_language_says_it() {
    let placed = |words: &Words| {
        let texts = words.languages().map(|tag| words.get(tag));
        texts
            .map(|text| text.contains("{value}"))
            .collect::<Vec<_>>()
    };
    for text in &CATALOGUE.document().fact {
        for words in [&text.reason, &text.reason_not] {
            let placed = placed(words);
            assert!(placed.iter().all(|here| *here == placed[0]), "{words:?}");
        }
        assert!(
            !text
                .value
                .iter()
                .any(|value| placed(&value.label).contains(&true))
        );
    }
}

#[test]
fn words_for_one_life_event_go_before_words_for_all() {
    let pregnant = guidance::FactId::named("person.pregnant").unwrap();
    let yes = guidance::FactValue::Flag(true);
    let said = |event: &str| {
        let text = CATALOGUE.fact_text(event, pregnant).unwrap();
        text.sentence(yes).unwrap().get("ja").to_owned()
    };
    assert_eq!(said("birth"), "赤ちゃんを産みました");
    assert_eq!(said("pregnancy"), "妊娠しています");
    let text = CATALOGUE.fact_text("birth", pregnant).unwrap();
    assert_eq!(text.sentence(guidance::FactValue::Flag(false)), None);
}

#[test]
fn questions_about_a_person_name_the_person() {
    for question in &CATALOGUE.document().question {
        let about_person = question.fact.starts_with("person.");
        for language in question.title.languages() {
            assert_eq!(
                question.title.get(language).contains("{person}"),
                about_person,
                "{}",
                question.fact
            );
        }
        assert!(
            question.group_title.is_empty() || !question.group_title.get("ja").contains("{person}")
        );
    }
}

#[test]
fn readings_are_hiragana_and_the_search_finds_by_them() {
    let document = CATALOGUE.document();
    let kana = document
        .event
        .iter()
        .map(|event| &event.kana)
        .chain(document.procedure.iter().map(|procedure| &procedure.kana));
    for reading in kana {
        assert!(reading.chars().all(|c| is_kana(c) || c == ' '), "{reading}");
    }
    let found = |text: &str| CATALOGUE.search(text).len();
    assert!(
        CATALOGUE
            .search("てんにゅう")
            .contains(&guidance::Found::Event(&document.event[0]))
    );
    assert_eq!(found("テンニュウトドケ"), 2, "the one from abroad too");
    assert_eq!(found("ねこ"), 0);
    assert_eq!(found(""), 16 + 80);
}

#[test]
fn what_several_persons_would_be_asked_is_asked_once() {
    // Answers that hardly two persons of a household share: when they were born, who they are, what the dead received.
    let alone = [
        "person.birth_date",
        "person.role",
        "person.pension_received",
    ];
    for question in &CATALOGUE.document().question {
        let together = !question.group_title.is_empty() || !question.shared_title.is_empty();
        let person =
            question.fact.starts_with("person.") && !alone.contains(&question.fact.as_str());
        assert_eq!(together, person, "{}", question.fact);
        assert_eq!(question.shared.is_empty(), question.shared_title.is_empty());
        let own = question.title.clone().replaced_by(&question.title_self);
        assert!(
            !person || !own.get("en").contains("{person}") || question.fact == "person.nursery",
            "{} has no sentence for the resident: {}",
            question.fact,
            own.get("en")
        );
    }
}
