//! What changes by itself: cards come and go, printers run out of paper, people arrive, the cloud goes away, time passes.

mod cards;
mod indicator;
mod online;
mod status_display;
mod stop_signal;
mod supplies;
mod ticks;
mod watcher;

pub use cards::cards;
pub use indicator::indicator;
pub use online::online;
pub use status_display::status_display;
pub use stop_signal::StopSignal;
pub use supplies::supplies;
pub use ticks::ticks;
