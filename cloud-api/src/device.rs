//! Which kiosk asks: from its client certificate, never from what it says.

use std::sync::Arc;

use axum::extract::{FromRequestParts, RawPathParams};
use axum::http::request::Parts;
use kiosk_api::{KioskId, ProblemCode, TenantCode};
use x509_parser::extensions::GeneralName;
use x509_parser::prelude::{FromDer, X509Certificate};

use crate::cloud::Shared;
use crate::refusal::Refusal;
use crate::tenant::Tenant;

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

/// A request from an enrolled kiosk to its own town.
pub struct Device {
    /// The town.
    pub tenant: Arc<Tenant>,
    /// The kiosk.
    pub kiosk: KioskId,
}

impl FromRequestParts<Shared> for Device {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, cloud: &Shared) -> Result<Self, Refusal> {
        let peer = parts
            .extensions
            .get::<Peer>()
            .cloned()
            .ok_or(ProblemCode::KioskUnknown)?;
        let tenant = InPath::from_request_parts(parts, cloud).await?.0;
        if tenant.code != peer.tenant {
            return Err(ProblemCode::NotFound.into());
        }
        if !tenant.kiosks.contains(&peer.kiosk) {
            return Err(ProblemCode::KioskUnknown.into());
        }
        Ok(Self {
            tenant,
            kiosk: peer.kiosk,
        })
    }
}

/// The tenant that the path names.
pub struct InPath(pub Arc<Tenant>);

impl FromRequestParts<Shared> for InPath {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, cloud: &Shared) -> Result<Self, Refusal> {
        let params = RawPathParams::from_request_parts(parts, cloud)
            .await
            .map_err(|_| ProblemCode::NotFound)?;
        let code = params
            .iter()
            .find(|(name, _)| *name == "tenant")
            .map(|(_, value)| value);
        code.and_then(|code| cloud.tenant(code))
            .map(Self)
            .ok_or_else(|| ProblemCode::NotFound.into())
    }
}
