//! The demo's TLS authority: the cloud's server certificate and the kiosks' client certificates.

use jiff::ToSpan as _;
use jiff::civil::Date;
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, SanType, date_time_ymd,
};

use kiosk_api::{KioskId, TenantCode};

use super::PkiError;
use super::time::{after, day_begins};

/// The name of a kiosk in its client certificate (subject alternative name, URI).
#[must_use]
pub fn kiosk_uri(tenant: &TenantCode, kiosk: &KioskId) -> String {
    format!("urn:genkan:kiosk:{tenant}:{kiosk}")
}

/// The authority with its key. Keys are ECDSA P-256.
pub struct TlsAuthority {
    params: CertificateParams,
    key: KeyPair,
    today: Date,
}

impl TlsAuthority {
    /// The authority as it stands on `today`, with an existing key (PEM, PKCS#8).
    ///
    /// # Errors
    /// When the key cannot be read or a date is out of range.
    pub fn new(key: &str, today: Date) -> Result<Self, PkiError> {
        let mut params = ten_years(today)?;
        params
            .distinguished_name
            .push(DnType::OrganizationName, "Genkan demo");
        params
            .distinguished_name
            .push(DnType::CommonName, "Genkan demo TLS");
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        Ok(Self {
            params,
            key: KeyPair::from_pem(key)?,
            today,
        })
    }

    /// A new key, PEM.
    ///
    /// # Errors
    /// When the generator fails.
    pub fn new_key() -> Result<String, PkiError> {
        Ok(KeyPair::generate()?.serialize_pem())
    }

    /// Its own certificate, PEM.
    ///
    /// # Errors
    /// When signing fails.
    pub fn certificate(&self) -> Result<String, PkiError> {
        Ok(self.params.self_signed(&self.key)?.pem())
    }

    /// The cloud's certificate for this machine (`localhost`, `127.0.0.1`, `::1`, and what else it is found at), PEM.
    ///
    /// # Errors
    /// When the key cannot be read or signing fails.
    pub fn server(&self, key: &str, also: Option<std::net::IpAddr>) -> Result<String, PkiError> {
        let mut params = ten_years(self.today)?;
        params
            .distinguished_name
            .push(DnType::CommonName, "localhost");
        params.subject_alt_names = vec![
            SanType::DnsName("localhost".try_into()?),
            SanType::IpAddress(std::net::Ipv4Addr::LOCALHOST.into()),
            SanType::IpAddress(std::net::Ipv6Addr::LOCALHOST.into()),
        ];
        params
            .subject_alt_names
            .extend(also.map(SanType::IpAddress));
        self.leaf(params, key, ExtendedKeyUsagePurpose::ServerAuth)
    }

    /// A kiosk's certificate, PEM.
    ///
    /// # Errors
    /// When the key cannot be read or signing fails.
    pub fn kiosk(
        &self,
        key: &str,
        tenant: &TenantCode,
        kiosk: &KioskId,
    ) -> Result<String, PkiError> {
        let mut params = ten_years(self.today)?;
        params
            .distinguished_name
            .push(DnType::OrganizationName, tenant.as_str());
        params
            .distinguished_name
            .push(DnType::CommonName, kiosk.as_str());
        params.subject_alt_names =
            vec![SanType::URI(kiosk_uri(tenant, kiosk).as_str().try_into()?)];
        self.leaf(params, key, ExtendedKeyUsagePurpose::ClientAuth)
    }

    fn leaf(
        &self,
        mut params: CertificateParams,
        key: &str,
        usage: ExtendedKeyUsagePurpose,
    ) -> Result<String, PkiError> {
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![usage];
        params.use_authority_key_identifier_extension = true;
        let issuer = Issuer::from_params(&self.params, &self.key);
        Ok(params.signed_by(&KeyPair::from_pem(key)?, &issuer)?.pem())
    }
}

/// From yesterday (clocks differ) for ten years.
fn ten_years(today: Date) -> Result<CertificateParams, PkiError> {
    let mut params = CertificateParams::default();
    let epoch = date_time_ymd(1970, 1, 1);
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.not_before = after(epoch, day_begins(today.yesterday()?)?);
    params.not_after = after(epoch, day_begins(today.checked_add(10.years())?)?);
    Ok(params)
}
