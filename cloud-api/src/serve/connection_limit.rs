//! How many connections a listener holds, in all and from one address, and which of them makes room for a new one.
//!
//! A full listener does not refuse whoever comes next: the connection that has waited longest for its client is closed
//! instead. Somebody who is silent therefore keeps nobody out, however many connections he opens.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;
use tokio::time::Instant;

use crate::client_address::{Network, Proxies, network_of};

/// What a connection is waiting for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Phase {
    /// The client's handshake.
    Opening,
    /// The first byte of a request.
    Idle,
    /// The rest of a request's head.
    Head,
    /// The rest of a request's body.
    Body,
    /// This service: it has the whole request.
    Working,
}

struct State {
    phase: Phase,
    since: Instant,
    /// Whether the client has shown who it is.
    known: bool,
}

/// One open connection.
pub(super) struct OpenConnection {
    network: Option<Network>,
    state: Mutex<State>,
    leave: Notify,
}

impl OpenConnection {
    fn new(network: Option<Network>) -> Self {
        let state = State {
            phase: Phase::Opening,
            since: Instant::now(),
            known: false,
        };
        Self {
            network,
            state: Mutex::new(state),
            leave: Notify::new(),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The client has shown who it is: those who have not make room first.
    pub(super) fn identify(&self) {
        self.state().known = true;
    }

    /// Begins a phase.
    pub(super) fn begin(&self, phase: Phase) {
        let mut state = self.state();
        (state.phase, state.since) = (phase, Instant::now());
    }

    /// The phase and when it began.
    pub(super) fn phase(&self) -> (Phase, Instant) {
        let state = self.state();
        (state.phase, state.since)
    }

    /// Until the connection has to make room.
    pub(super) async fn evicted(&self) {
        self.leave.notified().await;
    }

    /// Smaller makes room sooner; `None`: not while the service works for it.
    fn order(&self) -> Option<(bool, Instant)> {
        let state = self.state();
        (state.phase != Phase::Working).then_some((state.known, state.since))
    }
}

#[derive(Default)]
struct OpenConnections {
    next: u64,
    open: BTreeMap<u64, Arc<OpenConnection>>,
    of_network: BTreeMap<Network, usize>,
}

impl OpenConnections {
    fn count(&self, network: &Network) -> usize {
        self.of_network.get(network).copied().unwrap_or_default()
    }

    fn insert(&mut self, connection: Arc<OpenConnection>) -> u64 {
        let number = self.next;
        self.next += 1;
        if let Some(network) = connection.network {
            *self.of_network.entry(network).or_default() += 1;
        }
        self.open.insert(number, connection);
        number
    }

    fn remove(&mut self, number: u64) -> Option<Arc<OpenConnection>> {
        let connection = self.open.remove(&number)?;
        if let Some(network) = connection.network {
            let count = self.of_network.entry(network).or_default();
            *count = count.saturating_sub(1);
            if *count == 0 {
                self.of_network.remove(&network);
            }
        }
        Some(connection)
    }

    /// Closes the connection that has waited longest, of this network or of all.
    fn evict(&mut self, of: Option<Network>) -> bool {
        let candidates = self.open.iter();
        let longest = candidates
            .filter(|(_, connection)| of.is_none() || connection.network == of)
            .filter_map(|(number, connection)| Some((connection.order()?, *number)))
            .min();
        let evicted = longest.and_then(|(_, number)| self.remove(number));
        evicted
            .inspect(|connection| connection.leave.notify_one())
            .is_some()
    }
}

/// The bound of one listener; the other listener has its own.
pub(super) struct ConnectionLimit {
    most: usize,
    per_address: usize,
    proxies: Proxies,
    connections: Mutex<OpenConnections>,
}

impl ConnectionLimit {
    pub(super) fn new(most: usize, per_address: usize, proxies: Proxies) -> Self {
        Self {
            most,
            per_address,
            proxies,
            connections: Mutex::default(),
        }
    }

    /// Lets a connection in; `None` when the service works for all that are open.
    pub(super) fn admit(self: &Arc<Self>, peer: IpAddr) -> Option<Admitted> {
        let network = (!self.proxies.contains(peer)).then(|| network_of(peer));
        let mut connections = self.connections();
        let crowded = network.filter(|network| connections.count(network) >= self.per_address);
        let full = crowded.is_some() || connections.open.len() >= self.most;
        if full && !connections.evict(crowded) {
            return None;
        }
        let connection = Arc::new(OpenConnection::new(network));
        let number = connections.insert(connection.clone());
        Some(Admitted {
            limit: self.clone(),
            number,
            connection,
        })
    }

    fn connections(&self) -> MutexGuard<'_, OpenConnections> {
        self.connections
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// Held as long as the connection is open.
pub(super) struct Admitted {
    limit: Arc<ConnectionLimit>,
    number: u64,
    /// Its state.
    pub(super) connection: Arc<OpenConnection>,
}

impl Drop for Admitted {
    fn drop(&mut self) {
        self.limit.connections().remove(self.number);
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn limit(most: usize, per_address: usize) -> Arc<ConnectionLimit> {
        let proxies = Proxies::parse(&["10.0.0.1".to_owned()]).unwrap();
        Arc::new(ConnectionLimit::new(most, per_address, proxies))
    }

    fn evicted(admitted: &Admitted) -> bool {
        let connections = admitted.limit.connections();
        !connections.open.contains_key(&admitted.number)
    }

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn an_address_that_is_full_makes_room_itself() {
        let limit = limit(10, 2);
        let other = limit.admit(address("192.0.2.1")).unwrap();
        let first = limit.admit(address("192.0.2.9")).unwrap();
        let second = limit.admit(address("192.0.2.9")).unwrap();
        let _third = limit.admit(address("192.0.2.9")).unwrap();
        assert!(evicted(&first) && !evicted(&second) && !evicted(&other));
    }

    #[test]
    fn a_house_of_ipv6_is_one_address_and_a_mapped_address_is_the_old_one() {
        let limit = limit(10, 1);
        let first = limit.admit(address("2001:db8:1:2::1")).unwrap();
        let _same = limit.admit(address("2001:db8:1:2:ffff::9")).unwrap();
        assert!(evicted(&first));
        let old = limit.admit(address("192.0.2.9")).unwrap();
        let _mapped = limit.admit(address("::ffff:192.0.2.9")).unwrap();
        assert!(evicted(&old));
    }

    #[test]
    fn strangers_make_room_before_kiosks_and_nobody_does_while_the_service_works() {
        let limit = limit(3, 3);
        let kiosk = limit.admit(address("192.0.2.1")).unwrap();
        kiosk.connection.identify();
        kiosk.connection.begin(Phase::Idle);
        let working = limit.admit(address("192.0.2.2")).unwrap();
        working.connection.begin(Phase::Working);
        let stranger = limit.admit(address("192.0.2.3")).unwrap();
        let next = limit.admit(address("192.0.2.4")).unwrap();
        assert!(evicted(&stranger) && !evicted(&kiosk) && !evicted(&working));
        next.connection.begin(Phase::Working);
        let last = limit.admit(address("192.0.2.5")).unwrap();
        assert!(evicted(&kiosk));
        last.connection.begin(Phase::Working);
        assert!(limit.admit(address("192.0.2.6")).is_none());
        drop(working);
        assert!(limit.admit(address("192.0.2.6")).is_some());
    }

    #[test]
    fn a_proxy_is_bounded_in_all_only() {
        let limit = limit(4, 1);
        let passes: Vec<Admitted> = (0..4)
            .map(|_| limit.admit(address("10.0.0.1")).unwrap())
            .collect();
        assert!(passes.iter().all(|admitted| !evicted(admitted)));
        let _fifth = limit.admit(address("10.0.0.1")).unwrap();
        assert!(evicted(&passes[0]) && !evicted(&passes[1]));
    }
}
