//! The same window in a browser tab: demo, mock-up environment (モックアップ環境), tests. Never in the image.
//!
//! The Slint window lives in memory on the calling thread. Changed rectangles go to every viewer as PNGs over a WebSocket,
//! touches and keys come back; over the picture the page lays real HTML controls made from the window's accessibility tree.

mod command;
mod door;
mod frames;
mod server;
mod tree;
mod viewers;
mod window;

use std::net::SocketAddr;
use std::sync::mpsc;

use session::touch::Touch;

use command::Command;
use door::Door;

use crate::error::UiError;
use crate::handle::{UiGone, UiHandle};
use crate::words::WordBook;

/// Where the browser screen is found.
pub struct WebAddress {
    /// A loopback address; port 0: any.
    pub listen: SocketAddr,
    /// Names by which browsers may call it, beside `localhost` and loopback addresses.
    pub names: Vec<String>,
}

/// Serves the window until [`UiHandle::quit`]. `ready` gets the handle and the address in use;
/// touches go to `on_touch` on this thread, which must not wait.
///
/// # Errors
/// An address beyond loopback, one that is taken, or no Slint platform.
pub fn run_web(
    address: WebAddress,
    book: WordBook,
    on_touch: impl Fn(Touch) + 'static,
    ready: impl FnOnce(UiHandle, SocketAddr),
) -> Result<(), UiError> {
    let WebAddress { listen, names } = address;
    if !listen.ip().is_loopback() {
        return Err(UiError::NotLoopback(listen));
    }
    let (commands, inbox) = mpsc::channel();
    let mut window = window::WebWindow::new(book, on_touch)?;
    let server = server::start(listen, Door::new(names), commands.clone())?;
    let (post, quit) = (commands.clone(), commands);
    let handle = UiHandle::new(
        move |job| post.send(Command::Job(job)).map_err(|_| UiGone),
        move || quit.send(Command::Quit).map_err(|_| UiGone),
    );
    ready(handle, server.addr);
    window.run(&inbox);
    server.stop();
    Ok(())
}
