//! One measured figure, and how it is printed.

use serde::Serialize;

use crate::Done;

/// One line of `make bench`. Every key is always there; what does not apply is null.
#[derive(Serialize)]
pub(crate) struct Figure {
    /// What was measured; never renamed.
    name: String,
    /// How much.
    value: f64,
    /// ms, us, MiB, APDU or 1/s.
    unit: &'static str,
    /// Whose figure stands beside it, measured in the same run.
    peer: Option<String>,
    /// That figure, in the same unit.
    peer_value: Option<f64>,
    /// `value / peer_value`. For times, memory and APDUs below 1 is better than the peer; for 1/s above 1 is.
    ratio: Option<f64>,
    /// At most this much is wanted; reported, not enforced.
    target: Option<f64>,
    /// How our code was compiled: the folder under target/ in which this program lies.
    profile: String,
}

impl Figure {
    pub(crate) fn new(name: impl Into<String>, value: f64, unit: &'static str) -> Self {
        Self {
            name: name.into(),
            value: short(value),
            unit,
            peer: None,
            peer_value: None,
            ratio: None,
            target: None,
            profile: profile(),
        }
    }

    /// Sets a peer's figure beside ours, if the peer is there.
    pub(crate) fn beside(mut self, peer: Option<(&str, f64)>) -> Self {
        if let Some((name, value)) = peer {
            self.peer = Some(name.to_owned());
            self.peer_value = Some(short(value));
            self.ratio = Some(short(self.value / value));
        }
        self
    }

    pub(crate) fn target(mut self, most: f64) -> Self {
        self.target = Some(most);
        self
    }

    /// The line; refuses a figure that measured nothing.
    pub(crate) fn line(&self) -> Done<String> {
        let numbers = [Some(self.value), self.peer_value, self.ratio];
        if numbers.iter().flatten().all(|n| n.is_finite() && *n > 0.0) {
            Ok(serde_json::to_string(self)?)
        } else {
            Err(format!("{}: {numbers:?} is no measurement", self.name).into())
        }
    }
}

/// Four digits are more than this kind of measurement knows.
fn short(value: f64) -> f64 {
    if value == 0.0 || !value.is_finite() {
        return value;
    }
    let scale = 10_f64.powf(3.0 - value.abs().log10().floor());
    (value * scale).round() / scale
}

/// How this program and those beside it were compiled.
pub(crate) fn profile() -> String {
    let folder = std::env::current_exe().ok();
    let name = folder
        .as_deref()
        .and_then(|path| path.parent()?.parent()?.file_name()?.to_str());
    // Cargo builds the profile `dev` into target/debug.
    name.map_or("unknown", |name| if name == "debug" { "dev" } else { name })
        .to_owned()
}

/// Times in milliseconds.
pub(crate) struct Times(Vec<f64>);

impl Times {
    pub(crate) fn new(mut all: Vec<f64>) -> Self {
        all.sort_by(f64::total_cmp);
        Self(all)
    }

    /// The time that `share` (0.5: half) of all stay below, nearest rank.
    pub(crate) fn quantile(&self, share: f64) -> f64 {
        let rank = (share * self.0.len() as f64).ceil() as usize;
        let at = rank.clamp(1, self.0.len().max(1)) - 1;
        self.0.get(at).copied().unwrap_or(f64::NAN)
    }

    pub(crate) fn count(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn median(&self) -> f64 {
        self.quantile(0.5)
    }
}
