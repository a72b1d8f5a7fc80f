//! How fast the service takes applications in, all of it: TLS, opening the envelope, index, trail, a durable commit. The peer
//! is `pgbench`, which inserts rows of the same size into the same cluster, as many at once, in turns with ours.

use std::time::Instant;

use kiosk::cloud::Cloud;
use kiosk_api::TenantCode;
use tokio::task::JoinSet;
use uuid::Uuid;

use super::visits::{Reception, Visits};
use super::{Database, line, service, today, wait};
use crate::figure::{Figure, Times};
use crate::house::{House, Replica};
use crate::postgres::Cluster;
use crate::{Bench, Done};

/// Connections at once, of ours and of the peer.
const AT_ONCE: usize = 16;
const APPLICATIONS: usize = 1_600;
const TURNS: usize = 3;
const TOWNS: usize = 8;

/// What kiosks have to send: each connection its own, one after the other.
pub(crate) struct Load(Vec<(TenantCode, String, Vec<Vec<u8>>)>);

impl Load {
    /// So many applications, spread over kiosks of so many towns.
    pub(crate) fn of(
        house: &House,
        visits: &Visits,
        (applications, towns): (usize, usize),
    ) -> Done<Self> {
        let towns = towns.min(house.towns.len());
        let mut load = Vec::new();
        for connection in 0..AT_ONCE.min(applications) {
            let town = &house.towns[connection % towns];
            let kiosk = u16::try_from(connection / towns % 4 + 1)?;
            let share = (connection..applications).step_by(AT_ONCE);
            let sealed = share.map(|n| {
                let (day, serial) = (today(), u16::try_from(n % 9_999 + 1)?);
                let reception = Reception {
                    town,
                    kiosk,
                    day,
                    serial,
                };
                Ok(house.sealed(&visits.application(n as u64, &reception)?))
            });
            load.push((
                town.clone(),
                format!("kiosk-{kiosk}"),
                sealed.collect::<Done<_>>()?,
            ));
        }
        Ok(Self(load))
    }

    fn applications(&self) -> usize {
        self.0.iter().map(|(_, _, sealed)| sealed.len()).sum()
    }

    /// Bytes of an application as it is stored.
    fn bytes(&self) -> usize {
        let all = self.0.iter().flat_map(|(_, _, sealed)| sealed);
        all.map(Vec::len).sum::<usize>() / self.applications().max(1)
    }
}

/// Applications a second, each acknowledged; one that is refused or not answered is an error.
pub(crate) async fn rate(house: &House, load: Load, replica: &Replica) -> Done<f64> {
    let applications = load.applications();
    let mut kiosks: Vec<(Cloud, Vec<Vec<u8>>)> = Vec::new();
    for (town, kiosk, sealed) in load.0 {
        let cloud = line(house, &town, &kiosk, &replica.device)?;
        // The connection stands before the clock runs, as pgbench's does.
        cloud.nonce().await?;
        kiosks.push((cloud, sealed));
    }
    let start = Instant::now();
    let mut senders = JoinSet::new();
    for (cloud, sealed) in kiosks {
        senders.spawn(async move {
            for one in sealed {
                cloud.deliver(one).await?;
            }
            Ok::<(), kiosk::cloud::CloudError>(())
        });
    }
    while let Some(sent) = senders.join_next().await {
        sent??;
    }
    Ok(applications as f64 / start.elapsed().as_secs_f64())
}

pub(crate) fn measure(bench: &mut Bench) -> Done<Vec<Figure>> {
    let (house, visits) = (House::new(TOWNS, 4), Visits::of_the_catalogue()?);
    let database = Database::postgresql()?;
    let replica = Replica::start(service()?, &house.settings(&database.url()));
    let (mut many, mut single, mut theirs) = (Vec::new(), Vec::new(), Vec::new());
    let count = if bench.smoke { AT_ONCE } else { APPLICATIONS };
    for _ in 0..bench.rounds(TURNS) {
        let load = Load::of(&house, &visits, (count, TOWNS))?;
        let bytes = load.bytes();
        many.push(wait(rate(&house, load, &replica))?);
        let load = Load::of(&house, &visits, (count, 1))?;
        single.push(wait(rate(&house, load, &replica))?);
        if let (Database::Postgresql(cluster), false) = (&database, bench.smoke) {
            theirs.push(inserted(cluster, bytes)?);
        }
    }
    let theirs = (!theirs.is_empty()).then(|| ("pgbench", Times::new(theirs).median()));
    let figure = |name, ours| Figure::new(name, Times::new(ours).median(), "1/s").beside(theirs);
    Ok(vec![
        figure("accepted_rate", many),
        figure("accepted_rate_one_town", single),
    ])
}

/// Rows a second that `pgbench` inserts into a table of the same columns.
fn inserted(cluster: &Cluster, bytes: usize) -> Done<f64> {
    const TABLE: &str = "CREATE TABLE IF NOT EXISTS peer (tenant text, id text, kiosk text, reception text, event text, as_of text, \
        forms bigint, card text, notes bigint, state text, received_at bigint, envelope bytea, PRIMARY KEY (tenant, id))";
    cluster.as_owner("psql", &["-q", "-d", "postgres", "-c", TABLE]);
    // Bytes that do not compress, as sealed ones don't; made by the client, as ours are.
    let noise: String = (0..bytes.div_ceil(16))
        .map(|_| Uuid::new_v4().simple().to_string())
        .collect();
    let script = format!(
        "INSERT INTO peer VALUES ('990019', gen_random_uuid(), 'kiosk-1', '01-260427-0015-4', 'move_in', '2026-04-27', \
         1, 'verified', 0, 'received', 1777251600000, '\\x{noise}');\n"
    );
    let file = cluster.home().join("insert.sql");
    std::fs::write(&file, script)?;
    let (clients, each) = (AT_ONCE.to_string(), (APPLICATIONS / AT_ONCE).to_string());
    let file = file.to_str().ok_or("a path that is no text")?;
    let told = cluster.as_owner(
        "pgbench",
        &[
            "-n", "-c", &clients, "-j", "2", "-t", &each, "-f", file, "postgres",
        ],
    );
    let rate = told
        .split_once("tps = ")
        .and_then(|(_, rest)| rest.split_whitespace().next());
    Ok(rate
        .ok_or_else(|| format!("pgbench said {told:?}"))?
        .parse()?)
}
