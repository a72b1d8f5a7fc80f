//! Every screen in every language, size and contrast, with real pixels: targets large and apart, words inside their boxes.
#![allow(clippy::unwrap_used, unreachable_pub)]

mod samples;

use i_slint_backend_testing::{
    AccessibleRole, ElementHandle, ElementQuery, TestingBackend, TestingBackendOptions,
};
use samples::{LANGUAGES, Look};
use session::touch::{Contrast, TextSize};
use slint::ComponentHandle;
use ui::Ui;

fn window() -> Ui {
    let options = TestingBackendOptions {
        mock_time: true,
        threading: false,
        renderer_name: Some("software".into()),
    };
    slint::platform::set_platform(Box::new(TestingBackend::new(options))).unwrap();
    let ui = Ui::new(samples::book()).unwrap();
    ui.window()
        .set_size(slint::PhysicalSize::new(ui::WIDTH, ui::HEIGHT));
    ui.component().show().unwrap();
    ui
}

#[derive(Clone, Copy, Debug)]
struct Box4 {
    left: f32,
    top: f32,
    right: f32,
    bottom: f32,
}

fn place(element: &ElementHandle) -> Box4 {
    let (at, size) = (element.absolute_position(), element.size());
    Box4 {
        left: at.x,
        top: at.y,
        right: at.x + size.width,
        bottom: at.y + size.height,
    }
}

struct Target {
    name: String,
    whole: Box4,
    /// What a scrolled list lets through.
    seen: Box4,
}

fn targets(of: ElementQuery) -> Vec<Target> {
    let target = |element: &ElementHandle| {
        let whole = place(element);
        Target {
            name: element.accessible_label().unwrap_or_default().to_string(),
            whole,
            seen: whole,
        }
    };
    of.match_accessible_role(AccessibleRole::Button)
        .find_all()
        .iter()
        .map(target)
        .collect()
}

/// All targets in sight.
fn buttons(ui: &Ui) -> Vec<Target> {
    let mut all = targets(ElementQuery::from_root(ui.component()));
    for list in ElementQuery::from_root(ui.component())
        .match_inherits("Scroll")
        .find_all()
    {
        let sight = place(&list);
        let inside = targets(list.query_descendants());
        // The two that turn the list come last and lie below its content.
        let turner = inside
            .last()
            .filter(|last| last.name == inside_words(ui))
            .map(|last| last.whole);
        let bottom = turner.map_or(sight.bottom, |turner| turner.top - 16.0);
        for target in &mut all {
            let ours = inside
                .iter()
                .any(|other| other.name == target.name && other.whole.top == target.whole.top);
            if ours && turner.is_none_or(|turner| target.whole.top != turner.top) {
                target.seen.top = target.whole.top.max(sight.top);
                target.seen.bottom = target.whole.bottom.min(bottom);
            }
        }
    }
    all.retain(|target| target.seen.bottom - target.seen.top > 1.0);
    all
}

fn inside_words(ui: &Ui) -> String {
    ui.word("ui.scroll-down")
}

fn check_targets(what: &str, ui: &Ui) {
    let buttons = buttons(ui);
    for (
        at,
        Target {
            name,
            whole: a,
            seen,
        },
    ) in buttons.iter().enumerate()
    {
        assert!(
            !name.trim().is_empty(),
            "{what}: a button without a name at {a:?}"
        );
        assert!(
            a.right - a.left >= 72.0 && a.bottom - a.top >= 72.0,
            "{what}: {name} is too small: {a:?}"
        );
        assert!(
            a.left >= -0.5 && a.right <= 1080.5,
            "{what}: {name} is beside the screen: {a:?}"
        );
        for Target {
            name: other,
            seen: b,
            ..
        } in &buttons[at + 1..]
        {
            let across = (b.left - seen.right).max(seen.left - b.right);
            let down = (b.top - seen.bottom).max(seen.top - b.bottom);
            assert!(
                across.max(down) >= 15.5,
                "{what}: {name} and {other} are {across} × {down} apart"
            );
        }
    }
}

/// Words of a control stay inside it.
fn check_controls(what: &str, ui: &Ui) {
    for control in ElementQuery::from_root(ui.component())
        .match_accessible_role(AccessibleRole::Button)
        .find_all()
    {
        let outside = place(&control);
        for words in control
            .query_descendants()
            .match_inherits("Lines")
            .find_all()
        {
            let inside = place(&words);
            assert!(
                inside.top >= outside.top - 2.0 && inside.bottom <= outside.bottom + 2.0,
                "{what}: {:?} runs out of its control: {inside:?} in {outside:?}",
                control.accessible_label()
            );
        }
    }
}

/// Each piece of a line stays inside the box of its words.
fn check_words(what: &str, ui: &Ui) -> usize {
    let mut lines = 0;
    for words in ElementQuery::from_root(ui.component())
        .match_inherits("Lines")
        .find_all()
    {
        let outside = place(&words);
        for text in words.query_descendants().match_inherits("Text").find_all() {
            let inside = place(&text);
            if inside.right - inside.left < 1.0 {
                continue;
            }
            lines += 1;
            assert!(
                inside.left >= outside.left - 1.5 && inside.right <= outside.right + 1.5,
                "{what}: words run over: {inside:?} in {outside:?}: {:?}",
                words.accessible_label()
            );
            assert!(
                inside.bottom <= outside.bottom + 12.0,
                "{what}: words run under: {inside:?} in {outside:?}"
            );
        }
    }
    lines
}

fn check_all(language: &'static str) {
    let ui = window();
    for (text_size, contrast, low_reach) in [
        (TextSize::Normal, Contrast::Normal, false),
        (TextSize::Large, Contrast::Normal, false),
        (TextSize::Largest, Contrast::Normal, false),
        (TextSize::Normal, Contrast::High, true),
        (TextSize::Large, Contrast::High, false),
        (TextSize::Largest, Contrast::High, true),
    ] {
        let look = Look {
            language,
            text_size,
            contrast,
            low_reach,
        };
        for (name, screen) in samples::all(&look) {
            ui.show(&screen);
            i_slint_backend_testing::mock_elapsed_time(std::time::Duration::from_millis(50));
            let what = format!("{language} {name} {text_size:?} {contrast:?} low={low_reach}");
            let picture = ui.window().take_snapshot().unwrap();
            assert_eq!((picture.width(), picture.height()), (ui::WIDTH, ui::HEIGHT));
            check_controls(&what, &ui);
            assert!(check_words(&what, &ui) > 0, "{what}: no words found");
            if name != "leave" {
                assert!(!buttons(&ui).is_empty(), "{what}: no buttons found");
            }
            // Under an overlay nothing can be touched.
            if !name.starts_with("overlay") {
                check_targets(&what, &ui);
            }
        }
    }
}

#[test]
fn japanese() {
    check_all(LANGUAGES[0]);
}

#[test]
fn simple_japanese() {
    check_all(LANGUAGES[1]);
}

#[test]
fn english() {
    check_all(LANGUAGES[2]);
}

#[test]
fn low_reach_puts_every_target_of_a_page_into_the_lower_half() {
    let ui = window();
    let look = Look {
        low_reach: true,
        ..Look::plain("ja")
    };
    let mut count = 0;
    for (name, screen) in samples::all(&look) {
        ui.show(&screen);
        for Target {
            name: label, seen, ..
        } in buttons(&ui)
        {
            count += 1;
            // A list of what was found stands above the keyboard that finds it.
            let found = matches!(name, "search" | "entry-postal") && seen.top >= 400.0;
            assert!(seen.top >= 900.0 || found, "{name}: {label} at {seen:?}");
        }
    }
    assert!(count > 100);
}
