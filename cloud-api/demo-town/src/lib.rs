//! The demo town (団体コード 990019): its residents, cards, keys, and the core system that a municipality's adapter would offer.
//!
//! ```sh
//! target/debug/demo-town households                       # who lives there
//! target/debug/demo-town prepare --out target/town        # keys, cards and settings for kiosk and cloud
//! ```

pub mod asset;
pub mod card;
pub mod core_system;
mod dice;
pub mod edition;
pub mod facts;
pub mod folder;
pub mod kinship;
mod life_stage;
pub mod pki;
mod population;
pub mod prepare;
pub mod resident;
mod settings;
pub mod town;

pub use settings::DemoSettings;
pub use town::Town;
