//! Any PC/SC reader, through the system's pcscd.
//!
//! `SCardTransmit` cannot be cancelled: with a card that hangs it returns only when the card is taken away. So each open
//! card lives on a thread of its own; the caller waits with a deadline and, when it passes, abandons the thread, which
//! ends by itself at removal.

use std::ffi::{CStr, CString};
use std::sync::mpsc::{self, Receiver, SyncSender};
use std::thread;
use std::time::{Duration, Instant};

use pcsc::{Context, Disposition, Error, Protocols, ReaderState, Scope, ShareMode, State};
use zeroize::Zeroizing;

use super::{CardChannel, CardError, CardReader, Presence, ReaderMemory};

/// An extended answer of a whole file and its status word.
const LARGEST_ANSWER: usize = 65_536 + 2;

/// One reader of the system's PC/SC service.
pub struct PcscReader {
    name_filter: Option<String>,
    deadline: Duration,
    context: Option<Context>,
    states: Vec<ReaderState>,
    memories: Vec<(CString, ReaderMemory)>,
}

impl PcscReader {
    /// The first reader whose name contains `name_filter`, or the first of all. `deadline` bounds one command to a card.
    /// Nothing is contacted yet; readers and the service may come and go.
    #[must_use]
    pub fn new(name_filter: Option<String>, deadline: Duration) -> Self {
        Self {
            name_filter,
            deadline,
            context: None,
            states: Vec::new(),
            memories: Vec::new(),
        }
    }

    /// Waits on all readers, so that one plugged in later is noticed, and returns what the chosen one shows.
    fn poll(&mut self, timeout: Duration) -> Result<Presence, CardError> {
        let polled = self.poll_service(timeout);
        if let Err(CardError::ServiceDown(_)) = polled {
            // A restarted pcscd knows nothing of the old context.
            self.context = None;
            self.states.clear();
        }
        polled
    }

    fn poll_service(&mut self, timeout: Duration) -> Result<Presence, CardError> {
        let context = match &self.context {
            Some(context) => context.clone(),
            None => self
                .context
                .insert(Context::establish(Scope::User).map_err(card_error)?)
                .clone(),
        };
        self.refresh_names(&context)?;
        match context.get_status_change(timeout, &mut self.states) {
            Ok(()) | Err(Error::Timeout | Error::Cancelled) => {}
            Err(Error::UnknownReader | Error::ReaderUnavailable) => self.states.clear(),
            Err(error) => return Err(card_error(error)),
        }
        for state in &mut self.states {
            state.sync_current_state();
        }
        Ok(self.chosen().map_or(Presence::NoReader, presence_of))
    }

    fn refresh_names(&mut self, context: &Context) -> Result<(), CardError> {
        let names = match context.list_readers_owned() {
            Ok(names) => names,
            Err(Error::NoReadersAvailable) => Vec::new(),
            Err(error) => return Err(card_error(error)),
        };
        self.states.retain(|state| {
            state.name() == pcsc::PNP_NOTIFICATION()
                || names.iter().any(|name| **name == *state.name())
        });
        for name in names
            .into_iter()
            .chain([pcsc::PNP_NOTIFICATION().to_owned()])
        {
            if !self.memories.iter().any(|(known, _)| *known == name) {
                self.memories.push((name.clone(), ReaderMemory::default()));
            }
            if !self.states.iter().any(|state| *state.name() == *name) {
                self.states.push(ReaderState::new(name, State::UNAWARE));
            }
        }
        Ok(())
    }

    fn chosen(&self) -> Option<&ReaderState> {
        self.states.iter().find(|state| {
            let name = state.name();
            name != pcsc::PNP_NOTIFICATION()
                && self
                    .name_filter
                    .as_ref()
                    .is_none_or(|part| name.to_string_lossy().contains(part.as_str()))
        })
    }
}

impl CardReader for PcscReader {
    fn name(&self) -> String {
        self.chosen()
            .map(|state| state.name().to_string_lossy().into_owned())
            .unwrap_or_default()
    }

    fn presence(&mut self) -> Result<Presence, CardError> {
        self.poll(Duration::ZERO)
    }

    fn wait_for_change(
        &mut self,
        seen: Presence,
        timeout: Duration,
    ) -> Result<Presence, CardError> {
        let end = Instant::now() + timeout;
        // Asked once without waiting: the change may lie before this call.
        let mut now = self.poll(Duration::ZERO)?;
        loop {
            let left = end.saturating_duration_since(Instant::now());
            if now != seen || left.is_zero() {
                return Ok(now);
            }
            now = self.poll(left)?;
        }
    }

    fn connect(&mut self) -> Result<Box<dyn CardChannel>, CardError> {
        let insertion = match self.presence()? {
            Presence::Card { insertion } => insertion,
            Presence::NoReader => return Err(CardError::NoReader),
            Presence::Empty => return Err(CardError::NoCard),
            Presence::Mute => return Err(CardError::Mute),
        };
        let name = self
            .chosen()
            .map(|state| state.name().to_owned())
            .ok_or(CardError::NoReader)?;
        let channel = PcscChannel::open(name, insertion, self.deadline)?;
        // Between looking and connecting the card may have been changed for another.
        if self.presence()? != (Presence::Card { insertion }) {
            return Err(CardError::Removed);
        }
        Ok(Box::new(channel))
    }

    fn memory(&self) -> ReaderMemory {
        let name = self.chosen().map(|state| state.name().to_owned());
        let known = name.and_then(|name| self.memories.iter().find(|(reader, _)| *reader == name));
        known.map(|(_, memory)| memory.clone()).unwrap_or_default()
    }
}

fn presence_of(state: &ReaderState) -> Presence {
    let event = state.event_state();
    if event.intersects(State::UNKNOWN | State::UNAVAILABLE | State::IGNORE) {
        Presence::NoReader
    } else if event.contains(State::MUTE) {
        Presence::Mute
    } else if event.contains(State::PRESENT) {
        Presence::Card {
            insertion: u64::from(state.event_count()),
        }
    } else {
        Presence::Empty
    }
}

fn card_error(error: Error) -> CardError {
    match error {
        Error::NoService
        | Error::ServiceStopped
        | Error::InvalidHandle
        | Error::CommError
        | Error::Shutdown => CardError::ServiceDown(error.to_string()),
        Error::NoSmartcard => CardError::NoCard,
        Error::RemovedCard | Error::NotTransacted | Error::ResetCard | Error::UnpoweredCard => {
            CardError::Removed
        }
        Error::SharingViolation => CardError::Busy,
        Error::UnresponsiveCard | Error::UnsupportedCard | Error::ProtoMismatch => CardError::Mute,
        Error::NoReadersAvailable | Error::UnknownReader | Error::ReaderUnavailable => {
            CardError::NoReader
        }
        other => CardError::Reader(other.to_string()),
    }
}

type Answer = Result<Vec<u8>, CardError>;

struct PcscChannel {
    commands: Option<SyncSender<Zeroizing<Vec<u8>>>>,
    answers: Receiver<Answer>,
    insertion: u64,
    deadline: Duration,
}

impl PcscChannel {
    fn open(reader: CString, insertion: u64, deadline: Duration) -> Result<Self, CardError> {
        let (commands, inbox) = mpsc::sync_channel::<Zeroizing<Vec<u8>>>(1);
        // Room for every answer the thread can still give after it was abandoned, so that it never blocks on us.
        let (outbox, answers) = mpsc::sync_channel::<Answer>(4);
        thread::Builder::new()
            .name("card".into())
            .spawn(move || work(&reader, &inbox, &outbox))
            .map_err(|error| CardError::Reader(error.to_string()))?;
        let channel = Self {
            commands: Some(commands),
            answers,
            insertion,
            deadline,
        };
        match channel.answers.recv_timeout(deadline) {
            Ok(opened) => opened.map(|_| channel),
            Err(_) => Err(CardError::Timeout),
        }
    }
}

/// The thread that owns a card: connects, answers commands until the caller hangs up, and takes the power away.
fn work(reader: &CStr, inbox: &Receiver<Zeroizing<Vec<u8>>>, outbox: &SyncSender<Answer>) {
    let opened = Context::establish(Scope::User).and_then(|context| {
        context
            .connect(reader, ShareMode::Exclusive, Protocols::ANY)
            .map(|card| (context, card))
    });
    let (_context, card) = match opened {
        Ok(opened) => opened,
        Err(error) => {
            let _ = outbox.send(Err(card_error(error)));
            return;
        }
    };
    let mut buffer = Zeroizing::new(vec![0; LARGEST_ANSWER]);
    let mut report = outbox.send(Ok(Vec::new()));
    while let (Ok(()), Ok(command)) = (&report, inbox.recv()) {
        let answer = card
            .transmit(&command, &mut buffer)
            .map(<[u8]>::to_vec)
            .map_err(card_error);
        report = outbox.send(answer);
    }
    if let Err((_, error)) = card.disconnect(Disposition::UnpowerCard) {
        tracing::debug!(%error, "card not unpowered; it was probably taken away");
    }
}

impl CardChannel for PcscChannel {
    fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, CardError> {
        let commands = self.commands.as_ref().ok_or(CardError::Removed)?;
        commands
            .send(Zeroizing::new(command.to_vec()))
            .map_err(|_| CardError::Removed)?;
        match self.answers.recv_timeout(self.deadline) {
            Ok(answer) => answer,
            Err(mpsc::RecvTimeoutError::Timeout) => {
                self.commands = None;
                Err(CardError::Timeout)
            }
            Err(mpsc::RecvTimeoutError::Disconnected) => {
                self.commands = None;
                Err(CardError::Removed)
            }
        }
    }

    fn power_off(&mut self) {
        // Hanging up ends the thread, which unpowers the card; waiting until it is done means the next connect cannot
        // find the card still in use. An abandoned thread is not waited for.
        if self.commands.take().is_some() {
            let _ = self.answers.recv_timeout(self.deadline);
        }
    }

    fn insertion(&self) -> u64 {
        self.insertion
    }
}

impl Drop for PcscChannel {
    fn drop(&mut self) {
        self.power_off();
    }
}
