//! What each page shows.

use std::collections::BTreeMap;

use application::{Application, FormSet};
use askama::Template;
use jiff::{SignedDuration, Timestamp};

use super::frame::Frame;
use super::papers::Shown;
use super::words;
use crate::editions::Published;
use crate::store::{ApplicationRow, KioskRow, StaffCallRow};

/// A kiosk that was not heard for this long is shown as silent.
const SILENT_AFTER: SignedDuration = SignedDuration::from_mins(5);

#[derive(Template)]
#[template(path = "towns.html")]
pub(super) struct Towns {
    pub(super) frame: Frame,
    pub(super) towns: Vec<TownRow>,
}

pub(super) struct TownRow {
    pub(super) code: String,
    pub(super) name: String,
}

#[derive(Template)]
#[template(path = "applications.html")]
pub(super) struct Applications {
    pub(super) frame: Frame,
    pub(super) search: Search,
    pub(super) rows: Vec<ApplicationLine>,
    pub(super) calls: Vec<CallLine>,
    pub(super) kiosks: Vec<KioskLine>,
}

/// The field for scanner and keyboard.
#[derive(Default)]
pub(super) struct Search {
    pub(super) typed: String,
    pub(super) problem: Option<&'static str>,
}

pub(super) struct ApplicationLine {
    pub(super) id: String,
    pub(super) reception: String,
    pub(super) time: String,
    pub(super) event: String,
    pub(super) kiosk: String,
    pub(super) forms: i64,
    pub(super) card: &'static str,
    pub(super) notes: i64,
    pub(super) state: &'static str,
}

impl ApplicationLine {
    pub(super) fn new(row: &ApplicationRow, event: String) -> Self {
        Self {
            id: row.id.to_string(),
            reception: row.reception.clone(),
            time: words::time(row.received_at),
            event,
            kiosk: row.kiosk.to_string(),
            forms: row.forms,
            card: words::card(&row.card),
            notes: row.notes,
            state: "受付",
        }
    }
}

pub(super) struct CallLine {
    pub(super) time: String,
    pub(super) kiosk: String,
    pub(super) reason: &'static str,
}

impl CallLine {
    pub(super) fn new(row: &StaffCallRow) -> Self {
        Self {
            time: words::time(row.called_at),
            kiosk: row.kiosk.to_string(),
            reason: words::call(row.reason),
        }
    }
}

pub(super) struct KioskLine {
    pub(super) kiosk: String,
    pub(super) seen: String,
    pub(super) silent: bool,
    pub(super) outbox: u32,
    pub(super) troubles: Vec<String>,
}

impl KioskLine {
    pub(super) fn new(row: &KioskRow, now: Timestamp) -> Self {
        let troubles = row.heartbeat.parts.iter().filter_map(|status| {
            words::part_state(status.state)
                .map(|state| format!("{}：{state}", words::part(status.part)))
        });
        Self {
            kiosk: row.kiosk.to_string(),
            seen: words::time(row.seen_at),
            silent: now.duration_since(row.seen_at) > SILENT_AFTER,
            outbox: row.heartbeat.outbox,
            troubles: troubles.collect(),
        }
    }
}

#[derive(Template)]
#[template(path = "application.html")]
pub(super) struct ApplicationPage {
    frame: Frame,
    id: String,
    reception: String,
    time: String,
    event: String,
    kiosk: String,
    card: &'static str,
    language: String,
    notes: Vec<NoteLine>,
    papers: Vec<PaperLine>,
    shown: Shown,
    groups: Vec<Group>,
    procedures: Vec<PlanLine>,
}

struct NoteLine {
    text: &'static str,
    about: Option<String>,
}

struct PaperLine {
    number: usize,
    title: String,
    persons: String,
    here: bool,
}

struct Group {
    title: String,
    rows: Vec<ValueLine>,
}

struct ValueLine {
    label: String,
    text: String,
    source_class: &'static str,
    source: &'static str,
}

struct PlanLine {
    title: String,
    due: String,
}

impl ApplicationPage {
    pub(super) fn new(
        frame: Frame,
        row: &ApplicationRow,
        opened: &Application,
        event: String,
        forms: Option<&Published<FormSet>>,
        shown: Shown,
    ) -> Self {
        let notes = opened.notes.iter().map(|note| NoteLine {
            text: words::note(note.kind),
            about: note.key.as_ref().map(|key| whose(opened, forms, key)),
        });
        let papers = opened
            .forms
            .iter()
            .zip(1..)
            .map(|(paper, number)| PaperLine {
                number,
                title: words::form(forms, &paper.form),
                persons: paper
                    .persons
                    .iter()
                    .map(|id| name(opened, id))
                    .collect::<Vec<_>>()
                    .join("、"),
                here: number == shown.number,
            });
        let papers = papers.collect();
        Self {
            frame,
            id: row.id.to_string(),
            reception: row.reception.clone(),
            time: words::time(row.received_at),
            event,
            kiosk: row.kiosk.to_string(),
            card: words::card_check(opened.card),
            language: words::language(&opened.language),
            notes: notes.collect(),
            papers,
            shown,
            groups: groups(opened, forms),
            procedures: procedures(&opened.plan),
        }
    }
}

/// A person's name as the application knows it, else the id.
fn name(opened: &Application, id: &str) -> String {
    let name = opened.values.text(&format!("persons[{id}].name"));
    if name.is_empty() {
        format!("{id}さん")
    } else {
        name.to_owned()
    }
}

fn whose(opened: &Application, forms: Option<&Published<FormSet>>, key: &str) -> String {
    let label = words::field(forms, key);
    application::person_of(key).map_or(label.clone(), |id| format!("{} {label}", name(opened, id)))
}

/// Values of the visit first, then each person's, in the order in which they are asked.
fn groups(opened: &Application, forms: Option<&Published<FormSet>>) -> Vec<Group> {
    let place = |key: &str| {
        let set = &forms?.value;
        let field = set.field(key)?;
        set.fields().position(|other| other.key == field.key)
    };
    let mut values: Vec<_> = opened
        .values
        .iter()
        .filter(|(_, value)| !value.text.is_empty())
        .map(|(key, value)| (place(key).unwrap_or(usize::MAX), key, value))
        .collect();
    values.sort_by_key(|(place, ..)| *place);
    let mut by_person: BTreeMap<Option<&str>, Vec<ValueLine>> = BTreeMap::new();
    for (_, key, value) in values {
        let (source_class, source) = words::source(value.source);
        let line = ValueLine {
            label: words::field(forms, key),
            text: value.text.clone(),
            source_class,
            source,
        };
        by_person
            .entry(application::person_of(key))
            .or_default()
            .push(line);
    }
    let title = |person: Option<&str>| {
        person.map_or_else(|| "届出の内容".to_owned(), |id| name(opened, id))
    };
    by_person
        .into_iter()
        .map(|(person, rows)| Group {
            title: title(person),
            rows,
        })
        .collect()
}

/// The plan's lines as the kiosk computed them.
fn procedures(plan: &serde_json::Value) -> Vec<PlanLine> {
    let lines = plan
        .get("lines")
        .and_then(|lines| lines.as_array())
        .map_or(&[][..], Vec::as_slice);
    let text = |line: &serde_json::Value, path: &str| {
        line.pointer(path)
            .and_then(|value| value.as_str())
            .unwrap_or_default()
            .to_owned()
    };
    lines
        .iter()
        .map(|line| PlanLine {
            title: text(line, "/title/ja"),
            due: words::day(&text(line, "/due/date")),
        })
        .collect()
}
