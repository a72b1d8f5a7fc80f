//! The page of one application.

use std::collections::BTreeMap;

use application::{Application, FormSet, FormUse, StaffNote, StaffNoteKind};
use askama::Template;
use cloud_store::{ApplicationRow, ApplicationStatus, Permission, Person, Protection};
use guidance::{Line, Plan};

use super::frame::Frame;
use super::papers::Shown;
use super::words;
use crate::casework::{Difference, Opened, differences};
use crate::editions::Published;
use crate::labels::{Label, RETURN_REASONS, reason_text};
use crate::language::Language;
use crate::staff::Clerk;

/// Who looks at an application, and who works on it.
pub(super) struct Viewer<'a> {
    pub(super) clerk: &'a Clerk,
    pub(super) claimer: Option<Person>,
    /// What became of the last action.
    pub(super) message: Option<String>,
}

impl Viewer<'_> {
    fn may(&self, permission: Permission) -> bool {
        self.clerk.person.may(permission)
    }

    fn has_claim(&self) -> bool {
        self.claimer
            .as_ref()
            .is_some_and(|person| person.id == self.clerk.person.id)
    }

    fn may_claim(&self, status: ApplicationStatus) -> bool {
        self.claimer.is_none()
            && status != ApplicationStatus::Done
            && self.may(Permission::ClaimApplication)
    }

    fn may_hand_off(&self, row: &ApplicationRow) -> bool {
        self.may(Permission::HandOff) && row.status == ApplicationStatus::Confirmed
    }

    /// The name of whoever works on it; empty if nobody does.
    fn claimer_name(&self) -> String {
        let name = self.claimer.as_ref().map(|person| person.name.clone());
        name.unwrap_or_default()
    }

    /// What the clerk may say of protective measures.
    fn by_hand(&self, protection: Protection) -> &'static [Protection] {
        if self.may(Permission::ChangeState) {
            protection.by_hand()
        } else {
            &[]
        }
    }

    fn may_release(&self) -> bool {
        self.has_claim() || (self.claimer.is_some() && self.may(Permission::ReleaseOthers))
    }

    fn next(&self, state: ApplicationStatus) -> Vec<(&'static str, &'static str, bool)> {
        if !self.has_claim() || !self.may(Permission::ChangeState) {
            return Vec::new();
        }
        let title = |next: ApplicationStatus| match (state, next) {
            (_, ApplicationStatus::Confirmed) => "確認済みにする",
            (_, ApplicationStatus::Done) => "処理済みにする",
            (_, ApplicationStatus::Returned) => "差し戻す",
            (ApplicationStatus::Returned, ApplicationStatus::Received) => {
                "受付に戻す（来庁された）"
            }
            (_, ApplicationStatus::Received) => "確認を取り消す",
        };
        state
            .next()
            .iter()
            .map(|next| {
                (
                    next.as_str(),
                    title(*next),
                    *next == ApplicationStatus::Returned,
                )
            })
            .collect()
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
    state: &'static str,
    state_word: &'static str,
    reason: Option<&'static str>,
    protection: Protection,
    /// What a clerk may say of it by hand.
    by_hand: &'static [Protection],
    /// Who works on it; empty if nobody does.
    claimer: String,
    mine: bool,
    may_release: bool,
    may_claim: bool,
    may_correct: bool,
    may_hand_off: bool,
    /// States that it can go to now: word, title, whether a reason is asked for.
    next: Vec<(&'static str, &'static str, bool)>,
    reasons: &'static [(&'static str, &'static str)],
    message: Option<String>,
    changed: usize,
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
    key: String,
    label: String,
    text: String,
    /// As it came, if staff corrected it.
    came: Option<String>,
    /// Whether its letters need a second look: rare ones, variants, or ones that could not be taken.
    doubtful: bool,
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
        viewer: Viewer<'_>,
        opened: &Opened,
        event: String,
        forms: Option<&Published<FormSet>>,
        shown: Shown,
    ) -> Self {
        let (row, differences) = (&opened.row, differences(&opened.came, &opened.now));
        let (opened, language) = (&opened.now, frame.language);
        Self {
            frame,
            id: row.id.to_string(),
            reception: row.reception.clone(),
            time: words::time(language, row.received_at),
            event,
            kiosk: row.kiosk.to_string(),
            card: opened.card.japanese(),
            language: words::screen_language(&opened.language).to_owned(),
            notes: notes(language, opened, forms),
            papers: papers(language, opened, forms, shown.number),
            shown,
            state: row.status.japanese(),
            state_word: row.status.as_str(),
            reason: row.reason.as_deref().and_then(reason_text),
            protection: row.protection,
            by_hand: viewer.by_hand(row.protection),
            next: viewer.next(row.status),
            may_claim: viewer.may_claim(row.status),
            may_release: viewer.may_release(),
            may_correct: viewer.has_claim() && viewer.may(Permission::CorrectApplication),
            may_hand_off: viewer.may_hand_off(row),
            mine: viewer.has_claim(),
            claimer: viewer.claimer_name(),
            reasons: &RETURN_REASONS,
            message: viewer.message,
            changed: differences.len(),
            groups: groups(language, opened, forms, &differences),
            procedures: procedures(language, &opened.plan),
        }
    }
}

/// The notes for staff, each with the value that it is about.
fn notes(
    language: Language,
    opened: &Application,
    forms: Option<&Published<FormSet>>,
) -> Vec<NoteLine> {
    let line = |note: &StaffNote| NoteLine {
        text: words::note(note.kind),
        about: note
            .key
            .as_ref()
            .map(|key| whose(language, opened, forms, key)),
    };
    opened.notes.iter().map(line).collect()
}

/// The application's forms, numbered from 1; `shown` is the one beside the values.
fn papers(
    language: Language,
    opened: &Application,
    forms: Option<&Published<FormSet>>,
    shown: usize,
) -> Vec<PaperLine> {
    let numbered = opened.forms.iter().zip(1..);
    let line = |(paper, number): (&FormUse, usize)| {
        let persons = paper.persons.iter();
        let names: Vec<String> = persons.map(|id| name(language, opened, id)).collect();
        PaperLine {
            number,
            title: words::form(language, forms, &paper.form),
            persons: names.join(language.say("、")),
            here: number == shown,
        }
    };
    numbered.map(line).collect()
}

/// A person's name as the application knows it, else the id.
fn name(language: Language, opened: &Application, id: &str) -> String {
    let name = opened.values.text(&format!("persons[{id}].name"));
    if name.is_empty() {
        language.fill("{}さん", &[&id])
    } else {
        name.to_owned()
    }
}

fn whose(
    language: Language,
    opened: &Application,
    forms: Option<&Published<FormSet>>,
    key: &str,
) -> String {
    let label = words::field(language, forms, key);
    let whose = application::person_of(key).map(|id| name(language, opened, id));
    whose.map_or(label.clone(), |name| format!("{name} {label}"))
}

/// Values of the visit first, then each person's, in the order in which they are asked.
fn groups(
    language: Language,
    opened: &Application,
    forms: Option<&Published<FormSet>>,
    differences: &[Difference],
) -> Vec<Group> {
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
        let difference = differences.iter().find(|difference| difference.key == *key);
        let noted = opened.notes.iter().any(|note| {
            note.kind == StaffNoteKind::SubstitutedGlyph && note.key.as_ref() == Some(key)
        });
        let line = ValueLine {
            key: key.clone(),
            came: difference.map(|difference| difference.came.clone()),
            doubtful: noted || value.text.chars().any(rare),
            label: words::field(language, forms, key),
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
        person.map_or_else(
            || language.say("届出の内容").to_owned(),
            |id| name(language, opened, id),
        )
    };
    by_person
        .into_iter()
        .map(|(person, rows)| Group {
            title: title(person),
            rows,
        })
        .collect()
}

/// A letter that another system may show as another one: variation selectors, and all beyond the basic plane.
fn rare(letter: char) -> bool {
    matches!(letter, '\u{FE00}'..='\u{FE0F}' | '\u{F900}'..='\u{FAFF}')
        || u32::from(letter) > 0xFFFF
}

/// The plan's lines as the kiosk computed them.
fn procedures(language: Language, plan: &Plan) -> Vec<PlanLine> {
    let line = |line: &Line| PlanLine {
        title: language.of_words(&line.title).to_owned(),
        due: line
            .due
            .date()
            .map_or_else(String::new, |day| words::day(language, &day.to_string())),
    };
    plan.lines.iter().map(line).collect()
}
