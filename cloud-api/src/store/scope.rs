//! Whose rows a connection sees. On PostgreSQL row-level security is the second wall: a query that forgets its
//! `WHERE tenant = …` still meets only the rows of the realm that its transaction began for.

use std::fmt;
use std::str::FromStr;

use kiosk_api::TenantCode;
use sqlx::{AssertSqlSafe, PgPool, PgTransaction};

use super::StoreError;

/// A town, or the platform that runs the service for towns.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Realm {
    /// One municipality.
    Town(TenantCode),
    /// The platform's own people; it holds no resident's data.
    Platform,
}

const PLATFORM: &str = "platform";

impl Realm {
    /// As in the `tenant` column.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Town(code) => code.as_str(),
            Self::Platform => PLATFORM,
        }
    }
}

impl fmt::Display for Realm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Realm {
    type Err = <TenantCode as FromStr>::Err;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text == PLATFORM {
            Ok(Self::Platform)
        } else {
            text.parse().map(Self::Town)
        }
    }
}

impl From<&TenantCode> for Realm {
    fn from(code: &TenantCode) -> Self {
        Self::Town(code.clone())
    }
}

/// Whose rows, as text; implemented only by what was parsed, so that it can stand in a statement.
pub(crate) trait Scope {
    fn scope(&self) -> &str;
}

impl Scope for TenantCode {
    fn scope(&self) -> &str {
        self.as_str()
    }
}

impl Scope for Realm {
    fn scope(&self) -> &str {
        self.as_str()
    }
}

/// Begins a transaction that sees one realm's rows; one round trip.
pub(crate) async fn begin(
    pool: &PgPool,
    realm: &(impl Scope + ?Sized),
) -> Result<PgTransaction<'static>, StoreError> {
    let realm = realm.scope();
    let begin = format!("BEGIN; SET LOCAL genkan.tenant = '{realm}'");
    Ok(pool.begin_with(AssertSqlSafe(begin)).await?)
}

/// A user that may bypass row-level security is refused: the wall would only look like one.
pub(crate) async fn refuse_unwalled(pool: &PgPool) -> Result<(), StoreError> {
    let (name, bypasses): (String, bool) = sqlx::query_as(
        "SELECT rolname::text, rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user",
    )
    .fetch_one(pool)
    .await?;
    if bypasses {
        return Err(StoreError::Unwalled(name));
    }
    Ok(())
}
