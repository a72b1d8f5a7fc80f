//! Writing text on a raster: shaped by cosmic-text, thresholded, and never with a glyph missing.

use std::sync::Arc;

use cosmic_text::{
    Align, Attrs, Buffer, Family, FontSystem, Metrics, Shaping, SwashCache, SwashContent, Weight,
    fontdb,
};

use super::raster::{DOTS, Raster};
use crate::error::PaperError;
use crate::fonts::{FontSet, GOTHIC};

/// Coverage from which a dot is burnt; lower thickens strokes, higher loses thin ones.
const THRESHOLD: u8 = 112;

/// How a paragraph is set.
#[derive(Clone, Copy)]
pub(crate) struct Style {
    /// Size in dots.
    pub(crate) size: f32,
    /// Bold.
    pub(crate) bold: bool,
    /// Centred in the column.
    pub(crate) centred: bool,
}

pub(crate) const fn plain(size: f32) -> Style {
    Style {
        size,
        bold: false,
        centred: false,
    }
}

pub(crate) const fn bold(size: f32) -> Style {
    Style {
        size,
        bold: true,
        centred: false,
    }
}

impl Style {
    pub(crate) const fn centred(self) -> Self {
        Self {
            centred: true,
            ..self
        }
    }
}

/// Sets text with the fonts of a [`FontSet`]. Kept from receipt to receipt: opening the fonts is the slow part.
pub struct Pen {
    fonts: FontSet,
    system: FontSystem,
    cache: SwashCache,
}

impl Pen {
    /// Opens the fonts.
    #[must_use]
    pub fn new(fonts: &FontSet) -> Self {
        let mut database = fontdb::Database::new();
        for file in &fonts.files {
            database.load_font_source(fontdb::Source::Binary(Arc::new(file.clone())));
        }
        let system = FontSystem::new_with_locale_and_db("ja-JP".to_owned(), database);
        Self {
            fonts: fonts.clone(),
            system,
            cache: SwashCache::new(),
        }
    }

    /// Forgets the glyphs of the last resident's name.
    pub fn forget(&mut self) {
        self.cache = SwashCache::new();
    }

    /// Writes a paragraph from `(x, y)` in a column of `width` dots; returns the y below it.
    ///
    /// # Errors
    /// A missing glyph; `field` is named.
    pub(crate) fn write(
        &mut self,
        raster: &mut Raster,
        at: (u32, u32),
        width: u32,
        style: Style,
        field: &str,
        text: &str,
    ) -> Result<u32, PaperError> {
        let clusters = self.fonts.receipt_clusters(field, text)?;
        let line = (style.size * 1.32).round();
        let mut buffer = Buffer::new_empty(Metrics::new(style.size, line));
        buffer.set_size(Some(width as f32), None);
        let attrs = |family: &'static str| {
            let weight = if style.bold && family == GOTHIC {
                Weight::BOLD
            } else {
                Weight::NORMAL
            };
            Attrs::new().family(Family::Name(family)).weight(weight)
        };
        let spans = clusters
            .iter()
            .map(|cluster| (cluster.text, attrs(cluster.family)));
        let align = style.centred.then_some(Align::Center);
        buffer.set_rich_text(spans, &attrs(GOTHIC), Shaping::Advanced, align);
        buffer.shape_until_scroll(&mut self.system, false);
        let mut bottom = at.1;
        for run in buffer.layout_runs() {
            bottom = bottom.max(at.1 + (run.line_top + run.line_height).ceil() as u32);
            for glyph in run.glyphs {
                if glyph.glyph_id == 0 {
                    return Err(missing(
                        field,
                        text.get(glyph.start..glyph.end).unwrap_or_default(),
                    ));
                }
                let physical = glyph.physical((at.0 as f32, at.1 as f32 + run.line_y), 1.0);
                let Some(image) = self
                    .cache
                    .get_image_uncached(&mut self.system, physical.cache_key)
                else {
                    continue;
                };
                let left = physical.x + image.placement.left;
                let top = physical.y - image.placement.top;
                blit(
                    raster,
                    left,
                    top,
                    image.placement.width,
                    image.content,
                    &image.data,
                );
            }
        }
        raster.reach(bottom);
        Ok(bottom)
    }

    /// Writes across the whole paper with a margin.
    ///
    /// # Errors
    /// As [`Pen::write`].
    pub(crate) fn line(
        &mut self,
        raster: &mut Raster,
        y: u32,
        style: Style,
        field: &str,
        text: &str,
    ) -> Result<u32, PaperError> {
        self.write(raster, (MARGIN, y), DOTS - 2 * MARGIN, style, field, text)
    }
}

/// White on either side.
pub(crate) const MARGIN: u32 = 12;

fn blit(raster: &mut Raster, left: i32, top: i32, width: u32, content: SwashContent, data: &[u8]) {
    if content != SwashContent::Mask || width == 0 {
        return;
    }
    for (index, _) in data
        .iter()
        .enumerate()
        .filter(|(_, coverage)| **coverage >= THRESHOLD)
    {
        let (x, y) = (index as u32 % width, index as u32 / width);
        raster.set(left + x as i32, top + y as i32);
    }
}

fn missing(field: &str, text: &str) -> PaperError {
    let codes: Vec<String> = text
        .chars()
        .map(|c| format!("U+{:04X}", c as u32))
        .collect();
    PaperError::MissingGlyph {
        field: field.to_owned(),
        character: codes.join(" "),
    }
}
