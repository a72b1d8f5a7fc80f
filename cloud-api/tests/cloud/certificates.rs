//! The authority that a service's and its kiosks' certificates come from.

use rcgen::{
    BasicConstraints, CertificateParams, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, SanType,
};

pub(crate) struct Ca {
    params: CertificateParams,
    key: KeyPair,
}

impl Ca {
    pub(crate) fn new() -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        Self {
            params,
            key: KeyPair::generate().unwrap(),
        }
    }

    pub(crate) fn pem(&self) -> String {
        self.params.self_signed(&self.key).unwrap().pem()
    }

    /// Certificate and key of a party with these names, PEM.
    fn issue(&self, names: Vec<SanType>, purpose: ExtendedKeyUsagePurpose) -> (String, String) {
        let mut params = CertificateParams::default();
        params.subject_alt_names = names;
        params.extended_key_usages = vec![purpose];
        let key = KeyPair::generate().unwrap();
        let issuer = Issuer::from_params(&self.params, &self.key);
        (
            params.signed_by(&key, &issuer).unwrap().pem(),
            key.serialize_pem(),
        )
    }

    /// A service on loopback.
    pub(crate) fn server(&self) -> (String, String) {
        let names = vec![SanType::IpAddress(std::net::Ipv4Addr::LOCALHOST.into())];
        self.issue(names, ExtendedKeyUsagePurpose::ServerAuth)
    }

    /// A client that these URIs name.
    pub(crate) fn kiosk(&self, uris: &[&str]) -> (String, String) {
        let names = uris
            .iter()
            .map(|uri| SanType::URI((*uri).try_into().unwrap()))
            .collect();
        self.issue(names, ExtendedKeyUsagePurpose::ClientAuth)
    }
}
