//! Who is looking. A viewer that is slow gets no queue: it is left out, and once it has caught up it gets the whole screen.

use std::collections::BTreeMap;

use axum::extract::ws::{Message, Utf8Bytes};
use tokio::sync::mpsc::Sender;

/// To one viewer's socket.
pub(super) type Outbox = Sender<Message>;

/// Frames that may be on their way to a viewer.
const IN_FLIGHT: u32 = 3;
/// Messages that fit a viewer's outbox; trees are as many as frames.
pub(super) const OUTBOX: usize = 16;

struct Viewer {
    outbox: Outbox,
    in_flight: u32,
    behind: bool,
    tree_due: bool,
}

/// All viewers by number.
#[derive(Default)]
pub(super) struct Viewers {
    all: BTreeMap<u64, Viewer>,
}

impl Viewers {
    /// A new one needs everything.
    pub(super) fn join(&mut self, id: u64, outbox: Outbox) {
        self.all.insert(
            id,
            Viewer {
                outbox,
                in_flight: 0,
                behind: true,
                tree_due: true,
            },
        );
    }

    pub(super) fn leave(&mut self, id: u64) {
        self.all.remove(&id);
    }

    pub(super) fn painted(&mut self, id: u64) {
        if let Some(viewer) = self.all.get_mut(&id) {
            viewer.in_flight = viewer.in_flight.saturating_sub(1);
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// Whether somebody waits for the whole screen and can take it.
    pub(super) fn want_full(&self) -> bool {
        self.all
            .values()
            .any(|viewer| viewer.behind && viewer.in_flight == 0)
    }

    /// Sends a part to those who are up to date.
    pub(super) fn send_part(&mut self, frame: &[u8]) {
        let message = Message::Binary(frame.to_vec().into());
        for viewer in self.all.values_mut().filter(|viewer| !viewer.behind) {
            let room =
                viewer.in_flight < IN_FLIGHT && viewer.outbox.try_send(message.clone()).is_ok();
            viewer.behind = !room;
            viewer.in_flight += u32::from(room);
        }
    }

    /// Sends the whole screen to those who wait for it.
    pub(super) fn send_full(&mut self, frame: &[u8]) {
        let message = Message::Binary(frame.to_vec().into());
        for viewer in self
            .all
            .values_mut()
            .filter(|viewer| viewer.behind && viewer.in_flight == 0)
        {
            if viewer.outbox.try_send(message.clone()).is_ok() {
                viewer.behind = false;
                viewer.in_flight = 1;
            }
        }
    }

    /// Sends the controls to everybody, or only to those who miss them.
    pub(super) fn send_tree(&mut self, json: &str, changed: bool) {
        let message = Message::Text(Utf8Bytes::from(json));
        for viewer in self.all.values_mut() {
            viewer.tree_due |= changed;
            if viewer.tree_due && viewer.outbox.try_send(message.clone()).is_ok() {
                viewer.tree_due = false;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::sync::mpsc;

    #[test]
    fn a_slow_viewer_gets_the_whole_screen_instead_of_a_queue() {
        let (outbox, mut inbox) = mpsc::channel(OUTBOX);
        let mut viewers = Viewers::default();
        viewers.join(7, outbox);
        assert!(viewers.want_full());
        viewers.send_part(b"lost");
        viewers.send_full(b"full");
        for _ in 0..10 {
            viewers.send_part(b"part");
        }
        let mut got = Vec::new();
        while let Ok(Message::Binary(bytes)) = inbox.try_recv() {
            got.push(bytes);
        }
        assert_eq!(got, [&b"full"[..], b"part", b"part"]);
        assert!(!viewers.want_full(), "three frames are still on their way");
        for _ in 0..3 {
            viewers.painted(7);
        }
        assert!(viewers.want_full());
        viewers.leave(7);
        assert!(viewers.is_empty());
    }
}
