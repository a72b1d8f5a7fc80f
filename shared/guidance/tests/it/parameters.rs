//! What differs from town to town: every parameter is read, and every what-if override changes something.

use guidance::{Due, FactError, ParameterValue};
use serde_json::{Value, json};

use crate::support::{CATALOGUE, facts, plan, scenarios};

/// Another value than the town's.
fn other(parameter: &guidance::document::Parameter) -> Value {
    match &parameter.default {
        ParameterValue::Flag(flag) => json!(!flag),
        ParameterValue::Count(count) => json!(count + 2),
        ParameterValue::Word(word) => json!(parameter.values.iter().find(|other| *other != word)),
        ParameterValue::List(_) if parameter.values.is_empty() => json!(["土曜 9:00-12:00"]),
        ParameterValue::List(_) => json!(["ja"]),
    }
}

/// Visits on whose plans some parameter counts, besides the careful clerk's.
fn visits() -> Vec<Value> {
    let mut visits: Vec<Value> = scenarios().into_iter().map(|(_, visit)| visit).collect();
    let persons = json!([{"id": "A", "birth_date": "1950-01-01", "role": "deceased", "health_insurance": "national"},
        {"id": "B", "birth_date": "2008-06-01", "health_insurance": "national", "moves": true, "pregnant": true}]);
    for kind in ["death", "move_in", "birth"] {
        visits.push(json!({"as_of": "2026-05-08", "persons": persons,
            // Three months from 31 January end on a closed day (29 April, 昭和の日 … 6 May).
            "event": {"kind": kind, "date": "2026-02-02", "known_on": "2026-02-02"},
            "household": {"owns_property": true, "mopeds": 1, "dogs": 1, "dogs_microchip_registered": true}}));
    }
    for what in ["new", "koseki"] {
        let kind = if what == "new" { "dog" } else { "certificate" };
        visits.push(json!({"as_of": "2026-05-08", "persons": [{"id": "A"}],
            "event": {"kind": kind, "what": what, "date": "2026-05-01", "dogbase": "2026-05-01"}}));
    }
    visits
}

#[test]
fn every_override_changes_some_plan() {
    for parameter in &CATALOGUE.document().parameter {
        let value = other(parameter);
        let changed = visits().into_iter().any(|visit| {
            let mut what_if = visit.clone();
            what_if["tenant"] = json!({ parameter.id.as_str(): value });
            plan(visit).to_json() != plan(what_if).to_json()
        });
        assert!(changed, "nobody reads tenant.{} = {value}", parameter.id);
    }
}

/// procedures.yaml `params`, each with another value.
#[test]
fn every_parameter_of_the_reference_data_may_be_overridden() {
    let tenant = json!({"child_medical_until": "age6", "dog_special_rule": false, "funeral_grant_yen": 30000,
        "birth_grant_yen": 480_000, "kokuho_levy": "料", "cert_fee_juminhyo": 200, "cert_fee_koseki": 400,
        "moped_days": 30, "property_holder_days_months": 6, "opening_hours": "09:00-17:00",
        "saturday_or_evening_counter": ["土曜 9:00-12:00"], "deceased_corner": true, "oshirase_lang": ["ja", "en"]});
    let mut visit = visits().pop().unwrap();
    visit["tenant"] = tenant;
    CATALOGUE.check(&facts(visit)).unwrap();
}

#[test]
fn amounts_and_days_come_from_the_town() {
    let death = |tenant: Value| {
        plan(json!({"as_of": "2026-05-08", "tenant": tenant,
            "event": {"kind": "death", "date": "2026-04-01", "known_on": "2026-04-01", "funeral_on": "2026-04-03"},
            "household": {"owns_property": true, "mopeds": 1},
            "persons": [{"id": "D", "birth_date": "1950-01-01", "role": "deceased", "health_insurance": "national"}]}))
    };
    let usual = death(json!({}));
    let line = |plan: &guidance::Plan, id: &str| plan.line(id).unwrap().clone();
    assert_eq!(line(&usual, "sosaihi_kokuho").grant_yen, Some(50_000));
    assert_eq!(line(&usual, "moped").due, Due::Asap { days: Some(15) });
    assert_eq!(
        line(&usual, "souzokunin_daihyo").due.date(),
        Some(jiff::civil::date(2026, 7, 1))
    );
    assert_eq!(line(&usual, "shibo").counter, "family_register");
    assert_eq!(line(&usual, "shibo").hours.as_deref(), Some("08:30-17:15"));
    let own = death(
        json!({"funeral_grant_yen": 70000, "moped_days": 30, "property_holder_days_months": 2,
        "deceased_corner": true, "saturday_or_evening_counter": ["土曜 9:00-12:00"]}),
    );
    assert_eq!(line(&own, "sosaihi_kokuho").grant_yen, Some(70_000));
    assert_eq!(line(&own, "moped").due, Due::Asap { days: Some(30) });
    assert_eq!(
        line(&own, "souzokunin_daihyo").due.date(),
        Some(jiff::civil::date(2026, 6, 1))
    );
    assert_eq!(line(&own, "shibo").counter, "bereavement");
    assert_eq!(
        line(&own, "shibo").hours.as_deref(),
        Some("08:30-17:15、土曜 9:00-12:00")
    );
}

#[test]
fn the_levy_is_called_as_the_town_calls_it() {
    let title = |catalogue: &guidance::Catalogue| {
        let procedure = catalogue.procedure("kokuho_birth_levy").unwrap();
        procedure.title.get("ja").to_owned()
    };
    assert!(title(&CATALOGUE).contains("国民健康保険税の"));
    let fee = ParameterValue::Word("料".to_owned());
    let town = CATALOGUE.with_parameters([("kokuho_levy", fee)]).unwrap();
    assert!(title(&town).contains("国民健康保険料の"));
    let again =
        guidance::Catalogue::from_document(std::str::from_utf8(town.edition_bytes()).unwrap());
    assert!(again.unwrap() == town);
}

#[test]
fn overrides_that_no_town_can_have_are_refused_with_their_path() {
    let refused = |tenant: Value| -> FactError {
        let visit = json!({"as_of": "2026-05-08", "event": {"kind": "dog"}, "tenant": tenant});
        match guidance::Facts::from_value(&visit) {
            Ok(facts) => CATALOGUE.check(&facts).unwrap_err(),
            Err(error) => error,
        }
    };
    for (tenant, path) in [
        (json!({"no_such": 1}), "tenant.no_such"),
        (json!({"moped_days": "15"}), "tenant.moped_days"),
        (json!({"moped_days": -1}), "tenant.moped_days"),
        (json!({"deceased_corner": 1}), "tenant.deceased_corner"),
        (json!({"kokuho_levy": "金"}), "tenant.kokuho_levy"),
        (json!({"oshirase_lang": "ja"}), "tenant.oshirase_lang"),
        (json!({"oshirase_lang": ["xx"]}), "tenant.oshirase_lang"),
        (
            json!({"saturday_or_evening_counter": [1]}),
            "tenant.saturday_or_evening_counter[0]",
        ),
        (json!({"moped_days": {}}), "tenant.moped_days"),
    ] {
        assert_eq!(refused(tenant).path, path);
    }
}
