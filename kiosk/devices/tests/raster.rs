//! Rasters as another program reads them: CUPS' own decoder, through ippeveps (Debian package cups-ipp-utils), which turns each
//! row that is not white into PostScript.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on may stop")]

use std::collections::BTreeMap;
use std::process::Command;

use devices::form_printer::raster::{GreyPage, pwg, urf};

const WIDTH: usize = 2480;
const HEIGHT: usize = 3508;

/// A page with everything that packing treats apart: runs, noise, single pixels, rows that repeat and rows that do not.
fn page(seed: u32) -> Vec<u8> {
    let mut grey = vec![255; WIDTH * HEIGHT];
    let mut noise = seed;
    for (y, row) in grey.chunks_mut(WIDTH).enumerate() {
        match y {
            0..300 => row[100..400].fill(0),
            1000..1040 => row.iter_mut().for_each(|pixel| {
                noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                *pixel = u8::try_from(noise >> 24).unwrap();
            }),
            2000..2100 => row
                .iter_mut()
                .step_by(2 + y % 5)
                .for_each(|pixel| *pixel = 64),
            3507 => row[WIDTH - 1] = 1,
            _ => {}
        }
    }
    grey
}

/// Rows that are not white, by their number from the top, for each page.
fn decoded(document: &[u8], media_type: &str) -> Vec<BTreeMap<usize, Vec<u8>>> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("document");
    std::fs::write(&file, document).unwrap();
    let output = Command::new("ippeveps")
        .arg(file)
        .env("CONTENT_TYPE", media_type)
        .env("OUTPUT_TYPE", "application/postscript")
        .env(
            "PATH",
            std::env::var("PATH").unwrap_or_default() + ":/usr/sbin",
        )
        .output()
        .expect("is cups-ipp-utils installed?");
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{errors}");
    let text = String::from_utf8(output.stdout).unwrap();
    text.split("%%Page: (").skip(1).map(rows).collect()
}

fn rows(page: &str) -> BTreeMap<usize, Vec<u8>> {
    let mut rows = BTreeMap::new();
    let mut rest = page;
    while let Some((before, after)) = rest.split_once(" L\n") {
        let (data, after) = after.split_once("~>").unwrap();
        let number = before.rsplit('\n').next().unwrap();
        // PostScript counts from below.
        rows.insert(
            HEIGHT - 1 - number.trim().parse::<usize>().unwrap(),
            ascii85(data),
        );
        rest = after;
    }
    rows
}

fn ascii85(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut group = Vec::new();
    for digit in text.bytes().filter(|byte| !byte.is_ascii_whitespace()) {
        match digit {
            b'z' if group.is_empty() => bytes.extend([0; 4]),
            _ => group.push(u32::from(digit - b'!')),
        }
        if group.len() == 5 {
            bytes.extend(number(&group).to_be_bytes());
            group.clear();
        }
    }
    if !group.is_empty() {
        let kept = group.len() - 1;
        group.resize(5, 84);
        bytes.extend(&number(&group).to_be_bytes()[..kept]);
    }
    bytes
}

fn number(digits: &[u32]) -> u32 {
    digits.iter().fold(0, |number, digit| {
        number.wrapping_mul(85).wrapping_add(*digit)
    })
}

#[test]
fn cups_reads_what_is_written() {
    let pages = [page(1), page(7)];
    let drawn: Vec<GreyPage<'_>> = pages
        .iter()
        .map(|grey| GreyPage { width: WIDTH, grey })
        .collect();
    for (document, media_type) in [
        (pwg(&drawn, 300), "image/pwg-raster"),
        (urf(&drawn, 300), "image/urf"),
    ] {
        let read = decoded(&document, media_type);
        assert_eq!(read.len(), 2, "{media_type}");
        for (page, rows) in pages.iter().zip(&read) {
            let expected: BTreeMap<usize, &[u8]> = page
                .chunks(WIDTH)
                .enumerate()
                .filter(|(_, row)| row.iter().any(|pixel| *pixel != 255))
                .collect();
            assert!(rows.keys().eq(expected.keys()), "{media_type}: other rows");
            for (y, row) in rows {
                assert!(row == expected[y], "{media_type}: row {y}");
            }
        }
    }
}

#[test]
fn a_picture_that_is_a_pixel_off_is_cut_or_filled() {
    let grey = vec![0; (WIDTH + 1) * 10];
    let drawn = GreyPage {
        width: WIDTH + 1,
        grey: &grey,
    };
    let read = decoded(&pwg(&[drawn], 300), "image/pwg-raster");
    assert_eq!(
        read[0].keys().copied().collect::<Vec<_>>(),
        (0..10).collect::<Vec<_>>()
    );
    assert!(read[0].values().all(|row| *row == [0; WIDTH]));
}
