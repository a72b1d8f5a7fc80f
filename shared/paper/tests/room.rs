//! What a field says of its room holds on every form: up to it everything stands in its box, well beyond it the
//! continuation list begins. The session tells staff by it, before anything is printed.
#![allow(clippy::unwrap_used, missing_docs)]

mod demo;

use std::collections::BTreeSet;

use application::{Field, FieldKind, Source};
use typst::layout::{Frame, FrameItem};

/// Every printed character of every page, in the order of printing.
fn printed(sheet: &paper::Sheet) -> String {
    let mut out = String::new();
    for page in sheet.document().pages() {
        collect(&page.frame, &mut out);
    }
    out
}

fn collect(frame: &Frame, out: &mut String) {
    for (_, item) in frame.items() {
        match item {
            FrameItem::Group(group) => collect(&group.frame, out),
            FrameItem::Text(text) => out.push_str(&text.text),
            _ => {}
        }
    }
}

fn is_written(field: &Field) -> bool {
    matches!(
        field.kind,
        FieldKind::Name | FieldKind::Kana | FieldKind::Address | FieldKind::Text { .. }
    )
}

/// A text of so many characters, each one em wide.
fn text(kind: &FieldKind, length: usize) -> String {
    let letters = if *kind == FieldKind::Kana {
        "ヤマダタロウ"
    } else {
        "髙﨑𠮷郎辻"
    };
    letters.chars().cycle().take(length).collect()
}

/// Labels on the continuation list of a form whose written values are all that long.
fn continued(form: &str, length: impl Fn(&Field) -> usize) -> BTreeSet<String> {
    let mut values = demo::values();
    // An address is entered by its parts; here it stands as a whole, as card and register say it.
    let parts: Vec<&String> = demo::forms()
        .fields()
        .flat_map(|field| &field.parts)
        .collect();
    parts.iter().for_each(|key| drop(values.0.remove(*key)));
    let whole = |field: &&Field| is_written(field) && !parts.contains(&&field.key);
    for field in demo::forms().fields().filter(whole) {
        for person in ["A", "B", "C", "D"] {
            let key = application::key_for(&field.key, Some(person));
            values.set(key, text(&field.kind, length(field)), Source::Resident);
        }
    }
    let sheet = demo::press()
        .set(&demo::filled(form, values), demo::TENANT)
        .unwrap();
    let all = printed(&sheet);
    let Some(list) = all
        .split("別紙欄に入りきらなかった内容")
        .nth(1)
        .or(all.split("欄に入りきらなかった内容").nth(1))
    else {
        return BTreeSet::new();
    };
    let labels = demo::forms().fields().map(|field| field.label.get("ja"));
    let stands = |label: &&str| list.contains(&label.replace("{person}", "人目のかた"));
    labels.filter(stands).map(str::to_owned).collect()
}

/// As short as anything is.
const SHORT: usize = 4;

#[test]
fn up_to_its_room_everything_stands_in_its_box() {
    for form in demo::forms().forms() {
        let list = continued(&form.id, |field| field.room.unwrap_or(SHORT));
        assert!(list.is_empty(), "{}: {list:?}", form.id);
    }
}

/// A room that is far too small would send staff to look at every address.
#[test]
fn well_beyond_its_room_a_value_is_continued_on_some_form() {
    let mut seen = BTreeSet::new();
    for form in demo::forms().forms() {
        seen.extend(continued(&form.id, |field| {
            field.room.map_or(SHORT, |room| room + 16)
        }));
    }
    // Values that repeat each other have the smallest box of any of them.
    let alone = |field: &&Field| {
        let kana = field.kind == FieldKind::Kana;
        field.room.is_some() && field.same_as.is_none() && field.kind != FieldKind::Address && !kana
    };
    let limited = demo::forms().fields().filter(alone);
    for field in limited {
        let label = field.label.get("ja");
        assert!(
            seen.contains(label),
            "{label} still fits: its room is too small"
        );
    }
}

/// What has no room of its own can never be too long: the pad takes less than every box holds.
#[test]
fn without_a_room_the_longest_text_fits() {
    let longest = |field: &Field| match (field.room, &field.kind) {
        (Some(_), _) => SHORT,
        (None, FieldKind::Text { most }) => *most,
        // These repeat a value that has a room.
        (None, _) if field.same_as.is_some() => SHORT,
        (None, _) => 100,
    };
    for form in demo::forms().forms() {
        let list = continued(&form.id, longest);
        assert!(list.is_empty(), "{}: {list:?}", form.id);
    }
}
