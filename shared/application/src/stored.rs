//! Applications as older kiosks sealed them, brought up to today's shape.

use serde_json::{Value, json};

/// The document in the shape of [`APPLICATION_VERSION`](crate::APPLICATION_VERSION). A version that is not known, a
/// newer one among them, stays as it is: its reader refuses it.
pub(crate) fn up_to_date(mut document: Value) -> Value {
    if document["version"] == 1 {
        from_version_1(&mut document);
        document["version"] = json!(2);
    }
    document
}

/// Version 1 wrote what to bring in Japanese only and without the item's id; a visit that had no plan wrote null.
fn from_version_1(document: &mut Value) {
    let as_of = document["as_of"].clone();
    let Some(plan) = document.get_mut("plan") else {
        return;
    };
    if plan.get("lines").is_none() {
        *plan = json!({
            "as_of": as_of,
            "catalogue": {"edition": "", "in_force_from": as_of, "digest": ""},
            "lines": [],
            "unknown": [],
        });
    }
    let lines = plan["lines"].as_array_mut().into_iter().flatten();
    for bring in lines.flat_map(|line| line["bring"].as_array_mut().into_iter().flatten()) {
        for text in ["item", "why"] {
            let japanese = bring[text].take();
            bring[text] = json!({"ja": japanese});
        }
        bring["item_id"] = json!("");
    }
}
