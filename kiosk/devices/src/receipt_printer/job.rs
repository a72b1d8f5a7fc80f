//! A receipt as the printer gets it: no text, only dots, codes, feeds and cuts, so that no rare kanji depends on a printer's font.

use thiserror::Error;

/// Dots across 80 mm paper at 203 dpi.
pub const PRINT_WIDTH: u16 = 576;
/// The tallest raster: about two metres of paper.
const MOST_ROWS: usize = 16_000;

/// One receipt.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Job {
    /// Printed in this order.
    pub parts: Vec<Part>,
}

impl Job {
    /// A job of these parts.
    #[must_use]
    pub fn new(parts: Vec<Part>) -> Self {
        Self { parts }
    }
}

/// A step of a receipt.
#[derive(Clone, PartialEq, Eq)]
pub enum Part {
    /// A picture.
    Raster(Raster),
    /// A QR code drawn by the printer, centred.
    Qr(Qr),
    /// Blank paper, in dots (8 per millimetre).
    Feed(u8),
    /// Feeds to the cutter and cuts, leaving one point.
    Cut,
    /// A pulse on the drawer connector, which some kiosks use for a lamp or a flap.
    DrawerPulse,
}

/// A 1-bit picture, rows from top to bottom, eight dots a byte, most significant bit left, 1 = black.
#[derive(Clone, PartialEq, Eq)]
pub struct Raster {
    width: u16,
    rows: u16,
    bits: Vec<u8>,
}

impl Raster {
    /// A picture from packed rows.
    ///
    /// # Errors
    /// When the width is zero, not a multiple of eight or above [`PRINT_WIDTH`], or the rows do not add up.
    pub fn from_packed(width: u16, bits: Vec<u8>) -> Result<Self, JobError> {
        if width == 0 || !width.is_multiple_of(8) || width > PRINT_WIDTH {
            return Err(JobError::Width(width));
        }
        let stride = usize::from(width / 8);
        let rows = bits.len() / stride;
        if bits.is_empty() || !bits.len().is_multiple_of(stride) || rows > MOST_ROWS {
            return Err(JobError::Rows);
        }
        Ok(Self {
            width,
            rows: u16::try_from(rows).map_err(|_| JobError::Rows)?,
            bits,
        })
    }

    /// Dots across.
    #[must_use]
    pub fn width(&self) -> u16 {
        self.width
    }

    #[must_use]
    pub fn rows(&self) -> u16 {
        self.rows
    }

    /// The packed rows.
    #[must_use]
    pub fn bits(&self) -> &[u8] {
        &self.bits
    }

    /// Whether the dot is black; outside the picture nothing is.
    #[must_use]
    pub fn is_black(&self, x: u16, y: u16) -> bool {
        let at = usize::from(y) * usize::from(self.width / 8) + usize::from(x / 8);
        x < self.width
            && self
                .bits
                .get(at)
                .is_some_and(|byte| byte & (0x80 >> (x % 8)) != 0)
    }
}

/// How much of a QR code may be damaged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum QrCorrection {
    /// 7 %.
    L,
    /// 15 %.
    M,
    /// 25 %.
    Q,
    /// 30 %.
    H,
}

/// A QR code, model 2. ASCII only: printers differ in how they take anything else.
#[derive(Clone, PartialEq, Eq)]
pub struct Qr {
    data: String,
    module: u8,
    correction: QrCorrection,
}

impl Qr {
    /// A code with modules of `module` dots (2 to 15).
    ///
    /// # Errors
    /// When the data is empty, longer than 1,000 bytes or not printable ASCII, or the module size is out of range.
    pub fn new(data: &str, module: u8, correction: QrCorrection) -> Result<Self, JobError> {
        let printable = data.bytes().all(|byte| (0x20..0x7F).contains(&byte));
        if data.is_empty() || data.len() > 1000 || !printable || !(2..=15).contains(&module) {
            return Err(JobError::Qr);
        }
        Ok(Self {
            data: data.to_owned(),
            module,
            correction,
        })
    }

    /// What it says.
    #[must_use]
    pub fn data(&self) -> &str {
        &self.data
    }

    /// Dots per module.
    #[must_use]
    pub fn module(&self) -> u8 {
        self.module
    }

    /// Error correction.
    #[must_use]
    pub fn correction(&self) -> QrCorrection {
        self.correction
    }
}

/// Why a part of a receipt cannot be printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum JobError {
    /// Width not 8, 16 … 576.
    #[error("raster width {0} is not a multiple of 8 up to 576")]
    Width(u16),
    /// No rows, half a row, or too many.
    #[error("raster rows do not add up")]
    Rows,
    /// Data or size of a QR code.
    #[error("QR data or module size out of range")]
    Qr,
}

#[cfg(test)]
mod tests {
    use super::{JobError, Qr, QrCorrection, Raster};

    #[test]
    fn rasters_must_add_up() {
        assert_eq!(
            Raster::from_packed(12, vec![0; 4]).err(),
            Some(JobError::Width(12))
        );
        assert_eq!(
            Raster::from_packed(584, vec![0; 73]).err(),
            Some(JobError::Width(584))
        );
        assert_eq!(
            Raster::from_packed(16, vec![0; 3]).err(),
            Some(JobError::Rows)
        );
        assert_eq!(
            Raster::from_packed(16, Vec::new()).err(),
            Some(JobError::Rows)
        );
        let raster = Raster::from_packed(16, vec![0, 1, 0x80, 0]).ok().unwrap();
        assert!(
            raster.is_black(15, 0)
                && raster.is_black(0, 1)
                && !raster.is_black(1, 1)
                && !raster.is_black(16, 0)
        );
    }

    #[test]
    fn codes_take_printable_ascii_only() {
        assert!(Qr::new("https://example.test/r/123", 6, QrCorrection::M).is_ok());
        for (data, module) in [("", 6), ("玄関", 6), ("a", 1), ("a", 17)] {
            assert!(Qr::new(data, module, QrCorrection::M).is_err());
        }
    }
}
