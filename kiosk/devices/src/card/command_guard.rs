//! The layer between the protocol and every card: it lets through what the generation's table lists and nothing else.
//!
//! The same four digits technically open the 個人番号 (text EF 0001) as well as the four items, so the restraint that
//! 番号法20条 asks for is software. It is here, below the protocol, so that a mistake above cannot get past it.

use zeroize::Zeroize;

use super::generation::{Application, CardGeneration, short_id};
use super::{ApduCount, CardChannel, CardError};

/// A counted channel that refuses commands outside the table.
pub struct CommandGuard {
    channel: Box<dyn CardChannel>,
    generation: CardGeneration,
    selected: Option<Application>,
    current_file: Option<u16>,
    count: ApduCount,
}

impl CommandGuard {
    /// Wraps a freshly opened channel; nothing is selected yet.
    #[must_use]
    pub fn new(channel: Box<dyn CardChannel>, generation: CardGeneration) -> Self {
        Self {
            channel,
            generation,
            selected: None,
            current_file: None,
            count: ApduCount::default(),
        }
    }

    /// What was sent so far.
    #[must_use]
    pub fn count(&self) -> ApduCount {
        self.count
    }

    /// Sends an allowed command.
    ///
    /// # Errors
    /// [`CardError::Forbidden`] without touching the card, or what the channel reports.
    pub fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, CardError> {
        let effect = self.check(command).map_err(CardError::Forbidden)?;
        self.count.commands += 1;
        self.count.bytes_sent += command.len() as u64;
        let mut answer = self.channel.transmit(command)?;
        self.count.bytes_received += answer.len() as u64;
        if answer.len() < 2 {
            answer.zeroize();
            return Err(CardError::Removed);
        }
        // Only a command that succeeded (90, or 61 and 62 with data) moved the card's selection.
        if matches!(answer[answer.len() - 2], 0x90 | 0x61 | 0x62) {
            match effect {
                Effect::Application(application) => {
                    self.selected = application;
                    self.current_file = None;
                }
                Effect::File(file) => self.current_file = Some(file),
                Effect::None => {}
            }
        }
        Ok(answer)
    }

    /// Takes power from the card.
    pub fn power_off(&mut self) {
        self.selected = None;
        self.current_file = None;
        self.channel.power_off();
    }

    /// Which insertion the channel belongs to.
    #[must_use]
    pub fn insertion(&self) -> u64 {
        self.channel.insertion()
    }

    fn check(&self, command: &[u8]) -> Result<Effect, &'static str> {
        let [class, instruction, p1, p2, ..] = *command else {
            return Err("not an APDU");
        };
        match (class, instruction, p1) {
            (0x00, 0xA4, 0x04) => self.application(data(command)).map(Effect::Application),
            (0x00, 0xA4, 0x02) => self.file(data(command)).map(Effect::File),
            (0x00, 0xB0, 0x80..) => self.readable(p1 & 0x1F).map(Effect::File),
            (0x00, 0xB0, _) => self
                .current(|application| application.readable)
                .map(|()| Effect::None),
            (0x00, 0xB2, _) if p2 >> 3 == 0 => self
                .current(|application| application.readable)
                .map(|()| Effect::None),
            (0x00, 0xB2, _) => self.readable(p2 >> 3).map(Effect::File),
            (0x00, 0x20, 0x00) => self.reference(p2, |application| application.pins),
            (0x80, 0x2A, 0x00) if p2 == 0x00 => self.proof(),
            (0x80, 0x2A, 0x00 | 0x02) => self.reference(p2, |application| application.keys),
            (0x00, 0xC0, _) => Ok(Effect::None),
            _ => Err("command outside the table"),
        }
    }

    fn application(&self, aid: &[u8]) -> Result<Option<Application>, &'static str> {
        let generation = &self.generation;
        if aid == generation.issuer_domain {
            return Ok(None);
        }
        [generation.text, generation.jpki, generation.common]
            .into_iter()
            .find(|application| application.aid == aid)
            .map(Some)
            .ok_or("application outside the table")
    }

    fn file(&self, id: &[u8]) -> Result<u16, &'static str> {
        let &[high, low] = id else {
            return Err("file identifier of another length");
        };
        let file = u16::from_be_bytes([high, low]);
        let application = self.selected.ok_or("file without an application")?;
        let listed = [application.readable, application.pins, application.keys];
        listed
            .iter()
            .any(|files| files.contains(&file))
            .then_some(file)
            .ok_or("file outside the table")
    }

    fn readable(&self, short: u8) -> Result<u16, &'static str> {
        let application = self.selected.ok_or("file without an application")?;
        by_short_id(application.readable, short).ok_or("file outside the table")
    }

    fn current(&self, files: impl Fn(&Application) -> &'static [u16]) -> Result<(), &'static str> {
        match (self.selected, self.current_file) {
            (Some(application), Some(file)) if files(&application).contains(&file) => Ok(()),
            _ => Err("current file outside the table"),
        }
    }

    fn proof(&self) -> Result<Effect, &'static str> {
        match self.selected {
            Some(application) if application.proves_itself => Ok(Effect::None),
            _ => Err("proof outside the table"),
        }
    }

    fn reference(
        &self,
        p2: u8,
        files: impl Fn(&Application) -> &'static [u16],
    ) -> Result<Effect, &'static str> {
        if p2 == 0x80 {
            return self.current(files).map(|()| Effect::None);
        }
        let application = self.selected.ok_or("reference without an application")?;
        let allowed = p2 & 0xE0 == 0x80 && by_short_id(files(&application), p2 & 0x1F).is_some();
        allowed
            .then_some(Effect::None)
            .ok_or("reference outside the table")
    }
}

impl Drop for CommandGuard {
    fn drop(&mut self) {
        self.channel.power_off();
    }
}

enum Effect {
    None,
    Application(Option<Application>),
    File(u16),
}

fn by_short_id(files: &[u16], short: u8) -> Option<u16> {
    files.iter().copied().find(|file| short_id(*file) == short)
}

/// The data field of a short command; empty if the announced length does not fit.
fn data(command: &[u8]) -> &[u8] {
    match command {
        [_, _, _, _, length, rest @ ..] if rest.len() >= usize::from(*length) => {
            &rest[..usize::from(*length)]
        }
        _ => &[],
    }
}
