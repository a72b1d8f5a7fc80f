//! What a request may cost, by kind of route: one table for every route of both listeners.

use std::time::Duration;

use axum::http::Method;
use kiosk_api::LARGEST_BODY;

/// Routes that cost alike.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum RouteClass {
    /// Health: nothing else may keep it waiting.
    Health,
    /// What anybody may read: style, metrics, the OpenAPI document.
    Public,
    /// Log-in, codes, invitations, tokens: what strangers may send.
    LogIn,
    /// A page of the console; lists have at most 300 rows.
    Page,
    /// A form of the console.
    Form,
    /// A form drawn as PDF or picture.
    Paper,
    /// The audit trail, of which a page analyses at most 100,000 rows.
    Trail,
    /// Plans: computed as long as the client waits, for at most 40 persons.
    Plan,
    /// An application that a kiosk delivers.
    Intake,
    /// A card login, which asks the core system.
    CardLogin,
    /// Everything else of kiosks.
    Kiosk,
    /// A machine client's request; lists have at most 200 rows.
    Machine,
    /// A sheet of at most 200 applications, each of which is opened.
    Sheet,
}

/// What a request of a class may cost.
#[derive(Clone, Copy, Debug)]
pub(super) struct RouteBounds {
    /// Longest time from the whole request to the answer, waiting for a turn included.
    pub(super) time: Duration,
    /// Largest body in bytes.
    pub(super) bytes: usize,
    /// Most requests that are worked on at once; more wait.
    pub(super) at_once: usize,
}

const KIB: usize = 1024;

impl RouteClass {
    /// All of them, in the order of their numbers.
    pub(super) const ALL: [Self; 13] = [
        Self::Health,
        Self::Public,
        Self::LogIn,
        Self::Page,
        Self::Form,
        Self::Paper,
        Self::Trail,
        Self::Plan,
        Self::Intake,
        Self::CardLogin,
        Self::Kiosk,
        Self::Machine,
        Self::Sheet,
    ];

    /// The table.
    pub(super) fn bounds(self) -> RouteBounds {
        let (seconds, bytes, at_once) = match self {
            Self::Health => (10, 0, 16),
            Self::Public => (5, 0, 32),
            Self::LogIn => (30, 16 * KIB, 64),
            Self::Page => (20, 0, 32),
            Self::Form => (20, 256 * KIB, 32),
            Self::Paper => (30, 0, 4),
            Self::Trail => (30, 0, 2),
            Self::Plan => (10, 64 * KIB, 4),
            Self::Intake => (30, LARGEST_BODY, 256),
            Self::CardLogin => (30, 64 * KIB, 64),
            Self::Kiosk => (20, 64 * KIB, 128),
            Self::Machine => (20, 64 * KIB, 32),
            Self::Sheet => (60, 0, 2),
        };
        RouteBounds {
            time: Duration::from_secs(seconds),
            bytes,
            at_once,
        }
    }

    /// The class of a route; `pattern` as in the OpenAPI document, `None` for an address that is no route.
    pub(super) fn of(method: &Method, pattern: Option<&str>) -> Self {
        let Some(pattern) = pattern else {
            return Self::Public;
        };
        let posts = method != Method::GET;
        match pattern {
            "/healthz" => Self::Health,
            "/v1/{tenant}/oauth/token" => Self::LogIn,
            "/v1/{tenant}/guidance" => Self::Plan,
            "/v1/{tenant}/applications" if posts => Self::Intake,
            "/v1/{tenant}/household" | "/v1/{tenant}/nonces" => Self::CardLogin,
            "/v1/{tenant}/sheets/{sheet}" => Self::Sheet,
            "/console/{tenant}/interview" => Self::Plan,
            "/console/{tenant}/trail" => Self::Trail,
            _ if pattern.contains("/forms/{number}") => Self::Paper,
            _ if STRANGERS.iter().any(|own| pattern.ends_with(own)) => Self::LogIn,
            _ if KIOSKS.iter().any(|own| pattern.ends_with(own)) => Self::Kiosk,
            _ if pattern.starts_with("/v1/") => Self::Machine,
            _ if !pattern.starts_with("/console/{tenant}") && !posts => Self::Public,
            _ if posts => Self::Form,
            _ => Self::Page,
        }
    }
}

/// Ends of routes of the console that nobody has to be logged in for.
const STRANGERS: [&str; 5] = [
    "/log-in",
    "/code",
    "/enrol/{invitation}",
    "/provider",
    "/provider/back",
];

/// Ends of routes that kiosks alone have.
const KIOSKS: [&str; 6] = [
    "/v1/{tenant}/sealing-key",
    "/v1/{tenant}/catalogue",
    "/v1/{tenant}/forms",
    "/v1/{tenant}/masters",
    "/v1/{tenant}/heartbeat",
    "/v1/{tenant}/staff-calls",
];
