//! Which kiosk asks: from its client certificate, never from what it says.

use kiosk_api::{KioskId, TenantCode};
use x509_parser::extensions::GeneralName;
use x509_parser::prelude::{FromDer, X509Certificate};

/// Who a client certificate names; the TLS listener puts it beside every request of the connection.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Peer {
    /// The town.
    pub tenant: TenantCode,
    /// The kiosk.
    pub kiosk: KioskId,
}

/// The name in the certificate: a URI in the subject alternative name.
const URI: &str = "urn:genkan:kiosk:";

impl Peer {
    /// From a client certificate whose chain was checked: SAN URI `urn:genkan:kiosk:TENANT:KIOSK`.
    #[must_use]
    pub fn from_certificate(der: &[u8]) -> Option<Self> {
        let (_, certificate) = X509Certificate::from_der(der).ok()?;
        let names = certificate.subject_alternative_name().ok()??;
        let mut peers = names
            .value
            .general_names
            .iter()
            .filter_map(|name| match name {
                GeneralName::URI(uri) => Self::from_uri(uri),
                _ => None,
            });
        let peer = peers.next()?;
        // Two names would let one certificate choose who it is.
        peers.next().is_none().then_some(peer)
    }

    fn from_uri(uri: &str) -> Option<Self> {
        let (tenant, kiosk) = uri.strip_prefix(URI)?.split_once(':')?;
        Some(Self {
            tenant: tenant.parse().ok()?,
            kiosk: kiosk.parse().ok()?,
        })
    }
}
