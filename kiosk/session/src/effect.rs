//! What the session asks of the world, and what the world answers.
//!
//! Every question carries an [`Ask`]; the answer comes back with the same one. An answer to an old `Ask` is dropped:
//! without that, delayed answers in shuffled order show one resident another's household.

use std::sync::Arc;

use application::{Application, ValueSet};
use guidance::Facts;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::screen::PageImage;
use crate::touch::Touch;

/// Identifies one question of one visit. `visit` grows with every visit, `number` within it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Ask {
    /// Which visit asked.
    pub visit: u64,
    /// Which of its questions.
    pub number: u32,
}

/// What happened.
pub enum Event {
    /// The resident touched.
    Touch(Touch),
    /// The world answered a question.
    Reply(Ask, Reply),
    /// Something changed by itself.
    Notice(Notice),
    /// Time went on; sent about every second.
    Tick,
}

/// Something that changed by itself.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Notice {
    /// A card was laid on the reader.
    CardHere,
    /// The reader is empty.
    CardGone,
    /// The cloud answers, or does not.
    Online(bool),
    /// Paper can come out, or it cannot.
    Printing(bool),
    /// Cards can be read, or they cannot.
    Cards(bool),
    /// Somebody stands before the kiosk, or left.
    Presence(bool),
    /// The housing is open, or shut again. Once it was open, the kiosk is closed until staff act.
    Housing {
        /// What its switch says now.
        open: bool,
    },
    /// The kiosk was closed before it started, and nobody has opened it since.
    Closed,
}

/// What the session asks for. One function of the app for each.
pub enum Effect {
    /// Do this and answer with the `Ask`.
    Ask(Ask, Request),
    /// Nobody waits for this `Ask` any more: stop the work if it can be stopped.
    Drop(Ask),
    /// Light ring.
    Indicate(Indication),
    /// Staff are to come (console, lamp).
    CallStaff(StaffReason),
    /// The visit is over: zeroise every buffer, power the card down, forget previews and prints.
    Forget,
}

/// Light ring states.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Indication {
    /// Nobody.
    Idle,
    /// Put the card here.
    CardWanted,
    /// Working with the card: leave it.
    CardBusy,
    /// Take card and paper.
    TakeAway,
    /// Staff called.
    Help,
}

/// Why staff are called; a kind, never a person.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum StaffReason {
    /// The resident touched "call staff".
    Asked,
    /// A printer needs hands.
    Printer,
    /// The kiosk's disk does not take an application.
    Storage,
    /// The card is blocked or unreadable.
    Card,
    /// Nobody, or several, matched in the town's register.
    NoMatch,
    /// The housing was opened: the kiosk is closed.
    Housing,
}

/// A question to the world.
pub enum Request {
    /// How many tries the PIN has left.
    CardTries,
    /// Read the four items and, where a nonce can be had, sign it. Spends a try when wrong.
    ReadCard {
        /// Four digits.
        pin: Zeroizing<String>,
    },
    /// Send the login proof of the last `ReadCard` to the cloud; household facts come back.
    Household,
    /// Towns that have this postal code (7 digits).
    PostalCode(String),
    /// Picture of one page of one form (from 0).
    Preview {
        /// The application as it stands.
        application: Arc<Application>,
        /// Which form of it.
        form: usize,
        /// Which page.
        page: usize,
    },
    /// Seal and store durably; then a reception number comes back. Only then may paper move.
    Store(Arc<Application>),
    /// Print one form of the stored application.
    PrintForm {
        /// The stored application.
        application: Arc<Application>,
        /// Which form of it.
        form: usize,
    },
    /// Print the plan by counter on A4 (受付案内票).
    PrintPlan(Arc<Application>),
    /// Print the receipt.
    PrintReceipt(Arc<Application>),
    /// Open the closed kiosk again: compare the staff's number, note it durably.
    Reopen {
        /// Eight digits.
        pin: Zeroizing<String>,
    },
}

/// The world's answer.
pub enum Reply {
    /// PIN tries left; `None`: the card does not say.
    CardTries(Option<u8>),
    /// The card was read.
    CardRead(CardItems),
    /// The card could not be read.
    CardFailed(CardProblem),
    /// The household, from the core system.
    Household(Box<Household>),
    /// No household; the visit goes on without.
    NoHousehold(HouseholdProblem),
    /// Towns found: prefecture, city, town, and each in kana.
    Towns(Vec<PostalTown>),
    /// A page picture and how many pages there are.
    Preview(Arc<PageImage>, usize),
    /// Could not be drawn: a character that has no glyph, a form that's broken.
    PreviewFailed,
    /// Stored durably.
    Stored {
        /// Reception number (受付番号).
        reception: String,
    },
    /// Could not be stored: nothing is printed.
    StoreFailed,
    /// The paper is out of the printer.
    Printed,
    /// The printer needs hands.
    PrintFailed(PrintProblem),
    /// The kiosk is open again.
    Reopened,
    /// It stays closed.
    NotReopened(ReopenProblem),
}

/// Why a closed kiosk stays closed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ReopenProblem {
    /// Another number than the staff's.
    WrongNumber {
        /// Tries left before the kiosk takes none for a while.
        left: u8,
    },
    /// Too many wrong numbers: none is taken for a while.
    Later,
    /// The housing is open.
    HousingOpen,
    /// This kiosk has no number for staff in its settings.
    NoNumber,
    /// It could not be noted on the disk.
    Storage,
}

/// The four items (券面事項入力補助), wiped when dropped. No Debug, no Serialize.
#[derive(Clone, zeroize::ZeroizeOnDrop)]
pub struct CardItems {
    /// 氏名
    pub name: String,
    /// 住所
    pub address: String,
    /// 生年月日
    #[zeroize(skip)]
    pub birth_date: Date,
    /// 性別, ISO 5218 digit as on the card (1 男 2 女 9 適用不能).
    pub sex: u8,
    /// Whether a login proof was made (the cloud gave a nonce).
    pub proof: bool,
    /// Whether the issuer's signature over these items was verified on this very card. The cloud checks it again: this
    /// kiosk's word alone shows nobody's household.
    pub genuine: bool,
}

/// Why the card could not be read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CardProblem {
    /// Wrong PIN; this many tries are left.
    WrongPin {
        /// Tries left.
        left: u8,
    },
    /// No tries left: unblock at the counter.
    Blocked,
    /// Taken away while working.
    Removed,
    /// Another card than the one that was counted.
    Changed,
    /// No answer in time.
    Silent,
    /// Not a My Number Card, or nonsense.
    Unreadable,
    /// The issuer did not sign what the card says, or the card is a copy.
    Forged,
    /// The reader itself does not work.
    Reader,
}

/// Why there is no household.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum HouseholdProblem {
    /// The cloud can't be reached.
    Offline,
    /// The core system can't be reached.
    CoreDown,
    /// The four items match nobody.
    NoMatch,
    /// The four items match several.
    Several,
    /// The certificate has expired.
    Expired,
    /// The certificate was revoked.
    Revoked,
    /// Chain or signature is wrong.
    Refused,
    /// The card face could not be verified, here or in the cloud.
    Unverified,
}

/// What the core system knows of the household, and only after the login held.
pub struct Household {
    /// Facts for guidance; persons have ids `A`, `B`…; the person of the card is `A`.
    pub facts: Facts,
    /// Values for forms, with source `Core` (names, kana, addresses, 続柄…), keys as in `application`.
    pub values: ValueSet,
    /// Whether the cloud could also check that the card's certificate is not revoked; if not, the card stays 未確認.
    pub revocation_checked: bool,
}

/// A town found by postal code.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct PostalTown {
    /// 都道府県
    pub prefecture: String,
    /// 市区町村
    pub city: String,
    /// 町域
    pub town: String,
    /// The three in katakana.
    pub kana: String,
}

/// Why paper does not come.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum PrintProblem {
    /// Out of paper.
    PaperOut,
    /// A cover is open.
    CoverOpen,
    /// Paper jam, or the cutter is stuck.
    Jam,
    /// Does not answer.
    Offline,
    /// Takes none of the formats that the kiosk can make.
    Format,
    /// Refuses the document or has another fault.
    Fault,
}
