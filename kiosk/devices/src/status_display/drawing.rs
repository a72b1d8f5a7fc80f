//! What the small display shows, drawn once for the real and the simulated one.

use embedded_graphics::mono_font::MonoTextStyle;
use embedded_graphics::mono_font::jis_x0201::FONT_6X13;
use embedded_graphics::pixelcolor::BinaryColor;
use embedded_graphics::prelude::{DrawTarget, Drawable as _, Point, Size};
use embedded_graphics::primitives::{Primitive as _, PrimitiveStyle, Rectangle};
use embedded_graphics::text::{Baseline, Text};

use super::{Status, Supply};

/// Dots across.
pub const WIDTH: u32 = 128;
/// Dots down.
pub const HEIGHT: u32 = 64;
/// Characters that fit in a line of the font.
const COLUMNS: usize = 21;

/// Draws the status: the kiosk in a bar, then network, queue and paper, one line each.
///
/// # Errors
/// Those of the target.
pub fn draw<D: DrawTarget<Color = BinaryColor>>(
    status: &Status,
    target: &mut D,
) -> Result<(), D::Error> {
    target.clear(BinaryColor::Off)?;
    let bar = Rectangle::new(Point::zero(), Size::new(WIDTH, 13));
    bar.into_styled(PrimitiveStyle::with_fill(BinaryColor::On))
        .draw(target)?;
    line(target, 0, &status.kiosk, BinaryColor::Off)?;
    for (at, text) in (1..).zip(lines(status)) {
        line(target, at * 13, &text, BinaryColor::On)?;
    }
    Ok(())
}

fn line<D: DrawTarget<Color = BinaryColor>>(
    target: &mut D,
    y: i32,
    text: &str,
    color: BinaryColor,
) -> Result<(), D::Error> {
    let cut: String = text.chars().take(COLUMNS).collect();
    let style = MonoTextStyle::new(&FONT_6X13, color);
    Text::with_baseline(&cut, Point::new(1, y), style, Baseline::Top)
        .draw(target)
        .map(|_| ())
}

/// ﾂｳｼﾝ network, ｿｳｼﾝﾏﾁ waiting to be sent, ﾚｼｰﾄ receipt paper, ﾖｳｼ form paper.
fn lines(status: &Status) -> [String; 4] {
    let address = if status.address.is_empty() {
        "ﾅｼ"
    } else {
        &status.address
    };
    let network = if status.cloud {
        "OK"
    } else {
        "ｷﾚﾃｲﾏｽ"
    };
    [
        format!("IP {address}"),
        format!("ﾂｳｼﾝ {network}"),
        format!("ｿｳｼﾝﾏﾁ {}ｹﾝ", status.queue),
        format!(
            "ﾚｼｰﾄ{} ﾖｳｼ{}",
            supply(status.receipt_paper),
            supply(status.form_paper)
        ),
    ]
}

fn supply(supply: Supply) -> &'static str {
    match supply {
        Supply::Enough => "OK",
        Supply::Low => "ｽｸﾅｲ",
        Supply::Out => "ﾅｼ",
        Supply::Unknown => "?",
    }
}

#[cfg(test)]
mod tests {
    use super::{COLUMNS, lines};
    use crate::status_display::{Status, Supply};

    #[test]
    fn the_longest_lines_fit_and_stay_in_the_font() {
        let status = Status {
            kiosk: "GENKAN-01".to_owned(),
            address: "192.168.100.200".to_owned(),
            cloud: false,
            queue: 123_456,
            receipt_paper: Supply::Low,
            form_paper: Supply::Low,
        };
        for line in lines(&status) {
            assert!(line.chars().count() <= COLUMNS, "{line}");
            assert!(
                line.chars()
                    .all(|c| c.is_ascii() || ('\u{FF61}'..='\u{FF9F}').contains(&c)),
                "{line}"
            );
        }
    }
}
