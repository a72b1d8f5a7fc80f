//! A new life event is a change of the catalogue alone.

use std::path::Path;
use std::sync::Arc;

use guidance::document::Document;
use guidance::{Catalogue, FactValue, Words};
use jiff::civil::date;
use session::TownContext;
use session::screen::{Body, ChoicesBody, EntryBody, PlanBody, TilesBody};
use session::text::Text;

use crate::kiosk::Kiosk;
use crate::town;

const ADDED: &str = include_str!("new_event.toml");

fn added() -> Document {
    toml::from_str(ADDED).unwrap()
}

/// The shipped catalogue and one file more.
fn catalogue() -> Catalogue {
    let mut files = town::files("catalogue");
    files.push(("new_event.toml".to_owned(), ADDED.to_owned()));
    Catalogue::from_files(files).unwrap()
}

fn kiosk(catalogue: Catalogue) -> Kiosk {
    Kiosk::in_town(TownContext {
        catalogue: Arc::new(catalogue),
        ..town::town()
    })
}

/// As far as the card's offer; the seventeenth tile is on the second page.
fn begin(kiosk: &mut Kiosk) {
    let event = &added().event[0];
    kiosk.touch(session::touch::Touch::Begin).choose("more");
    let Body::Tiles(TilesBody { tiles, .. }) = kiosk.screen().body else {
        panic!("no tiles at {}", kiosk.title())
    };
    assert_eq!(tiles.len(), 1);
    assert!(tiles[0].title == Text::Words(event.title.clone()));
    assert_eq!(tiles[0].picture.as_deref(), Some(event.icon.as_str()));
    kiosk.choose(&format!("event:{}", event.id));
}

/// The title of the page, where it comes from the catalogue.
fn asked(kiosk: &Kiosk) -> Words {
    match kiosk.screen().body {
        Body::Entry(EntryBody { title, .. }) | Body::Choices(ChoicesBody { title, .. }) => {
            match title {
                Text::Words(words) | Text::WordsWith(words, _) => words,
                _ => panic!("asked by the program: {}", kiosk.title()),
            }
        }
        _ => panic!("nothing is asked at {}", kiosk.title()),
    }
}

/// Goes on from the question that guidance asks to the plan's only line, and checks it.
fn to_the_plan(kiosk: &mut Kiosk) {
    let Document {
        question,
        fact,
        procedure,
        ..
    } = added();
    assert_eq!(asked(kiosk), question[0].title);
    kiosk.choose("yes").is_at("plan.title.lines");
    let Body::Plan(PlanBody { lines, .. }) = kiosk.screen().body else {
        panic!("no plan at {}", kiosk.title())
    };
    let [line] = lines.as_slice() else {
        panic!("{} lines", lines.len())
    };
    assert!(line.title == Text::Words(procedure[0].title.clone()));
    // Fourteen days after tomorrow.
    let due = Text::Date(date(2026, 5, 12));
    assert!(line.due == Some(Text::Key("plan.due.on", vec![("date", due)])));
    let reason = fact[0].sentence(FactValue::Flag(true)).unwrap();
    assert!(line.reasons == [Text::Words(reason.clone())]);
}

#[test]
fn a_seventeenth_life_event_is_played_to_the_plan_without_a_card() {
    let mut kiosk = kiosk(catalogue());
    begin(&mut kiosk);
    kiosk.choose("without");
    let event = &added().event[0];
    assert_eq!(asked(&kiosk), event.date.as_ref().unwrap().title);
    // It may lie in the future, so that tomorrow is offered.
    kiosk.choose("day:tomorrow").is_at("details.together.some");
    kiosk.next().is_at("details.birth.title");
    kiosk.choose("era:showa").keys("50").keys("6").keys("15");
    kiosk.next();
    to_the_plan(&mut kiosk);
    kiosk.until("paper.storing.title");
    assert_eq!(kiosk.stored.last().unwrap().event, event.id);
}

#[test]
fn its_persons_are_chosen_among_the_household_of_the_register() {
    let mut kiosk = kiosk(catalogue());
    begin(&mut kiosk);
    kiosk.hand_over_card().choose("day:tomorrow");
    assert_eq!(asked(&kiosk), added().event[0].who_title);
    kiosk.choose("person:A").choose("person:B").next();
    to_the_plan(&mut kiosk);
    kiosk.until("paper.storing.title");
    let facts = &kiosk.stored.last().unwrap().facts;
    let persons = facts["persons"].as_array().unwrap().iter();
    let ids: Vec<_> = persons
        .map(|person| person["id"].as_str().unwrap())
        .collect();
    assert_eq!(ids, ["A", "B"], "the others are left out of the plan");
}

/// What a catalogue alone brought along needs no program: no Rust source names it.
#[test]
fn no_source_names_the_new_event() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let id = &added().event[0].id;
    let mut read = 0;
    for folder in ["shared", "kiosk", "cloud-api", "firmware-image", "tests"] {
        visit(&root.join(folder), &mut |path, text| {
            read += 1;
            assert!(!text.contains(id), "{} names {id}", path.display());
        });
    }
    assert!(read > 300, "only {read} sources");
}

fn visit(folder: &Path, see: &mut dyn FnMut(&Path, &str)) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() && !["target", "node_modules"].contains(&name.as_str()) {
            visit(&path, see);
        } else if name.ends_with(".rs") {
            see(&path, &std::fs::read_to_string(&path).unwrap());
        }
    }
}
