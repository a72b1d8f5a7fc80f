//! Towns with years of applications. One town's come through the service's own code, sealed, indexed and noted in its trail;
//! the other towns get copies of its rows under their own codes, with envelopes cut to [`CUT`] bytes: nobody opens those.

use cloud_api::casework::{NameKey, index};
use cloud_api::tenant::RealmKey;
use cloud_store::{NewApplication, Protection, Store};
use guidance::JAPAN;
use jiff::ToSpan as _;
use jiff::civil::{Date, Weekday};
use kiosk_api::{ApplicationId, TenantCode};
use sqlx::{AssertSqlSafe, Connection as _, PgConnection, SqliteConnection};
use tokio::task::JoinSet;

use super::visits::{Reception, Visits};
use super::{Database, today};
use crate::Done;
use crate::house::House;

/// Applications of a town on a working day. Some 2.5 million people a year move between 1,741 municipalities, which is about so
/// many for a town of average size.
const A_DAY: u16 = 6;
const KIOSKS: u16 = 2;
/// Enough that PostgreSQL keeps it beside the row, as it keeps a whole one.
const CUT: usize = 2_500;
/// Applications of more days ago are done.
const OPEN: i32 = 14;
/// Inserts that wait for an answer at once.
const AT_ONCE: usize = 32;

/// How many towns, for how long.
#[derive(Clone, Copy)]
pub(crate) struct Size {
    pub(crate) name: &'static str,
    pub(crate) towns: usize,
    pub(crate) days: i32,
}

/// What stands in a database by now.
pub(crate) struct Towns {
    pub(crate) house: House,
    pub(crate) numbers: Vec<String>,
    pub(crate) visits: Visits,
    made: u64,
    days: i32,
    /// How far each town has got, in days.
    copied: Vec<i32>,
}

impl Towns {
    pub(crate) fn new() -> Done<Self> {
        Ok(Self {
            house: House::new(1, 4),
            numbers: Vec::new(),
            visits: Visits::of_the_catalogue()?,
            made: 0,
            days: 0,
            copied: Vec::new(),
        })
    }

    /// Whole number of applications in all towns.
    pub(crate) fn applications(&self) -> usize {
        self.numbers.len() * self.house.towns.len()
    }

    /// Makes what is missing to this size.
    pub(crate) async fn grow(&mut self, database: &Database, size: Size) -> Done<()> {
        self.house.grow(size.towns);
        self.copied.resize(size.towns, 0);
        let store = Store::open(&database.url(), None).await?;
        self.first_town(&store, size.days).await?;
        store.close().await;
        let mut rows = Rows::of(database).await?;
        rows.close_old(&self.house.towns[0]).await?;
        for town in 1..size.towns {
            let span = (milliseconds(self.copied[town])?, milliseconds(size.days)?);
            rows.copy((&self.house.towns[0], &self.house.towns[town]), span)
                .await?;
            self.copied[town] = size.days;
        }
        rows.tidy().await
    }

    /// The first town's applications, from yesterday back to so many days ago.
    async fn first_town(&mut self, store: &Store, days: i32) -> Done<()> {
        let town = self.house.towns[0].clone();
        let key = NameKey::of(&RealmKey::new(self.house.private_key(&town).to_bytes()));
        let key = key.map_err(|_| "no key for names")?;
        let mut inserts = JoinSet::new();
        for day in self.days + 1..=days {
            let day = before(day)?;
            if matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday) {
                continue;
            }
            for nth in 0..A_DAY {
                let reception = Reception {
                    town: &town,
                    kiosk: nth % KIOSKS + 1,
                    day,
                    serial: nth / KIOSKS + 1,
                };
                let row = self.row(&reception, nth, &key)?;
                self.numbers.push(row.reception.clone());
                while inserts.len() >= AT_ONCE {
                    inserts.join_next().await.transpose()?.transpose()?;
                }
                let store = store.clone();
                inserts.spawn(async move { store.insert_application(row).await });
            }
        }
        while let Some(done) = inserts.join_next().await {
            done??;
        }
        self.days = days;
        Ok(())
    }

    fn row(&mut self, reception: &Reception<'_>, nth: u16, key: &NameKey) -> Done<NewApplication> {
        self.made += 1;
        let made = self.visits.application(self.made, reception)?;
        let envelope = self.house.sealed(&made);
        let at = reception.day.at(9 + i8::try_from(nth)? % 8, 30, 0, 0);
        Ok(NewApplication {
            tenant: reception.town.clone(),
            id: ApplicationId(made.id.parse()?),
            kiosk: made.kiosk.parse()?,
            reception: made.reception.clone().unwrap_or_default(),
            event: made.event.clone(),
            as_of: made.as_of.to_string(),
            forms: 1,
            card: "verified".to_owned(),
            notes: 0,
            received_at: JAPAN.to_timestamp(at)?,
            envelope,
            index: index(&made, &[], key),
            protection: Protection::Clear,
        })
    }
}

fn before(days: i32) -> Done<Date> {
    Ok(today().checked_sub(days.days())?)
}

/// The beginning of the day so many days ago.
fn milliseconds(days: i32) -> Done<i64> {
    let begin = JAPAN.to_timestamp(before(days)?.into())?;
    Ok(begin.as_millisecond())
}

/// A database past its walls, with nobody else on it.
enum Rows {
    Sqlite(SqliteConnection),
    Postgresql(PgConnection),
}

impl Rows {
    async fn of(database: &Database) -> Done<Self> {
        Ok(match database {
            Database::Sqlite(folder) => {
                let file = Database::file(folder);
                let file = file.to_str().ok_or("a path that is no text")?;
                Self::Sqlite(SqliteConnection::connect(file).await?)
            }
            Database::Postgresql(cluster) => {
                let mut rows = PgConnection::connect(&cluster.owner_url()).await?;
                sqlx::raw_sql("SET synchronous_commit = off")
                    .execute(&mut rows)
                    .await?;
                Self::Postgresql(rows)
            }
        })
    }

    async fn execute(&mut self, sql: String) -> Done<()> {
        let sql = sqlx::raw_sql(AssertSqlSafe(sql));
        match self {
            Self::Sqlite(rows) => sql.execute(rows).await.map(drop)?,
            Self::Postgresql(rows) => sql.execute(rows).await.map(drop)?,
        }
        Ok(())
    }

    /// The columns of a table but the tenant's.
    async fn columns(&mut self, table: &str) -> Done<Vec<String>> {
        let list = match self {
            Self::Sqlite(_) => {
                format!("SELECT name FROM pragma_table_info('{table}') WHERE name <> 'tenant'")
            }
            Self::Postgresql(_) => format!(
                "SELECT column_name::text FROM information_schema.columns WHERE table_schema = 'public' \
                 AND table_name = '{table}' AND column_name <> 'tenant'"
            ),
        };
        let list = AssertSqlSafe(list);
        Ok(match self {
            Self::Sqlite(rows) => sqlx::query_scalar(list).fetch_all(rows).await?,
            Self::Postgresql(rows) => sqlx::query_scalar(list).fetch_all(rows).await?,
        })
    }

    async fn close_old(&mut self, town: &TenantCode) -> Done<()> {
        let old = milliseconds(OPEN)?;
        let done = format!(
            "UPDATE applications SET state = 'done' WHERE tenant = '{town}' AND received_at < {old} AND state <> 'done'"
        );
        self.execute(done).await?;
        // What SQL has changed has no tag that fits: a trail without tags is taken for an older program's, whose rows get them
        // when the service starts.
        if matches!(self, Self::Sqlite(_)) {
            let trigger = "DROP TRIGGER IF EXISTS audit_is_not_changed";
            self.execute(trigger.to_owned()).await?;
        }
        self.execute(format!(
            "UPDATE audit SET tag = NULL WHERE tenant = '{town}'"
        ))
        .await
    }

    /// Copies one town's rows to another: from `until` days ago up to `from` days ago.
    async fn copy(
        &mut self,
        (town, to): (&TenantCode, &TenantCode),
        (until, from): (i64, i64),
    ) -> Done<()> {
        for (table, time) in [
            ("applications", "received_at"),
            ("application_people", "received_at"),
            ("audit", "at"),
        ] {
            let columns = self.columns(table).await?;
            let into = columns.join(", ");
            let values: Vec<String> = columns.iter().map(|one| cut(table, one)).collect();
            let values = values.join(", ");
            self.execute(format!(
                "INSERT INTO {table} (tenant, {into}) SELECT '{to}', {values} FROM {table} \
                 WHERE tenant = '{town}' AND {time} >= {from} AND {time} < {until}"
            ))
            .await?;
        }
        self.execute(format!(
            "INSERT INTO audit_heads (tenant, seq, hash) SELECT '{to}', seq, hash FROM audit_heads WHERE tenant = '{town}' \
             ON CONFLICT (tenant) DO UPDATE SET seq = excluded.seq, hash = excluded.hash"
        ))
        .await
    }

    /// What autovacuum does within the hour.
    async fn tidy(&mut self) -> Done<()> {
        match self {
            Self::Sqlite(_) => Ok(()),
            Self::Postgresql(_) => self.execute("VACUUM ANALYZE".to_owned()).await,
        }
    }
}

fn cut(table: &str, column: &str) -> String {
    match column {
        // Nobody looks at a copy; with any tag its rows need none.
        "tag" if table == "audit" => "hash".to_owned(),
        "envelope" => format!("substr(envelope, 1, {CUT})"),
        other => other.to_owned(),
    }
}

/// The size of a database, MiB.
pub(crate) async fn mebibytes(database: &Database) -> Done<f64> {
    let bytes = match database {
        Database::Sqlite(folder) => {
            let file = Database::file(folder);
            std::fs::metadata(file)?.len() as i64
        }
        Database::Postgresql(cluster) => {
            let mut rows = PgConnection::connect(&cluster.owner_url()).await?;
            sqlx::query_scalar("SELECT pg_database_size('genkan')")
                .fetch_one(&mut rows)
                .await?
        }
    };
    Ok(bytes as f64 / 1024.0 / 1024.0)
}
