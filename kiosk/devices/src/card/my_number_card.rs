//! One card, from the first command to the last.

use zeroize::Zeroizing;

use super::apdu;
use super::command_guard::CommandGuard;
use super::connection::{CardConnection, data_of};
use super::generation::{Application, CURRENT, CardGeneration, short_id};
use super::{
    ApduCount, CardChannel, CardError, FourItemsRecord, LastTry, Meaning, Pin, PinKind,
    ReaderMemory, TriesLeft,
};

/// An open 個人番号カード. Dropping it clears the verified state and takes the power away, on every path.
pub struct MyNumberCard {
    pub(super) connection: CardConnection,
    pub(super) generation: CardGeneration,
    text_tries: Option<TriesLeft>,
    auth_tries: Option<TriesLeft>,
    connection_is_lost: bool,
    released: bool,
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
    /// Takes over a channel; nothing is sent yet.
    #[must_use]
    pub fn new(channel: Box<dyn CardChannel>, memory: ReaderMemory) -> Self {
        let guard = CommandGuard::new(channel, CURRENT);
        Self {
            connection: CardConnection::new(guard, memory),
            generation: CURRENT,
            text_tries: None,
            auth_tries: None,
            connection_is_lost: false,
            released: false,
        }
    }

    /// What was sent so far.
    #[must_use]
    pub fn count(&self) -> ApduCount {
        self.connection.guard.count()
    }

    /// Which insertion this card is, see [`super::Presence::Card`].
    #[must_use]
    pub fn insertion(&self) -> u64 {
        self.connection.guard.insertion()
    }

    /// Asks for a PIN's counter; costs no try. Two commands the first time, one when the application is selected already.
    ///
    /// # Errors
    /// Whatever the reader or card reports.
    pub fn tries_left(&mut self, kind: PinKind) -> Result<TriesLeft, CardError> {
        self.run_step(|card| card.query(kind))
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
        self.run_step(|card| {
            card.verify(PinKind::Text, pin, last_try)?;
            let raw = card
                .connection
                .read_object(card.generation.four_items, "four items")?;
            Ok(FourItemsRecord::parse(raw)?)
        })
    }

    /// When the card itself expires (common AP, record 1): two commands, no credential. Selecting that application forgets
    /// a verified PIN, so ask before or after the work that needs one.
    ///
    /// # Errors
    /// Whatever the reader or card reports.
    pub fn expiry(&mut self) -> Result<CardExpiry, CardError> {
        self.run_step(|card| {
            let common = card.generation.common;
            card.connection.select(&common)?;
            let file = card.generation.card_data;
            let mut answer = card
                .connection
                .send(&apdu::read_first_record(short_id(file)))?;
            if matches!(
                answer.status.meaning(),
                Meaning::NotFound | Meaning::WrongParameters | Meaning::UnknownCommand
            ) {
                card.connection.select_file(file)?;
                answer = card.connection.send(&apdu::read_first_record(0))?;
            }
            parse_expiry(&data_of(answer, "card data")?)
        })
    }

    /// Ends the work with the card: selects the issuer domain, which clears every verified PIN, and takes the power away.
    ///
    /// # Errors
    /// If the issuer domain could not be selected; the power is taken away all the same.
    pub fn release(mut self) -> Result<ApduCount, CardError> {
        let released = self.deselect_and_power_off();
        let count = self.count();
        released.map(|()| count)
    }

    /// Runs one step and remembers if the connection was lost in it.
    pub(super) fn run_step<T>(
        &mut self,
        step: impl FnOnce(&mut Self) -> Result<T, CardError>,
    ) -> Result<T, CardError> {
        if self.connection_is_lost {
            return Err(CardError::Removed);
        }
        let result = step(self);
        if result.as_ref().is_err_and(CardError::connection_is_lost) {
            // Closed at once: a handle to a card that is gone would keep the next card from being opened.
            self.connection_is_lost = true;
            self.connection.guard.power_off();
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
        self.connection.select(&application)?;
        let answer = self.connection.by_reference(file, |reference| {
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
        self.connection.select(&application)?;
        let reference = if self.connection.short_ids {
            0x80 | short_id(file)
        } else {
            self.connection.select_file(file)?;
            0x80
        };
        // Whatever happens now, the counter that was known is no longer true.
        *self.known_tries(kind) = None;
        let answer = self
            .connection
            .send(&apdu::verify(reference, pin.bytes()))?;
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

    fn deselect_and_power_off(&mut self) -> Result<(), CardError> {
        if std::mem::replace(&mut self.released, true) {
            return Ok(());
        }
        let deselected = if self.connection_is_lost {
            Ok(())
        } else {
            let select = apdu::select_application(self.generation.issuer_domain);
            self.connection
                .send(&select)
                .and_then(|answer| match answer.status.meaning() {
                    Meaning::Done => Ok(()),
                    _ => Err(CardError::Refused {
                        step: "leave",
                        status: answer.status,
                    }),
                })
        };
        self.connection.deselected();
        self.connection.guard.power_off();
        deselected
    }
}

impl Drop for MyNumberCard {
    fn drop(&mut self) {
        if let Err(error) = self.deselect_and_power_off() {
            tracing::debug!(
                kind = error.kind(),
                "card released without clearing its PINs"
            );
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
