//! Forms as they leave the press: every character there, nothing outside its box, the code readable, the same bytes again.
#![allow(clippy::unwrap_used, missing_docs)]

mod demo;

use std::io::Write;
use std::process::{Command, Stdio};

use application::{Signature, Source};
use paper::code::Code;
use paper::{PageImage, PaperError, Sheet};
use typst::foundations::{Label, Selector, Value};
use typst::introspection::{Introspector, MetadataElem};
use typst::layout::{Frame, FrameItem, Transform};
use typst::text::TextItem;
use typst::utils::PicoStr;

fn sheet(form: &str) -> Sheet {
    demo::press()
        .set(&demo::filled(form, demo::values()), demo::TENANT)
        .unwrap()
}

/// Text of a PDF as poppler reads it (Debian: poppler-utils), spaces and line ends left out.
fn extracted(pdf: &[u8]) -> String {
    let mut child = Command::new("pdftotext")
        .args(["-raw", "-enc", "UTF-8", "-", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("pdftotext of poppler-utils is needed");
    let mut input = child.stdin.take().unwrap();
    let bytes = pdf.to_vec();
    let writer = std::thread::spawn(move || input.write_all(&bytes).unwrap());
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    bare(&String::from_utf8(output.stdout).unwrap())
}

fn bare(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).collect()
}

#[test]
fn every_form_is_a_whole_accessible_archive_pdf() {
    for form in demo::forms().forms() {
        let filled = demo::filled(&form.id, demo::values());
        let sheet = demo::press()
            .set(&filled, demo::TENANT)
            .unwrap_or_else(|error| panic!("{}: {error}", form.id));
        let pdf = sheet
            .pdf()
            .unwrap_or_else(|error| panic!("{}: {error}", form.id));
        let head = String::from_utf8_lossy(&pdf).into_owned();
        assert!(
            head.contains("<pdfaid:part>2</pdfaid:part>")
                && head.contains("<pdfaid:conformance>A</pdfaid:conformance>"),
            "{}",
            form.id
        );
        assert!(
            head.contains("<pdfuaid:part>1</pdfuaid:part>"),
            "{}",
            form.id
        );
        let text = extracted(&pdf);
        assert!(
            text.contains(&bare(form.title.get("ja"))),
            "{} has no title",
            form.id
        );
        for one in filled.boxes.values().chain(
            filled
                .persons
                .iter()
                .flat_map(|person| person.boxes.values()),
        ) {
            if one.date.is_none() && one.options.is_empty() && !one.key.contains("signature") {
                assert!(
                    text.contains(&bare(&one.text)),
                    "{}: {} is not on the page",
                    form.id,
                    one.key
                );
            }
        }
        assert_eq!(sheet.pages(), 1, "{}", form.id);
    }
}

#[test]
fn rare_kanji_and_variants_come_out_as_they_went_in() {
    let text = extracted(&sheet("resident_record_change").pdf().unwrap());
    assert!(text.contains("髙﨑𠮷郎"));
    assert!(
        text.contains("辻\u{E0100}マリア"),
        "the variation selector survives"
    );
}

#[test]
fn no_number_of_the_person_is_printed() {
    let text = extracted(&sheet("child_allowance_claim").pdf().unwrap());
    assert!(text.contains("個人番号") && text.contains("（窓口で記入）"));
}

#[test]
fn a_missing_glyph_names_the_field() {
    for (name, code) in [
        ("田\u{12000}", "U+12000"),
        ("田\u{E01EF}", "U+7530 U+E01EF"),
    ] {
        let mut values = demo::values();
        values.set("persons[A].name", name, Source::Core);
        let error = demo::press()
            .set(&demo::filled("pension", values), demo::TENANT)
            .err()
            .unwrap();
        let PaperError::MissingGlyph { field, character } = error else {
            panic!("{error}")
        };
        assert!(
            field == "persons[A].name" || field == "applicant.name",
            "{field}"
        );
        assert_eq!(character, code);
    }
}

#[test]
fn the_same_form_gives_the_same_bytes() {
    let first = sheet("resident_record_change").pdf().unwrap();
    demo::press().forget();
    assert!(first == sheet("resident_record_change").pdf().unwrap());
}

#[test]
fn each_way_of_signing_is_printed() {
    let mut filled = demo::filled("move_out", demo::values());
    let page = |filled: &application::FilledForm| {
        demo::press()
            .form_page_image(filled, demo::TENANT, 0, 72.0)
            .unwrap()
            .0
            .grey
    };
    let strokes = page(&filled);
    filled.signature = Signature::ByCard;
    assert!(
        extracted(&demo::press().form_pdf(&filled, demo::TENANT).unwrap())
            .contains("本人の意思を確認")
    );
    filled.signature = Signature::OnPaper;
    assert!(
        extracted(&demo::press().form_pdf(&filled, demo::TENANT).unwrap()).contains("（自署）")
    );
    assert!(page(&filled) != strokes);
}

#[test]
fn another_decoder_reads_the_code() {
    let image = sheet("move_out").image(0, 200.0).unwrap();
    let text = decode(&image);
    let code = Code::parse(&text).unwrap();
    assert_eq!(
        (code.reception.as_str(), code.tenant.as_str()),
        ("03-260427-0015-4", demo::TENANT)
    );
    assert_eq!(code.application, "0190b3c0-0000-7000-8000-000000000001");
}

fn decode(image: &PageImage) -> String {
    let (width, height) = (image.width as usize, image.height as usize);
    let mut prepared = rqrr::PreparedImage::prepare_from_greyscale(width, height, |x, y| {
        image.grey[y * width + x]
    });
    prepared.detect_grids()[0].decode().unwrap().1
}

/// A box as the template placed it.
struct Cell {
    key: String,
    page: usize,
    left: f64,
    top: f64,
    width: f64,
    height: f64,
}

/// A run of text as it was placed: page, left, baseline, right, size, text.
struct Run {
    page: usize,
    left: f64,
    baseline: f64,
    right: f64,
    size: f64,
    text: String,
}

fn cells(sheet: &Sheet) -> Vec<Cell> {
    let label = Label::new(PicoStr::intern("cell")).unwrap();
    let found = sheet
        .document()
        .introspector()
        .query(&Selector::Label(label));
    let number = |value: &Value| match value {
        Value::Float(number) => *number,
        Value::Int(number) => *number as f64,
        _ => panic!("not a number"),
    };
    let cell = |content: &typst::foundations::Content| {
        let Value::Dict(dict) = content.to_packed::<MetadataElem>().unwrap().value.clone() else {
            panic!("not a dictionary")
        };
        let get = |name: &str| number(dict.get(name).unwrap());
        let Value::Str(key) = dict.get("key").unwrap() else {
            panic!("no key")
        };
        Cell {
            key: key.to_string(),
            page: get("page") as usize - 1,
            left: get("x"),
            top: get("y"),
            width: get("w"),
            height: get("h"),
        }
    };
    found.iter().map(cell).collect()
}

fn runs(frame: &Frame, page: usize, at: Transform, found: &mut Vec<Run>) {
    for (position, item) in frame.items() {
        let here = at.pre_concat(Transform::translate(position.x, position.y));
        match item {
            FrameItem::Group(group) => {
                runs(&group.frame, page, here.pre_concat(group.transform), found)
            }
            FrameItem::Text(text) if is_source_mark(text) => {}
            FrameItem::Text(text) => found.push(Run {
                page,
                left: here.tx.to_pt(),
                baseline: here.ty.to_pt(),
                right: here.tx.to_pt() + text.width().to_pt(),
                size: text.size.to_pt(),
                text: text.text.to_string(),
            }),
            _ => {}
        }
    }
}

/// The small 「カ」「基」「職」 stand in a box's corner on purpose.
fn is_source_mark(text: &TextItem) -> bool {
    (text.size.to_pt() - 4.6).abs() < 0.01 && matches!(text.text.as_str(), "カ" | "基" | "職")
}

/// What stands in each cell; panics when something that begins in a cell leaves it.
fn inside(sheet: &Sheet) -> Vec<(String, String)> {
    let mut all = Vec::new();
    for (page, one) in sheet.document().pages().iter().enumerate() {
        runs(&one.frame, page, Transform::identity(), &mut all);
    }
    let text_of = |cell: &Cell| {
        let starts = |run: &&Run| {
            let across = run.left >= cell.left - 0.2 && run.left < cell.left + cell.width;
            let middle = run.baseline - run.size * 0.4;
            run.page == cell.page && across && middle > cell.top && middle < cell.top + cell.height
        };
        let mut text = String::new();
        for run in all.iter().filter(starts) {
            assert!(
                run.right <= cell.left + cell.width + 0.3,
                "{} leaves its box to the right",
                cell.key
            );
            assert!(
                run.baseline + run.size * 0.12 <= cell.top + cell.height + 0.3,
                "{} leaves its box below",
                cell.key
            );
            assert!(
                run.baseline - run.size * 0.88 >= cell.top - 0.3,
                "{} leaves its box above",
                cell.key
            );
            text.push_str(&run.text);
        }
        (cell.key.clone(), text)
    };
    cells(sheet).iter().map(text_of).collect()
}

#[test]
fn names_of_one_to_sixty_characters_are_never_clipped() {
    let mut continued = 0;
    for length in (1..=60usize).chain([80, 100]) {
        let han: String = "髙﨑𠮷郎辻".chars().cycle().take(length).collect();
        let latin: String = "Alexandrina Maximiliana "
            .chars()
            .cycle()
            .take(length)
            .collect::<String>()
            .trim()
            .to_owned();
        let names = if length % 6 == 0 {
            vec![han, latin]
        } else {
            vec![han]
        };
        for name in names {
            let mut values = demo::values();
            values.set("persons[A].name", name.as_str(), Source::Core);
            values.set("persons[A].relationship", "子の妻の父の妹", Source::Core);
            let sheet = demo::press()
                .set(
                    &demo::filled("resident_record_change", values),
                    demo::TENANT,
                )
                .unwrap();
            let found = inside(&sheet);
            let (_, printed) = found
                .iter()
                .find(|(key, _)| key == "persons[A].name")
                .unwrap();
            if bare(printed) != bare(&name) {
                assert!(printed.contains("別紙"), "{length}: cut");
                let pdf = extracted(&sheet.pdf().unwrap());
                assert!(
                    pdf.contains(&bare(&name)),
                    "{length}: not on the continuation list"
                );
                continued += 1;
            }
        }
    }
    assert!(
        continued > 0,
        "a hundred characters need the continuation list"
    );
}

#[test]
fn nothing_leaves_its_box_in_any_form() {
    for form in demo::forms().forms() {
        for case in demo::CASES {
            let filled = demo::filled(&form.id, demo::case(case));
            let sheet = demo::press().set(&filled, demo::TENANT).unwrap();
            assert!(
                !inside(&sheet).is_empty(),
                "{} {case} has no boxes",
                form.id
            );
        }
    }
}

#[test]
fn words_of_a_name_are_not_broken() {
    let filled = demo::filled("resident_record_change", demo::case("foreign"));
    let sheet = demo::press().set(&filled, demo::TENANT).unwrap();
    let mut all = Vec::new();
    for (page, one) in sheet.document().pages().iter().enumerate() {
        runs(&one.frame, page, Transform::identity(), &mut all);
    }
    let name = "DOS SANTOS OLIVEIRA MARIA APARECIDA FERNANDA";
    let pieces: Vec<&Run> = all
        .iter()
        .filter(|run| run.text.starts_with(|c: char| c.is_ascii_uppercase()))
        .filter(|run| name.contains(run.text.trim()))
        .collect();
    assert!(pieces.len() > 4, "the name stands on several lines");
    for piece in pieces {
        for word in piece.text.split_whitespace() {
            assert!(
                name.split(' ').any(|whole| whole == word),
                "{word:?} is half a word"
            );
        }
    }
}

#[test]
fn a_large_household_goes_on_the_next_page() {
    let mut application = demo::application("resident_record_change", demo::values());
    let ids: Vec<String> = (0..12).map(|i| format!("P{i}")).collect();
    for id in &ids {
        application.values.set(
            format!("persons[{id}].name"),
            format!("髙﨑　{id}"),
            Source::Core,
        );
    }
    application.forms[0].persons = ids.clone();
    let filled =
        application::fill(demo::forms(), &application.forms[0], &application, "玄関町").unwrap();
    let sheet = demo::press().set(&filled, demo::TENANT).unwrap();
    assert_eq!(sheet.pages(), 2);
    let text = extracted(&sheet.pdf().unwrap());
    assert!(ids.iter().all(|id| text.contains(&format!("髙﨑{id}"))));
}

/// Pages in grey patches of about 4 mm: small enough to keep, fine enough to see a box that moved.
#[test]
fn pages_look_as_they_did() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/goldens");
    for form in demo::forms().forms() {
        let patches = patches(&sheet(&form.id).image(0, 60.0).unwrap());
        let path = folder.join(format!("{}.txt", form.id));
        if std::env::var_os("GENKAN_GOLDENS").is_some() {
            std::fs::write(&path, &patches).unwrap();
        }
        let golden = std::fs::read_to_string(&path).unwrap_or_default();
        let differ = golden
            .chars()
            .zip(patches.chars())
            .filter(|(a, b)| {
                a.to_digit(16)
                    .zip(b.to_digit(16))
                    .is_some_and(|(a, b)| a.abs_diff(b) > 1)
            })
            .count();
        assert!(
            golden.len() == patches.len() && differ <= 12,
            "{}: {differ} patches differ; look at it, then GENKAN_GOLDENS=1",
            form.id
        );
    }
}

fn patches(image: &PageImage) -> String {
    const SIDE: u32 = 10;
    let mut text = String::new();
    for top in (0..image.height).step_by(SIDE as usize) {
        for left in (0..image.width).step_by(SIDE as usize) {
            let (mut sum, mut count) = (0u32, 0u32);
            for y in top..(top + SIDE).min(image.height) {
                for x in left..(left + SIDE).min(image.width) {
                    sum += u32::from(image.grey[(y * image.width + x) as usize]);
                    count += 1;
                }
            }
            text.push(char::from_digit(sum / count / 16, 16).unwrap());
        }
        text.push('\n');
    }
    text
}
