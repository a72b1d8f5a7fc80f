//! Writes every form filled with the demo family as PDF and PNG into a folder: `cargo run -p paper --example proof -- DIR`.
#![allow(clippy::unwrap_used, clippy::print_stdout)]

#[path = "../tests/demo/mod.rs"]
mod demo;

use paper::receipt::{self, Pen};
use std::path::PathBuf;
use std::time::Instant;

fn main() {
    let folder = PathBuf::from(std::env::args().nth(1).expect("a folder"));
    let only = std::env::args().nth(2);
    std::fs::create_dir_all(&folder).unwrap();
    let press = demo::press();
    let mut pen = Pen::new(press.fonts());
    for language in ["ja", "ja-simple", "en"] {
        let started = Instant::now();
        let receipt = receipt::draw(
            &demo::receipt(Some(language)),
            &demo::receipt_words(),
            &mut pen,
        )
        .unwrap();
        std::fs::write(
            folder.join(format!("receipt-{language}.png")),
            receipt.whole().png().unwrap(),
        )
        .unwrap();
        println!(
            "receipt {language}: {} rows in {:?}",
            receipt.whole().height(),
            started.elapsed()
        );
    }
    for form in demo::forms()
        .forms()
        .filter(|form| only.as_ref().is_none_or(|id| form.id.contains(id.as_str())))
    {
        let started = Instant::now();
        let sheet = match press.set(&demo::filled(&form.id, demo::values()), demo::TENANT) {
            Ok(sheet) => sheet,
            Err(error) => {
                println!("{}: {error}", form.id);
                continue;
            }
        };
        let set = started.elapsed();
        match sheet.pdf() {
            Ok(pdf) => std::fs::write(folder.join(format!("{}.pdf", form.id)), pdf).unwrap(),
            Err(error) => println!("{}: {error}", form.id),
        }
        for page in 0..sheet.pages() {
            let image = sheet.image(page, 110.0).unwrap();
            let file = std::fs::File::create(folder.join(format!("{}-{}.png", form.id, page + 1)))
                .unwrap();
            let mut encoder = png::Encoder::new(file, image.width, image.height);
            encoder.set_color(png::ColorType::Grayscale);
            encoder
                .write_header()
                .unwrap()
                .write_image_data(&image.grey)
                .unwrap();
        }
        println!(
            "{}: {} pages, set in {set:?}, all in {:?}",
            form.id,
            sheet.pages(),
            started.elapsed()
        );
    }
}
