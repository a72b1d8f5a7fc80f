//! One window: draws screens, hands touches out.

use std::cell::RefCell;
use std::rc::Rc;

use session::screen::{Body, Overlay, Screen};
use session::touch::{Contrast, Key, Language, SecretDigit, TextSize, Touch};
use slint::{ComponentHandle, ModelRc, VecModel};

use crate::adapters;
use crate::error::UiError;
use crate::icons;
use crate::screens::{Act, Frame, Icons, Main, Phrase, Piece, Row, Words};
use crate::typeset;
use crate::words::{FIRST, WordBook};

/// A window that shows a [`Screen`] and returns what was touched.
pub struct Ui {
    main: Main,
    shown: Rc<RefCell<Shown>>,
    book: Rc<WordBook>,
}

/// What is on the screen now.
struct Shown {
    screen: Option<Screen>,
    page: u32,
    language: Language,
    stroke: Vec<(u16, u16)>,
    on_touch: Option<Rc<dyn Fn(Touch)>>,
}

impl Ui {
    /// Creates the window on the platform of this thread; nothing is shown yet.
    ///
    /// # Errors
    /// No platform, or it cannot make a window.
    pub fn new(book: WordBook) -> Result<Self, UiError> {
        let main = Main::new()?;
        let shown = Shown {
            screen: None,
            page: 0,
            language: Language(FIRST.to_owned()),
            stroke: Vec::new(),
            on_touch: None,
        };
        let ui = Self {
            main,
            shown: Rc::new(RefCell::new(shown)),
            book: Rc::new(book),
        };
        ui.give_words();
        ui.give_touches();
        ui.give_strokes();
        Ok(ui)
    }

    /// Where touches go.
    pub fn on_touch(&self, callback: impl Fn(Touch) + 'static) {
        self.shown.borrow_mut().on_touch = Some(Rc::new(callback));
    }

    /// Draws `screen`; what stayed the same is not touched.
    pub fn show(&self, screen: &Screen) {
        let (turned, begun) = {
            let shown = self.shown.borrow();
            if shown.screen.as_ref() == Some(screen) {
                return;
            }
            let before = shown.screen.as_ref();
            (
                shown.language != screen.frame.language,
                before.is_none_or(|before| is_another(&before.body, &screen.body)),
            )
        };
        self.shown.borrow_mut().language = screen.frame.language.clone();
        if turned {
            let words = self.main.global::<Words>();
            words.set_turn(words.get_turn().wrapping_add(1));
        }
        if begun && matches!(screen.body, Body::Welcome(_)) {
            adapters::forget(&self.main);
            self.shown.borrow_mut().stroke = Vec::new();
        }
        adapters::show(&self.main, &self.book, screen);
        let frame = self.main.global::<Frame>();
        frame.set_drawn(frame.get_drawn().wrapping_add(1).max(0));
        if begun {
            frame.set_page(frame.get_page().wrapping_add(1));
        }
        let mut shown = self.shown.borrow_mut();
        let covered = shown.screen.as_ref().map(overlay) != Some(overlay(screen));
        shown.page = shown.page.wrapping_add(u32::from(begun || covered));
        shown.screen = Some(screen.clone());
    }

    /// Counts pages: another question or another overlay adds one, typing on a pad does not.
    #[must_use]
    pub fn page(&self) -> u32 {
        self.shown.borrow().page
    }

    /// The Slint window: size, events, snapshots.
    #[must_use]
    pub fn window(&self) -> &slint::Window {
        self.main.window()
    }

    /// The Slint component, for element queries in tests.
    #[must_use]
    pub fn component(&self) -> &Main {
        &self.main
    }

    /// One of the screen's own words as it is read now, without furigana.
    #[must_use]
    pub fn word(&self, key: &str) -> String {
        crate::furigana::plain(&self.book.own(key, 0, &self.shown.borrow().language))
    }

    fn give_words(&self) {
        let words = self.main.global::<Words>();
        let (book, shown) = (Rc::clone(&self.book), Rc::clone(&self.shown));
        words.on_look(move |key, number, _turn| {
            adapters::phrase(&book.own(&key, number, &shown.borrow().language))
        });
        words.on_rows(|phrase: Phrase, ems, bold| {
            let rows = typeset::rows(&marked(&phrase), ems, bold)
                .into_iter()
                .map(row);
            ModelRc::new(VecModel::from(rows.collect::<Vec<_>>()))
        });
        words.on_ems(|phrase: Phrase, bold| typeset::one_line(&marked(&phrase), bold));
        self.main
            .global::<Icons>()
            .on_path(|name| icons::path(&name).into());
    }

    fn give_touches(&self) {
        let act = self.main.global::<Act>();
        let send = self.sender();
        macro_rules! touches {
            ($($on:ident($($argument:ident),*) => $touch:expr;)*) => {
                $({
                    let send = send.clone();
                    act.$on(move |$($argument),*| send($touch));
                })*
            };
        }
        touches! {
            on_begin() => Touch::Begin;
            on_language(tag) => Touch::Language(Language(tag.to_string()));
            on_text_size(step) => Touch::TextSize(text_size(step));
            on_contrast(high) => Touch::Contrast(if high { Contrast::High } else { Contrast::Normal });
            on_low_reach(on) => Touch::LowReach(on);
            on_choose(id) => id.parse().map_or(Touch::Activity, Touch::Choose);
            on_char(text) => text.chars().next().map_or(Touch::Activity, |letter| Touch::Key(Key::Char(letter)));
            on_key(name) => named_key(&name).map_or(Touch::Activity, Touch::Key);
            on_part(part) => u8::try_from(part).map_or(Touch::Activity, |part| Touch::Key(Key::Part(part)));
            on_pin(digit) => u8::try_from(digit).map_or(Touch::Activity, |digit| Touch::Pin(SecretDigit(digit)));
            on_pin_erase() => Touch::PinErase;
            on_why() => Touch::Why;
            on_next() => Touch::Next;
            on_back() => Touch::Back;
            on_call_staff() => Touch::CallStaff;
            on_start_over() => Touch::StartOver;
            on_still_here() => Touch::StillHere;
            on_close() => Touch::Close;
            on_activity() => Touch::Activity;
        }
        let shown = Rc::clone(&self.shown);
        act.on_typed(move |text| {
            let touch = shown
                .borrow()
                .screen
                .as_ref()
                .and_then(|screen| typed(screen, &text));
            let known = touch.is_some();
            send(touch.unwrap_or(Touch::Activity));
            known
        });
    }

    /// A stroke is collected here and handed over when the finger leaves.
    fn give_strokes(&self) {
        let act = self.main.global::<Act>();
        let shown = Rc::clone(&self.shown);
        act.on_stroke_begin(move || shown.borrow_mut().stroke.clear());
        let (shown, main) = (Rc::clone(&self.shown), self.main.as_weak());
        act.on_stroke_point(move |x, y| {
            let point = (thousandths(x), thousandths(y));
            let mut shown = shown.borrow_mut();
            if shown.stroke.last() == Some(&point) {
                return;
            }
            shown.stroke.push(point);
            if let Some(main) = main.upgrade() {
                adapters::live(&main, &shown.stroke);
            }
        });
        let (shown, send) = (Rc::clone(&self.shown), self.sender());
        act.on_stroke_end(move || {
            let stroke = std::mem::take(&mut shown.borrow_mut().stroke);
            if !stroke.is_empty() {
                send(Touch::Stroke(stroke));
            }
        });
    }

    /// Sends without holding the state: the receiver may show another screen at once.
    fn sender(&self) -> impl Fn(Touch) + Clone + 'static {
        let shown = Rc::clone(&self.shown);
        move |touch| {
            let callback = shown.borrow().on_touch.clone();
            if let Some(callback) = callback {
                callback(touch);
            }
        }
    }
}

/// The phrase as markup. A brace in plain text is none.
fn marked(phrase: &Phrase) -> String {
    if !phrase.marked.is_empty() {
        return phrase.marked.to_string();
    }
    phrase.plain.replace('{', "｛").replace('}', "｝")
}

fn row(pieces: Vec<typeset::Piece>) -> Row {
    let piece = |piece: typeset::Piece| Piece {
        base: piece.base.as_str().into(),
        ruby: piece.ruby.as_str().into(),
        wide: piece.wide,
    };
    Row {
        pieces: ModelRc::new(VecModel::from(
            pieces.into_iter().map(piece).collect::<Vec<_>>(),
        )),
    }
}

/// What kind of overlay there is, if any.
fn overlay(screen: &Screen) -> Option<std::mem::Discriminant<Overlay>> {
    screen.overlay.as_ref().map(std::mem::discriminant)
}

/// Whether another page begins, so that scrolling starts at its top.
fn is_another(before: &Body, after: &Body) -> bool {
    if std::mem::discriminant(before) != std::mem::discriminant(after) {
        return true;
    }
    match (before, after) {
        (Body::Choices(a), Body::Choices(b)) => a.title != b.title,
        (Body::Entry(a), Body::Entry(b)) => a.title != b.title,
        (Body::Notice(a), Body::Notice(b)) => a.title != b.title,
        (Body::Tiles(a), Body::Tiles(b)) => a.tiles.first() != b.tiles.first(),
        (Body::PlanDetail(a), Body::PlanDetail(b)) => a.id != b.id,
        _ => false,
    }
}

fn text_size(step: i32) -> TextSize {
    match step {
        1 => TextSize::Large,
        2 => TextSize::Largest,
        _ => TextSize::Normal,
    }
}

fn named_key(name: &str) -> Option<Key> {
    Some(match name {
        "dakuten" => Key::Dakuten,
        "handakuten" => Key::Handakuten,
        "small" => Key::Small,
        "delete" => Key::Delete,
        "clear" => Key::Clear,
        "unknown" => Key::Unknown,
        _ => return None,
    })
}

/// A key of a real keyboard, as the touch that it stands for on this screen.
fn typed(screen: &Screen, text: &str) -> Option<Touch> {
    let letter = text.chars().next()?;
    let erase = letter == char::from(slint::platform::Key::Backspace);
    if screen.overlay.is_some() {
        return None;
    }
    if letter == char::from(slint::platform::Key::Escape) {
        return screen.frame.back.then_some(Touch::Back);
    }
    if letter == char::from(slint::platform::Key::Return) {
        return screen
            .frame
            .next
            .as_ref()
            .is_some_and(|(_, ready)| *ready)
            .then_some(Touch::Next);
    }
    match &screen.body {
        Body::PinPad(_) if erase => Some(Touch::PinErase),
        Body::PinPad(_) => {
            let digit = letter
                .to_digit(10)
                .and_then(|digit| u8::try_from(digit).ok())?;
            Some(Touch::Pin(SecretDigit(digit)))
        }
        Body::Entry(_) | Body::Search(_) if erase => Some(Touch::Key(Key::Delete)),
        Body::Entry(_) | Body::Search(_) if !letter.is_control() && !private_use(letter) => {
            Some(Touch::Key(Key::Char(letter)))
        }
        _ => None,
    }
}

/// Slint's names for arrows and function keys.
fn private_use(letter: char) -> bool {
    ('\u{E000}'..='\u{F8FF}').contains(&letter)
}

fn thousandths(part: f32) -> u16 {
    // Clamped to 0..=1000 first, so the cast keeps the value.
    (part.clamp(0.0, 1.0) * 1000.0).round() as u16
}
