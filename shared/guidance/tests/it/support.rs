//! The shipped catalogue, loaded once per test process, and short ways to say facts.

use std::path::PathBuf;
use std::sync::LazyLock;

use guidance::{Catalogue, Facts, Plan};
use serde_json::Value;

pub(crate) static CATALOGUE: LazyLock<Catalogue> =
    LazyLock::new(|| Catalogue::from_files(files()).unwrap());

/// The files of `assets/catalogue`.
pub(crate) fn files() -> Vec<(String, String)> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../assets/catalogue");
    let entries = std::fs::read_dir(folder).unwrap();
    entries
        .map(|entry| entry.unwrap().path())
        .map(|path| {
            (
                path.file_name().unwrap().to_str().unwrap().to_owned(),
                std::fs::read_to_string(path).unwrap(),
            )
        })
        .collect()
}

pub(crate) fn facts(document: Value) -> Facts {
    Facts::from_value(&document).unwrap()
}

pub(crate) fn plan(document: Value) -> Plan {
    CATALOGUE.plan(&facts(document))
}

/// One line as a test reads it: `must tennyu [] 2026-05-11`.
pub(crate) fn short(plan: &Plan) -> Vec<String> {
    let due = |due: &guidance::Due| {
        let text = match (&due.date, &due.procedure, due.days) {
            (Some(date), _, _) => date.to_string(),
            (_, Some(procedure), _) => format!("with {procedure}"),
            (_, _, Some(days)) => format!("{days} days after filing"),
            _ => format!("{:?}", due.kind).to_lowercase(),
        };
        if due.overdue {
            format!("{text} OVERDUE")
        } else {
            text
        }
    };
    let level = |line: &guidance::Line| format!("{:?}", line.level).to_lowercase();
    plan.lines
        .iter()
        .map(|line| {
            format!(
                "{} {} [{}] {}",
                level(line),
                line.procedure,
                line.persons.join(","),
                due(&line.due)
            )
        })
        .collect()
}
