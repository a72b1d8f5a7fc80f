//! A real press at a control's place gives the touch that the session expects.
#![allow(clippy::unwrap_used, unreachable_pub)]

mod samples;

use std::cell::RefCell;
use std::rc::Rc;

use i_slint_backend_testing::{
    AccessibleRole, ElementHandle, TestingBackend, TestingBackendOptions,
};
use samples::Look;
use session::screen::Screen;
use session::touch::{Contrast, Key, Language, TextSize, Touch};
use slint::ComponentHandle;
use slint::platform::PointerEventButton;
use ui::Ui;

struct Kiosk {
    ui: Ui,
    touches: Rc<RefCell<Vec<Touch>>>,
}

impl Kiosk {
    fn new() -> Self {
        let options = TestingBackendOptions {
            mock_time: true,
            threading: false,
            renderer_name: Some("software".into()),
        };
        slint::platform::set_platform(Box::new(TestingBackend::new(options))).unwrap();
        let ui = Ui::new(samples::book()).unwrap();
        let touches = Rc::new(RefCell::new(Vec::new()));
        let heard = Rc::clone(&touches);
        ui.on_touch(move |touch| heard.borrow_mut().push(touch));
        ui.window()
            .set_size(slint::PhysicalSize::new(ui::WIDTH, ui::HEIGHT));
        ui.component().show().unwrap();
        Self { ui, touches }
    }

    fn show(&self, name: &str) -> Screen {
        let (_, screen) = samples::all(&Look::plain("ja"))
            .into_iter()
            .find(|(known, _)| *known == name)
            .unwrap();
        self.ui.show(&screen);
        screen
    }

    fn press(&self, label: &str) {
        let found = ElementHandle::find_by_accessible_label(self.ui.component(), label)
            .find(|element| element.accessible_role() == Some(AccessibleRole::Button));
        found
            .unwrap_or_else(|| panic!("no button {label}"))
            .mock_single_click(PointerEventButton::Left);
    }

    #[track_caller]
    fn expect(&self, label: &str, expected: Touch) {
        self.press(label);
        let touches = self.touches.take();
        assert!(
            touches == [expected],
            "{label}: {} touches, or another one",
            touches.len()
        );
    }
}

#[test]
fn frame_and_overlays() {
    let kiosk = Kiosk::new();
    kiosk.show("welcome");
    kiosk.expect("はじめる", Touch::Begin);
    kiosk.expect("English", Touch::Language(Language("en".to_owned())));
    kiosk.expect("最大", Touch::TextSize(TextSize::Largest));
    kiosk.expect("黒地に白", Touch::Contrast(Contrast::High));
    kiosk.expect("下に寄せる", Touch::LowReach(true));
    kiosk.show("choices-many-why");
    kiosk.expect("この内容で次へ", Touch::Next);
    kiosk.expect("もどる", Touch::Back);
    kiosk.expect("職員を呼ぶ", Touch::CallStaff);
    kiosk.expect("最初から", Touch::StartOver);
    kiosk.expect("理由を閉じる", Touch::Why);
    kiosk.expect("こども", Touch::Choose(samples::id("child")));
    kiosk.show("overlay-idle");
    kiosk.expect("続けて使う", Touch::StillHere);
    kiosk.show("overlay-staff");
    kiosk.expect("操作を続ける", Touch::Close);
    kiosk.show("overlay-start-over");
    kiosk.expect("消してやり直す", Touch::StartOver);
    kiosk.expect("このまま続ける", Touch::Close);
}

#[test]
fn the_display_panel_opens_on_every_page_and_changes_the_language() {
    let kiosk = Kiosk::new();
    kiosk.show("choices");
    kiosk.expect("ことば・文字", Touch::Activity);
    kiosk.expect(
        "やさしい日本語",
        Touch::Language(Language("ja-simple".to_owned())),
    );
    kiosk.expect("閉じる", Touch::Activity);
}

#[test]
fn keys() {
    let kiosk = Kiosk::new();
    kiosk.show("entry-kana");
    kiosk.expect("カ", Touch::Key(Key::Char('カ')));
    kiosk.expect("濁点", Touch::Key(Key::Dakuten));
    kiosk.expect("半濁点", Touch::Key(Key::Handakuten));
    kiosk.expect("小さい字", Touch::Key(Key::Small));
    kiosk.expect("空白", Touch::Key(Key::Char('　')));
    kiosk.expect("1字消す", Touch::Key(Key::Delete));
    kiosk.show("entry-digits");
    kiosk.expect("7", Touch::Key(Key::Char('7')));
    kiosk.expect("0", Touch::Key(Key::Char('0')));
    kiosk.expect("ハイフン", Touch::Key(Key::Char('-')));
    kiosk.expect("全部消す", Touch::Key(Key::Clear));
    kiosk.show("entry-date");
    kiosk.expect("平成", Touch::Choose(samples::id("era:heisei")));
    kiosk.expect("日 ", Touch::Key(Key::Part(2)));
    kiosk.show("search");
    kiosk.expect("ん", Touch::Key(Key::Char('ん')));
}

#[test]
fn pin_digits_leave_as_secrets_only() {
    let kiosk = Kiosk::new();
    kiosk.show("pin-pad");
    kiosk.press("7");
    let touches = kiosk.touches.take();
    assert!(matches!(&touches[..], [Touch::Pin(digit)] if digit.0 == 7));
    kiosk.expect("1字消す", Touch::PinErase);
    kiosk.expect("数字の並びを変える", Touch::Choose(samples::id("shuffle")));
}

#[test]
fn a_real_keyboard_types_where_something_is_typed() {
    use slint::platform::{Key as Named, WindowEvent};
    let kiosk = Kiosk::new();
    kiosk.show("pin-pad");
    let press = |text: slint::SharedString| {
        kiosk
            .ui
            .window()
            .dispatch_event(WindowEvent::KeyPressed { text })
    };
    press("3".into());
    assert!(matches!(&kiosk.touches.take()[..], [Touch::Pin(digit)] if digit.0 == 3));
    press(Named::Backspace.into());
    assert!(kiosk.touches.take() == [Touch::PinErase]);
    kiosk.show("entry-text");
    press("k".into());
    assert!(kiosk.touches.take() == [Touch::Key(Key::Char('k'))]);
    kiosk.show("plan");
    press("k".into());
    assert!(kiosk.touches.take() == [Touch::Activity]);
}

#[test]
fn a_stroke_comes_as_thousandths_when_the_finger_leaves() {
    use slint::LogicalPosition;
    use slint::platform::WindowEvent;
    let kiosk = Kiosk::new();
    kiosk.show("sign");
    let pad = ElementHandle::find_by_accessible_label(kiosk.ui.component(), "署名を書くところ")
        .next()
        .unwrap();
    let (at, size) = (pad.absolute_position(), pad.size());
    let position =
        |x: f32, y: f32| LogicalPosition::new(at.x + size.width * x, at.y + size.height * y);
    let button = PointerEventButton::Left;
    let window = kiosk.ui.window();
    window.dispatch_event(WindowEvent::PointerPressed {
        position: position(0.25, 0.5),
        button,
    });
    window.dispatch_event(WindowEvent::PointerMoved {
        position: position(0.5, 0.75),
    });
    assert!(
        kiosk.touches.borrow().is_empty(),
        "not before the finger leaves"
    );
    window.dispatch_event(WindowEvent::PointerReleased {
        position: position(0.5, 0.75),
        button,
    });
    assert!(kiosk.touches.take() == [Touch::Stroke(vec![(250, 500), (500, 750)])]);
}

#[test]
fn a_finger_that_is_down_while_the_screen_is_renewed_still_presses() {
    use slint::platform::WindowEvent;
    let kiosk = Kiosk::new();
    let mut screen = kiosk.show("pin-pad");
    let key = ElementHandle::find_by_accessible_label(kiosk.ui.component(), "5")
        .next()
        .unwrap();
    let (at, size) = (key.absolute_position(), key.size());
    let position = slint::LogicalPosition::new(at.x + size.width / 2.0, at.y + size.height / 2.0);
    let button = PointerEventButton::Left;
    kiosk
        .ui
        .window()
        .dispatch_event(WindowEvent::PointerPressed { position, button });
    screen.frame.degraded = Some(session::screen::Degraded::Network);
    kiosk.ui.show(&screen);
    kiosk
        .ui
        .window()
        .dispatch_event(WindowEvent::PointerReleased { position, button });
    assert!(matches!(&kiosk.touches.take()[..], [Touch::Pin(digit)] if digit.0 == 5));
}
