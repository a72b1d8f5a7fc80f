//! The household is asked once, not person by person.

use guidance::Facts;
use session::screen::{Body, ChoicesBody, EntryBody, Pad};
use session::touch::{Key, Touch};

use crate::kiosk::Kiosk;
use crate::reading;

/// What a family says of itself: nothing special, national insurance.
const SAYS: [&str; 8] = [
    "value:none",
    "no",
    "same:0",
    "value:national",
    "value:first",
    "value:0",
    "day:yesterday",
    "unknown",
];

/// Parents and two children moved in from another town; nobody laid a card on the reader. Pages until the plan stands.
fn pages_of_a_family_of_four() -> Vec<String> {
    let mut kiosk = Kiosk::new();
    kiosk.begin("move_in").choose("without");
    let mut births = ["620615", "630201", "290920", "030402"].iter();
    let mut pages = Vec::new();
    while kiosk.title() != "plan.title.lines" {
        let screen = kiosk.screen();
        pages.push(page(&screen));
        assert!(pages.len() < 80, "{pages:?}");
        let offered = reading::offered(&screen);
        if kiosk.title() == "details.together.movers" {
            for with in ["with:spouse", "with:child-1", "with:child-2"] {
                kiosk.choose(with);
            }
            kiosk.next();
        } else if kiosk.title() == "details.birth.title" {
            type_birth(&mut kiosk, births.next().unwrap());
        } else if let Some(id) = SAYS
            .iter()
            .find(|id| offered.iter().any(|other| other == *id))
        {
            kiosk.choose(id);
        } else {
            kiosk.next();
        }
    }
    pages
}

fn type_birth(kiosk: &mut Kiosk, birth: &str) {
    let era = match &birth[0..1] {
        "6" => "era:showa",
        "2" => "era:heisei",
        _ => "era:reiwa",
    };
    kiosk.choose(era);
    for (part, digits) in [(0, &birth[0..2]), (1, &birth[2..4]), (2, &birth[4..6])] {
        kiosk.touch(Touch::Key(Key::Part(part)));
        kiosk.keys(&digits.parse::<u8>().unwrap().to_string());
    }
    kiosk.next();
}

fn page(screen: &session::screen::Screen) -> String {
    let (title, pad) = match &screen.body {
        Body::Choices(ChoicesBody { title, .. }) => (title, ""),
        Body::Entry(EntryBody {
            title,
            pad: Pad::Date(_),
            ..
        }) => (title, " (date)"),
        Body::Entry(EntryBody { title, .. }) => (title, " (entry)"),
        _ => panic!("no question"),
    };
    let mut out = String::new();
    reading::walk(title, &mut |text| match text {
        session::text::Text::Key(key, _) => out.push_str(key),
        session::text::Text::Words(words) | session::text::Text::WordsWith(words, _) => {
            out.push_str(words.get("ja"))
        }
        session::text::Text::Plain(plain) => out.push_str(plain),
        _ => {}
    });
    out + pad
}

#[test]
fn a_family_of_four_is_asked_few_pages() {
    let pages = pages_of_a_family_of_four();
    assert!(pages.len() <= 18, "{} pages: {pages:#?}", pages.len());
}

/// A family of four without a card, at guidance's first question.
fn family() -> Kiosk {
    let mut kiosk = Kiosk::new();
    kiosk
        .begin("move_in")
        .choose("without")
        .choose("day:yesterday");
    for with in ["with:spouse", "with:child-1", "with:child-2"] {
        kiosk.choose(with);
    }
    kiosk.next();
    for birth in ["620615", "630201", "290920", "030402"] {
        type_birth(&mut kiosk, birth);
    }
    kiosk.is_at("words");
    kiosk
}

/// Answers plainly until the question with this title in Japanese.
fn until(kiosk: &mut Kiosk, title: &str) {
    for _ in 0..40 {
        if page(&kiosk.screen()).starts_with(title) {
            return;
        }
        plainly(kiosk);
    }
    panic!("{title} was not asked; at {}", page(&kiosk.screen()));
}

fn plainly(kiosk: &mut Kiosk) {
    match kiosk.screen().body {
        Body::Entry(EntryBody {
            pad: Pad::Date(_), ..
        }) => return type_birth(kiosk, "080424"),
        Body::Entry(_) => {
            kiosk.keys("0").next();
            return;
        }
        _ => {}
    }
    let offered = reading::offered(&kiosk.screen());
    let said = SAYS.iter().find(|id| offered.iter().any(|one| one == *id));
    // Of a question that has none of these, which answer it is does not matter here.
    let any = offered.iter().find(|id| id.starts_with("value:"));
    match said.copied().or(any.map(String::as_str)) {
        Some(id) => kiosk.choose(id),
        None => kiosk.next(),
    };
}

fn finish(kiosk: &mut Kiosk) -> Facts {
    while kiosk.title() == "words" {
        plainly(kiosk);
    }
    kiosk.until("paper.storing.title");
    Facts::from_value(&kiosk.stored.last().unwrap().facts).unwrap()
}

fn given(facts: &Facts, path: &str) -> Option<String> {
    let value = facts.given(&path.parse().unwrap());
    value.map(|value| value.to_string())
}

#[test]
fn one_insurance_for_all_is_split_into_the_insured_and_their_family() {
    let mut kiosk = family();
    until(&mut kiosk, "皆さんの これからの健康保険");
    kiosk.choose("same:1");
    assert!(page(&kiosk.screen()).starts_with("ご本人として"));
    kiosk.choose("person:A").next();
    let facts = finish(&mut kiosk);
    let insured: Vec<_> = ["A", "B", "C", "D"]
        .map(|id| given(&facts, &format!("persons[{id}].health_insurance_after")).unwrap())
        .to_vec();
    let dependent = "employees_dependent";
    assert_eq!(insured, ["employees", dependent, dependent, dependent]);
}

#[test]
fn a_family_whose_insurance_differs_is_asked_one_by_one() {
    let mut kiosk = family();
    until(&mut kiosk, "皆さんの これからの健康保険");
    kiosk.choose("apart");
    for value in ["national", "employees", "national", "national"] {
        assert!(page(&kiosk.screen()).starts_with("{person}の、これからの健康保険"));
        kiosk.choose(&format!("value:{value}"));
    }
    let facts = finish(&mut kiosk);
    let of = |id: &str| given(&facts, &format!("persons[{id}].health_insurance_after")).unwrap();
    assert_eq!(
        [of("A"), of("B"), of("C")],
        ["national", "employees", "national"]
    );
}

#[test]
fn whoever_is_marked_tells_which_it_is_and_nobody_else() {
    let mut kiosk = family();
    until(&mut kiosk, "障害者手帳をお持ちのかた");
    kiosk.choose("person:B").next();
    let offered = reading::offered(&kiosk.screen());
    assert_eq!(
        offered,
        ["value:physical", "value:mental", "value:intellectual"]
    );
    kiosk.back();
    assert!(page(&kiosk.screen()).starts_with("障害者手帳をお持ちのかた"));
    kiosk.choose("person:B").next().choose("value:mental");
    let facts = finish(&mut kiosk);
    assert_eq!(
        given(&facts, "persons[B].disability").as_deref(),
        Some("mental")
    );
    assert_eq!(
        given(&facts, "persons[C].disability").as_deref(),
        Some("none")
    );
}

#[test]
fn a_child_of_eight_is_not_asked_which_school() {
    let mut kiosk = family();
    until(&mut kiosk, "公立の小学校・中学校");
    kiosk.choose("person:C").next();
    let facts = finish(&mut kiosk);
    assert_eq!(
        given(&facts, "persons[C].school").as_deref(),
        Some("elementary")
    );
    assert_eq!(given(&facts, "persons[D].school").as_deref(), Some("none"));
}

/// Every answer was needed: without it, it would be asked again. And nothing that matters was left out.
#[test]
fn what_was_asked_is_exactly_what_the_plan_depends_on() {
    let told = ["event.kind", "event.date"];
    let by_roster = ["role", "birth_date", "moves"];
    for marks in [vec![], vec!["person:B"], vec!["person:A", "person:D"]] {
        let mut kiosk = family();
        while kiosk.title() == "words" {
            let offered = reading::offered(&kiosk.screen());
            let whole = marks
                .iter()
                .filter(|id| offered.iter().any(|one| one == *id));
            whole.for_each(|id| {
                kiosk.choose(id);
            });
            plainly(&mut kiosk);
        }
        kiosk.until("paper.storing.title");
        let facts = Facts::from_value(&kiosk.stored.last().unwrap().facts).unwrap();
        let asked = |facts: &Facts| -> Vec<String> {
            let open = crate::town::catalogue().questions(facts);
            open.into_iter().map(|question| question.id).collect()
        };
        assert_eq!(asked(&facts), Vec::<String>::new(), "{marks:?}");
        for (path, _) in facts.all_given().collect::<Vec<_>>() {
            let (text, name) = (path.to_string(), path.fact.def().name);
            if told.contains(&text.as_str()) || by_roster.contains(&name) {
                continue;
            }
            let mut without = facts.clone();
            without.unset(&path);
            assert!(
                asked(&without).contains(&text),
                "{text} was asked for nothing"
            );
        }
    }
}
