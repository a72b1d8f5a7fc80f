//! How a kiosk is: kinds and counts, never people.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::id::StaffCallId;

/// Sent about every minute, and when a part changes.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Heartbeat {
    /// The kiosk's clock; the cloud compares it with its own.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub at: Timestamp,
    /// Version of the kiosk program.
    pub software: String,
    /// Catalogue edition in use, if any.
    pub catalogue: Option<String>,
    /// Forms edition in use, if any.
    pub forms: Option<String>,
    /// Sealed applications that wait to be sent.
    pub outbox: u32,
    /// Every part with its state.
    pub parts: Vec<PartStatus>,
    /// What happened since the last heartbeat that was answered.
    #[serde(default)]
    pub events: Vec<Count>,
}

/// State of one part.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PartStatus {
    /// Which part.
    pub part: Part,
    /// Its state.
    pub state: PartState,
}

/// A part of a kiosk.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Part {
    /// Card reader.
    CardReader,
    /// A4 printer.
    FormPrinter,
    /// Receipt printer.
    ReceiptPrinter,
    /// Light ring.
    Indicator,
    /// Small display for technicians.
    StatusDisplay,
    /// Presence sensor.
    Presence,
    /// Switch of the housing: wants hands while the kiosk is closed because of it.
    Tamper,
    /// The durable queue.
    Outbox,
}

/// State of a part.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum PartState {
    /// Works.
    Ready,
    /// Works, and wants hands soon (paper near end).
    Attention,
    /// Wants hands now (paper out, cover open, jam).
    Stopped,
    /// Does not answer.
    Missing,
}

/// How often something happened.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Count {
    /// What.
    pub kind: EventKind,
    /// How often.
    pub count: u32,
}

/// Kinds of events that are counted.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum EventKind {
    /// A visit began.
    VisitBegun,
    /// A visit ended with an application.
    VisitFinished,
    /// A visit was left by its resident.
    VisitLeft,
    /// A visit was wiped because nobody was there any more.
    VisitIdle,
    /// A card was read.
    CardRead,
    /// A card could not be read.
    CardFailed,
    /// A form was printed.
    FormPrinted,
    /// A receipt was printed.
    ReceiptPrinted,
    /// A printer stopped.
    PrinterStopped,
    /// The cloud could not be reached.
    CloudUnreachable,
    /// The housing was opened.
    Tampered,
    /// Staff opened the kiosk again after that.
    Reopened,
}

/// The cloud's answer to a heartbeat.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct HeartbeatReply {
    /// The cloud's clock.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub now: Timestamp,
    /// ETag of the catalogue edition to use now, if one is published.
    pub catalogue_etag: Option<String>,
    /// ETag of the forms edition to use now, if one is published.
    pub forms_etag: Option<String>,
    /// ETag of the town's masters.
    #[serde(default)]
    pub masters_etag: Option<String>,
}

/// A call for staff.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct StaffCall {
    /// Made by the kiosk; twice is once.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub id: StaffCallId,
    /// When.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub at: Timestamp,
    /// Why.
    pub reason: StaffCallReason,
}

/// Why staff are called.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum StaffCallReason {
    /// The resident touched "call staff".
    Asked,
    /// A printer needs hands.
    Printer,
    /// The kiosk's disk takes no application.
    Storage,
    /// The card is blocked or unreadable.
    Card,
    /// Nobody, or several, matched in the town's register.
    NoMatch,
    /// The housing was opened: the kiosk is closed until staff have looked at it.
    Housing,
}
