//! The window in memory and its loop.

use std::rc::Rc;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use i_slint_core::accessibility::AccessibilityAction;
use session::touch::Touch;
use slint::platform::software_renderer::{MinimalSoftwareWindow, RepaintBufferType};
use slint::platform::{PointerEventButton, WindowEvent};
use slint::{LogicalPosition, PhysicalSize, Rgb8Pixel, SharedString};

use super::command::{Command, Input, ViewerInput};
use super::frames::{self, Rect};
use super::tree::Tree;
use super::viewers::Viewers;
use crate::error::UiError;
use crate::snapshot::{Canvas, HEIGHT, WIDTH};
use crate::ui::Ui;
use crate::words::WordBook;

/// Shortest time between two frames: 30 a second are enough for a browser.
const FRAME: Duration = Duration::from_millis(33);
/// Longest sleep; nothing depends on it.
const IDLE: Duration = Duration::from_secs(60);

pub(super) struct WebWindow {
    ui: Ui,
    window: Rc<MinimalSoftwareWindow>,
    pixels: Vec<Rgb8Pixel>,
    /// What the viewers have.
    sent: Vec<Rgb8Pixel>,
    viewers: Viewers,
    tree: Tree,
    json: String,
    drawn: Instant,
    /// The finger that is down touched a page that had gone: whatever it does until it is lifted counts for nothing.
    astray: bool,
}

impl WebWindow {
    pub(super) fn new(book: WordBook, on_touch: impl Fn(Touch) + 'static) -> Result<Self, UiError> {
        // Every frame is drawn whole and compared with the last one: the renderer's own dirty regions left pieces of the former
        // screen standing where a part of another kind had taken its place.
        let window = Canvas::set(RepaintBufferType::NewBuffer)?;
        let ui = Ui::new(book)?;
        ui.on_touch(on_touch);
        window.set_size(PhysicalSize::new(WIDTH, HEIGHT));
        slint::ComponentHandle::show(ui.component())?;
        let pixels = vec![Rgb8Pixel::default(); (WIDTH * HEIGHT) as usize];
        let sent = pixels.clone();
        let (viewers, tree) = (Viewers::default(), Tree::default());
        Ok(Self {
            ui,
            window,
            pixels,
            sent,
            viewers,
            tree,
            json: "{}".to_owned(),
            drawn: Instant::now(),
            astray: false,
        })
    }

    /// Runs until `quit`, or until nobody is left who could send it.
    pub(super) fn run(&mut self, inbox: &Receiver<Command>) {
        loop {
            match inbox.recv_timeout(self.sleep()) {
                Ok(Command::Quit) | Err(RecvTimeoutError::Disconnected) => return,
                Ok(command) => self.carry_out(command),
                Err(RecvTimeoutError::Timeout) => {}
            }
            // Whatever else has come meanwhile belongs to the same frame.
            while let Ok(command) = inbox.try_recv() {
                if matches!(command, Command::Quit) {
                    return;
                }
                self.carry_out(command);
            }
            slint::platform::update_timers_and_animations();
            if self.drawn.elapsed() >= FRAME || !self.window.has_active_animations() {
                self.draw();
            }
        }
    }

    fn sleep(&self) -> Duration {
        let timer = slint::platform::duration_until_next_timer_update()
            .unwrap_or(IDLE)
            .min(IDLE);
        if self.window.has_active_animations() && !self.viewers.is_empty() {
            return timer.min(
                FRAME
                    .saturating_sub(self.drawn.elapsed())
                    .max(Duration::from_millis(1)),
            );
        }
        timer
    }

    fn carry_out(&mut self, command: Command) {
        match command {
            Command::Job(job) => job(&self.ui),
            Command::Join(id, outbox) => self.viewers.join(id, outbox),
            Command::Leave(id) => self.viewers.leave(id),
            Command::Painted(id) => self.viewers.painted(id),
            Command::Input(said) => self.hear(said),
            Command::Quit => {}
        }
    }

    fn draw(&mut self) {
        self.drawn = Instant::now();
        let pixels = &mut self.pixels;
        let drew = self.window.draw_if_needed(|renderer| {
            renderer.render(pixels, WIDTH as usize);
        });
        let rects = if drew {
            frames::changed(&self.sent, &self.pixels)
        } else {
            Vec::new()
        };
        if drew {
            self.sent.copy_from_slice(&self.pixels);
        }
        if !rects.is_empty() {
            match frames::message(&self.pixels, &rects) {
                Ok(frame) => self.viewers.send_part(&frame),
                Err(error) => tracing::error!(%error, "a frame could not be packed"),
            }
        }
        if self.viewers.want_full() {
            match frames::message(&self.pixels, &[Rect::FULL]) {
                Ok(frame) => self.viewers.send_full(&frame),
                Err(error) => tracing::error!(%error, "a frame could not be packed"),
            }
        }
        self.tell_tree(drew);
    }

    fn tell_tree(&mut self, drew: bool) {
        let mut changed = false;
        if drew {
            let tree = Tree::read(&self.window, self.ui.page());
            changed = tree != self.tree;
            self.tree = tree;
        }
        if changed {
            self.json = serde_json::to_string(&self.tree).unwrap_or_else(|_| "{}".to_owned());
        }
        self.viewers.send_tree(&self.json, changed);
    }

    fn hear(&mut self, said: ViewerInput) {
        let stale = said.page.is_some_and(|seen| seen != self.ui.page());
        let dropped = match said.input {
            Input::Down { .. } => {
                self.astray = stale;
                stale
            }
            Input::Move { .. } => self.astray,
            Input::Up { .. } => std::mem::take(&mut self.astray),
            _ => stale,
        };
        if !dropped {
            self.input(said.input);
        }
    }

    fn input(&self, input: Input) {
        let at = |x: f32, y: f32| LogicalPosition::new(x, y);
        let button = PointerEventButton::Left;
        match input {
            Input::Down { x, y } => self.dispatch(WindowEvent::PointerPressed {
                position: at(x, y),
                button,
            }),
            Input::Move { x, y } => self.dispatch(WindowEvent::PointerMoved { position: at(x, y) }),
            Input::Up { x, y } => {
                self.dispatch(WindowEvent::PointerReleased {
                    position: at(x, y),
                    button,
                });
                self.dispatch(WindowEvent::PointerExited);
            }
            Input::Wheel { x, y, by } => {
                self.dispatch(WindowEvent::PointerScrolled {
                    position: at(x, y),
                    delta_x: 0.0,
                    delta_y: -by,
                });
            }
            Input::Key { text } => {
                let text = SharedString::from(text);
                self.dispatch(WindowEvent::KeyPressed { text: text.clone() });
                self.dispatch(WindowEvent::KeyReleased { text });
            }
            Input::Press { id } => self.press(&id),
            Input::Painted => {}
        }
    }

    /// A control of the page was activated without a finger: a real touch at its centre, or, where a list hides it, what
    /// a screen reader would do.
    fn press(&self, id: &str) {
        let Some((node, item)) = self.tree.find(id) else {
            return;
        };
        if !node.seen {
            item.accessible_action(&AccessibilityAction::Default);
            return;
        }
        let (x, y) = (
            (node.x + node.width / 2) as f32,
            (node.y + node.height / 2) as f32,
        );
        self.input(Input::Down { x, y });
        self.input(Input::Up { x, y });
    }

    fn dispatch(&self, event: WindowEvent) {
        if let Err(error) = self.window.try_dispatch(event) {
            tracing::warn!(%error, "the window refused an event");
        }
    }
}

/// `dispatch_event` panics on platform errors; a viewer's input must not.
trait TryDispatch {
    fn try_dispatch(&self, event: WindowEvent) -> Result<(), slint::PlatformError>;
}

impl TryDispatch for MinimalSoftwareWindow {
    fn try_dispatch(&self, event: WindowEvent) -> Result<(), slint::PlatformError> {
        self.dispatch_event_with_result(event).map(|_| ())
    }
}
