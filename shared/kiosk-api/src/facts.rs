//! Facts of a household on the wire.

use serde::{Deserialize, Serialize};

/// A guidance interchange document (`{"as_of":…,"event":…,"household":{…},"persons":[…]}`, shared/guidance) as it
/// travels. The cloud fills `as_of`, `household` and `persons`; the event is what the resident chooses at the kiosk.
/// No Debug: facts are people.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct FactsDocument(pub serde_json::Value);
