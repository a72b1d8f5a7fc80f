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
pub(super) struct Place {
    network: Option<Network>,
    state: Mutex<State>,
    leave: Notify,
}

impl Place {
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
    pub(super) fn enter(&self, phase: Phase) {
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
struct Places {
    next: u64,
    open: BTreeMap<u64, Arc<Place>>,
    of_network: BTreeMap<Network, usize>,
}

impl Places {
    fn count(&self, network: &Network) -> usize {
        self.of_network.get(network).copied().unwrap_or_default()
    }

    fn insert(&mut self, place: Arc<Place>) -> u64 {
        let number = self.next;
        self.next += 1;
        if let Some(network) = place.network {
            *self.of_network.entry(network).or_default() += 1;
        }
        self.open.insert(number, place);
        number
    }

    fn remove(&mut self, number: u64) -> Option<Arc<Place>> {
        let place = self.open.remove(&number)?;
        if let Some(network) = place.network {
            let count = self.of_network.entry(network).or_default();
            *count = count.saturating_sub(1);
            if *count == 0 {
                self.of_network.remove(&network);
            }
        }
        Some(place)
    }

    /// Closes the connection that has waited longest, of this network or of all.
    fn evict(&mut self, of: Option<Network>) -> bool {
        let candidates = self.open.iter();
        let longest = candidates
            .filter(|(_, place)| of.is_none() || place.network == of)
            .filter_map(|(number, place)| Some((place.order()?, *number)))
            .min();
        let evicted = longest.and_then(|(_, number)| self.remove(number));
        evicted.inspect(|place| place.leave.notify_one()).is_some()
    }
}

/// The bound of one listener; the other listener has its own.
pub(super) struct Gate {
    most: usize,
    per_address: usize,
    proxies: Proxies,
    places: Mutex<Places>,
}

impl Gate {
    pub(super) fn new(most: usize, per_address: usize, proxies: Proxies) -> Self {
        Self {
            most,
            per_address,
            proxies,
            places: Mutex::default(),
        }
    }

    /// Lets a connection in; `None` when the service works for all that are open.
    pub(super) fn enter(self: &Arc<Self>, peer: IpAddr) -> Option<Pass> {
        let network = (!self.proxies.contains(peer)).then(|| network_of(peer));
        let mut places = self.places();
        let crowded = network.filter(|network| places.count(network) >= self.per_address);
        let full = crowded.is_some() || places.open.len() >= self.most;
        if full && !places.evict(crowded) {
            return None;
        }
        let place = Arc::new(Place::new(network));
        let number = places.insert(place.clone());
        Some(Pass {
            gate: self.clone(),
            number,
            place,
        })
    }

    fn places(&self) -> MutexGuard<'_, Places> {
        self.places.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Held as long as the connection is open.
pub(super) struct Pass {
    gate: Arc<Gate>,
    number: u64,
    /// The connection's place.
    pub(super) place: Arc<Place>,
}

impl Drop for Pass {
    fn drop(&mut self) {
        self.gate.places().remove(self.number);
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn gate(most: usize, per_address: usize) -> Arc<Gate> {
        let proxies = Proxies::parse(&["10.0.0.1".to_owned()]).unwrap();
        Arc::new(Gate::new(most, per_address, proxies))
    }

    fn evicted(pass: &Pass) -> bool {
        let places = pass.gate.places();
        !places.open.contains_key(&pass.number)
    }

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn an_address_that_is_full_makes_room_itself() {
        let gate = gate(10, 2);
        let other = gate.enter(address("192.0.2.1")).unwrap();
        let first = gate.enter(address("192.0.2.9")).unwrap();
        let second = gate.enter(address("192.0.2.9")).unwrap();
        let _third = gate.enter(address("192.0.2.9")).unwrap();
        assert!(evicted(&first) && !evicted(&second) && !evicted(&other));
    }

    #[test]
    fn a_house_of_ipv6_is_one_address_and_a_mapped_address_is_the_old_one() {
        let gate = gate(10, 1);
        let first = gate.enter(address("2001:db8:1:2::1")).unwrap();
        let _same = gate.enter(address("2001:db8:1:2:ffff::9")).unwrap();
        assert!(evicted(&first));
        let old = gate.enter(address("192.0.2.9")).unwrap();
        let _mapped = gate.enter(address("::ffff:192.0.2.9")).unwrap();
        assert!(evicted(&old));
    }

    #[test]
    fn strangers_make_room_before_kiosks_and_nobody_does_while_the_service_works() {
        let gate = gate(3, 3);
        let kiosk = gate.enter(address("192.0.2.1")).unwrap();
        kiosk.place.identify();
        kiosk.place.enter(Phase::Idle);
        let working = gate.enter(address("192.0.2.2")).unwrap();
        working.place.enter(Phase::Working);
        let stranger = gate.enter(address("192.0.2.3")).unwrap();
        let next = gate.enter(address("192.0.2.4")).unwrap();
        assert!(evicted(&stranger) && !evicted(&kiosk) && !evicted(&working));
        next.place.enter(Phase::Working);
        let last = gate.enter(address("192.0.2.5")).unwrap();
        assert!(evicted(&kiosk));
        last.place.enter(Phase::Working);
        assert!(gate.enter(address("192.0.2.6")).is_none());
        drop(working);
        assert!(gate.enter(address("192.0.2.6")).is_some());
    }

    #[test]
    fn a_proxy_is_bounded_in_all_only() {
        let gate = gate(4, 1);
        let passes: Vec<Pass> = (0..4)
            .map(|_| gate.enter(address("10.0.0.1")).unwrap())
            .collect();
        assert!(passes.iter().all(|pass| !evicted(pass)));
        let _fifth = gate.enter(address("10.0.0.1")).unwrap();
        assert!(evicted(&passes[0]) && !evicted(&passes[1]));
    }
}
