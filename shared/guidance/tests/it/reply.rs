//! A plan is written out and read back: nothing of it is lost, and what cannot be is refused.

use guidance::{Due, Plan};
use serde_json::{Value, json};

use crate::support::{plan, scenarios};

#[test]
fn every_plan_is_read_back_as_it_was_in_every_language() {
    for (name, document) in scenarios() {
        let plan = plan(document);
        let back: Plan = serde_json::from_str(&plan.to_json()).unwrap();
        assert_eq!(back, plan, "{name}");
        for line in &back.lines {
            for bring in &line.bring {
                assert!(
                    !bring.item.get("en").is_empty(),
                    "{name}: {}",
                    bring.item_id
                );
            }
        }
    }
}

#[test]
fn a_due_day_without_what_its_kind_needs_is_refused() {
    let read = |due: Value| serde_json::from_value::<Due>(due).map_err(|error| error.to_string());
    for (kind, lacks) in [
        ("on", "date"),
        ("before", "date"),
        ("with", "procedure"),
        ("after_filing", "days"),
    ] {
        let error = read(json!({"kind": kind, "overdue": false})).unwrap_err();
        assert!(error.contains(&format!("`{lacks}`")), "{kind}: {error}");
    }
    assert_eq!(
        read(json!({"kind": "asap", "overdue": false})),
        Ok(Due::Asap { days: None })
    );
    assert!(read(json!({"kind": "tomorrow", "overdue": false})).is_err());
}
