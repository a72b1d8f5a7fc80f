//! Problem documents (RFC 9457, `application/problem+json`).

use serde::{Deserialize, Serialize};

use crate::problem_code::ProblemCode;

/// A problem document.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Problem {
    /// `urn:genkan:problem:` and the code.
    #[serde(rename = "type")]
    pub kind: String,
    /// What happened, in Japanese.
    pub title: String,
    /// The same in English.
    pub title_en: String,
    /// HTTP status.
    pub status: u16,
    /// Closed code.
    pub code: ProblemCode,
    /// More about this case; never about a person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// Where in the document (`persons[1].health_insurance`), if somewhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
}

impl Problem {
    /// A problem with its texts.
    #[must_use]
    pub fn new(code: ProblemCode) -> Self {
        Self {
            kind: format!("urn:genkan:problem:{}", code.as_str()),
            title: code.japanese().to_owned(),
            title_en: code.english().to_owned(),
            status: code.status(),
            code,
            detail: None,
            path: None,
        }
    }

    /// With a detail that names no person.
    #[must_use]
    pub fn detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }

    /// With the place in the document.
    #[must_use]
    pub fn at(mut self, path: impl Into<String>) -> Self {
        self.path = Some(path.into());
        self
    }
}

impl From<ProblemCode> for Problem {
    fn from(code: ProblemCode) -> Self {
        Self::new(code)
    }
}
