//! A town's own sites, counters, hours, closed days and fees, laid over the edition.

use guidance::{Catalogue, Masters, MastersError};
use jiff::civil::date;
use serde_json::{Value, json};

use crate::support::{CATALOGUE, facts};

fn masters(document: Value) -> Masters {
    serde_json::from_value(document).unwrap()
}

fn town(document: Value) -> Catalogue {
    let masters = masters(document);
    masters.check().unwrap();
    CATALOGUE.with_masters(&masters).unwrap()
}

/// A birth on 2 December: the notification is due on the fifteenth (戸籍法49条, first day counted), a Tuesday in 2026.
fn birth() -> guidance::Facts {
    facts(
        json!({"as_of": "2026-12-03", "event": {"kind": "birth", "date": "2026-12-02"},
        "persons": [{"id": "C", "birth_date": "2026-12-02", "role": "newborn"}, {"id": "A", "birth_date": "1996-01-01", "role": "parent"}]}),
    )
}

#[test]
fn a_closed_day_moves_the_due_dates_that_fall_on_it() {
    let due = |catalogue: &Catalogue| {
        let plan = catalogue.plan(&birth());
        plan.line("shussho").unwrap().due.date().unwrap()
    };
    assert_eq!(due(&CATALOGUE), date(2026, 12, 15));
    let closed =
        town(json!({"closed": {"2026-12-15": "町制記念日", "2026-12-16": "町制記念日（振替）"}}));
    assert_eq!(due(&closed), date(2026, 12, 17));
    assert!(closed.calendar().is_closed(date(2026, 12, 15)));
}

#[test]
fn fees_are_the_towns() {
    let certificate = facts(
        json!({"as_of": "2026-04-27", "event": {"kind": "certificate", "what": "juminhyo"}, "persons": [{"id": "A"}]}),
    );
    let fee = |catalogue: &Catalogue| {
        let plan = catalogue.plan(&certificate);
        plan.line("cert_juminhyo").unwrap().fee_yen
    };
    assert_eq!(fee(&CATALOGUE), 300);
    assert_eq!(fee(&town(json!({"fee": {"cert_fee_juminhyo": 250}}))), 250);
    let fees = CATALOGUE.fees();
    let resident = fees
        .iter()
        .find(|fee| fee.parameter.id == "cert_fee_juminhyo")
        .unwrap();
    assert_eq!(resident.yen, 300);
    assert!(
        resident
            .procedures
            .iter()
            .any(|one| one.id == "cert_juminhyo")
    );
    assert!(
        !fees.iter().any(|fee| fee.parameter.id == "moped_days"),
        "days are no fee"
    );
}

#[test]
fn counters_move_and_keep_their_own_hours() {
    let weekdays = json!({"from": "09:00:00", "until": "16:30:00"});
    let town = town(json!({
        "site": [{"id": "hall", "name": {"ja": "本庁舎", "en": "Main hall"}}, {"id": "west", "name": {"ja": "西支所", "en": "West office"}}],
        "opening": {"weekdays": weekdays, "more": [{"day": "saturday", "hours": {"from": "09:00:00", "until": "12:00:00"}}]},
        "counter": [
            {"id": "family_register", "number": 21, "place": {"ja": "2階", "en": "2nd floor"}, "site": "west"},
            {"id": "child_support", "number": 3, "place": {"ja": "1階"}, "site": "hall", "hours": {"from": "10:00:00", "until": "15:00:00"}},
        ],
    }));
    let register = town.counter("family_register").unwrap();
    assert_eq!(
        (
            register.number,
            register.place.get("ja"),
            register.place.get("en")
        ),
        (21, "西支所 2階", "West office 2nd floor")
    );
    let plan = town.plan(&birth());
    let hours = |counter: &str| {
        let line = plan.lines.iter().find(|line| line.counter == counter);
        line.unwrap().hours.clone().unwrap()
    };
    assert_eq!(hours("family_register"), "09:00-16:30、土曜 09:00-12:00");
    assert_eq!(hours("child_support"), "10:00-15:00");
}

#[test]
fn with_one_site_a_place_needs_no_building() {
    let town = town(json!({"site": [{"id": "hall", "name": {"ja": "本庁舎"}}],
        "counter": [{"id": "tax", "number": 7, "place": {"ja": "1階"}, "site": "hall"}]}));
    assert_eq!(town.counter("tax").unwrap().place.get("ja"), "1階");
}

#[test]
fn the_same_masters_give_the_same_edition_everywhere() {
    let document =
        json!({"closed": {"2026-12-15": "町制記念日"}, "fee": {"cert_fee_juminhyo": 250}});
    let (here, there) = (town(document.clone()), town(document));
    assert_eq!(here.digest(), there.digest());
    assert_ne!(here.digest(), CATALOGUE.digest());
    assert_eq!(
        CATALOGUE
            .with_masters(&Masters::default())
            .unwrap()
            .digest(),
        CATALOGUE.digest()
    );
    let text = std::str::from_utf8(here.edition_bytes()).unwrap();
    assert!(Catalogue::from_document(text).unwrap() == here);
}

#[test]
fn what_the_edition_does_not_have_is_left_out_and_named() {
    let masters = masters(
        json!({"counter": [{"id": "gone", "number": 1, "place": {"ja": "1階"}}, {"id": "other_office", "number": 2, "place": {"ja": "1階"}}],
        "fee": {"no_such_fee": 10, "moped_days": 3}}),
    );
    masters.check().unwrap();
    assert_eq!(
        CATALOGUE.unknown_masters(&masters),
        [
            "counter.gone",
            "counter.other_office",
            "fee.moped_days",
            "fee.no_such_fee"
        ]
    );
    let town = CATALOGUE.with_masters(&masters).unwrap();
    assert!(town.counter("gone").is_none());
    assert_eq!(town.counter("other_office").unwrap().number, 0);
    assert_eq!(
        town.digest(),
        CATALOGUE.digest(),
        "days are not changed as if they were a fee"
    );
}

#[test]
fn masters_that_cannot_be_are_refused_with_their_place() {
    let hours = |from: &str, until: &str| json!({"from": from, "until": until});
    let counter =
        |id: &str, number: u32| json!({"id": id, "number": number, "place": {"ja": "1階"}});
    let site =
        |id: &str, kiosks: Value| json!({"id": id, "name": {"ja": "本庁舎"}, "kiosks": kiosks});
    let wrong = |document: Value| masters(document).check().unwrap_err();
    for (document, error) in [
        (
            json!({"opening": {"weekdays": hours("17:00:00", "09:00:00")}}),
            MastersError::Hours("opening".into()),
        ),
        (
            json!({"counter": [counter("tax", 1), counter("tax", 2)]}),
            MastersError::Twice("counter.tax".into()),
        ),
        (
            json!({"counter": [counter("tax", 1), counter("dogs", 1)]}),
            MastersError::Twice("counter.dogs".into()),
        ),
        (
            json!({"counter": [counter("tax", 0)]}),
            MastersError::Range("counter.tax".into()),
        ),
        (
            json!({"counter": [{"id": "tax", "number": 1, "place": {"ja": " "}}]}),
            MastersError::Empty("counter.tax".into()),
        ),
        (
            json!({"counter": [{"id": "tax", "number": 1, "place": {"ja": "1階"}, "site": "moon"}]}),
            MastersError::UnknownSite("counter.tax".into()),
        ),
        (
            json!({"site": [site("a", json!(["1"])), site("b", json!(["1"]))]}),
            MastersError::Twice("site.b.1".into()),
        ),
        (
            json!({"closed": {"2026-12-15": ""}}),
            MastersError::Empty("closed.2026-12-15".into()),
        ),
        (
            json!({"closed": {"1700-12-15": "昔"}}),
            MastersError::Range("closed.1700-12-15".into()),
        ),
        (
            json!({"fee": {"cert_fee_juminhyo": 3_000_000}}),
            MastersError::Range("fee.cert_fee_juminhyo".into()),
        ),
    ] {
        assert_eq!(wrong(document), error);
    }
}

#[test]
fn a_saturday_with_hours_is_no_closed_one_for_staff() {
    let saturday = masters(json!({"opening": {
        "weekdays": {"from": "08:30:00", "until": "17:15:00"},
        "more": [{"day": "saturday", "hours": {"from": "09:00:00", "until": "12:00:00"}}]}}));
    assert!(saturday.opens_on(jiff::civil::Weekday::Saturday));
    assert!(!saturday.opens_on(jiff::civil::Weekday::Sunday));
    assert!(!Masters::default().opens_on(jiff::civil::Weekday::Saturday));
}
