//! The same window in a browser tab: demo, mock-up environment (モックアップ環境), tests. Never in the image.
//!
//! The Slint window lives in memory on the calling thread. Changed rectangles go to every viewer as PNGs over a WebSocket,
//! touches and keys come back; over the picture the page lays real HTML controls made from the window's accessibility tree.

mod command;
mod frames;
mod server;
mod tree;
mod viewers;
mod window;

use std::net::SocketAddr;
use std::sync::mpsc;

use session::touch::Touch;

use command::Command;

use crate::error::UiError;
use crate::handle::{UiGone, UiHandle};
use crate::words::WordBook;

/// Serves the window at `addr` (port 0: any) until [`UiHandle::quit`]. `ready` gets the handle and the address in use;
/// touches go to `on_touch` on this thread, which must not wait.
///
/// # Errors
/// An address beyond loopback, one that is taken, or no Slint platform.
pub fn run_web(
    addr: SocketAddr,
    book: WordBook,
    on_touch: impl Fn(Touch) + 'static,
    ready: impl FnOnce(UiHandle, SocketAddr),
) -> Result<(), UiError> {
    if !addr.ip().is_loopback() {
        return Err(UiError::NotLoopback(addr));
    }
    let (commands, inbox) = mpsc::channel();
    let mut window = window::WebWindow::new(book, on_touch)?;
    let server = server::start(addr, commands.clone())?;
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
