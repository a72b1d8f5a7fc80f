//! Pages as rasters, for driverless printers that take no PDF: PWG Raster (PWG 5102.4) and Apple's URF, 8-bit grey.
//!
//! Both pack rows alike: a byte says how often a row repeats, then runs follow, a repeated pixel or up to 128 as they are.
//! URF's layout is not published by its maker; it is the one that CUPS reads and writes.

/// A grey picture of a page, rows from the top, 255 white.
#[derive(Clone, Copy)]
pub struct GreyPage<'a> {
    /// Pixels across.
    pub width: usize,
    /// `width` bytes for each row.
    pub grey: &'a [u8],
}

/// Width and height of A4 in millimetres (ISO 216) and in points.
const A4_MM: (f64, f64) = (210.0, 297.0);
const A4_POINTS: (u32, u32) = (595, 842);
const WHITE: u8 = 0xFF;
/// `print-quality` normal (RFC 8011, 5.2.13).
const NORMAL: u8 = 4;

/// A document of A4 pages that were drawn with `dpi` dots an inch.
#[must_use]
pub fn pwg(pages: &[GreyPage<'_>], dpi: u32) -> Vec<u8> {
    let mut out = b"RaS2".to_vec();
    for page in pages {
        out.extend_from_slice(&pwg_header(pages.len(), dpi));
        rows(page, dpi, &mut out);
    }
    out
}

/// The same as URF.
#[must_use]
pub fn urf(pages: &[GreyPage<'_>], dpi: u32) -> Vec<u8> {
    let mut out = b"UNIRAST\0".to_vec();
    out.extend_from_slice(&count(pages.len()).to_be_bytes());
    for page in pages {
        out.extend_from_slice(&urf_header(dpi));
        rows(page, dpi, &mut out);
    }
    out
}

/// Pixels of an A4 page across and down.
fn a4(dpi: u32) -> (u32, u32) {
    let pixels = |mm: f64| (mm / 25.4 * f64::from(dpi)).round() as u32;
    (pixels(A4_MM.0), pixels(A4_MM.1))
}

fn count(pages: usize) -> u32 {
    u32::try_from(pages).unwrap_or(u32::MAX)
}

/// PWG 5102.4, table 7: 1796 bytes, numbers big-endian, what is not set is zero.
fn pwg_header(pages: usize, dpi: u32) -> Vec<u8> {
    let (width, height) = a4(dpi);
    let mut header = vec![0; 1796];
    let mut text = |at: usize, text: &str| {
        header[at..at + text.len()].copy_from_slice(text.as_bytes());
    };
    text(0, "PwgRaster");
    text(1732, "iso_a4_210x297mm");
    let numbers = [
        (276, dpi), // HWResolution
        (280, dpi),
        (340, 1), // NumCopies
        (352, A4_POINTS.0),
        (356, A4_POINTS.1),
        (372, width),
        (376, height),
        (384, 8),     // BitsPerColor
        (388, 8),     // BitsPerPixel
        (392, width), // BytesPerLine
        (400, 18),    // ColorSpace: sGray
        (420, 1),     // NumColors
        (452, count(pages)),
        (456, 1), // CrossFeedTransform, FeedTransform: as they are
        (460, 1),
        (480, 0x00FF_FFFF), // AlternatePrimary: white
        (484, u32::from(NORMAL)),
    ];
    for (at, number) in numbers {
        header[at..at + 4].copy_from_slice(&number.to_be_bytes());
    }
    header
}

fn urf_header(dpi: u32) -> [u8; 32] {
    let (width, height) = a4(dpi);
    let mut header = [0; 32];
    header[0] = 8; // bits a pixel; byte 1, the colour space, is 0: grey
    header[2] = 1; // one side
    header[3] = NORMAL;
    for (at, number) in [(12, width), (16, height), (20, dpi)] {
        header[at..at + 4].copy_from_slice(&number.to_be_bytes());
    }
    header
}

/// The page, cut or filled with white to A4: drawing rounds to the pixel in its own way.
fn rows(page: &GreyPage<'_>, dpi: u32, out: &mut Vec<u8>) {
    let (width, height) = a4(dpi);
    let (width, height) = (width as usize, height as usize);
    let row = |y: usize| {
        let from = page.width.saturating_mul(y);
        let drawn = page
            .grey
            .get(from..from + page.width.min(width))
            .unwrap_or_default();
        let mut row = vec![WHITE; width];
        row[..drawn.len()].copy_from_slice(drawn);
        row
    };
    let mut y = 0;
    let mut next = (height > 0).then(|| row(0));
    while let Some(this) = next.take() {
        let mut repeats = 0_u8;
        y += 1;
        while y < height {
            let below = row(y);
            if below != this || repeats == u8::MAX {
                next = Some(below);
                break;
            }
            repeats += 1;
            y += 1;
        }
        out.push(repeats);
        pack(&this, out);
    }
}

/// PWG 5102.4, 4.4: 0 to 127 and a pixel, which stands one more time; 129 to 255 and 257 less that many pixels.
fn pack(row: &[u8], out: &mut Vec<u8>) {
    let mut rest = row;
    while let Some(&first) = rest.first() {
        let run = rest
            .iter()
            .take(128)
            .take_while(|pixel| **pixel == first)
            .count();
        if run > 1 || rest.len() == 1 {
            out.extend([low(run - 1), first]);
            rest = &rest[run..];
            continue;
        }
        let pairs = rest.windows(2).take(127);
        let different = pairs.take_while(|pair| pair[0] != pair[1]).count();
        // A run begins with the last pixel counted, unless the row or the count ends here.
        let literal = if different + 1 == rest.len() || different == 127 {
            different + 1
        } else {
            different
        };
        match literal {
            1 => out.extend([0, first]),
            _ => {
                out.push(low(257 - literal));
                out.extend_from_slice(&rest[..literal]);
            }
        }
        rest = &rest[literal..];
    }
}

fn low(number: usize) -> u8 {
    u8::try_from(number).unwrap_or(u8::MAX)
}

#[cfg(test)]
mod tests {
    use super::{GreyPage, pack, pwg, urf};
    use proptest::prelude::{any, prop, prop_assert_eq, proptest};

    fn unpack(mut packed: &[u8]) -> Vec<u8> {
        let mut row = Vec::new();
        while let [code, rest @ ..] = packed {
            packed = match code {
                0..=127 => {
                    row.extend(std::iter::repeat_n(rest[0], usize::from(*code) + 1));
                    &rest[1..]
                }
                128 => panic!("reserved"),
                129.. => {
                    let literal = 257 - usize::from(*code);
                    row.extend_from_slice(&rest[..literal]);
                    &rest[literal..]
                }
            };
        }
        row
    }

    proptest! {
        #[test]
        fn what_is_packed_is_unpacked(row in prop::collection::vec(prop::sample::select(vec![0_u8, 0, 0, 7, 255]), 1..900)) {
            let mut packed = Vec::new();
            pack(&row, &mut packed);
            prop_assert_eq!(unpack(&packed), row);
        }

        #[test]
        fn noise_is_packed_too(row in prop::collection::vec(any::<u8>(), 1..900)) {
            let mut packed = Vec::new();
            pack(&row, &mut packed);
            prop_assert_eq!(unpack(&packed), row);
        }
    }

    #[test]
    fn a_white_page_is_small_and_a_short_picture_is_filled() {
        let page = GreyPage {
            width: 3,
            grey: &[255; 9],
        };
        let document = pwg(&[page], 300);
        assert_eq!(&document[..4], b"RaS2");
        assert_eq!(&document[4..13], b"PwgRaster");
        let number = |at: usize| u32::from_be_bytes(std::array::from_fn(|i| document[4 + at + i]));
        assert_eq!((number(372), number(376), number(452)), (2480, 3508, 1));
        // 3508 equal rows in groups of 256, each a row of 2480 equal pixels in runs of 128.
        assert_eq!(document.len(), 4 + 1796 + 14 * (1 + 20 * 2));
        assert_eq!(urf(&[page], 300).len() - 12 - 32, document.len() - 4 - 1796);
    }
}
