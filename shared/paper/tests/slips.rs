//! The plan slip: by counter, in the plan's order, one accessible archive PDF.
#![allow(clippy::unwrap_used, missing_docs)]

mod demo;

use paper::code::Code;
use paper::{PaperError, Press};
use typst::layout::{Frame, FrameItem};

/// The words of the pages in the order in which they are read.
fn words(frame: &Frame, text: &mut String) {
    for (_, item) in frame.items() {
        match item {
            FrameItem::Group(group) => words(&group.frame, text),
            FrameItem::Text(run) => text.push_str(&run.text),
            _ => {}
        }
    }
}

fn printed(language: Option<&str>) -> String {
    let sheet = demo::press()
        .plan_slip(&demo::many_lines(language), &demo::receipt_words())
        .unwrap();
    let mut text = String::new();
    for page in sheet.document().pages() {
        words(&page.frame, &mut text);
    }
    text
}

#[test]
fn lines_stand_under_their_counters_in_the_plans_order() {
    let text = printed(None);
    let mut from = 0;
    for expected in [
        "住民記録窓口",
        "転入届",
        "住民票の写し",
        "印鑑登録",
        "国保・年金窓口",
        "国民健康保険 資格取得届",
        "国民年金 住所変更",
        "子育て支援窓口",
        "▲ 期限（4月20日(月)）を過ぎています",
        "ほかの役所・勤務先",
    ] {
        let at = text[from..].find(expected);
        from += at.unwrap_or_else(|| panic!("{expected} is not where it belongs: {text}"));
    }
}

#[test]
fn every_kind_of_due_day_is_told_in_each_language() {
    for (language, told) in [
        (
            None,
            [
                "5月7日(木)まで",
                "「転入届」と一緒に",
                "なるべく早く",
                "届出のあと14日以内",
                "5月11日(月)より前に",
            ],
        ),
        (
            Some("en"),
            [
                "by Thu 7 May",
                "together with",
                "as soon as you can",
                "within 14 days",
                "before Mon 11 May",
            ],
        ),
    ] {
        let text = printed(language);
        for expected in told {
            assert!(text.contains(expected), "{expected}: {text}");
        }
    }
}

#[test]
fn readings_stand_apart_from_their_kanji() {
    let text = printed(Some("ja-simple"));
    assert!(text.contains("じゅうみん") && !text.contains(['{', '|']));
}

#[test]
fn it_is_an_accessible_archive_with_the_receipts_code() {
    let receipt = demo::many_lines(Some("en"));
    let sheet = demo::press()
        .plan_slip(&receipt, &demo::receipt_words())
        .unwrap();
    let pdf = sheet.pdf().unwrap();
    let head = String::from_utf8_lossy(&pdf);
    assert!(head.contains("<pdfuaid:part>1</pdfuaid:part>"));
    assert!(head.contains("<pdfaid:part>2</pdfaid:part>"));
    let image = sheet.image(0, 200.0).unwrap();
    let (width, height) = (image.width as usize, image.height as usize);
    let mut prepared = rqrr::PreparedImage::prepare_from_greyscale(width, height, |x, y| {
        image.grey[y * width + x]
    });
    let text = prepared.detect_grids()[0].decode().unwrap().1;
    assert!(Code::parse(&text).unwrap() == receipt.code);
}

#[test]
fn a_missing_glyph_is_an_error() {
    let mut receipt = demo::many_lines(None);
    receipt.who[0] = "田\u{12000}".to_owned();
    let error = demo::press()
        .plan_slip(&receipt, &demo::receipt_words())
        .err();
    assert!(matches!(error, Some(PaperError::MissingGlyph { .. })));
}

/// What Typst says of a slip whose template is this text.
fn refused(template: &str) -> String {
    let press = Press::new(demo::fonts(), [("plan_slip.typ", template)]);
    let (receipt, words) = (demo::receipt(None), demo::receipt_words());
    match press.plan_slip(&receipt, &words) {
        Err(PaperError::Template { reason, .. }) => reason,
        Err(other) => panic!("{template}: {other}"),
        Ok(_) => panic!("{template}: is set"),
    }
}

#[test]
fn no_template_brings_a_citation_style() {
    let arguments = r#"(bytes(""), style: bytes("<style/>"))"#;
    for template in [
        format!("#bibliography{arguments}"),
        format!("#std.bibliography{arguments}"),
        format!("#import std: bibliography as list; #list{arguments}"),
        format!("#eval(\"bibliography\"){arguments}"),
        r#"#set cite(style: bytes("<style/>"))"#.to_owned(),
    ] {
        let reason = refused(&template);
        assert!(reason.contains("found none"), "{template}: {reason}");
    }
}
