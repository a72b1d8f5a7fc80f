//! Two hundred people log in at once: how long `/healthz` takes meanwhile, and how much memory the service takes more. Every
//! password is tried, since no two are of one name; whoever finds the line full is sent away and counts as answered.

use std::path::PathBuf;
use std::time::Instant;

use reqwest::Client;
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::{Database, service, wait};
use crate::figure::{Figure, Times};
use crate::house::{House, Replica};
use crate::{Bench, Done};

const AT_ONCE: usize = 200;
/// Bursts, one after the other: memory that is not given back would add up.
const BURSTS: usize = 3;

pub(crate) fn measure(bench: &mut Bench) -> Done<Vec<Figure>> {
    let (house, database) = (House::new(1, 1), Database::sqlite()?);
    let replica = Replica::start(service()?, &house.settings(&database.url()));
    let status = PathBuf::from(format!("/proc/{}/status", replica.child.id()));
    let before = mebibytes(&status, "VmRSS")?;
    let bursts = bench.rounds(BURSTS);
    let (health, whole) = wait(bursts_of_log_ins(&house, &replica, bursts))?;
    let more = (mebibytes(&status, "VmHWM")? - before).max(0.001);
    Ok(vec![
        Figure::new("log_in_burst_healthz", health.quantile(1.0), "ms").target(200.0),
        Figure::new("log_in_burst_memory", more, "MiB").target(300.0),
        Figure::new("log_in_burst_total", whole.median(), "ms"),
    ])
}

/// Each answer time of `/healthz` meanwhile, and how long each burst took.
async fn bursts_of_log_ins(
    house: &House,
    replica: &Replica,
    bursts: usize,
) -> Done<(Times, Times)> {
    let client = Client::builder().no_proxy().build()?;
    let health = format!("http://{}/healthz", replica.office);
    let place = format!(
        "http://{}/console/{}/log-in",
        replica.office, house.towns[0]
    );
    let (end, mut ended) = watch::channel(false);
    let (asker, asked) = (client.clone(), health);
    let watching = tokio::spawn(async move {
        let mut times = Vec::new();
        while !*ended.borrow_and_update() {
            let begun = Instant::now();
            let status = asker.get(&asked).send().await?.status().as_u16();
            times.push((status, begun.elapsed().as_secs_f64() * 1000.0));
        }
        Ok::<_, reqwest::Error>(times)
    });
    let mut whole = Vec::new();
    for burst in 0..bursts {
        let begun = Instant::now();
        log_ins(&client, &place, burst).await?;
        whole.push(begun.elapsed().as_secs_f64() * 1000.0);
    }
    end.send_replace(true);
    let times = watching.await??;
    if let Some((status, _)) = times.iter().find(|(status, _)| *status != 200) {
        return Err(format!("/healthz answered {status}").into());
    }
    let times = times.into_iter().map(|(_, time)| time);
    Ok((Times::new(times.collect()), Times::new(whole)))
}

async fn log_ins(client: &Client, place: &str, burst: usize) -> Done<()> {
    let mut all = JoinSet::new();
    for n in 0..AT_ONCE {
        let form = format!("login=name-{burst}-{n}&password=not%20the%20one%20at%20all");
        let request = client
            .post(place)
            .header("content-type", "application/x-www-form-urlencoded")
            .body(form);
        all.spawn(async move { Ok::<_, reqwest::Error>(request.send().await?.status().as_u16()) });
    }
    while let Some(answer) = all.join_next().await {
        match answer?? {
            401 | 503 => {}
            other => return Err(format!("a log-in was answered {other}").into()),
        }
    }
    Ok(())
}

/// A line of the kernel's account of a process, which is in KiB.
fn mebibytes(status: &PathBuf, key: &str) -> Done<f64> {
    let text = std::fs::read_to_string(status)?;
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix(key)?.strip_prefix(':'));
    let number = line.and_then(|rest| rest.split_whitespace().next());
    let kibibytes: f64 = number.ok_or("no such line")?.parse()?;
    Ok(kibibytes / 1024.0)
}
