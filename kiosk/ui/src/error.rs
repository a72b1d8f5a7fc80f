//! What can go wrong with a window.

/// Why the screen cannot be shown.
#[derive(Debug, thiserror::Error)]
pub enum UiError {
    /// Slint has no platform here, or the platform failed.
    #[error("screen: {0}")]
    Platform(#[from] slint::PlatformError),
    /// A platform is set on this thread already.
    #[error("screen: {0}")]
    PlatformSet(#[from] slint::platform::SetPlatformError),
    /// The picture could not be written as PNG.
    #[error("screen picture: {0}")]
    Png(#[from] png::EncodingError),
    /// The browser screen could not listen.
    #[cfg(feature = "web")]
    #[error("browser screen at {addr}: {source}")]
    Listen {
        /// Where.
        addr: std::net::SocketAddr,
        /// The system's reason.
        source: std::io::Error,
    },
    /// The browser screen is for this machine only.
    #[cfg(feature = "web")]
    #[error("browser screen at {0}: only a loopback address is allowed")]
    NotLoopback(std::net::SocketAddr),
    /// A thread could not be started.
    #[cfg(feature = "web")]
    #[error("browser screen: {0}")]
    Thread(std::io::Error),
}
