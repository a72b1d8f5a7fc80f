//! Nonces: given out once, taken once.

use jiff::Timestamp;
use kiosk_api::{KioskId, NonceId, TenantCode};

use crate::query::query;
use crate::row::{FromRow, Row};
use crate::{Store, StoreError};

/// How long a nonce that is over is remembered, in milliseconds, so that a replay is named as one.
const REMEMBERED: i64 = 3_600_000;

/// What became of taking a nonce.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum TakenNonce {
    /// Taken now, by this call alone.
    Fresh(Vec<u8>),
    /// It is past its end; it counts as used now.
    Expired,
    /// It was taken before.
    Used,
    /// This kiosk was never given it.
    Unknown,
}

struct Taken {
    nonce: Vec<u8>,
    expires_at: Timestamp,
}

impl FromRow for Taken {
    const TABLE: &'static str = "nonces";

    fn from_row(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            nonce: row.get("nonce")?,
            expires_at: row.time("expires_at")?,
        })
    }
}

impl Store {
    /// Remembers a nonce that is about to be given out, and forgets old ones.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn insert_nonce(
        &self,
        tenant: &TenantCode,
        kiosk: &KioskId,
        id: NonceId,
        nonce: &[u8],
        expires_at: Timestamp,
    ) -> Result<(), StoreError> {
        let mut connection = self.write(tenant).await?;
        let old = query("DELETE FROM nonces WHERE tenant = $1 AND expires_at < $2")
            .bind(tenant)
            .bind(expires_at.as_millisecond() - REMEMBERED);
        connection.execute(old).await?;
        let insert = query(
            "INSERT INTO nonces (tenant, kiosk, id, nonce, expires_at) VALUES ($1, $2, $3, $4, $5)",
        )
        .bind(tenant)
        .bind(kiosk)
        .bind(id.to_string())
        .bind(nonce)
        .bind(expires_at);
        connection.execute(insert).await?;
        connection.commit().await
    }

    /// Takes a nonce. Two calls at once: one gets it.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn take_nonce(
        &self,
        tenant: &TenantCode,
        kiosk: &KioskId,
        id: NonceId,
        now: Timestamp,
    ) -> Result<TakenNonce, StoreError> {
        let id = id.to_string();
        let take = query(
            "UPDATE nonces SET used_at = $1 WHERE tenant = $2 AND kiosk = $3 AND id = $4 AND used_at IS NULL \
             RETURNING nonce, expires_at",
        )
        .bind(now)
        .bind(tenant)
        .bind(kiosk)
        .bind(id.as_str());
        match self.change(tenant, take).await? {
            Some(Taken { expires_at, .. }) if expires_at <= now => Ok(TakenNonce::Expired),
            Some(Taken { nonce, .. }) => Ok(TakenNonce::Fresh(nonce)),
            None => self.why_not_taken(tenant, kiosk, &id).await,
        }
    }

    /// Asks the writer's connection: a reader may not see yet what another call has just taken.
    async fn why_not_taken(
        &self,
        tenant: &TenantCode,
        kiosk: &KioskId,
        id: &str,
    ) -> Result<TakenNonce, StoreError> {
        let mut connection = self.write(tenant).await?;
        let known =
            query("SELECT count(*) FROM nonces WHERE tenant = $1 AND kiosk = $2 AND id = $3")
                .bind(tenant)
                .bind(kiosk)
                .bind(id);
        let known: i64 = connection.fetch_one(known).await?;
        connection.commit().await?;
        Ok(if known == 0 {
            TakenNonce::Unknown
        } else {
            TakenNonce::Used
        })
    }
}
