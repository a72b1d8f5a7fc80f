//! What a clerk waits for, at three sizes, on both databases: the inbox and its searches as a browser asks for them, by
//! HTTP, with session, note in the trail and page. Beside it what else grows: memory, disk, and how fast applications come in.

use std::time::Instant;

use super::accepting::{Load, rate};
use super::towns::{Size, Towns, mebibytes};
use super::{Database, service, wait};
use crate::chromium;
use crate::clerk::Clerk;
use crate::figure::{Figure, Times};
use crate::house::Replica;
use crate::{Bench, Done};

const SIZES: [Size; 3] = [
    Size {
        name: "10x1",
        towns: 10,
        days: 365,
    },
    Size {
        name: "30x2",
        towns: 30,
        days: 730,
    },
    Size {
        name: "100x3",
        towns: 100,
        days: 1_095,
    },
];
const SMOKE: [Size; 1] = [Size {
    name: "smoke",
    towns: 2,
    days: 5,
}];
const ROUNDS: usize = 15;
/// At most this long for one look in twenty.
const TARGET_MS: f64 = 150.0;

/// Whole names, parts, other kanji and kana for the same, and one that only begins like others.
const NAMES: [&str; 8] = [
    "佐藤",
    "さいとう",
    "斎藤",
    "渡辺　花子",
    "ワタナベ ハナコ",
    "タナ",
    "めぐみ",
    "さとうはなこ",
];
/// One that all applications name, one that few do, and one that none does.
const COUNTERS: [&str; 3] = ["resident_record", "childcare", "tax"];

pub(crate) fn sqlite(bench: &mut Bench) -> Done<Vec<Figure>> {
    wait(grown(bench, &Database::sqlite()?))
}

pub(crate) fn postgresql(bench: &mut Bench) -> Done<Vec<Figure>> {
    wait(grown(bench, &Database::postgresql()?))
}

async fn grown(bench: &Bench, database: &Database) -> Done<Vec<Figure>> {
    let (mut towns, mut figures) = (Towns::new()?, Vec::new());
    let sizes = if bench.smoke { &SMOKE[..] } else { &SIZES };
    let mut clerk = None;
    for size in sizes {
        towns.grow(database, *size).await?;
        let settings = towns.house.settings(&database.url());
        let new = match clerk {
            None => Some(Clerk::added(&settings, &towns.house.towns[0]).await),
            Some(_) => None,
        };
        let replica = Replica::start(service()?, &settings);
        // Once: a session outlives its replica, and a code is good for one log-in only.
        if let Some(mut new) = new {
            new.log_in(&replica.office).await;
            clerk = Some(new);
        }
        let clerk = clerk.as_ref().ok_or("nobody is logged in")?;
        let named = |what: &str, value, unit| {
            Figure::new(
                format!("{}_{}_{what}", database.name(), size.name),
                value,
                unit,
            )
        };
        let before = processor(&replica)?;
        let looks = looks(bench, clerk, &replica, &towns).await?;
        let spent = processor(&replica)? - before;
        if !bench.smoke {
            let all: usize = looks.iter().map(|(_, times)| times.count()).sum();
            figures.push(named("look_processor", spent / all as f64, "ms"));
        }
        for (what, times) in looks {
            figures
                .push(named(&format!("{what}_p95"), times.quantile(0.95), "ms").target(TARGET_MS));
        }
        let load = Load::of(&towns.house, &towns.visits, (bench.rounds(400), 8))?;
        figures.push(named(
            "accepted_rate",
            rate(&towns.house, load, &replica).await?,
            "1/s",
        ));
        let (_, rss) = chromium::memory(replica.child.id())?;
        figures.push(named("memory_rss", rss, "MiB"));
        figures.push(named("disk", mebibytes(database).await?, "MiB"));
        figures.push(named("applications", towns.applications() as f64, "1"));
    }
    Ok(figures)
}

/// Every kind of look, each several times.
async fn looks(
    bench: &Bench,
    clerk: &Clerk,
    replica: &Replica,
    towns: &Towns,
) -> Done<Vec<(&'static str, Times)>> {
    let office = &replica.office;
    let csrf = clerk.csrf(office).await;
    let find = async |typed: &str, status: u16| -> Done<f64> {
        let start = Instant::now();
        let answer = clerk
            .post(office, "/find", &[("csrf", &csrf), ("q", typed)])
            .await;
        if answer.status() != status {
            return Err(format!("a search was answered {}", answer.status()).into());
        }
        let page = answer.text().await?;
        // A smoke's few days may lack a name.
        if !bench.smoke && page.contains("見つかりません") {
            return Err(format!("{typed:?} was not found").into());
        }
        Ok(start.elapsed().as_secs_f64() * 1000.0)
    };
    let list = async |query: &str| {
        let start = Instant::now();
        clerk.look(office, query).await;
        start.elapsed().as_secs_f64() * 1000.0
    };
    let (mut names, mut numbers, mut dues, mut counters, mut all) =
        (vec![], vec![], vec![], vec![], vec![]);
    for round in 0..bench.rounds(ROUNDS) {
        for name in NAMES {
            names.push(find(name, 200).await?);
        }
        let number = &towns.numbers[round * 7919 % towns.numbers.len()];
        numbers.push(find(number, 303).await?);
        for due in ["?due=near", "?due=over", "?due=over&state=received"] {
            dues.push(list(due).await);
        }
        for counter in COUNTERS {
            counters.push(list(&format!("?counter={counter}")).await);
            counters.push(list(&format!("?counter={counter}&state=received")).await);
        }
        all.push(list("").await);
    }
    let kinds = [
        ("name", names),
        ("number", numbers),
        ("due", dues),
        ("counter", counters),
        ("inbox", all),
    ];
    Ok(kinds.map(|(what, times)| (what, Times::new(times))).into())
}

/// Processor time that the service has taken, ms. On a machine that does other work, too, this says more than the clock.
fn processor(replica: &Replica) -> Done<f64> {
    /// `USER_HZ` of Linux, a tick is 10 ms.
    const TICK_MS: f64 = 10.0;
    let stat = std::fs::read_to_string(format!("/proc/{}/stat", replica.child.id()))?;
    // proc(5): utime and stime are the 14th and 15th field; the second, in brackets, may hold spaces.
    let after = stat.rsplit_once(')').map_or("", |(_, after)| after);
    let ticks = after.split_whitespace().skip(11).take(2);
    let ticks: u64 = ticks.map(str::parse::<u64>).sum::<Result<_, _>>()?;
    Ok(ticks as f64 * TICK_MS)
}
