//! What the resident left out is on no paper: neither on the receipt nor on the plan by counter.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;

use application::FormSet;
use devices::form_printer::DocumentFormat;
use guidance::{Catalogue, Facts, Level};
use kiosk::editions::{Forms, shipped_content};
use kiosk::effects::print::PrintFormat;
use kiosk::effects::receipt::{Head, compose};
use kiosk::effects::{Designs, Drawing};

use crate::test_site::TestSite;

#[test]
fn an_optional_line_that_was_left_out_is_on_no_paper() {
    let site = TestSite::new();
    let mut resident = site.open().comes_for("event:move_in");
    resident.until("done.title");
    let application = site
        .wait_for_delivery()
        .open(&site.town.key)
        .unwrap_or_else(|error| panic!("{error}"));

    let assets = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../assets");
    let catalogue: Catalogue = shipped_content(&assets).unwrap();
    let forms: Forms = shipped_content(&assets).unwrap();
    let facts = Facts::from_value(&application.facts).unwrap();
    let everything = catalogue.plan(&facts).lines;
    let left_out: Vec<_> = everything
        .into_iter()
        .filter(|line| line.level == Level::May)
        .collect();
    assert!(!left_out.is_empty(), "the plan offers something optional");
    for line in &left_out {
        assert_eq!(application.plan.line(&line.procedure), None);
    }

    let receipt = compose(&application, &catalogue, &head(&forms.set));
    assert_eq!(receipt.lines.len(), application.plan.lines.len());
    let mut printed: Vec<Vec<u8>> = site.forms.printed().into_iter().map(|one| one.1).collect();
    assert!(printed.len() >= application.forms.len());
    // So few lines are printed on the receipt only; the plan by counter is drawn all the same, to be read.
    let drawing = Drawing::new(
        kiosk::from_settings::fonts(&site.settings()).unwrap(),
        Designs {
            forms: Arc::new(shipped_content(&assets).unwrap()),
            catalogue: Arc::new(shipped_content(&assets).unwrap()),
            town: "みほん市".to_owned(),
            tenant: "990019".to_owned(),
            place: "本庁舎1階".to_owned(),
        },
    );
    let pdf = PrintFormat {
        document: DocumentFormat::Pdf,
        dpi: 300,
    };
    printed.push(drawing.plan_slip(&application, pdf).unwrap());
    let papers: String = printed.iter().map(|document| text(document)).collect();
    let stays = application.plan.lines[0].title.get("ja");
    assert!(papers.contains(stays), "{stays} is printed: {papers}");
    for line in left_out {
        let title = line.title.get("ja");
        assert!(!papers.contains(title), "{title} is printed: {papers}");
        let on_receipt = receipt.lines.iter().any(|one| one.title == line.title);
        assert!(!on_receipt, "{title} is on the receipt");
    }
}

fn head(forms: &FormSet) -> Head<'_> {
    Head {
        town: "みほん市",
        place: "本庁舎1階",
        id: "0190b3c0-0000-7000-8000-000000000001",
        at: jiff::civil::date(2026, 4, 27).at(10, 0, 0, 0),
        forms,
    }
}

/// The text of a PDF, without spaces and line ends, which depend on the layout.
fn text(pdf: &[u8]) -> String {
    let mut reader = Command::new("pdftotext")
        .args(["-", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    reader.stdin.take().unwrap().write_all(pdf).unwrap();
    let read = reader.wait_with_output().unwrap();
    let text = String::from_utf8(read.stdout).unwrap();
    text.split_whitespace().collect()
}
