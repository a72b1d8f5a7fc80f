//! The strip of paper under the virtual print head.

use qrcode::{EcLevel, QrCode};

use crate::receipt_printer::PRINT_WIDTH;

const STRIDE: usize = PRINT_WIDTH as usize / 8;
/// The cutter sits this many rows above the print head.
const TO_THE_CUTTER: usize = 96;

/// Rows printed since the last cut.
#[derive(Default)]
pub(super) struct Strip {
    bits: Vec<u8>,
}

impl Strip {
    pub(super) fn rows(&self) -> usize {
        self.bits.len() / STRIDE
    }

    /// Appends rows at the left edge.
    pub(super) fn raster(&mut self, stride: usize, bits: &[u8]) {
        for row in bits.chunks(stride) {
            let mut line = [0; STRIDE];
            line[..row.len()].copy_from_slice(row);
            self.bits.extend_from_slice(&line);
        }
    }

    pub(super) fn feed_to_cutter(&mut self) {
        self.bits
            .resize(self.bits.len() + TO_THE_CUTTER * STRIDE, 0);
    }

    /// Draws a code with a quiet zone above and below; `false` if it cannot be encoded or does not fit across.
    pub(super) fn qr(&mut self, data: &[u8], module: u8, correction: u8, justify: u8) -> bool {
        let level = [EcLevel::L, EcLevel::M, EcLevel::Q, EcLevel::H]
            [usize::from(correction.saturating_sub(48)).min(3)];
        let Ok(code) = QrCode::with_error_correction_level(data, level) else {
            return false;
        };
        let (module, width) = (usize::from(module), code.width());
        let free = match usize::from(PRINT_WIDTH).checked_sub(width * module) {
            Some(free) => free,
            None => return false,
        };
        let left = match justify {
            0 => 0,
            1 => free / 2,
            _ => free,
        };
        let dark = code.to_colors();
        let quiet = 4 * module * STRIDE;
        self.bits.resize(self.bits.len() + quiet, 0);
        for modules in dark.chunks(width) {
            let mut line = [0_u8; STRIDE];
            for x in 0..width * module {
                if modules[x / module] == qrcode::Color::Dark {
                    line[(left + x) / 8] |= 0x80 >> ((left + x) % 8);
                }
            }
            (0..module).for_each(|_| self.bits.extend_from_slice(&line));
        }
        self.bits.resize(self.bits.len() + quiet, 0);
        true
    }

    /// The strip as a 1-bit PNG, black on white.
    pub(super) fn png(&self) -> Vec<u8> {
        let mut file = Vec::new();
        let rows = u32::try_from(self.rows().max(1)).unwrap_or(u32::MAX);
        let mut encoder = png::Encoder::new(&mut file, u32::from(PRINT_WIDTH), rows);
        encoder.set_color(png::ColorType::Grayscale);
        encoder.set_depth(png::BitDepth::One);
        // In PNG 1 is white.
        let mut white: Vec<u8> = self.bits.iter().map(|byte| !byte).collect();
        white.resize(white.len().max(STRIDE), 0xFF);
        let written = encoder
            .write_header()
            .and_then(|mut writer| writer.write_image_data(&white));
        debug_assert!(written.is_ok(), "writing to memory");
        file
    }
}
