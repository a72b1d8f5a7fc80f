//! The interchange: a document in, the reply out.

use thiserror::Error;

use crate::{Catalogue, FactError, Facts};

/// Why a document got no plan.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum GuideError {
    /// A fact was refused (HTTP 422).
    #[error(transparent)]
    Fact(#[from] FactError),
}

/// Answers an interchange document with the bytes that `POST /v1/{tenant}/guidance` and `kiosk guide` give.
///
/// # Errors
/// When the document is not JSON or a key or value in it is unknown; the error names its path.
pub fn guide(catalogue: &Catalogue, json: &str) -> Result<String, GuideError> {
    let facts = checked(catalogue, json)?;
    Ok(catalogue.plan(&facts).to_json())
}

/// As [`guide`], as long as `go_on` says so: `None` once it has said no.
///
/// # Errors
/// As [`guide`].
pub fn guide_while(
    catalogue: &Catalogue,
    json: &str,
    go_on: &dyn Fn() -> bool,
) -> Result<Option<String>, GuideError> {
    let facts = checked(catalogue, json)?;
    let plan = catalogue.plan_while(&facts, go_on);
    Ok(plan.map(|plan| plan.to_json()))
}

fn checked(catalogue: &Catalogue, json: &str) -> Result<Facts, FactError> {
    let facts = Facts::from_json(json)?;
    catalogue.check(&facts)?;
    Ok(facts)
}
