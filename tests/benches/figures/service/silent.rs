//! What silent strangers cost a kiosk: hundreds of connections stop in the middle of their ClientHello, and a kiosk that is new on the
//! line asks for one thing.

use std::io::Write as _;
use std::net::TcpStream;

use reqwest::StatusCode;

use super::{Database, service, wait};
use crate::figure::{Figure, Times};
use crate::house::{House, Replica};
use crate::{Bench, Done};

const STRANGERS: usize = 400;
const ROUNDS: usize = 40;

pub(crate) fn measure(bench: &mut Bench) -> Done<Vec<Figure>> {
    let (house, database) = (House::new(1, 1), Database::sqlite()?);
    let replica = Replica::start(service()?, &house.settings(&database.url()));
    let mut strangers = Vec::new();
    for _ in 0..STRANGERS {
        let mut stranger = TcpStream::connect(&replica.device)?;
        stranger.write_all(&[0x16, 3, 1, 2, 0, 1])?;
        strangers.push(stranger);
    }
    let times = wait(handshakes(&house, &replica, bench.rounds(ROUNDS)))?;
    drop(strangers);
    let slowest = times.quantile(1.0);
    Ok(vec![
        Figure::new("handshake_beside_400_silent_p50", times.median(), "ms"),
        Figure::new("handshake_beside_400_silent_slowest", slowest, "ms").target(1000.0),
    ])
}

/// Each with a connection of its own.
async fn handshakes(house: &House, replica: &Replica, rounds: usize) -> Done<Times> {
    let town = &house.towns[0];
    let url = format!("https://{}/v1/{town}/nonces", replica.device);
    let mut times = Vec::new();
    for _ in 0..rounds {
        let kiosk = house.client(town, "kiosk-1");
        let start = std::time::Instant::now();
        let answer = kiosk.post(&url).send().await?;
        if answer.status() != StatusCode::CREATED {
            return Err(format!("{}", answer.status()).into());
        }
        times.push(start.elapsed().as_secs_f64() * 1000.0);
    }
    Ok(Times::new(times))
}
