//! Paper: a form as PDF and a receipt as dots, both warm, with other values each time.
//!
//! Peers set the same words: WeasyPrint a table of the form's labels and values (no PDF/A-2a, no tags), Pillow and
//! python-escpos the receipt's lines (no furigana, no wrapping, no search for missing glyphs).

use application::FilledForm;
use paper::receipt::{Pen, Receipt, When, draw};
use serde_json::{Value, json};

use crate::figure::{Figure, Times};
use crate::peers::{self, Peers};
use crate::{Bench, Done, papers, timed};

const FORM: &str = "resident_record_change";
const ROUNDS: usize = 20;

pub(crate) fn measure(bench: &mut Bench) -> Done<Vec<Figure>> {
    let rounds = bench.rounds(ROUNDS);
    let mut figures = Vec::new();
    let filled = papers::filled(FORM, papers::values());
    let ours = forms(filled.clone(), rounds)?;
    let theirs = ask(
        &mut bench.peers,
        &json!({"peer": "weasyprint", "repeat": rounds, "html": html(&filled)}),
    )?;
    figures.extend(both(
        ["form_pdf_p50", "form_pdf_p95"],
        &ours,
        theirs.as_ref(),
    ));

    let receipt = papers::receipt(None);
    let font = "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc";
    let theirs = ask(
        &mut bench.peers,
        &json!({"peer": "escpos", "repeat": rounds, "lines": lines(&receipt), "font": font}),
    )?;
    let ours = receipts(receipt, rounds)?;
    figures.extend(both(["receipt_p50", "receipt_p95"], &ours, theirs.as_ref()));
    Ok(figures)
}

fn ask(peers: &mut Option<Peers>, request: &Value) -> Done<Option<Value>> {
    peers.as_mut().map(|peers| peers.ask(request)).transpose()
}

fn both(names: [&'static str; 2], ours: &Times, theirs: Option<&Value>) -> [Figure; 2] {
    let figure = |name, share| {
        let peer = theirs.map(|answer| {
            (
                answer["name"].as_str().unwrap_or("peer"),
                peers::times(answer).quantile(share),
            )
        });
        Figure::new(name, ours.quantile(share), "ms").beside(peer)
    };
    [figure(names[0], 0.5), figure(names[1], 0.95)]
}

fn forms(mut filled: FilledForm, rounds: usize) -> Done<Times> {
    let press = papers::press();
    press.form_pdf(&filled, papers::TENANT)?;
    timed(rounds, |round| {
        filled.reception = Some(format!("03-260427-{round:04}-4"));
        press
            .form_pdf(&filled, papers::TENANT)
            .map(drop)
            .map_err(Into::into)
    })
}

fn receipts(mut receipt: Receipt, rounds: usize) -> Done<Times> {
    let words = papers::receipt_words();
    let mut pen = Pen::new(papers::press().fonts());
    draw(&receipt, &words, &mut pen)?;
    timed(rounds, |round| {
        receipt.code.reception = format!("03-260427-{round:04}-4");
        draw(&receipt, &words, &mut pen)
            .map(drop)
            .map_err(Into::into)
    })
}

/// The form's words for WeasyPrint: an A4 page with a table of the visit's boxes and one of the persons'.
fn html(form: &FilledForm) -> String {
    let row = |label: &str, text: &str| format!("<tr><th>{label}</th><td>{text}</td></tr>");
    let visit: String = form
        .boxes
        .values()
        .map(|one| row(&one.label, &one.text))
        .collect();
    let persons: String = form
        .persons
        .iter()
        .flat_map(|person| person.boxes.values().map(|one| row(&one.label, &one.text)))
        .collect();
    format!(
        "<!doctype html><html lang=ja><meta charset=utf-8><style>@page {{ size: A4; margin: 12mm }} \
         body {{ font: 8pt 'Noto Sans CJK JP' }} table {{ border-collapse: collapse; width: 100% }} \
         th, td {{ border: .3pt solid; text-align: left; font-weight: normal }} main {{ columns: 2 }}</style>\
         <h1>{}</h1><p>受付番号 03-260427-{{turn}}-4</p><main><table>{visit}</table><table>{persons}</table></main>",
        form.title
    )
}

/// The receipt's words for Pillow, with the sizes in which they are drawn.
fn lines(receipt: &Receipt) -> Vec<(String, u32)> {
    let mut lines = vec![
        (receipt.town.clone(), 40),
        (receipt.kiosk.clone(), 26),
        ("03-260427-{turn}-4".to_owned(), 56),
        (receipt.event.get("ja").to_owned(), 32),
    ];
    lines.extend(receipt.who.iter().map(|name| (name.clone(), 26)));
    for line in &receipt.lines {
        lines.push((line.title.get("ja").to_owned(), 30));
        lines.push((
            format!("{} {}", line.counter.title.get("ja"), line.who.join(" ")),
            24,
        ));
        if let When::By(due) | When::Overdue(due) = line.when {
            lines.push((format!("期限 {due}"), 26));
        }
    }
    let rest = receipt.bring.iter().chain([&receipt.notice]);
    lines.extend(rest.map(|words| (words.get("ja").to_owned(), 26)));
    lines
}
