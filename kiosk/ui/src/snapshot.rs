//! Pictures of screens without a display: for tests, documents, and a technician's `visit`.

use std::rc::Rc;
use std::time::{Duration, Instant};

use session::screen::Screen;
use slint::platform::software_renderer::{MinimalSoftwareWindow, RepaintBufferType};
use slint::platform::{Platform, WindowAdapter};
use slint::{PhysicalSize, PlatformError, Rgb8Pixel};

use crate::error::UiError;
use crate::ui::Ui;
use crate::words::WordBook;

/// Pixels across the kiosk's screen.
pub const WIDTH: u32 = 1080;
/// Pixels down the kiosk's screen.
pub const HEIGHT: u32 = 1920;

/// A platform that has one window in memory and no display.
pub(crate) struct Canvas {
    pub(crate) window: Rc<MinimalSoftwareWindow>,
    since: Instant,
}

impl Canvas {
    /// Sets the platform of this thread.
    pub(crate) fn set(repaint: RepaintBufferType) -> Result<Rc<MinimalSoftwareWindow>, UiError> {
        let window = MinimalSoftwareWindow::new(repaint);
        window.set_size(PhysicalSize::new(WIDTH, HEIGHT));
        let canvas = Self {
            window: Rc::clone(&window),
            since: Instant::now(),
        };
        slint::platform::set_platform(Box::new(canvas))?;
        Ok(window)
    }
}

impl Platform for Canvas {
    fn create_window_adapter(&self) -> Result<Rc<dyn WindowAdapter>, PlatformError> {
        Ok(Rc::clone(&self.window) as Rc<dyn WindowAdapter>)
    }

    fn duration_since_start(&self) -> Duration {
        self.since.elapsed()
    }
}

/// A picture of the screen: 3 bytes a pixel, red first.
pub struct Picture {
    /// Pixels across.
    pub width: u32,
    /// Pixels down.
    pub height: u32,
    /// `width * height * 3` bytes.
    pub rgb: Vec<u8>,
}

impl Picture {
    /// The picture as a PNG file.
    ///
    /// # Errors
    /// The encoder failed.
    pub fn to_png(&self) -> Result<Vec<u8>, UiError> {
        encode(self.width, self.height, &self.rgb)
    }
}

/// RGB bytes as PNG, fast rather than small.
pub(crate) fn encode(width: u32, height: u32, rgb: &[u8]) -> Result<Vec<u8>, UiError> {
    let mut out = Vec::new();
    let mut encoder = png::Encoder::new(&mut out, width, height);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_compression(png::Compression::Fast);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(rgb)?;
    writer.finish()?;
    Ok(out)
}

/// Draws screens into memory. One a thread: it is the thread's Slint platform.
pub struct Painter {
    ui: Ui,
    window: Rc<MinimalSoftwareWindow>,
}

impl Painter {
    /// Takes this thread for pictures.
    ///
    /// # Errors
    /// The thread has a Slint platform already.
    pub fn new(book: WordBook) -> Result<Self, UiError> {
        let window = Canvas::set(RepaintBufferType::NewBuffer)?;
        let ui = Ui::new(book)?;
        window.set_size(PhysicalSize::new(WIDTH, HEIGHT));
        slint::ComponentHandle::show(ui.component())?;
        Ok(Self { ui, window })
    }

    /// The window that is painted.
    #[must_use]
    pub fn ui(&self) -> &Ui {
        &self.ui
    }

    /// Shows `screen` and paints it.
    #[must_use]
    pub fn paint(&self, screen: &Screen) -> Picture {
        self.ui.show(screen);
        self.repaint()
    }

    /// Paints what is shown now.
    #[must_use]
    pub fn repaint(&self) -> Picture {
        let mut pixels = vec![Rgb8Pixel::default(); (WIDTH * HEIGHT) as usize];
        self.draw(&mut pixels);
        let rgb = pixels
            .iter()
            .flat_map(|pixel| [pixel.r, pixel.g, pixel.b])
            .collect();
        Picture {
            width: WIDTH,
            height: HEIGHT,
            rgb,
        }
    }

    /// Paints all of what is shown now into a frame buffer of [`WIDTH`] × [`HEIGHT`] pixels, as a display would.
    pub fn draw(&self, pixels: &mut [Rgb8Pixel]) {
        slint::platform::update_timers_and_animations();
        self.window.request_redraw();
        self.window.draw_if_needed(|renderer| {
            renderer.render(pixels, WIDTH as usize);
        });
    }
}
