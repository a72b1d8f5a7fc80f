//! Top band, bottom bar, the overlay, and how everything looks.

use session::screen::{Degraded, Overlay, Screen, Step};
use session::text::Text;
use session::touch::{Contrast, TextSize};
use slint::ComponentHandle;

use super::shared::fill;
use super::translator::Translator;
use crate::screens::{self, Frame, Main, StepItem, Theme};

const STEPS: [(Step, &str); 6] = [
    (Step::Choose, "ui.step-choose"),
    (Step::Card, "ui.step-card"),
    (Step::Questions, "ui.step-questions"),
    (Step::Plan, "ui.step-plan"),
    (Step::Forms, "ui.step-forms"),
    (Step::Paper, "ui.step-paper"),
];

pub(super) fn show(main: &Main, translator: Translator<'_>, screen: &Screen) {
    let from = &screen.frame;
    look(main, screen);
    let frame = main.global::<Frame>();
    frame.set_town(translator.phrase(&from.town));
    fill(frame.get_steps(), steps(translator, from.step), |model| {
        frame.set_steps(model)
    });
    let at = STEPS.iter().position(|(step, _)| Some(*step) == from.step);
    frame.set_step(at.and_then(|at| i32::try_from(at).ok()).unwrap_or(-1));
    frame.set_language(from.language.0.as_str().into());
    fill(
        frame.get_languages(),
        super::welcome::languages(translator, translator.book.languages()),
        |model| {
            frame.set_languages(model);
        },
    );
    frame.set_back(from.back);
    frame.set_next_shown(from.next.is_some());
    frame.set_next(translator.optional(from.next.as_ref().map(|(words, _)| words)));
    frame.set_next_ready(from.next.as_ref().is_some_and(|(_, ready)| *ready));
    frame.set_help(from.help);
    let (words, picture) = from.degraded.map_or((None, ""), degraded);
    frame.set_degraded(translator.optional(words.as_ref()));
    frame.set_degraded_picture(picture.into());
    let (overlay, seconds) = match screen.overlay {
        None => (screens::Overlay::None, 0),
        Some(Overlay::Idle { seconds }) => (
            screens::Overlay::Idle,
            i32::try_from(seconds).unwrap_or(i32::MAX),
        ),
        Some(Overlay::StaffCalled) => (screens::Overlay::Staff, 0),
        Some(Overlay::StartOver) => (screens::Overlay::StartOver, 0),
    };
    frame.set_overlay(overlay);
    frame.set_seconds(seconds);
}

fn look(main: &Main, screen: &Screen) {
    let theme = main.global::<Theme>();
    theme.set_high(screen.frame.contrast == Contrast::High);
    theme.set_low_reach(screen.frame.low_reach);
    let (size, scale) = match screen.frame.text_size {
        TextSize::Normal => (0, 1.0),
        TextSize::Large => (1, 1.25),
        TextSize::Largest => (2, 1.5),
    };
    theme.set_scale(scale);
    main.global::<Frame>().set_text_size(size);
    theme.set_family(family(&screen.frame.language.0).into());
}

fn degraded(what: Degraded) -> (Option<Text>, &'static str) {
    let (key, picture) = match what {
        Degraded::Printing => ("ui.degraded-printing", "printer-error"),
        Degraded::Cards => ("ui.degraded-cards", "card-locked"),
        Degraded::Network => ("ui.degraded-network", "offline"),
    };
    (Some(Text::key(key)), picture)
}

/// One code point looks different in Japanese, Chinese and Korean print; the face decides.
fn family(language: &str) -> &'static str {
    match language.split('-').next() {
        Some("zh") if language.contains("Hant") => "Noto Sans CJK TC",
        Some("zh") => "Noto Sans CJK SC",
        Some("ko") => "Noto Sans CJK KR",
        _ => "Noto Sans CJK JP",
    }
}

fn steps(translator: Translator<'_>, now: Option<Step>) -> Vec<StepItem> {
    let Some(now) = now else { return Vec::new() };
    let item = |(step, key): (Step, &'static str)| StepItem {
        title: translator.phrase(&Text::key(key)),
        state: match step.cmp(&now) {
            std::cmp::Ordering::Less => 2,
            std::cmp::Ordering::Equal => 1,
            std::cmp::Ordering::Greater => 0,
        },
    };
    STEPS.into_iter().map(item).collect()
}
