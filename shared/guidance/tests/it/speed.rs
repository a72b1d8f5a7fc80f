//! Time limits, generous enough for a debug build on a busy machine.

use std::time::{Duration, Instant};

use guidance::Catalogue;
use serde_json::json;

use crate::support::{CATALOGUE, facts, files};

/// Measured in a debug build: plan 2 ms, questions 6 ms, load 70 ms; the rest is for a machine that builds other things
/// at the same time. It catches what grows with the square of the household, not what got a little slower.
const LIMIT: Duration = Duration::from_secs(1);

#[test]
fn a_family_of_five_is_planned_and_questioned_quickly() {
    let start = Instant::now();
    let catalogue = Catalogue::from_files(files()).unwrap();
    let load = start.elapsed();
    assert!(load < 20 * LIMIT, "load {load:?}");
    for known in [true, false] {
        let person = |id: &str, birth: &str| {
            if known {
                json!({"id": id, "birth_date": birth, "moves": true})
            } else {
                json!({"id": id})
            }
        };
        let facts = facts(json!({
            "as_of": "2026-04-27",
            "event": {"kind": "move_in", "date": "2026-04-26"},
            "persons": [person("A", "1985-05-01"), person("B", "1987-05-01"), person("C", "2015-05-01"),
                        person("D", "2019-05-01"), person("E", "1950-05-01")],
        }));
        let start = Instant::now();
        let plan = catalogue.plan(&facts);
        let planned = start.elapsed();
        let start = Instant::now();
        let questions = catalogue.questions(&facts);
        let asked = start.elapsed();
        assert!(!plan.lines.is_empty() && !questions.is_empty());
        assert!(
            planned < LIMIT && asked < LIMIT,
            "known {known}: plan {planned:?}, questions {asked:?}"
        );
    }
    assert_eq!(CATALOGUE.digest(), catalogue.digest());
}
