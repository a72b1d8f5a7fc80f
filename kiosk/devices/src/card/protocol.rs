//! One card, from the first question to the goodbye.

use zeroize::Zeroizing;

use super::apdu::{self, Meaning};
use super::generation::{Application, CURRENT, CardGeneration, short_id};
use super::guard::Guarded;
use super::transfer::{Link, done};
use super::{
    ApduCount, CardChannel, CardError, FourItemsRecord, LastTry, Pin, PinKind, ReaderMemory,
    TriesLeft,
};

/// An open 個人番号カード. Dropping it clears the verified state and takes the power away, on every path.
pub struct MyNumberCard {
    pub(super) link: Link,
    pub(super) generation: CardGeneration,
    text_tries: Option<TriesLeft>,
    auth_tries: Option<TriesLeft>,
    line_is_dead: bool,
    left: bool,
}

/// 有効期限 of the card itself; that of a certificate is another date.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct CardExpiry {
    /// Gregorian year.
    pub year: u16,
    /// Month, 1 to 12.
    pub month: u8,
    /// Day, 1 to 31; the card is valid through it.
    pub day: u8,
}

impl MyNumberCard {
    /// Takes over a channel. Nothing is sent yet.
    #[must_use]
    pub fn new(channel: Box<dyn CardChannel>, memory: ReaderMemory) -> Self {
        let wire = Guarded::new(channel, CURRENT);
        Self {
            link: Link::new(wire, memory),
            generation: CURRENT,
            text_tries: None,
            auth_tries: None,
            line_is_dead: false,
            left: false,
        }
    }

    /// What was sent so far.
    #[must_use]
    pub fn count(&self) -> ApduCount {
        self.link.wire.count()
    }

    /// Which insertion this card is, see [`super::Presence::Card`].
    #[must_use]
    pub fn insertion(&self) -> u64 {
        self.link.wire.insertion()
    }

    /// Asks for a PIN's counter; costs no try. Two commands the first time, one when the application is selected already.
    ///
    /// # Errors
    /// Whatever the line or card reports.
    pub fn tries_left(&mut self, kind: PinKind) -> Result<TriesLeft, CardError> {
        self.watch(|card| card.query(kind))
    }

    /// Verifies 券面事項入力補助用暗証番号 and reads the four items. Asks for the counter first unless it is known.
    ///
    /// # Errors
    /// [`CardError::LastTry`], [`CardError::WrongPin`], [`CardError::Blocked`]; a wrong PIN is never sent again.
    pub fn read_four_items(
        &mut self,
        pin: Pin,
        last_try: LastTry,
    ) -> Result<FourItemsRecord, CardError> {
        self.watch(|card| {
            card.verify(PinKind::Text, pin, last_try)?;
            let raw = card
                .link
                .read_object(card.generation.four_items, "four items")?;
            FourItemsRecord::parse(raw)
        })
    }

    /// When the card itself expires (common AP, record 1): two commands, no credential. Selecting that application forgets
    /// a verified PIN, so ask before or after the work that needs one.
    ///
    /// # Errors
    /// Whatever the line or card reports.
    pub fn expiry(&mut self) -> Result<CardExpiry, CardError> {
        self.watch(|card| {
            let common = card.generation.common;
            card.link.select(&common)?;
            let file = card.generation.card_data;
            let mut answer = card.link.send(&apdu::read_first_record(short_id(file)))?;
            if matches!(
                answer.status.meaning(),
                Meaning::NotFound | Meaning::WrongParameters | Meaning::UnknownCommand
            ) {
                card.link.select_file(file)?;
                answer = card.link.send(&apdu::read_first_record(0))?;
            }
            parse_expiry(&done(answer, "card data")?)
        })
    }

    /// Says goodbye: selects the issuer domain, which clears every verified PIN, and takes the power away.
    ///
    /// # Errors
    /// If the card could not be told; the power is taken away all the same.
    pub fn leave(mut self) -> Result<ApduCount, CardError> {
        let farewell = self.say_goodbye();
        let count = self.count();
        farewell.map(|()| count)
    }

    /// Runs one step and remembers if it killed the line.
    pub(super) fn watch<T>(
        &mut self,
        step: impl FnOnce(&mut Self) -> Result<T, CardError>,
    ) -> Result<T, CardError> {
        if self.line_is_dead {
            return Err(CardError::Removed);
        }
        let result = step(self);
        if result.as_ref().is_err_and(CardError::line_is_dead) {
            // Let go at once: a handle to a card that is gone would keep the next card's line from opening.
            self.line_is_dead = true;
            self.link.wire.power_off();
        }
        result
    }

    fn application(&self, kind: PinKind) -> (Application, u16) {
        match kind {
            PinKind::Text => (self.generation.text, self.generation.text_pin),
            PinKind::UserAuthentication => (self.generation.jpki, self.generation.auth_pin),
        }
    }

    fn known_tries(&mut self, kind: PinKind) -> &mut Option<TriesLeft> {
        match kind {
            PinKind::Text => &mut self.text_tries,
            PinKind::UserAuthentication => &mut self.auth_tries,
        }
    }

    fn query(&mut self, kind: PinKind) -> Result<TriesLeft, CardError> {
        let (application, file) = self.application(kind);
        self.link.select(&application)?;
        let answer = self.link.by_reference(file, |reference| {
            Zeroizing::new(apdu::query_tries(reference))
        })?;
        let tries = match answer.status.meaning() {
            Meaning::TriesLeft(left) => TriesLeft::Left(left),
            Meaning::Blocked => TriesLeft::Blocked,
            Meaning::Done => TriesLeft::Unknown,
            _ => {
                return Err(CardError::Refused {
                    step: "query tries",
                    status: answer.status,
                });
            }
        };
        *self.known_tries(kind) = Some(tries);
        Ok(tries)
    }

    /// Presents a PIN once. The query before it has settled whether short ids work, so this command is never repeated.
    pub(super) fn verify(
        &mut self,
        kind: PinKind,
        pin: Pin,
        last_try: LastTry,
    ) -> Result<(), CardError> {
        let (application, file) = self.application(kind);
        let known = *self.known_tries(kind);
        let tries = match known {
            Some(tries) => tries,
            None => self.query(kind)?,
        };
        match tries {
            TriesLeft::Blocked => return Err(CardError::Blocked),
            _ if tries.is_last() && last_try == LastTry::Keep => return Err(CardError::LastTry),
            _ => {}
        }
        self.link.select(&application)?;
        let reference = if self.link.short_ids {
            0x80 | short_id(file)
        } else {
            self.link.select_file(file)?;
            0x80
        };
        // Whatever happens now, the counter that was known is no longer true.
        *self.known_tries(kind) = None;
        let answer = self.link.send(&apdu::verify(reference, pin.bytes()))?;
        match answer.status.meaning() {
            Meaning::Done => Ok(()),
            Meaning::TriesLeft(left) => {
                *self.known_tries(kind) = Some(TriesLeft::Left(left));
                Err(CardError::WrongPin { left })
            }
            Meaning::Blocked => {
                *self.known_tries(kind) = Some(TriesLeft::Blocked);
                Err(CardError::Blocked)
            }
            _ => Err(CardError::Refused {
                step: "verify",
                status: answer.status,
            }),
        }
    }

    fn say_goodbye(&mut self) -> Result<(), CardError> {
        if std::mem::replace(&mut self.left, true) {
            return Ok(());
        }
        let told = if self.line_is_dead {
            Ok(())
        } else {
            let goodbye = apdu::select_application(self.generation.issuer_domain);
            self.link
                .send(&goodbye)
                .and_then(|answer| match answer.status.meaning() {
                    Meaning::Done => Ok(()),
                    _ => Err(CardError::Refused {
                        step: "leave",
                        status: answer.status,
                    }),
                })
        };
        self.link.deselected();
        self.link.wire.power_off();
        told
    }
}

impl Drop for MyNumberCard {
    fn drop(&mut self) {
        if let Err(error) = self.say_goodbye() {
            tracing::debug!(kind = error.kind(), "card left without goodbye");
        }
    }
}

/// `01 1C`, 15 digits of serial, 5 of municipality, YYYYMMDD.
fn parse_expiry(record: &[u8]) -> Result<CardExpiry, CardError> {
    let malformed = CardError::Malformed {
        step: "card data",
        reason: "no expiry date",
    };
    let digits = match record {
        [0x01, 0x1C, value @ ..] if value.len() >= 28 => &value[20..28],
        _ => return Err(malformed),
    };
    let text = std::str::from_utf8(digits)
        .ok()
        .filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()));
    let text = text.ok_or(malformed.clone())?;
    let (Ok(year), Ok(month), Ok(day)) = (text[..4].parse(), text[4..6].parse(), text[6..].parse())
    else {
        return Err(malformed);
    };
    if (1..=12).contains(&month) && (1..=31).contains(&day) {
        Ok(CardExpiry { year, month, day })
    } else {
        Err(malformed)
    }
}
