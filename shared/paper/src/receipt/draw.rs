//! Drawing a receipt: a picture above the code, the code's text (printers draw it best themselves), a picture below.

use embedded_graphics::geometry::{Point, Size};
use embedded_graphics::pixelcolor::BinaryColor;
use embedded_graphics::primitives::{Line, Primitive, PrimitiveStyle, Rectangle};
use guidance::Words;

use super::pen::{MARGIN, Pen, bold, plain};
use super::raster::{DOTS, Raster, draw as stroke};
use super::words::{ReceiptWords, day, in_kana};
use super::{Receipt, ReceiptLine};
use crate::code::Code;
use crate::error::PaperError;

/// A receipt, ready for a printer.
#[derive(Clone, PartialEq, Eq)]
pub struct ReceiptRaster {
    /// Above the code.
    pub before: Raster,
    /// Text of the code, for the printer's own QR command.
    pub code: String,
    /// Below the code.
    pub after: Raster,
    /// The code as picture, for printers without one and for previews.
    pub code_picture: Raster,
}

impl ReceiptRaster {
    /// The whole receipt as one picture.
    #[must_use]
    pub fn whole(&self) -> Raster {
        let mut whole = self.before.clone();
        whole.append(&self.code_picture);
        whole.append(&self.after);
        whole
    }
}

/// Draws a receipt.
///
/// # Errors
/// A missing glyph (the part is named) or a code that holds too much.
pub fn draw(
    receipt: &Receipt,
    words: &ReceiptWords,
    pen: &mut Pen,
) -> Result<ReceiptRaster, PaperError> {
    let second = receipt.second().map(str::to_owned);
    let mut page = Page {
        raster: Raster::default(),
        y: 8,
        words,
        second,
        pen,
    };
    page.head(receipt)?;
    page.section("procedures")?;
    for (index, line) in receipt.lines.iter().enumerate() {
        page.procedure(index + 1, line)?;
    }
    if !receipt.bring.is_empty() {
        page.section("bring")?;
        for item in &receipt.bring {
            page.item(item)?;
        }
    }
    page.rule();
    page.both("code", 20.0)?;
    let before = page.take();
    page.next(receipt)?;
    page.y += 16;
    let (town, number) = (&receipt.town, &receipt.code.reception);
    page.centred(18.0, "foot", &format!("{town}　{number}"))?;
    let after = page.take();
    Ok(ReceiptRaster {
        before,
        code: receipt.code.text(),
        after,
        code_picture: picture(&receipt.code)?,
    })
}

struct Page<'a> {
    raster: Raster,
    y: u32,
    words: &'a ReceiptWords,
    second: Option<String>,
    pen: &'a mut Pen,
}

impl Page<'_> {
    fn take(&mut self) -> Raster {
        let mut done = std::mem::take(&mut self.raster);
        done.reach(self.y + 8);
        self.y = 8;
        done
    }

    fn centred(&mut self, size: f32, field: &str, text: &str) -> Result<(), PaperError> {
        self.y = self
            .pen
            .line(&mut self.raster, self.y, plain(size).centred(), field, text)?;
        Ok(())
    }

    fn head(&mut self, receipt: &Receipt) -> Result<(), PaperError> {
        self.y = self.pen.line(
            &mut self.raster,
            self.y,
            bold(40.0).centred(),
            "town",
            &receipt.town,
        )?;
        let heading = self.words.get("heading", "ja");
        self.centred(26.0, "heading", &heading)?;
        self.small_centred("heading")?;
        let at = receipt.at;
        let time = format!(
            "{}年{} {}:{:02}",
            at.year(),
            day(at.date(), "ja"),
            at.hour(),
            at.minute()
        );
        self.centred(22.0, "kiosk", &format!("{}　{time}", receipt.kiosk))?;
        self.y += 10;
        let top = self.y;
        self.y += 10;
        let number = self.words.get("number", "ja");
        self.centred(24.0, "number", &number)?;
        self.small_centred("number")?;
        self.y = self.pen.line(
            &mut self.raster,
            self.y,
            bold(52.0).centred(),
            "reception",
            &receipt.code.reception,
        )?;
        self.y += 10;
        self.frame(top);
        self.y += 14;
        let event = in_kana(receipt.event.get("ja"));
        self.y = self
            .pen
            .line(&mut self.raster, self.y, bold(32.0), "event", &event)?;
        self.second_line(&receipt.event, MARGIN)?;
        if !receipt.who.is_empty() {
            let who = self
                .words
                .with("whom", "ja", "names", &receipt.who.join("、"));
            self.y = self
                .pen
                .line(&mut self.raster, self.y, plain(26.0), "who", &who)?;
        }
        Ok(())
    }

    fn frame(&mut self, top: u32) {
        let size = Size::new(DOTS - 2 * MARGIN, self.y - top);
        let style = PrimitiveStyle::with_stroke(BinaryColor::On, 3);
        stroke(
            &Rectangle::new(point(MARGIN, top), size).into_styled(style),
            &mut self.raster,
        );
    }

    fn rule(&mut self) {
        self.y += 14;
        let style = PrimitiveStyle::with_stroke(BinaryColor::On, 2);
        stroke(
            &Line::new(point(MARGIN, self.y), point(DOTS - MARGIN, self.y)).into_styled(style),
            &mut self.raster,
        );
        self.y += 12;
    }

    fn section(&mut self, key: &str) -> Result<(), PaperError> {
        self.rule();
        let text = self.words.get(key, "ja");
        self.y = self
            .pen
            .line(&mut self.raster, self.y, bold(28.0), key, &text)?;
        self.second_text(key, MARGIN)?;
        self.y += 4;
        Ok(())
    }

    /// The second language of fixed words, centred.
    fn small_centred(&mut self, key: &str) -> Result<(), PaperError> {
        let Some(language) = self.second.clone() else {
            return Ok(());
        };
        let text = self.words.get(key, &language);
        self.centred(20.0, key, &text)
    }

    fn second_text(&mut self, key: &str, x: u32) -> Result<(), PaperError> {
        let Some(language) = self.second.clone() else {
            return Ok(());
        };
        let text = self.words.get(key, &language);
        self.small(x, key, &text)
    }

    fn second_line(&mut self, words: &Words, x: u32) -> Result<(), PaperError> {
        let Some(text) = self
            .second
            .as_ref()
            .and_then(|language| words.exact(language))
            .map(in_kana)
        else {
            return Ok(());
        };
        self.small(x, "second language", &text)
    }

    fn small(&mut self, x: u32, field: &str, text: &str) -> Result<(), PaperError> {
        self.y = self.pen.write(
            &mut self.raster,
            (x, self.y),
            DOTS - MARGIN - x,
            plain(20.0),
            field,
            text,
        )?;
        Ok(())
    }

    fn both(&mut self, key: &str, size: f32) -> Result<(), PaperError> {
        let text = self.words.get(key, "ja");
        self.centred(size + 2.0, key, &text)?;
        self.small_centred(key)
    }

    fn procedure(&mut self, number: usize, line: &ReceiptLine) -> Result<(), PaperError> {
        self.y += 10;
        let x = MARGIN + 44;
        let width = DOTS - MARGIN - x;
        self.pen.write(
            &mut self.raster,
            (MARGIN, self.y),
            44,
            bold(28.0),
            "number",
            &format!("{number}."),
        )?;
        let title = in_kana(line.title.get("ja"));
        self.y = self.pen.write(
            &mut self.raster,
            (x, self.y),
            width,
            bold(28.0),
            "procedure",
            &title,
        )?;
        self.second_line(&line.title, x)?;
        if !line.who.is_empty() {
            self.y = self.pen.write(
                &mut self.raster,
                (x, self.y),
                width,
                plain(24.0),
                "who",
                &line.who.join("、"),
            )?;
        }
        let second = self.second.clone();
        let others = second.map_or_else(Vec::new, |language| self.facts(line, &language));
        for (index, (key, text)) in self.facts(line, "ja").iter().enumerate() {
            let style = if *key == "when" {
                bold(24.0)
            } else {
                plain(24.0)
            };
            self.y = self
                .pen
                .write(&mut self.raster, (x, self.y), width, style, key, text)?;
            if let Some((_, other)) = others.get(index) {
                self.small(x, key, other)?;
            }
        }
        Ok(())
    }

    /// When it is due, where, what was made, what it costs.
    fn facts(&self, line: &ReceiptLine, language: &str) -> Vec<(&'static str, String)> {
        let words = self.words;
        let mut facts = Vec::new();
        if let Some(when) = words.when(&line.when, language) {
            facts.push(("when", when));
        }
        facts.push(("counter", words.counter(&line.counter, language)));
        if line.here {
            facts.push(("here", words.raw("here", language)));
        }
        if line.fee_yen > 0 {
            let yen = line.fee_yen.to_string();
            facts.push(("fee", words.raw_with("fee", language, "yen", &yen)));
        }
        facts
            .into_iter()
            .map(|(key, text)| (key, in_kana(&text)))
            .collect()
    }

    fn next(&mut self, receipt: &Receipt) -> Result<(), PaperError> {
        self.section("next")?;
        let second = self.second.clone();
        let others = second.map_or_else(Vec::new, |language| self.words.next(receipt, &language));
        for (index, line) in self.words.next(receipt, "ja").iter().enumerate() {
            let other = others.get(index).map(|text| in_kana(text));
            self.bullet(&in_kana(line), other.as_deref())?;
        }
        Ok(())
    }

    fn item(&mut self, item: &Words) -> Result<(), PaperError> {
        let style = PrimitiveStyle::with_stroke(BinaryColor::On, 2);
        stroke(
            &Rectangle::new(point(MARGIN + 4, self.y + 6), Size::new(24, 24)).into_styled(style),
            &mut self.raster,
        );
        let text = in_kana(item.get("ja"));
        let x = MARGIN + 44;
        self.y = self.pen.write(
            &mut self.raster,
            (x, self.y),
            DOTS - MARGIN - x,
            plain(26.0),
            "bring",
            &text,
        )?;
        self.second_line(item, x)?;
        self.y += 6;
        Ok(())
    }

    fn bullet(&mut self, text: &str, second: Option<&str>) -> Result<(), PaperError> {
        self.pen.write(
            &mut self.raster,
            (MARGIN, self.y),
            30,
            plain(26.0),
            "next",
            "・",
        )?;
        let x = MARGIN + 30;
        self.y = self.pen.write(
            &mut self.raster,
            (x, self.y),
            DOTS - MARGIN - x,
            plain(26.0),
            "next",
            text,
        )?;
        if let Some(second) = second {
            self.small(x, "next", second)?;
        }
        self.y += 6;
        Ok(())
    }
}

fn point(x: u32, y: u32) -> Point {
    Point::new(
        i32::try_from(x).unwrap_or(i32::MAX),
        i32::try_from(y).unwrap_or(i32::MAX),
    )
}

/// The code drawn six dots a module, centred, with its quiet zone of four modules above and below.
fn picture(code: &Code) -> Result<Raster, PaperError> {
    const MODULE: u32 = 6;
    let (width, dark) = code.modules()?;
    let width = u32::try_from(width).unwrap_or(0);
    let left = DOTS.saturating_sub(width * MODULE) / 2;
    let mut raster = Raster::default();
    raster.reach((width + 8) * MODULE);
    for (index, _) in dark.iter().enumerate().filter(|(_, dark)| **dark) {
        let index = u32::try_from(index).unwrap_or(0);
        let corner = point(left + index % width * MODULE, (index / width + 4) * MODULE);
        let style = PrimitiveStyle::with_fill(BinaryColor::On);
        stroke(
            &Rectangle::new(corner, Size::new(MODULE, MODULE)).into_styled(style),
            &mut raster,
        );
    }
    Ok(raster)
}
