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
    pub(super) const FULL: Self = Self { x: 0, y: 0, width: WIDTH, height: HEIGHT };

    /// The part on the screen; `None` when nothing is.
    pub(super) fn from_region(x: i32, y: i32, width: u32, height: u32) -> Option<Self> {
        let right = (i64::from(x) + i64::from(width)).clamp(0, i64::from(WIDTH));
        let bottom = (i64::from(y) + i64::from(height)).clamp(0, i64::from(HEIGHT));
        let x = u32::try_from(x.max(0)).ok()?;
        let y = u32::try_from(y.max(0)).ok()?;
        let width = u32::try_from(right).ok()?.checked_sub(x)?;
        let height = u32::try_from(bottom).ok()?.checked_sub(y)?;
        (width > 0 && height > 0).then_some(Self { x, y, width, height })
    }
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
    fn a_region_is_cut_at_the_edges() {
        assert_eq!(Rect::from_region(-10, 5, 30, 10), Some(Rect { x: 0, y: 5, width: 20, height: 10 }));
        assert_eq!(Rect::from_region(1070, 1910, 100, 100), Some(Rect { x: 1070, y: 1910, width: 10, height: 10 }));
        assert_eq!(Rect::from_region(1080, 0, 5, 5), None);
        assert_eq!(Rect::from_region(-20, 0, 10, 10), None);
    }

    #[test]
    fn a_message_holds_each_rectangle() {
        let pixels = vec![Rgb8Pixel { r: 1, g: 2, b: 3 }; (WIDTH * HEIGHT) as usize];
        let rects = [Rect { x: 3, y: 4, width: 5, height: 6 }, Rect { x: 0, y: 0, width: 1, height: 1 }];
        let message = message(&pixels, &rects).unwrap();
        assert_eq!(message[..2], [2, 0]);
        assert_eq!(message[2..10], [3, 0, 4, 0, 5, 0, 6, 0]);
        let length = u32::from_le_bytes(message[10..14].try_into().unwrap()) as usize;
        assert_eq!(message[14..18], *b"\x89PNG");
        assert_eq!(message[14 + length..14 + length + 8], [0, 0, 0, 0, 1, 0, 1, 0]);
    }
}
