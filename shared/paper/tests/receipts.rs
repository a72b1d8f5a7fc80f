//! Receipts: every word there, nothing blank, the code readable by another program.
#![allow(clippy::unwrap_used, missing_docs)]

mod demo;

use paper::PaperError;
use paper::code::Code;
use paper::receipt::{DOTS, Pen, Raster, ReceiptWords, draw};

fn pen() -> Pen {
    Pen::new(demo::press().fonts())
}

fn ink(raster: &Raster) -> u32 {
    raster.bytes().iter().map(|byte| byte.count_ones()).sum()
}

#[test]
fn another_decoder_reads_the_code() {
    let receipt = demo::receipt(Some("en"));
    let drawn = draw(&receipt, &demo::receipt_words(), &mut pen()).unwrap();
    let whole = drawn.whole();
    let mut image =
        rqrr::PreparedImage::prepare_from_bitmap(DOTS as usize, whole.height() as usize, |x, y| {
            whole.black(x as u32, y as u32)
        });
    let text = image.detect_grids()[0].decode().unwrap().1;
    assert_eq!(text, drawn.code);
    assert!(Code::parse(&text).unwrap() == receipt.code);
    for name in &receipt.who {
        assert!(
            !text.contains(name.as_str()),
            "no personal data in the code"
        );
    }
}

#[test]
fn the_same_receipt_gives_the_same_dots_and_rows_are_whole() {
    let receipt = demo::receipt(Some("ja-simple"));
    let first = draw(&receipt, &demo::receipt_words(), &mut pen()).unwrap();
    assert!(first == draw(&receipt, &demo::receipt_words(), &mut pen()).unwrap());
    let whole = first.whole();
    assert_eq!(whole.bytes().len(), whole.height() as usize * 72);
    assert!(whole.png().unwrap().starts_with(&[0x89, b'P', b'N', b'G']));
}

#[test]
fn a_variant_is_another_picture_and_a_missing_glyph_an_error() {
    let mut receipt = demo::receipt(None);
    let with = draw(&receipt, &demo::receipt_words(), &mut pen()).unwrap();
    receipt.who[1] = "辻　マリア".to_owned();
    let without = draw(&receipt, &demo::receipt_words(), &mut pen()).unwrap();
    assert!(
        with.before != without.before,
        "辻\u{E0100} and 辻 are drawn differently"
    );
    receipt.who[1] = "辻\u{E01EF}".to_owned();
    let error = draw(&receipt, &demo::receipt_words(), &mut pen())
        .err()
        .unwrap();
    assert_eq!(
        error,
        PaperError::MissingGlyph {
            field: "who".to_owned(),
            character: "U+8FBB U+E01EF".to_owned()
        }
    );
}

#[test]
fn margins_stay_white_whatever_the_names() {
    for length in [1, 7, 20, 60] {
        let mut receipt = demo::receipt(Some("en"));
        receipt.who = vec!["𠮷".repeat(length), "W".repeat(length)];
        let drawn = draw(&receipt, &demo::receipt_words(), &mut pen()).unwrap();
        let whole = drawn.whole();
        assert!(ink(&drawn.before) > 10_000 && ink(&drawn.after) > 500);
        for y in 0..whole.height() {
            assert!(
                (0..8).chain(DOTS - 8..DOTS).all(|x| !whole.black(x, y)),
                "row {y} touches the edge"
            );
        }
    }
}

#[test]
fn words_without_japanese_are_refused() {
    let error = ReceiptWords::from_toml("heading = { en = \"Receipt\" }")
        .err()
        .unwrap();
    assert_eq!(
        error,
        PaperError::Words("\"heading\" has no Japanese".to_owned())
    );
    assert!(ReceiptWords::from_toml("heading = ").is_err());
}
