//! The console's two languages: every sentence that it says has its English, and a person's choice stays with their browser.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use axum::body::Body;
use axum::http::{HeaderMap, HeaderName, Request, header};
use cloud_api::language::Language;
use cloud_api::staff::{EnrolError, PasswordError};

use crate::town::{Answer, Town, get, send, town};

/// Where sentences of the console stand, beside its templates and its own folder.
const SOURCES: [&str; 7] = [
    "src/casework/work.rs",
    "src/labels.rs",
    "src/staff/clerk.rs",
    "src/staff/enrolment.rs",
    "src/staff/password.rs",
    "src/staff/second_person.rs",
    "src/webhooks/mod.rs",
];
/// Japanese that no page says: what is taken out of a label, how a day is written, and texts that `of_the_code` has filled in.
const NOT_SAID: [&str; 8] = [
    "{person}さん",
    "{person}さんの",
    "{person}の",
    "%Y年%-m月%-d日",
    "%-m月%-d日",
    "%-m月%-d日 %H:%M",
    "パスワードは{SHORTEST}文字以上にしてください。",
    "パスワードは{LONGEST}文字以内にしてください。",
];

/// A letter of Japanese, or a sign that only Japanese text has.
pub(crate) fn japanese(letter: char) -> bool {
    matches!(letter, '\u{3001}'..='\u{30ff}' | '\u{4e00}'..='\u{9fff}' | '\u{ff01}'..='\u{ff60}')
        && letter != '＋'
}

fn here(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap()
}

fn table() -> BTreeMap<String, String> {
    toml::from_str(&read(&here("../assets/console/en.toml"))).unwrap()
}

fn files(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path, ending));
        } else if path.extension().is_some_and(|own| own == ending) {
            found.push(path);
        }
    }
    found
}

/// String literals of a source before its tests; comments left out.
fn literals(source: &str) -> Vec<String> {
    let mut rest = source.split("#[cfg(test)]").next().unwrap();
    let mut found = Vec::new();
    while let Some(at) = rest.find(['"', '/']) {
        let from = &rest[at..];
        if from.starts_with("//") {
            rest = from.split_once('\n').map_or("", |(_, next)| next);
        } else if let Some(text) = from.strip_prefix('"') {
            let end = end_of_literal(text);
            found.push(text[..end].to_owned());
            rest = &text[end + 1..];
        } else {
            rest = &from[1..];
        }
    }
    found
}

fn end_of_literal(text: &str) -> usize {
    let mut escaped = false;
    let end = text.char_indices().find(|(_, letter)| {
        let end = *letter == '"' && !escaped;
        escaped = *letter == '\\' && !escaped;
        end
    });
    end.unwrap().0
}

/// What stands in a template between `{{ }}` and `{% %}`, and what stands outside.
fn halves(template: &str) -> (String, String) {
    let (mut inside, mut outside) = (String::new(), String::new());
    let mut rest = template;
    while let Some(at) = ["{{", "{%"].iter().filter_map(|mark| rest.find(mark)).min() {
        let end = if rest[at..].starts_with("{{") {
            "}}"
        } else {
            "%}"
        };
        let length = rest[at..].find(end).unwrap() + 2;
        outside.push_str(&rest[..at]);
        inside.push_str(&rest[at..at + length]);
        rest = &rest[at + length..];
    }
    (inside, outside + rest)
}

/// Sentences that the code fills in before a page says them.
fn of_the_code() -> Vec<String> {
    let passwords = [
        PasswordError::Short,
        PasswordError::Long,
        PasswordError::HasLogin,
        PasswordError::Monotone,
        PasswordError::System,
    ];
    let enrolment = [
        EnrolError::Taken,
        EnrolError::Login,
        EnrolError::Invitation,
        EnrolError::Code,
    ];
    let passwords = passwords.iter().map(ToString::to_string);
    passwords
        .chain(enrolment.iter().map(ToString::to_string))
        .collect()
}

/// Every Japanese sentence that a page may say.
fn said() -> BTreeSet<String> {
    let mut said: BTreeSet<String> = of_the_code().into_iter().collect();
    for template in files(&here("templates"), "html") {
        said.extend(literals(&halves(&read(&template)).0));
    }
    let own = SOURCES.iter().map(|path| here(path));
    let own = own.chain([here("../shared/guidance/src/masters.rs")]);
    for source in files(&here("src/console"), "rs").into_iter().chain(own) {
        let of_a_refusal = !source.starts_with(here("src/console"));
        for text in literals(&read(&source)) {
            // A refusal's detail is said in two halves.
            let half = text.strip_suffix("：{}").filter(|_| of_a_refusal);
            said.insert(half.map_or(text.clone(), ToOwned::to_owned));
        }
    }
    said.retain(|text| text.contains(japanese) || text.contains('－'));
    said.retain(|text| !NOT_SAID.contains(&text.as_str()));
    said
}

#[test]
fn every_sentence_has_its_english_and_no_other_is_there() {
    let (said, table) = (said(), table());
    assert!(said.len() > 400, "{}", said.len());
    let missing: Vec<_> = said
        .iter()
        .filter(|text| !table.contains_key(*text))
        .collect();
    assert!(missing.is_empty(), "without English: {missing:#?}");
    let unused: Vec<_> = table.keys().filter(|text| !said.contains(*text)).collect();
    assert!(unused.is_empty(), "said nowhere: {unused:#?}");
}

#[test]
fn templates_say_nothing_past_the_table() {
    for template in files(&here("templates"), "html") {
        let (_, outside) = halves(&read(&template));
        assert!(!outside.contains(japanese), "{}", template.display());
    }
}

#[test]
fn both_languages_have_the_same_places() {
    for (japanese, english) in table() {
        let places = |text: &str| text.matches("{}").count();
        assert_eq!(places(&japanese), places(&english), "{japanese}: {english}");
        assert!(!english.is_empty() && !english.contains("##"), "{japanese}");
        assert_eq!(Language::English.say(&japanese), english);
    }
}

fn reads(name: HeaderName, value: &str) -> Language {
    Language::of(&HeaderMap::from_iter([(name, value.parse().unwrap())]))
}

#[test]
fn english_is_for_whoever_prefers_it() {
    let accept = |value| reads(header::ACCEPT_LANGUAGE, value);
    for english in [
        "en",
        "en-US,en;q=0.9,ja;q=0.8",
        "fr, en;q=0.5",
        "ja;q=0.2, EN;q=0.9",
        "ja;q=0, en;q=0.1",
    ] {
        assert_eq!(accept(english), Language::English, "{english}");
    }
    for japanese in [
        "",
        "*",
        "ja",
        "ja,en-US;q=0.9,en;q=0.8",
        "fr",
        "ja, en",
        "en;q=0",
        "en;q=x",
        ";;,q=1",
    ] {
        assert_eq!(accept(japanese), Language::Japanese, "{japanese}");
    }
}

#[test]
fn what_was_chosen_on_a_page_goes_before_the_browser() {
    let mut headers = HeaderMap::new();
    headers.insert(header::ACCEPT_LANGUAGE, "en".parse().unwrap());
    headers.insert(header::COOKIE, "genkan=x; language=ja".parse().unwrap());
    assert_eq!(Language::of(&headers), Language::Japanese);
    assert_eq!(reads(header::COOKIE, "language=en"), Language::English);
    assert_eq!(reads(header::COOKIE, "language=xx"), Language::Japanese);
}

#[test]
fn sentences_and_their_places() {
    let (ja, en) = (Language::Japanese, Language::English);
    assert_eq!(ja.say("端末##列"), "端末");
    assert_eq!(en.say("端末##列"), "Kiosk");
    assert_eq!(en.say("表にない言葉##列"), "表にない言葉");
    assert_eq!(ja.fill("{}人目の続柄", &[&2]), "2人目の続柄");
    assert_eq!(en.fill("{}人目の続柄", &[&2]), "Person 2: relationship");
    assert_eq!(en.fill("{} → {}", &[&"a{}b", &1]), "a{}b → 1");
}

async fn switched(town: &Town, query: &str) -> Answer {
    get(town.office(), &format!("/console/language/{query}")).await
}

#[tokio::test]
async fn a_choice_leads_back_and_is_kept() {
    let town = town().await;
    let answer = switched(
        &town,
        "en?back=/console/990019/log-in%3Fback=/console/990019",
    )
    .await;
    assert_eq!(answer.status, 303);
    assert_eq!(
        answer.headers["location"],
        "/console/990019/log-in?back=/console/990019"
    );
    let cookie = answer.headers["set-cookie"].to_str().unwrap();
    assert!(
        cookie.starts_with("language=en; Path=/;") && cookie.contains("HttpOnly; SameSite=Lax"),
        "{cookie}"
    );
    assert_eq!(switched(&town, "xx").await.problem(), "not_found");
}

#[tokio::test]
async fn nobody_is_led_elsewhere() {
    let town = town().await;
    for back in [
        "",
        "//evil.example",
        "/console//evil.example",
        "https://evil.example",
        "https:evil.example",
        "javascript:alert(1)",
        "/\\evil.example",
        "\\\\evil.example",
        "/%0d%0aSet-Cookie:x=y",
        "/\u{0}",
        "console",
    ] {
        let back = serde_urlencoded::to_string([("back", back)]).unwrap();
        // What is escaped twice stays a path; what is escaped once must not become more than one.
        let plain = back.replace("%25", "%");
        for query in [back, plain] {
            let answer = switched(&town, &format!("en?{query}")).await;
            assert_eq!(answer.status, 303, "{query}");
            let place = answer.headers["location"].to_str().unwrap();
            let own = place == "/" || place == "/%0d%0aSet-Cookie:x=y";
            assert!(own, "{query}: {place}");
        }
    }
}

#[tokio::test]
async fn the_browser_is_asked_until_a_person_chooses() {
    let town = town().await;
    let page = async |headers: &[(&str, &str)]| {
        let mut request = Request::get("/console/990019/log-in");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        send(town.office(), request.body(Body::empty()).unwrap())
            .await
            .text()
    };
    let english = page(&[("accept-language", "en-GB,en;q=0.9,ja;q=0.1")]).await;
    assert!(english.contains("<html lang=\"en\">") && english.contains("Log-in name"));
    assert!(english.contains("/console/language/ja?back=/console/990019/log-in\""));
    for headers in [
        &[][..],
        &[("accept-language", "ja,en;q=0.9")],
        &[("accept-language", "en"), ("cookie", "language=ja")],
    ] {
        let japanese = page(headers).await;
        assert!(japanese.contains("<html lang=\"ja\">") && japanese.contains("ログイン名"));
        assert!(japanese.contains("/console/language/en?back=/console/990019/log-in\""));
    }
}
