//! Forms, review, signature; stored first, printed then; nothing is lost when a printer stops.

use std::sync::Arc;

use application::{Signature, Source, StaffNoteKind};
use session::effect::{PostalTown, PrintProblem, Reply, Request, StaffReason};
use session::screen::{Body, DoneBody, EntryBody, Pad, PageImage, PreviewBody, ReviewBody};
use session::touch::Touch;

use crate::kiosk::Kiosk;
use crate::reading;

fn at_review() -> Kiosk {
    let mut kiosk = Kiosk::new();
    kiosk.with_household("move_within").until("review.title");
    kiosk
}

fn stored() -> Kiosk {
    let mut kiosk = at_review();
    kiosk.until("paper.storing.title").reply(Reply::Stored {
        reception: "03-260427-0001-7".to_owned(),
    });
    kiosk
}

fn asks_paper(kiosk: &Kiosk) -> bool {
    kiosk.asked.iter().any(|(_, request)| {
        matches!(
            request,
            Request::PrintForm { .. } | Request::PrintPlan(_) | Request::PrintReceipt(_)
        )
    })
}

#[test]
fn nothing_is_stored_before_the_review_is_confirmed() {
    let mut kiosk = at_review();
    assert!(kiosk.stored.is_empty());
    kiosk
        .next()
        .is_at("sign.title")
        .back()
        .is_at("review.title");
    assert!(kiosk.stored.is_empty());
    kiosk.next().choose("paper").is_at("paper.storing.title");
    assert_eq!(kiosk.stored.len(), 1);
}

#[test]
fn paper_moves_only_after_it_is_stored() {
    let mut kiosk = at_review();
    kiosk.until("paper.storing.title");
    assert!(!asks_paper(&kiosk));
    kiosk
        .reply(Reply::StoreFailed)
        .is_at("paper.not_stored.title");
    assert_eq!(
        kiosk.staff,
        [StaffReason::Storage],
        "staff look at the disk, not at a printer"
    );
    assert!(!asks_paper(&kiosk));
    kiosk
        .choose("retry")
        .is_at("paper.storing.title")
        .reply(Reply::Stored {
            reception: "1".to_owned(),
        });
    assert!(asks_paper(&kiosk));
}

#[test]
fn forms_come_one_by_one_and_the_receipt_last() {
    let mut kiosk = stored();
    let forms = kiosk.stored[0].forms.len();
    assert!(forms > 0);
    for expected in 0..forms {
        let Some((_, Request::PrintForm { application, form })) = kiosk.asked.last() else {
            panic!("no form")
        };
        assert_eq!(*form, expected);
        assert_eq!(application.reception.as_deref(), Some("03-260427-0001-7"));
        kiosk.reply(Reply::Printed);
    }
    if kiosk.stored[0].plan.lines.len() > 4 {
        assert!(matches!(
            kiosk.asked.last(),
            Some((_, Request::PrintPlan(_)))
        ));
        kiosk.reply(Reply::Printed);
    }
    assert!(matches!(
        kiosk.asked.last(),
        Some((_, Request::PrintReceipt(_)))
    ));
    kiosk.reply(Reply::Printed).is_at("done.title");
    let Body::Done(DoneBody {
        reception, lines, ..
    }) = kiosk.screen().body
    else {
        panic!("not done")
    };
    assert_eq!(reception, "03-260427-0001-7");
    assert!(!lines.is_empty());
}

#[test]
fn every_printer_problem_has_its_page_with_retry_and_staff() {
    for (problem, title) in [
        (PrintProblem::PaperOut, "paper.out.title"),
        (PrintProblem::CoverOpen, "paper.cover.title"),
        (PrintProblem::Jam, "paper.jam.title"),
        (PrintProblem::Offline, "paper.offline.title"),
        (PrintProblem::Fault, "paper.fault.title"),
        (PrintProblem::Format, "paper.format.title"),
    ] {
        let mut kiosk = stored();
        kiosk.reply(Reply::PrintFailed(problem)).is_at(title);
        assert_eq!(kiosk.staff, [StaffReason::Printer]);
        let said = reading::strings(&kiosk.screen());
        assert!(
            said.contains(&"03-260427-0001-7".to_owned()),
            "the number is not said: {said:?}"
        );
        kiosk.choose("retry");
        assert!(matches!(
            kiosk.asked.last(),
            Some((_, Request::PrintForm { form: 0, .. }))
        ));
        kiosk.reply(Reply::PrintFailed(problem));
        assert_eq!(kiosk.staff.len(), 1, "one call for one printer");
        kiosk.choose("skip");
        while !kiosk.asked.is_empty() {
            kiosk.reply(Reply::Printed);
        }
        kiosk.is_at("done.title");
    }
}

#[test]
fn print_again_prints_everything_again() {
    let mut kiosk = stored();
    while !kiosk.asked.is_empty() {
        kiosk.reply(Reply::Printed);
    }
    kiosk.choose("again");
    assert!(matches!(
        kiosk.asked.last(),
        Some((_, Request::PrintForm { form: 0, .. }))
    ));
    assert_eq!(kiosk.stored.len(), 1, "stored once");
}

#[test]
fn a_silent_printer_ends_in_a_page() {
    let mut kiosk = stored();
    kiosk
        .wait(179)
        .is_at("paper.printing.title")
        .wait(1)
        .is_at("paper.offline.title");
}

#[test]
fn leaving_forgets_and_waits_for_the_papers() {
    let mut kiosk = stored();
    while !kiosk.asked.is_empty() {
        kiosk.reply(Reply::Printed);
    }
    kiosk.next().is_at("leave.title.both");
    assert_eq!(kiosk.forgotten, 1);
    assert!(reading::strings(&kiosk.screen()).is_empty());
}

#[test]
fn the_review_tells_sources_and_lets_values_be_changed() {
    let mut kiosk = at_review();
    let row = |kiosk: &Kiosk, id: &str| {
        let Body::Review(ReviewBody { groups, .. }) = kiosk.screen().body else {
            panic!("no review")
        };
        groups
            .into_iter()
            .flat_map(|group| group.rows)
            .find(|row| row.id.to_string() == id)
    };
    let name = row(&kiosk, "field:persons[A].name").expect("the name is reviewed");
    assert!(name.value.starts_with("山田"));
    assert!(matches!(name.source, Some(Source::Card | Source::Core)));
    let Body::Review(ReviewBody { groups, papers, .. }) = kiosk.screen().body else {
        panic!("no review")
    };
    assert!(!papers.is_empty());
    let kana = groups
        .iter()
        .flat_map(|group| &group.rows)
        .find(|row| row.id.to_string().ends_with("].name_kana"));
    let id = kana.expect("a reading is on a form").id.to_string();
    kiosk
        .choose(&id)
        .keys("やまだ")
        .keys("たろう")
        .next()
        .is_at("review.title");
    let kana = row(&kiosk, &id).unwrap();
    assert_eq!(kana.value, "ヤマダタロウ");
    assert_eq!(kana.source, Some(Source::Resident));
}

#[test]
fn a_postal_code_fills_the_town() {
    let mut kiosk = Kiosk::new();
    kiosk
        .with_household("move_within")
        .until("plan.title.lines")
        .next();
    for _ in 0..100 {
        if matches!(
            kiosk.screen().body,
            Body::Entry(EntryBody {
                pad: Pad::Postal { .. },
                ..
            })
        ) {
            break;
        }
        kiosk.answer_plainly();
    }
    kiosk.keys("000000");
    assert!(kiosk.asked.is_empty());
    kiosk.keys("1");
    assert!(
        matches!(kiosk.asked.last(), Some((_, Request::PostalCode(code))) if code == "0000001")
    );
    kiosk.reply(Reply::Towns(Vec::new()));
    assert!(matches!(
        kiosk.screen().body,
        Body::Entry(EntryBody {
            pad: Pad::Postal { none: true, .. },
            ..
        })
    ));
    kiosk
        .touch(Touch::Key(session::touch::Key::Delete))
        .keys("2");
    kiosk.reply(Reply::Towns(vec![PostalTown {
        prefecture: "玄関県".to_owned(),
        city: "玄関町".to_owned(),
        town: "中央".to_owned(),
        kana: "ゲンカンケンゲンカンチョウチュウオウ".to_owned(),
    }]));
    kiosk.choose("town:0").until("paper.storing.title");
    let values = &kiosk.stored[0].values;
    assert!(values.iter().any(|(_, value)| value.text == "000-0002"));
    assert!(
        values
            .iter()
            .any(|(_, value)| value.text == "玄関県玄関町中央")
    );
}

#[test]
fn a_page_can_be_looked_at_before_it_is_printed() {
    let mut kiosk = at_review();
    kiosk.choose("paper:0");
    assert!(matches!(
        kiosk.asked.last(),
        Some((
            _,
            Request::Preview {
                form: 0,
                page: 0,
                ..
            }
        ))
    ));
    let image = Arc::new(PageImage {
        width: 1,
        height: 1,
        grey: vec![255],
    });
    kiosk.reply(Reply::Preview(Arc::clone(&image), 2));
    assert!(matches!(
        &kiosk.screen().body,
        Body::Preview(PreviewBody {
            page: (1, 2),
            image: Some(_),
            ..
        })
    ));
    kiosk
        .next()
        .reply(Reply::PreviewFailed)
        .is_at("preview.failed.title")
        .back();
    kiosk
        .reply(Reply::Preview(image, 2))
        .back()
        .is_at("review.title");
}

#[test]
fn a_signature_is_drawn_cleared_and_kept() {
    let mut kiosk = at_review();
    kiosk
        .next()
        .is_at("sign.title")
        .touch(Touch::Next)
        .is_at("sign.title");
    kiosk
        .touch(Touch::Stroke(vec![(1, 2), (3000, 4)]))
        .choose("clear")
        .touch(Touch::Next)
        .is_at("sign.title");
    kiosk.touch(Touch::Stroke(vec![(1, 2), (3000, 4)])).next();
    assert!(kiosk.stored[0].signature == Signature::Strokes(vec![vec![(1, 2), (1000, 4)]]));
}

#[test]
fn a_changed_value_of_the_register_is_marked_for_staff() {
    let mut kiosk = at_review();
    kiosk.choose("field:persons[A].name");
    kiosk
        .touch(Touch::Key(session::touch::Key::Clear))
        .keys("ヤマダ")
        .next()
        .until("paper.storing.title");
    let stored = &kiosk.stored[0];
    let changed = stored.notes.iter().any(|note| {
        note.kind == StaffNoteKind::Changed && note.key.as_deref() == Some("persons[A].name")
    });
    assert!(changed);
    assert_eq!(stored.values.text("persons[A].name"), "ヤマダ");
}

fn noted(kiosk: &Kiosk, kind: StaffNoteKind) -> Vec<String> {
    let notes = kiosk.stored.last().unwrap().notes.iter();
    notes
        .filter(|note| note.kind == kind)
        .map(|note| note.key.clone().unwrap_or_default())
        .collect()
}

#[test]
fn what_was_left_for_the_counter_is_noted_for_staff() {
    let mut kiosk = at_review();
    kiosk.until("paper.storing.title");
    let open = noted(&kiosk, StaffNoteKind::LeftOpen);
    let stored = kiosk.stored.last().unwrap();
    assert!(open.contains(&"applicant.phone".to_owned()), "{open:?}");
    for key in &open {
        assert_eq!(stored.values.text(key), "", "{key} was not left open");
    }
}

#[test]
fn a_value_that_was_given_after_all_is_noted_no_more() {
    let mut kiosk = at_review();
    kiosk
        .choose("field:applicant.phone")
        .keys("0221234567")
        .next()
        .is_at("review.title")
        .until("paper.storing.title");
    let open = noted(&kiosk, StaffNoteKind::LeftOpen);
    assert!(!open.contains(&"applicant.phone".to_owned()), "{open:?}");
}

#[test]
fn a_page_that_cannot_be_drawn_is_told_to_staff_as_it_is_told_to_the_resident() {
    let mut kiosk = at_review();
    kiosk
        .choose("paper:0")
        .reply(Reply::PreviewFailed)
        .is_at("preview.failed.title")
        .back()
        .until("paper.storing.title");
    assert_eq!(noted(&kiosk, StaffNoteKind::NotDrawn).len(), 1);
}

#[test]
fn a_text_too_long_for_its_box_is_noted_until_it_is_mended() {
    let mut kiosk = at_review();
    let key = "persons[A].name";
    kiosk.choose("field:persons[A].name");
    kiosk.touch(Touch::Key(session::touch::Key::Clear));
    kiosk
        .keys(&"ヤマダ".repeat(30))
        .next()
        .is_at("review.title");
    let Body::Review(ReviewBody { groups, .. }) = kiosk.screen().body else {
        panic!("no review")
    };
    let row = groups
        .iter()
        .flat_map(|group| &group.rows)
        .find(|row| row.id.to_string() == "field:persons[A].name")
        .unwrap();
    assert!(row.staff.is_some());
    let mut mended = at_review();
    kiosk.until("paper.storing.title");
    let long = noted(&kiosk, StaffNoteKind::LongText);
    assert!(long.contains(&key.to_owned()), "{long:?}");
    let stored = kiosk.stored.last().unwrap();
    assert!(
        long.iter()
            .all(|key| stored.values.text(key).chars().count() == 90),
        "what repeats it is as long: {long:?}"
    );
    mended.until("paper.storing.title");
    assert!(noted(&mended, StaffNoteKind::LongText).is_empty());
}

#[test]
fn a_vague_date_of_the_register_is_noted_whoever_said_it() {
    let mut kiosk = Kiosk::new();
    kiosk
        .begin("move_within")
        .choose("use")
        .notice(session::effect::Notice::CardHere)
        .reply(Reply::CardTries(Some(3)));
    kiosk.pin([1, 2, 3, 4]).next();
    kiosk.reply(Reply::CardRead(crate::kiosk::items("山田　太郎")));
    let mut household = crate::kiosk::household("山田");
    household
        .values
        .set("persons[B].birth_date", "昭和20年月日不詳", Source::Core);
    kiosk.reply(Reply::Household(Box::new(household)));
    kiosk.until("paper.storing.title");
    let vague = noted(&kiosk, StaffNoteKind::UnknownDate);
    assert_eq!(vague, ["persons[B].birth_date"]);
}
