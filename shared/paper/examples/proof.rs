//! Writes receipts, plan slips and every form as PDF and PNG into a folder, for each household of the tests:
//! `cargo run -p paper --example proof -- DIR [PART OF A FORM'S ID]`.
#![allow(clippy::unwrap_used, clippy::print_stdout)]

#[path = "../tests/demo/mod.rs"]
mod demo;

use std::path::{Path, PathBuf};
use std::time::Instant;

use paper::Sheet;
use paper::receipt::{self, Pen};

fn main() {
    let folder = PathBuf::from(std::env::args().nth(1).expect("a folder"));
    let only = std::env::args().nth(2).unwrap_or_default();
    std::fs::create_dir_all(&folder).unwrap();
    let press = demo::press();
    let mut pen = Pen::new(press.fonts());
    let words = demo::receipt_words();
    for language in ["ja", "ja-simple", "en"] {
        let drawn = receipt::draw(&demo::receipt(Some(language)), &words, &mut pen).unwrap();
        let path = folder.join(format!("receipt-{language}.png"));
        std::fs::write(path, drawn.whole().png().unwrap()).unwrap();
        let slip = press.plan_slip(&demo::many_lines(Some(language)), &words);
        keep(&slip.unwrap(), &folder, &format!("slip-{language}"));
    }
    for form in demo::forms().forms().filter(|form| form.id.contains(&only)) {
        for case in demo::CASES {
            let started = Instant::now();
            let filled = demo::filled(&form.id, demo::case(case));
            match press.set(&filled, demo::TENANT) {
                Ok(sheet) => keep(&sheet, &folder, &format!("{}-{case}", form.id)),
                Err(error) => println!("{} {case}: {error}", form.id),
            }
            println!("{} {case}: {:?}", form.id, started.elapsed());
        }
    }
}

fn keep(sheet: &Sheet, folder: &Path, name: &str) {
    match sheet.pdf() {
        Ok(pdf) => std::fs::write(folder.join(format!("{name}.pdf")), pdf).unwrap(),
        Err(error) => println!("{name}: {error}"),
    }
    for page in 0..sheet.pages() {
        let png = sheet.image(page, 110.0).unwrap().png().unwrap();
        std::fs::write(folder.join(format!("{name}-{}.png", page + 1)), png).unwrap();
    }
}
