//! Documents that older kiosks sealed stay readable.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on may stop")]

use application::{APPLICATION_VERSION, Application};
use guidance::Due;
use serde_json::{Value, json};

fn version_1() -> Value {
    serde_json::from_str(include_str!("stored/version-1.json")).unwrap()
}

#[test]
fn version_1_is_read_with_its_plan() {
    let application: Application = serde_json::from_value(version_1()).unwrap();
    assert_eq!(application.version, APPLICATION_VERSION);
    let plan = &application.plan;
    assert_eq!(
        plan.lines.len(),
        version_1()["plan"]["lines"].as_array().unwrap().len()
    );
    let moving_in = plan.line("tennyu").unwrap();
    assert_eq!(
        moving_in.due,
        Due::On {
            date: jiff::civil::date(2026, 5, 11),
            overdue: false
        }
    );
    assert_eq!(moving_in.bring[0].item.get("ja"), "転出証明書");
    assert_eq!(
        moving_in.bring[0].why.get("en"),
        "マイナンバーカードがあるので、転出証明書の代わりになります",
        "Japanese stands in where the document had no other language"
    );
    assert_eq!(
        plan.line("card_continue").unwrap().due,
        Due::AfterFiling { days: 90 }
    );
    let again = serde_json::to_value(&application).unwrap();
    assert!(serde_json::from_value::<Application>(again).unwrap() == application);
}

#[test]
fn version_1_without_a_plan_is_read_with_an_empty_one() {
    for plan in [Value::Null, json!({})] {
        let mut document = version_1();
        document["plan"] = plan;
        let application: Application = serde_json::from_value(document).unwrap();
        assert!(application.plan.lines.is_empty());
        assert_eq!(application.plan.as_of, application.as_of);
    }
}

#[test]
fn a_document_of_today_with_a_plan_of_yesterday_is_refused() {
    let mut document = version_1();
    document["version"] = json!(APPLICATION_VERSION);
    assert!(serde_json::from_value::<Application>(document).is_err());
}
