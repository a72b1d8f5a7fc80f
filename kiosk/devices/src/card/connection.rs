//! How files are read: by short file ids and extended length first, by older commands if a card or reader cannot.

use card_face::tlv;
use zeroize::Zeroizing;

use super::apdu::{self, Response};
use super::command_guard::CommandGuard;
use super::generation::{Application, short_id};
use super::{CardError, Meaning, ReaderMemory};

/// No file of this card comes near this; an announced length above it is nonsense.
const LARGEST_FILE: usize = 64 * 1024;
/// Chained answers (61xx) and short reads are bounded, so that no card can keep the kiosk busy forever.
const MOST_COMMANDS: u32 = 300;

/// The guarded channel, what is selected, and which commands work with this card.
pub(super) struct CardConnection {
    pub(super) guard: CommandGuard,
    memory: ReaderMemory,
    /// Whether this card takes short file ids; tried first.
    pub(super) short_ids: bool,
    /// Whether this card pads a bare digest (P1 = 02) itself; tried first, a `DigestInfo` (P1 = 00) next.
    pub(super) bare_digest: bool,
    selected: Option<Application>,
}

impl CardConnection {
    pub(super) fn new(guard: CommandGuard, memory: ReaderMemory) -> Self {
        Self {
            guard,
            memory,
            short_ids: true,
            bare_digest: true,
            selected: None,
        }
    }

    /// One command; follows 61xx and 6Cxx.
    pub(super) fn send(&mut self, command: &[u8]) -> Result<Response, CardError> {
        let mut answer = Response::parse(self.guard.transmit(command)?)?;
        // Only commands that end in Le are repeated; VERIFY does not, and repeating it could spend a second try.
        let repeatable = matches!(command, [_, 0xB0 | 0xB2 | 0xC0 | 0x2A, _, _, _, ..]);
        if let (Meaning::WrongLe(le), true) = (answer.status.meaning(), repeatable) {
            let mut again = Zeroizing::new(command.to_vec());
            if let Some(last) = again.last_mut() {
                *last = le;
            }
            answer = Response::parse(self.guard.transmit(&again)?)?;
        }
        let mut data = answer.data;
        let mut status = answer.status;
        while let Meaning::MoreData(length) = status.meaning() {
            if data.len() > LARGEST_FILE || self.guard.count().commands > MOST_COMMANDS {
                return Err(CardError::Malformed {
                    step: "get response",
                    reason: "endless answer",
                });
            }
            let more = Response::parse(self.guard.transmit(&apdu::get_response(length))?)?;
            data.extend_from_slice(&more.data);
            status = more.status;
        }
        Ok(Response { data, status })
    }

    /// Selects an application unless it is selected already.
    pub(super) fn select(&mut self, application: &Application) -> Result<(), CardError> {
        if self
            .selected
            .is_some_and(|selected| selected.aid == application.aid)
        {
            return Ok(());
        }
        self.selected = None;
        let answer = self.send(&apdu::select_application(application.aid))?;
        match answer.status.meaning() {
            Meaning::Done => {
                self.selected = Some(*application);
                Ok(())
            }
            Meaning::NotFound => Err(CardError::NotMyNumberCard),
            _ => Err(CardError::Refused {
                step: "select application",
                status: answer.status,
            }),
        }
    }

    /// Forgets which application is selected, after the issuer domain was.
    pub(super) fn deselected(&mut self) {
        self.selected = None;
    }

    pub(super) fn select_file(&mut self, file: u16) -> Result<(), CardError> {
        let answer = self.send(&apdu::select_file(file))?;
        match answer.status.meaning() {
            Meaning::Done => Ok(()),
            _ => Err(CardError::Refused {
                step: "select file",
                status: answer.status,
            }),
        }
    }

    /// Runs a command that names `file` in P2: by short id if that works here, else after SELECT. `build` must give a
    /// command that costs nothing when the reference is unknown.
    pub(super) fn by_reference(
        &mut self,
        file: u16,
        build: impl Fn(u8) -> Zeroizing<Vec<u8>>,
    ) -> Result<Response, CardError> {
        if self.short_ids {
            let answer = self.send(&build(0x80 | short_id(file)))?;
            if !unknown_reference(answer.status.meaning()) {
                return Ok(answer);
            }
        }
        self.select_file(file)?;
        let answer = self.send(&build(0x80))?;
        if !unknown_reference(answer.status.meaning()) {
            self.short_ids = false;
        }
        Ok(answer)
    }

    /// A whole file that holds one object, without the filler behind it.
    pub(super) fn read_object(
        &mut self,
        file: u16,
        step: &'static str,
    ) -> Result<Zeroizing<Vec<u8>>, CardError> {
        let first = self.first_part(file, step)?;
        let length = tlv::announced_length(&first).ok_or(CardError::Malformed {
            step,
            reason: "no object",
        })?;
        self.rest(first, length, step)
    }

    fn first_part(
        &mut self,
        file: u16,
        step: &'static str,
    ) -> Result<Zeroizing<Vec<u8>>, CardError> {
        if self.memory.extended_length()
            && let Some(data) = self.whole(file, step)?
        {
            return Ok(data);
        }
        let answer = if self.short_ids {
            let answer = self.send(&apdu::read_short_id(short_id(file)))?;
            if unknown_reference(answer.status.meaning()) {
                None
            } else {
                Some(answer)
            }
        } else {
            None
        };
        let answer = match answer {
            Some(answer) => answer,
            None => {
                self.select_file(file)?;
                let answer = self.send(&apdu::read_at(0, 0))?;
                if answer.status.meaning() == Meaning::Done {
                    self.short_ids = false;
                }
                answer
            }
        };
        data_of(answer, step)
    }

    /// The extended-length try. `None` means: this reader or card cannot, use short commands.
    fn whole(
        &mut self,
        file: u16,
        step: &'static str,
    ) -> Result<Option<Zeroizing<Vec<u8>>>, CardError> {
        if self.short_ids {
            match self.extended(&apdu::read_all_short_id(short_id(file)), step)? {
                Whole::Data(data) => return Ok(Some(data)),
                Whole::NoExtendedLength => return Ok(None),
                Whole::UnknownReference => {}
            }
        }
        self.select_file(file)?;
        match self.extended(&apdu::read_all(), step)? {
            Whole::Data(data) => {
                self.short_ids = false;
                Ok(Some(data))
            }
            Whole::NoExtendedLength | Whole::UnknownReference => Ok(None),
        }
    }

    fn extended(&mut self, command: &[u8], step: &'static str) -> Result<Whole, CardError> {
        let answer = match self.send(command) {
            Ok(answer) => answer,
            // Readers that cannot carry extended APDUs fail in PC/SC, before the card sees anything.
            Err(CardError::Reader(_)) => return self.no_extended_length(),
            Err(other) => return Err(other),
        };
        match answer.status.meaning() {
            Meaning::WrongLength | Meaning::Internal => self.no_extended_length(),
            meaning if unknown_reference(meaning) => Ok(Whole::UnknownReference),
            _ => data_of(answer, step).map(Whole::Data),
        }
    }

    fn no_extended_length(&self) -> Result<Whole, CardError> {
        self.memory.forget_extended_length();
        Ok(Whole::NoExtendedLength)
    }

    /// Reads what is missing up to `length` from the current file and cuts the filler.
    fn rest(
        &mut self,
        mut data: Zeroizing<Vec<u8>>,
        length: usize,
        step: &'static str,
    ) -> Result<Zeroizing<Vec<u8>>, CardError> {
        if length > LARGEST_FILE {
            return Err(CardError::Malformed {
                step,
                reason: "announced length too large",
            });
        }
        // Reserved once: a growing buffer would leave unwiped copies behind.
        let mut whole = Zeroizing::new(Vec::with_capacity(length + 256));
        whole.append(&mut data);
        while whole.len() < length {
            let offset = u16::try_from(whole.len())
                .ok()
                .filter(|offset| *offset < 0x8000);
            let offset = offset.ok_or(CardError::Malformed {
                step,
                reason: "file beyond the 15-bit offset",
            })?;
            let missing = u8::try_from(length - whole.len()).unwrap_or(0);
            let answer = self.send(&apdu::read_at(offset, missing))?;
            let part = match answer.status.meaning() {
                Meaning::BeyondEnd => {
                    return Err(CardError::Malformed {
                        step,
                        reason: "file shorter than announced",
                    });
                }
                _ => data_of(answer, step)?,
            };
            if part.is_empty() || whole.len() + part.len() > length + 256 {
                return Err(CardError::Malformed {
                    step,
                    reason: "file shorter than announced",
                });
            }
            whole.extend_from_slice(&part);
        }
        whole.truncate(length);
        Ok(whole)
    }
}

enum Whole {
    Data(Zeroizing<Vec<u8>>),
    NoExtendedLength,
    UnknownReference,
}

/// Answers of cards that do not take a short file id in this command.
fn unknown_reference(meaning: Meaning) -> bool {
    matches!(
        meaning,
        Meaning::NotFound | Meaning::WrongParameters | Meaning::BeyondEnd | Meaning::UnknownCommand
    )
}

/// The data of a successful read.
pub(super) fn data_of(
    answer: Response,
    step: &'static str,
) -> Result<Zeroizing<Vec<u8>>, CardError> {
    match answer.status.meaning() {
        Meaning::Done | Meaning::EndOfFile => Ok(answer.data),
        _ => Err(CardError::Refused {
            step,
            status: answer.status,
        }),
    }
}
