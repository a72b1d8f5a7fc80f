//! Whether the database keeps what is written now, found out by writing: to answer is not enough.

use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _};
use tokio::time::timeout;

use crate::database::{Database, LONGEST_LOCK, SqlitePools};
use crate::unwell::Unwell;
use crate::{Store, StoreError};

/// Bytes that a check writes.
const SIZE: usize = 64 * 1024;
/// Longest wait for the search for damage; a database that takes longer is searched in the background.
const SEARCH: Duration = Duration::from_millis(500);
/// A search takes at most one part of so many of the time.
const PAUSE: u32 = 20;
/// With less room on the disk, in bytes, nothing more is promised.
const ROOM: u64 = 32 * 1024 * 1024;

impl Store {
    /// As [`Store::check_health`]. Many who ask at once share one check, which began after they asked.
    ///
    /// # Errors
    /// What is wrong.
    pub async fn health(&self) -> Result<(), Unwell> {
        let asked = Instant::now();
        let mut last = self.checks.last.lock().await;
        if let Some((begun, found)) = *last
            && begun >= asked
        {
            return found;
        }
        let begun = Instant::now();
        let found = self
            .check_health()
            .await
            .map_err(|error| Unwell::of(&error));
        *last = Some((begun, found));
        found
    }

    /// Writes a row, and looks at the files, the room on the disk and the pages.
    ///
    /// # Errors
    /// What is wrong, as [`Unwell::of`] sorts it.
    pub async fn check_health(&self) -> Result<(), StoreError> {
        if let Database::Sqlite(pools) = &self.database {
            if let Some(file) = &pools.file {
                file.check()?;
                room(file.path())?;
            }
            self.search_for_damage(pools).await?;
        }
        let written = timeout(LONGEST_LOCK, self.write_health()).await;
        written.unwrap_or(Err(StoreError::Locked))
    }

    /// Writes as much as an application needs, and other bytes than last time: what is the same is not written again.
    async fn write_health(&self) -> Result<(), StoreError> {
        let letter = b'a' + self.checks.times.fetch_add(1, Ordering::Relaxed) % 26;
        let text = char::from(letter).to_string().repeat(SIZE);
        let sql =
            "INSERT INTO health (id, text) VALUES (1, $1) ON CONFLICT (id) DO UPDATE SET text = $1";
        match &self.database {
            Database::Sqlite(pools) => {
                sqlx::query(sql).bind(text).execute(&pools.health).await?;
                pools.file.as_ref().map_or(Ok(()), |file| file.check())
            }
            Database::Postgres(pool) => {
                sqlx::query(sql).bind(text).execute(pool).await?;
                Ok(())
            }
        }
    }

    /// Looks for damaged pages, or says what the last search found while one runs.
    async fn search_for_damage(&self, pools: &SqlitePools) -> Result<(), StoreError> {
        let found = || match self.checks.damaged.load(Ordering::Relaxed) {
            true => Err(StoreError::Corrupt("quick_check".to_owned())),
            false => Ok(()),
        };
        let Some(file) = &pools.file else {
            return found();
        };
        let Ok(mut next) = self.checks.next.clone().try_lock_owned() else {
            return found();
        };
        if next.is_some_and(|next| Instant::now() < next) {
            return found();
        }
        let (damaged, options) = (self.checks.damaged.clone(), search_options(file.path()));
        let search = tokio::spawn(async move {
            let begun = Instant::now();
            match search(options).await {
                Ok(()) => damaged.store(false, Ordering::Relaxed),
                Err(StoreError::Corrupt(_)) => damaged.store(true, Ordering::Relaxed),
                // Locked or away: the write says so.
                Err(_) => {}
            }
            *next = Some(Instant::now() + begun.elapsed() * PAUSE);
        });
        // It goes on in the background when it takes longer.
        let _ended = timeout(SEARCH, search).await;
        found()
    }
}

/// A connection of its own, so that pages come from the file and not from a connection's memory.
fn search_options(path: &std::path::Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .read_only(true)
        .busy_timeout(LONGEST_LOCK)
}

async fn search(options: SqliteConnectOptions) -> Result<(), StoreError> {
    let mut connection = options.connect().await?;
    let check = sqlx::query_scalar(AssertSqlSafe("PRAGMA quick_check(1)"));
    let answer: Result<String, _> = check.fetch_one(&mut connection).await;
    let closed = connection.close().await;
    let answer = answer?;
    closed?;
    match answer.as_str() {
        "ok" => Ok(()),
        damage => Err(StoreError::Corrupt(damage.to_owned())),
    }
}

/// Room for more than what is being written now.
fn room(path: &std::path::Path) -> Result<(), StoreError> {
    let folder = path.parent().filter(|folder| folder.as_os_str() != "");
    let disk = rustix::fs::statvfs(folder.unwrap_or(std::path::Path::new(".")));
    match disk {
        Ok(disk) if disk.f_bavail.saturating_mul(disk.f_frsize) < ROOM => Err(StoreError::Full),
        // What cannot be asked is found out by writing.
        _ => Ok(()),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::Realm;
    use crate::query::query;

    /// A check writes beside the service's own writer: neither may make the other fail.
    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn checks_and_what_reads_before_it_writes_do_not_disturb_each_other() {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", folder.path().join("a.sqlite").display());
        let store = Store::open(&url, None).await.unwrap();
        let realm: Realm = "990019".parse().unwrap();
        let checking = tokio::spawn({
            let store = store.clone();
            async move {
                for _ in 0..40 {
                    store.check_health().await.unwrap();
                }
            }
        });
        while !checking.is_finished() {
            let mut connection = store.write(&realm).await.unwrap();
            let read = query("SELECT count(*) FROM log_in_limits");
            let count: i64 = connection.fetch_one(read).await.unwrap();
            let bucket = count.to_be_bytes();
            let insert =
                query("INSERT INTO log_in_limits (tenant, bucket, full_at) VALUES ($1, $2, 0)")
                    .bind(&realm)
                    .bind(bucket.as_slice());
            connection.execute(insert).await.unwrap();
            connection.commit().await.unwrap();
        }
        checking.await.unwrap();
    }

    #[test]
    fn a_disk_without_room_is_full() {
        // The file system of processes has no room at all, for anybody.
        assert!(matches!(
            room(Path::new("/proc/version")),
            Err(StoreError::Full)
        ));
    }
}
