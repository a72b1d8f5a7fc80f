//! Pictures for viewers: changed rectangles, each a PNG.
//!
//! A frame is one binary message: the number of rectangles (u16), then for each x, y, width, height (u16) and the PNG's
//! length (u32), all little-endian, then its bytes.

use slint::Rgb8Pixel;

use crate::error::UiError;
use crate::snapshot::{HEIGHT, WIDTH, encode};

/// A rectangle in pixels of the screen.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Rect {
    pub(super) x: u32,
    pub(super) y: u32,
    pub(super) width: u32,
    pub(super) height: u32,
}

impl Rect {
    pub(super) const FULL: Self = Self {
        x: 0,
        y: 0,
        width: WIDTH,
        height: HEIGHT,
    };
}

/// Rows that are compared together: a changed key or line of text is one or two rectangles.
const BAND: u32 = 48;

/// Where two pictures of the screen differ: one rectangle a band, neighbours of the same columns joined.
pub(super) fn changed(before: &[Rgb8Pixel], after: &[Rgb8Pixel]) -> Vec<Rect> {
    let mut found: Vec<Rect> = Vec::new();
    for top in (0..HEIGHT).step_by(BAND as usize) {
        let Some(rect) = changed_in(before, after, top, BAND.min(HEIGHT - top)) else {
            continue;
        };
        match found.last_mut() {
            Some(above)
                if above.y + above.height == top
                    && above.x == rect.x
                    && above.width == rect.width =>
            {
                above.height += rect.height;
            }
            _ => found.push(rect),
        }
    }
    found
}

fn changed_in(before: &[Rgb8Pixel], after: &[Rgb8Pixel], top: u32, height: u32) -> Option<Rect> {
    let (mut left, mut right) = (WIDTH, 0);
    for y in top..top + height {
        let line = (y * WIDTH) as usize..((y + 1) * WIDTH) as usize;
        let (old, new) = (&before[line.clone()], &after[line]);
        if old == new {
            continue;
        }
        let differs = |(old, new): (&Rgb8Pixel, &Rgb8Pixel)| old != new;
        let first = old.iter().zip(new).position(differs);
        let last = old.iter().zip(new).rposition(differs);
        if let (Some(first), Some(last)) = (first, last) {
            left = left.min(first as u32);
            right = right.max(last as u32 + 1);
        }
    }
    // Lazily: where nothing changed, `right - left` would be below zero.
    (left < right).then(|| Rect {
        x: left,
        y: top,
        width: right - left,
        height,
    })
}

/// One message with the rectangles' pixels out of the whole screen's.
pub(super) fn message(pixels: &[Rgb8Pixel], rects: &[Rect]) -> Result<Vec<u8>, UiError> {
    let mut out = Vec::new();
    out.extend(short(rects.len() as u32));
    for rect in rects {
        let png = encode(rect.width, rect.height, &cut(pixels, *rect))?;
        for number in [rect.x, rect.y, rect.width, rect.height] {
            out.extend(short(number));
        }
        out.extend((png.len() as u32).to_le_bytes());
        out.extend(png);
    }
    Ok(out)
}

/// The screen is smaller than 65,536 pixels each way.
fn short(number: u32) -> [u8; 2] {
    u16::try_from(number).unwrap_or(u16::MAX).to_le_bytes()
}

fn cut(pixels: &[Rgb8Pixel], rect: Rect) -> Vec<u8> {
    let mut rgb = Vec::with_capacity((rect.width * rect.height * 3) as usize);
    for y in rect.y..rect.y + rect.height {
        let from = (y * WIDTH + rect.x) as usize;
        let line = &pixels[from..from + rect.width as usize];
        rgb.extend(line.iter().flat_map(|pixel| [pixel.r, pixel.g, pixel.b]));
    }
    rgb
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_changed_is_found_and_nothing_else() {
        let before = vec![Rgb8Pixel { r: 9, g: 9, b: 9 }; (WIDTH * HEIGHT) as usize];
        assert_eq!(changed(&before, &before), []);
        let mut after = before.clone();
        for (x, y) in [(10, 5), (20, 7), (10, 60), (20, 61), (1079, 1919)] {
            after[(y * WIDTH + x) as usize] = Rgb8Pixel { r: 1, g: 2, b: 3 };
        }
        let corner = Rect {
            x: 1079,
            y: 1872,
            width: 1,
            height: 48,
        };
        assert_eq!(
            changed(&before, &after),
            [
                Rect {
                    x: 10,
                    y: 0,
                    width: 11,
                    height: 96
                },
                corner
            ]
        );
    }

    #[test]
    fn a_message_holds_each_rectangle() {
        let pixels = vec![Rgb8Pixel { r: 1, g: 2, b: 3 }; (WIDTH * HEIGHT) as usize];
        let rects = [
            Rect {
                x: 3,
                y: 4,
                width: 5,
                height: 6,
            },
            Rect {
                x: 0,
                y: 0,
                width: 1,
                height: 1,
            },
        ];
        let message = message(&pixels, &rects).unwrap();
        assert_eq!(message[..2], [2, 0]);
        assert_eq!(message[2..10], [3, 0, 4, 0, 5, 0, 6, 0]);
        let length = u32::from_le_bytes(message[10..14].try_into().unwrap()) as usize;
        assert_eq!(message[14..18], *b"\x89PNG");
        assert_eq!(
            message[14 + length..14 + length + 8],
            [0, 0, 0, 0, 1, 0, 1, 0]
        );
    }
}
