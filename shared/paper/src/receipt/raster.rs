//! A 1-bit picture for a thermal printer, and everything that draws on it.

use embedded_graphics::draw_target::DrawTarget;
use embedded_graphics::geometry::{Dimensions, Point, Size};
use embedded_graphics::pixelcolor::BinaryColor;
use embedded_graphics::primitives::Rectangle;
use embedded_graphics::{Drawable, Pixel};

use crate::error::PaperError;

/// Dots across 80 mm paper at 203 dpi.
pub const DOTS: u32 = 576;

/// A picture of [`DOTS`] dots across; grows downwards as it is drawn on.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Raster {
    rows: u32,
    bits: Vec<u8>,
}

impl Raster {
    /// Dots down.
    #[must_use]
    pub fn height(&self) -> u32 {
        self.rows
    }

    /// Rows of 72 bytes, most significant bit left, 1 black: the shape of ESC/POS `GS v 0`.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bits
    }

    /// Whether the dot is black.
    #[must_use]
    pub fn black(&self, x: u32, y: u32) -> bool {
        place(x, y)
            .and_then(|(byte, mask)| Some(self.bits.get(byte)? & mask != 0))
            .unwrap_or(false)
    }

    /// Makes it at least `rows` high.
    pub(crate) fn reach(&mut self, rows: u32) {
        if rows > self.rows {
            self.rows = rows;
            self.bits.resize(rows as usize * (DOTS / 8) as usize, 0);
        }
    }

    pub(crate) fn set(&mut self, x: i32, y: i32) {
        let (Ok(x), Ok(y)) = (u32::try_from(x), u32::try_from(y)) else {
            return;
        };
        if x < DOTS {
            self.reach(y + 1);
            if let Some((byte, mask)) = place(x, y)
                && let Some(byte) = self.bits.get_mut(byte)
            {
                *byte |= mask;
            }
        }
    }

    /// Puts another picture below this one.
    pub(crate) fn append(&mut self, other: &Self) {
        self.bits.extend_from_slice(&other.bits);
        self.rows += other.rows;
    }

    /// A grey PNG, for the virtual printer and for people who look.
    ///
    /// # Errors
    /// [`PaperError::Words`] never in practice: the encoder writes to memory.
    pub fn png(&self) -> Result<Vec<u8>, PaperError> {
        let mut bytes = Vec::new();
        let mut encoder = png::Encoder::new(&mut bytes, DOTS, self.rows.max(1));
        encoder.set_color(png::ColorType::Grayscale);
        encoder.set_depth(png::BitDepth::One);
        let inverted: Vec<u8> = if self.rows == 0 {
            vec![0xFF; (DOTS / 8) as usize]
        } else {
            self.bits.iter().map(|byte| !byte).collect()
        };
        let broken = |error: png::EncodingError| PaperError::Picture(error.to_string());
        encoder
            .write_header()
            .map_err(broken)?
            .write_image_data(&inverted)
            .map_err(broken)?;
        Ok(bytes)
    }
}

fn place(x: u32, y: u32) -> Option<(usize, u8)> {
    if x >= DOTS {
        return None;
    }
    Some((
        y as usize * (DOTS / 8) as usize + (x / 8) as usize,
        0x80 >> (x % 8),
    ))
}

impl Dimensions for Raster {
    fn bounding_box(&self) -> Rectangle {
        Rectangle::new(Point::zero(), Size::new(DOTS, u32::MAX / 2))
    }
}

impl DrawTarget for Raster {
    type Color = BinaryColor;
    type Error = core::convert::Infallible;

    fn draw_iter<I: IntoIterator<Item = Pixel<BinaryColor>>>(
        &mut self,
        pixels: I,
    ) -> Result<(), Self::Error> {
        for Pixel(point, color) in pixels {
            if color == BinaryColor::On {
                self.set(point.x, point.y);
            }
        }
        Ok(())
    }
}

/// Draws something that can't fail on a raster.
pub(crate) fn draw(drawable: &impl Drawable<Color = BinaryColor>, raster: &mut Raster) {
    let Ok(_) = drawable.draw(raster);
}
