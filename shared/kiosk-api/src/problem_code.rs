//! The closed list of problem codes.

use serde::{Deserialize, Serialize};

/// What went wrong. Closed: a kiosk decides what to show by this, never by a text.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum ProblemCode {
    /// The body is not JSON, or not of the shape that the route reads.
    MalformedRequest,
    /// Content-Type is not `application/json`.
    WrongContentType,
    /// The body is larger than [`crate::LARGEST_BODY`].
    TooLarge,
    /// The body took too long to arrive.
    TooSlow,
    /// A value in the document is wrong; `path` says where.
    InvalidDocument,
    /// No such route, tenant or thing. Also the answer about any other tenant's things.
    NotFound,
    /// The route exists, the method does not.
    MethodNotAllowed,
    /// The connection has no certificate of a kiosk.
    KioskUnknown,
    /// No such nonce for this kiosk.
    NonceUnknown,
    /// The nonce is too old.
    NonceExpired,
    /// The nonce was used before.
    NonceUsed,
    /// The signature, the chain or the use of the certificate does not hold.
    LoginRefused,
    /// Neither is the card's face proven nor does the core system know the certificate as the resident's.
    CardUnverified,
    /// The certificate is past its end (or before its beginning).
    CertificateExpired,
    /// The certificate was revoked.
    CertificateRevoked,
    /// The four items match nobody.
    NoMatch,
    /// The four items match several residents.
    SeveralMatch,
    /// The core system cannot be reached.
    CoreUnreachable,
    /// The core system did not answer in time.
    CoreSlow,
    /// The core system answered something that cannot be read.
    CoreWrongAnswer,
    /// The envelope does not open, or holds no application.
    EnvelopeRefused,
    /// The same application id came before with other content.
    ApplicationConflict,
    /// No edition is published.
    EditionMissing,
    /// Nobody is logged in.
    SignInRequired,
    /// No access token, or one that is over or revoked.
    TokenRequired,
    /// The person or client does not have the right.
    NotAllowed,
    /// The thing is in a state from which this cannot be done, or was changed meanwhile.
    StateConflict,
    /// Somebody else has taken the thing.
    TakenByOther,
    /// What is stored is not as the service wrote it: somebody changed the database.
    RecordAltered,
    /// Too much at once; try again later.
    Busy,
    /// A fault of the cloud itself.
    Internal,
    /// A code that this program is too old to know.
    #[serde(other)]
    Unknown,
}

impl ProblemCode {
    /// Every code that the cloud gives.
    pub const ALL: [Self; 31] = [
        Self::MalformedRequest,
        Self::WrongContentType,
        Self::TooLarge,
        Self::TooSlow,
        Self::InvalidDocument,
        Self::NotFound,
        Self::MethodNotAllowed,
        Self::KioskUnknown,
        Self::NonceUnknown,
        Self::NonceExpired,
        Self::NonceUsed,
        Self::LoginRefused,
        Self::CardUnverified,
        Self::CertificateExpired,
        Self::CertificateRevoked,
        Self::NoMatch,
        Self::SeveralMatch,
        Self::CoreUnreachable,
        Self::CoreSlow,
        Self::CoreWrongAnswer,
        Self::EnvelopeRefused,
        Self::ApplicationConflict,
        Self::EditionMissing,
        Self::SignInRequired,
        Self::TokenRequired,
        Self::NotAllowed,
        Self::StateConflict,
        Self::TakenByOther,
        Self::RecordAltered,
        Self::Busy,
        Self::Internal,
    ];

    /// HTTP status that goes with it.
    #[must_use]
    pub fn status(self) -> u16 {
        match self {
            Self::MalformedRequest => 400,
            Self::KioskUnknown | Self::SignInRequired | Self::TokenRequired => 401,
            Self::LoginRefused
            | Self::CardUnverified
            | Self::CertificateExpired
            | Self::CertificateRevoked
            | Self::NotAllowed => 403,
            Self::NotFound | Self::NoMatch | Self::EditionMissing => 404,
            Self::MethodNotAllowed => 405,
            Self::TooSlow => 408,
            Self::NonceUnknown
            | Self::NonceUsed
            | Self::SeveralMatch
            | Self::ApplicationConflict
            | Self::StateConflict
            | Self::TakenByOther
            | Self::RecordAltered => 409,
            Self::NonceExpired => 410,
            Self::TooLarge => 413,
            Self::WrongContentType => 415,
            Self::InvalidDocument | Self::EnvelopeRefused => 422,
            Self::Internal | Self::Unknown => 500,
            Self::CoreWrongAnswer => 502,
            Self::CoreUnreachable | Self::Busy => 503,
            Self::CoreSlow => 504,
        }
    }

    /// Whether the same request may succeed later without a change.
    #[must_use]
    pub fn retry(self) -> bool {
        matches!(
            self,
            Self::CoreUnreachable
                | Self::CoreSlow
                | Self::CoreWrongAnswer
                | Self::RecordAltered
                | Self::Busy
                | Self::TooSlow
                | Self::Internal
                | Self::Unknown
        )
    }
}
