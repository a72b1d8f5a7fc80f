//! Nonces: given out once, taken once.

use jiff::Timestamp;
use kiosk_api::{KioskId, NonceId, TenantCode};

use super::{Store, StoreError, timestamp, writing};

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
        let (id, end) = (id.to_string(), expires_at.as_millisecond());
        writing!(self, tenant, on => {
            sqlx::query("DELETE FROM nonces WHERE tenant = $1 AND expires_at < $2")
                .bind(tenant.as_str())
                .bind(end - REMEMBERED)
                .execute(&mut *on)
                .await?;
            sqlx::query("INSERT INTO nonces (tenant, kiosk, id, nonce, expires_at) VALUES ($1, $2, $3, $4, $5)")
                .bind(tenant.as_str())
                .bind(kiosk.as_str())
                .bind(id.as_str())
                .bind(nonce)
                .bind(end)
                .execute(&mut *on)
                .await?;
        });
        Ok(())
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
        let taken: Option<(Vec<u8>, i64)> = writing!(self, tenant, on => sqlx::query_as(
            "UPDATE nonces SET used_at = $1 WHERE tenant = $2 AND kiosk = $3 AND id = $4 AND used_at IS NULL \
             RETURNING nonce, expires_at",
        )
        .bind(now.as_millisecond())
        .bind(tenant.as_str())
        .bind(kiosk.as_str())
        .bind(id.as_str())
        .fetch_optional(&mut *on)
        .await?);
        match taken {
            Some((_, end)) if timestamp("nonces", end)? <= now => Ok(TakenNonce::Expired),
            Some((nonce, _)) => Ok(TakenNonce::Fresh(nonce)),
            None => self.why_not_taken(tenant, kiosk, &id).await,
        }
    }

    async fn why_not_taken(
        &self,
        tenant: &TenantCode,
        kiosk: &KioskId,
        id: &str,
    ) -> Result<TakenNonce, StoreError> {
        let (known,): (i64,) = writing!(self, tenant, on => sqlx::query_as(
            "SELECT count(*) FROM nonces WHERE tenant = $1 AND kiosk = $2 AND id = $3",
        )
        .bind(tenant.as_str())
        .bind(kiosk.as_str())
        .bind(id)
        .fetch_one(&mut *on)
        .await?);
        Ok(if known == 0 {
            TakenNonce::Unknown
        } else {
            TakenNonce::Used
        })
    }
}
