//! Every screen in every language, size and contrast, with real pixels: targets large and apart, words inside their boxes.

mod samples;

use i_slint_backend_testing::{AccessibleRole, ElementHandle, ElementQuery, TestingBackend, TestingBackendOptions};
use samples::{LANGUAGES, Look};
use session::touch::{Contrast, TextSize};
use slint::ComponentHandle;
use ui::Ui;

fn window() -> Ui {
    let options = TestingBackendOptions { mock_time: true, threading: false, renderer_name: Some("software".into()) };
    slint::platform::set_platform(Box::new(TestingBackend::new(options))).unwrap();
    let ui = Ui::new(samples::book()).unwrap();
    ui.window().set_size(slint::PhysicalSize::new(ui::WIDTH, ui::HEIGHT));
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
    Box4 { left: at.x, top: at.y, right: at.x + size.width, bottom: at.y + size.height }
}

fn buttons(ui: &Ui) -> Vec<(String, Box4)> {
    let found = ElementQuery::from_root(ui.component()).match_accessible_role(AccessibleRole::Button).find_all();
    let named = |element: &ElementHandle| (element.accessible_label().unwrap_or_default().to_string(), place(element));
    found.iter().map(named).collect()
}

fn check_targets(what: &str, ui: &Ui) {
    let buttons = buttons(ui);
    for (at, (name, a)) in buttons.iter().enumerate() {
        assert!(!name.trim().is_empty(), "{what}: a button without a name at {a:?}");
        assert!(a.right - a.left >= 72.0 && a.bottom - a.top >= 72.0, "{what}: {name} is too small: {a:?}");
        assert!(a.left >= -0.5 && a.right <= 1080.5, "{what}: {name} is beside the screen: {a:?}");
        for (other, b) in &buttons[at + 1..] {
            let across = (b.left - a.right).max(a.left - b.right);
            let down = (b.top - a.bottom).max(a.top - b.bottom);
            // Scrolled matter lies behind the bars and is clipped there.
            let same_sheet = across > -1.0 || down > -1.0;
            if same_sheet {
                assert!(across.max(down) >= 15.5, "{what}: {name} and {other} are {across} × {down} apart");
            }
        }
    }
}

/// Each piece of a line stays inside the box of its words.
fn check_words(what: &str, ui: &Ui) -> usize {
    let mut lines = 0;
    for words in ElementQuery::from_root(ui.component()).match_inherits("Lines").find_all() {
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
            assert!(inside.bottom <= outside.bottom + 12.0, "{what}: words run under: {inside:?} in {outside:?}");
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
        let look = Look { language, text_size, contrast, low_reach };
        for (name, screen) in samples::all(&look) {
            ui.show(&screen);
            i_slint_backend_testing::mock_elapsed_time(std::time::Duration::from_millis(50));
            let what = format!("{language} {name} {text_size:?} {contrast:?} low={low_reach}");
            let picture = ui.window().take_snapshot().unwrap();
            assert_eq!((picture.width(), picture.height()), (ui::WIDTH, ui::HEIGHT));
            assert!(check_words(&what, &ui) > 0, "{what}: no words found");
            if name != "leave" {
                assert!(!buttons(&ui).is_empty(), "{what}: no buttons found");
            }
            check_targets(&what, &ui);
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
    let look = Look { low_reach: true, ..Look::plain("ja") };
    let mut targets = 0;
    for (name, screen) in samples::all(&look) {
        ui.show(&screen);
        for (label, place) in buttons(&ui) {
            targets += 1;
            // A long list scrolls; what has been scrolled up is clipped.
            assert!(place.bottom >= 1000.0 || place.top >= 900.0, "{name}: {label} at {place:?}");
        }
    }
    assert!(targets > 100);
}
