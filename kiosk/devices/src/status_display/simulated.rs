//! The small display as a picture.

use std::convert::Infallible;
use std::path::{Path, PathBuf};

use embedded_graphics::Pixel;
use embedded_graphics::geometry::OriginDimensions;
use embedded_graphics::pixelcolor::BinaryColor;
use embedded_graphics::prelude::{DrawTarget, Size};

use super::{HEIGHT, Status, StatusDisplay, StatusDisplayError, WIDTH, draw};

const STRIDE: usize = WIDTH as usize / 8;

/// Keeps the last frame, and writes it to a PNG file if given one.
pub struct SimulatedDisplay {
    frame: Frame,
    file: Option<PathBuf>,
}

impl SimulatedDisplay {
    /// A dark display.
    #[must_use]
    pub fn new(file: Option<&Path>) -> Self {
        Self {
            frame: Frame([0; STRIDE * HEIGHT as usize]),
            file: file.map(Path::to_owned),
        }
    }

    /// The last frame as a 1-bit PNG, lit dots white.
    #[must_use]
    pub fn png(&self) -> Vec<u8> {
        let mut file = Vec::new();
        let mut encoder = png::Encoder::new(&mut file, WIDTH, HEIGHT);
        encoder.set_color(png::ColorType::Grayscale);
        encoder.set_depth(png::BitDepth::One);
        let written = encoder
            .write_header()
            .and_then(|mut writer| writer.write_image_data(&self.frame.0));
        debug_assert!(written.is_ok(), "writing to memory");
        file
    }
}

impl StatusDisplay for SimulatedDisplay {
    fn show(&mut self, status: &Status) -> Result<(), StatusDisplayError> {
        let Ok(()) = draw(status, &mut self.frame);
        match &self.file {
            Some(file) => std::fs::write(file, self.png())
                .map_err(|error| StatusDisplayError::Bus(error.to_string())),
            None => Ok(()),
        }
    }
}

struct Frame([u8; STRIDE * HEIGHT as usize]);

impl OriginDimensions for Frame {
    fn size(&self) -> Size {
        Size::new(WIDTH, HEIGHT)
    }
}

impl DrawTarget for Frame {
    type Color = BinaryColor;
    type Error = Infallible;

    fn draw_iter<I: IntoIterator<Item = Pixel<BinaryColor>>>(
        &mut self,
        pixels: I,
    ) -> Result<(), Infallible> {
        for Pixel(point, color) in pixels {
            let (Ok(x), Ok(y)) = (usize::try_from(point.x), usize::try_from(point.y)) else {
                continue;
            };
            if x < WIDTH as usize
                && let Some(byte) = self.0.get_mut(y * STRIDE + x / 8)
            {
                let mask = 0x80 >> (x % 8);
                *byte = if color.is_on() {
                    *byte | mask
                } else {
                    *byte & !mask
                };
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::SimulatedDisplay;
    use crate::status_display::{Status, StatusDisplay as _, Supply};

    #[test]
    fn every_part_of_the_status_changes_the_picture() {
        let base = Status {
            kiosk: "GENKAN-01".to_owned(),
            address: "10.0.0.2".to_owned(),
            cloud: true,
            queue: 0,
            receipt_paper: Supply::Enough,
            form_paper: Supply::Enough,
        };
        let picture = |status: &Status| {
            let mut display = SimulatedDisplay::new(None);
            display.show(status).unwrap();
            display.png()
        };
        let shown = picture(&base);
        for changed in [
            Status {
                kiosk: "GENKAN-02".to_owned(),
                ..base.clone()
            },
            Status {
                address: String::new(),
                ..base.clone()
            },
            Status {
                cloud: false,
                ..base.clone()
            },
            Status {
                queue: 3,
                ..base.clone()
            },
            Status {
                receipt_paper: Supply::Out,
                ..base.clone()
            },
            Status {
                form_paper: Supply::Low,
                ..base.clone()
            },
        ] {
            assert_ne!(picture(&changed), shown);
        }
        assert_eq!(picture(&base), shown);
    }
}
