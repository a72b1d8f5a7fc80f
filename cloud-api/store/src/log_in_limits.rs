//! How fast guesses are let in: each bucket is full at some time, each try moves that time on, and a try that would move it
//! too far ahead is not let in (the generic cell rate algorithm). One statement decides, so tries at once count as tries one
//! after the other, on every replica.

use jiff::{SignedDuration, Timestamp};

use crate::query::query;
use crate::{Realm, Store, StoreError};

/// A bucket of tries.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LogInLimit {
    /// What it is for, as a hash.
    pub bucket: Vec<u8>,
    /// Most tries at once, after a rest.
    pub most: i32,
    /// A further one comes back after so long.
    pub every: SignedDuration,
}

impl LogInLimit {
    fn every(&self) -> i64 {
        i64::try_from(self.every.as_millis()).unwrap_or(i64::MAX)
    }
}

impl Store {
    /// Takes a try of each bucket before it is made; `false`, and none is taken, if one of them has none left.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn take_try(
        &self,
        realm: &Realm,
        limits: &[LogInLimit],
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let mut connection = self.write(realm).await?;
        let now = now.as_millisecond();
        for limit in limits {
            let every = limit.every();
            let take = query(
                "INSERT INTO log_in_limits (tenant, bucket, full_at) VALUES ($1, $2, $3) \
                 ON CONFLICT (tenant, bucket) DO UPDATE SET full_at = \
                 CASE WHEN log_in_limits.full_at > $4 THEN log_in_limits.full_at + $5 ELSE $3 END \
                 WHERE log_in_limits.full_at <= $6",
            )
            .bind(realm)
            .bind(limit.bucket.as_slice())
            .bind(now + every)
            .bind(now)
            .bind(every)
            .bind(now + every * (i64::from(limit.most) - 1));
            if connection.execute(take).await? == 0 {
                return Ok(false);
            }
        }
        connection.commit().await?;
        Ok(true)
    }

    /// Gives a try back that was none: it held.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn give_try_back(
        &self,
        realm: &Realm,
        limits: &[LogInLimit],
    ) -> Result<(), StoreError> {
        let mut connection = self.write(realm).await?;
        for limit in limits {
            let back = query(
                "UPDATE log_in_limits SET full_at = full_at - $1 WHERE tenant = $2 AND bucket = $3",
            )
            .bind(limit.every())
            .bind(realm)
            .bind(limit.bucket.as_slice());
            connection.execute(back).await?;
        }
        connection.commit().await
    }

    /// Forgets buckets that are full again.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn forget_full_limits(
        &self,
        realm: &Realm,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let full = query("DELETE FROM log_in_limits WHERE tenant = $1 AND full_at <= $2")
            .bind(realm)
            .bind(now);
        self.execute(realm, full).await.map(drop)
    }
}
