//! A malformed edition is refused with file, line and reason; nothing is guessed.

use guidance::Catalogue;

use crate::support::files;

/// The shipped files with one text replaced in one of them.
fn edited(file: &str, from: &str, to: &str) -> Vec<(String, String)> {
    let mut files = files();
    let (_, text) = files.iter_mut().find(|(name, _)| name == file).unwrap();
    assert!(text.contains(from), "{file} has no {from:?}");
    *text = text.replacen(from, to, 1);
    files
}

fn refusal(file: &str, from: &str, to: &str) -> (String, Option<usize>, String) {
    let error = Catalogue::from_files(edited(file, from, to)).unwrap_err();
    (error.file, error.line, error.reason)
}

fn line_of(file: &str, from: &str, to: &str) -> usize {
    let files = edited(file, from, to);
    let (_, text) = files.iter().find(|(name, _)| name == file).unwrap();
    let offset = text.find(to).unwrap();
    text[..offset].matches('\n').count() + 1
}

fn assert_refused(file: &str, from: &str, to: &str, reason: &str) {
    let (found_file, line, found) = refusal(file, from, to);
    assert_eq!(found_file, file, "{found}");
    assert_eq!(line, Some(line_of(file, from, to)), "{found}");
    assert!(found.contains(reason), "{found}");
}

#[test]
fn conditions_are_checked_against_the_vocabulary() {
    let from = "\"person.health_insurance == 'employees_dependent'\"";
    let file = "insurance.toml";
    assert_refused(
        file,
        from,
        "\"person.health_insuranc == 'employees'\"",
        "unknown fact person.health_insuranc",
    );
    assert_refused(
        file,
        from,
        "\"person.health_insurance == 'kokuho'\"",
        "is one of national, employees",
    );
    assert_refused(
        file,
        from,
        "\"person.health_insurance >= 3\"",
        "is one of national",
    );
    assert_refused(
        file,
        from,
        "\"person.age == 'old'\"",
        "person.age is a whole number",
    );
    assert_refused(
        file,
        from,
        "\"person.health_insurance\"",
        "is not a yes-no fact",
    );
    assert_refused(file, from, "\"person.moves &&\"", "1:16");
    assert_refused(
        file,
        from,
        "\"person.moves + 1 == 2\"",
        "a fact is written person",
    );
    assert_refused(
        file,
        from,
        "\"tenant.no_such\"",
        "unknown parameter tenant.no_such",
    );
    assert_refused(
        file,
        from,
        "\"size(person.school) > 2\"",
        "a fact is written person",
    );
    assert_refused(
        file,
        from,
        "\"event.date >= 'soon'\"",
        "event.date is a date",
    );
}

#[test]
fn a_household_rule_cannot_speak_of_a_person() {
    assert_refused(
        "resident_record.toml",
        "\"!event.abroad\"",
        "\"!person.moves\"",
        "in a rule about the household",
    );
}

#[test]
fn references_must_exist() {
    assert_refused(
        "insurance.toml",
        "counter = \"insurance_pension\"",
        "counter = \"nowhere\"",
        "unknown counter \"nowhere\"",
    );
    assert_refused(
        "insurance.toml",
        "item = \"maternal_handbook\"",
        "item = \"no_item\"",
        "unknown item \"no_item\"",
    );
    assert_refused(
        "insurance.toml",
        "reason = \"card_is_identity\"",
        "reason = \"no_reason\"",
        "unknown reason",
    );
    assert_refused(
        "insurance.toml",
        "from = \"event.funeral_on\"",
        "from = \"event.abroad\"",
        "is not a date of the event",
    );
    assert_refused(
        "certificates.toml",
        "fee_yen = \"tenant.cert_fee_juminhyo\"",
        "fee_yen = \"tenant.opening_hours\"",
        "not a numeric tenant parameter",
    );
    assert_refused(
        "children.toml",
        "procedure = \"tenshutsu\"",
        "procedure = \"tensyutu\"",
        "unknown procedure",
    );
    assert_refused(
        "questions.toml",
        "value = \"locked\"",
        "value = \"stuck\"",
        "unknown answer \"stuck\"",
    );
}

#[test]
fn life_events_are_checked() {
    let file = "events.toml";
    assert_refused(
        file,
        "concern = \"movers\"",
        "concern = \"nobody\"",
        "this concern asks nobody",
    );
    assert_refused(
        file,
        "concern = \"nobody\"",
        "concern = \"one\" # who?",
        "there is no who_title",
    );
    assert_refused(
        file,
        "concern = \"movers\"",
        "concern = \"everybody\"",
        "unknown variant `everybody`",
    );
    assert_refused(
        file,
        "may_be_future = true",
        "future = true",
        "unknown field `future`",
    );
    assert_refused(
        file,
        "implies = [\"person.pregnant\"]",
        "implies = [\"person.age\"]",
        "is not a yes-no fact about a person",
    );
    let (found, line, reason) = refusal(file, "concern = \"movers\"\n", "");
    assert_eq!(found, file);
    assert!(
        line.is_some() && reason.contains("missing field `concern`"),
        "{reason}"
    );
    assert_refused(
        file,
        "id = \"move_in\"",
        "id = \"Move in\"",
        "lower-case letters",
    );
    assert_refused(
        "questions.toml",
        "events = [\"certificate\"]",
        "events = [\"certificates\"]",
        "unknown life event \"certificates\"",
    );
    assert_refused(
        "insurance.toml",
        "event.kind == 'birth'",
        "event.kind == 'births'",
        "event.kind is one of move_in",
    );
}

#[test]
fn the_words_of_facts_are_checked() {
    let file = "facts.toml";
    assert_refused(
        file,
        "fact = \"event.abroad\"",
        "fact = \"event.abraod\"",
        "unknown fact \"event.abraod\"",
    );
    assert_refused(
        file,
        "events = [\"birth\"]",
        "events = [\"births\"]",
        "unknown life event \"births\"",
    );
    assert_refused(
        file,
        "en = \"Dogs: {value}\"",
        "en = \"Dogs\"",
        "reason needs {value} in every language",
    );
    assert_refused(
        file,
        "value = \"cert_expiring\"",
        "value = \"expiring\"",
        "unknown value \"expiring\"",
    );
    assert_refused(
        file,
        "reason_not = { ja = \"元の氏に戻ります\",",
        "reason_not = {",
        "a text without ja",
    );
    assert_refused(
        file,
        "reason_not = {",
        "reason_no = {",
        "unknown field `reason_no`",
    );
}

#[test]
fn the_format_is_strict() {
    assert_refused(
        "tax.toml",
        "order = 700",
        "ordre = 700",
        "unknown field `ordre`",
    );
    assert_refused(
        "tax.toml",
        "level = \"must\"",
        "level = \"perhaps\"",
        "unknown variant `perhaps`",
    );
    assert_refused(
        "holidays.csv",
        "2026-05-06,",
        "2026-05-36,",
        "\"2026-05-36\" is not a date",
    );
    let (file, line, _) = refusal("tax.toml", "order = 700", "order = ");
    assert_eq!(
        (file.as_str(), line),
        (
            "tax.toml",
            Some(line_of("tax.toml", "order = 700", "order = "))
        )
    );
}

#[test]
fn doubles_and_gaps_are_refused() {
    let (file, _, reason) = refusal("dogs.toml", "id = \"dog_move\"", "id = \"dog_new\"");
    assert_eq!(
        (file.as_str(), reason.as_str()),
        ("dogs.toml", "a second procedure \"dog_new\"")
    );
    let without = files()
        .into_iter()
        .filter(|(name, _)| name != "edition.toml");
    assert!(
        Catalogue::from_files(without)
            .unwrap_err()
            .reason
            .contains("no [edition]")
    );
    let mut twice = files();
    let edition = twice
        .iter()
        .find(|(name, _)| name == "edition.toml")
        .unwrap()
        .1
        .clone();
    twice.push(("edition2.toml".to_owned(), edition));
    assert_eq!(
        Catalogue::from_files(twice).unwrap_err().to_string(),
        "edition2.toml: a second [edition]"
    );
    assert_eq!(
        Catalogue::from_document("{\"edition\": 3}")
            .unwrap_err()
            .line,
        Some(1)
    );
}
