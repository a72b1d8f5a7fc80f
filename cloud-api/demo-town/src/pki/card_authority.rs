//! A test authority for user authentication (利用者証明用認証局), in generations that share one name, as JPKI's do.

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan as _};
use rcgen::{
    BasicConstraints, CertificateParams, CertificateRevocationListParams, DistinguishedName,
    DnType, DnValue, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyIdMethod, KeyPair, KeyUsagePurpose,
    RevocationReason, RevokedCertParams, SerialNumber, date_time_ymd,
};
use serde::Deserialize;

use super::extension;
use super::time::{after, day_begins, day_ends};
use super::{PkiError, rsa_pair};

const SECOND_UNIT: &str = "Genkan demo, not an authority";

/// Generations of the authority: the same name, other keys and years.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Generation {
    /// The older one, still valid.
    First,
    /// The one that issues today.
    #[default]
    Second,
    /// The same name again, but nobody trusts its key: a forger's.
    Unknown,
}

impl Generation {
    /// Every generation.
    pub const ALL: [Self; 3] = [Self::First, Self::Second, Self::Unknown];

    /// Part of file names.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::First => "first",
            Self::Second => "second",
            Self::Unknown => "unknown",
        }
    }

    /// Serial number of its own certificate.
    fn serial(self) -> u64 {
        match self {
            Self::First => 1,
            Self::Second | Self::Unknown => 0x13_2C4A,
        }
    }

    /// Years before and after the day of set-up.
    fn years(self) -> (i32, i32) {
        match self {
            Self::First => (8, 3),
            Self::Second | Self::Unknown => (3, 8),
        }
    }
}

/// What a card's certificate says.
pub struct AuthCertificate<'a> {
    /// Subject CN: an id that names nobody, with the issuing municipality's code at its end.
    pub common_name: &'a str,
    /// Serial number.
    pub serial: u64,
    /// First day.
    pub from: Date,
    /// Last day; ends 23:59:59 in Japan.
    pub until: Date,
    /// Subject's public key: the card's private key, PKCS#8 DER.
    pub key: &'a [u8],
}

/// One generation with its key.
pub struct CardAuthority {
    params: CertificateParams,
    key: KeyPair,
}

impl CardAuthority {
    /// The authority as it stands on `today`, with an existing key.
    ///
    /// # Errors
    /// When the key is not RSA PKCS#8 or a date is out of range.
    pub fn new(generation: Generation, pkcs8: &[u8], today: Date) -> Result<Self, PkiError> {
        let (before, ahead) = generation.years();
        let mut params = CertificateParams::default();
        params.distinguished_name = authority_name()?;
        params.serial_number = Some(SerialNumber::from(generation.serial()));
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let epoch = date_time_ymd(1970, 1, 1);
        params.not_before = after(epoch, day_begins(today.checked_sub(before.years())?)?);
        params.not_after = after(epoch, day_ends(today.checked_add(ahead.years())?)?);
        Ok(Self {
            params,
            key: rsa_pair(pkcs8)?,
        })
    }

    /// Its own, self-signed certificate, DER.
    ///
    /// # Errors
    /// When signing fails.
    pub fn certificate(&self) -> Result<Vec<u8>, PkiError> {
        Ok(self.params.self_signed(&self.key)?.der().to_vec())
    }

    /// Issues a card's certificate, DER, in the shape of JPKI's test cards.
    ///
    /// # Errors
    /// When the card's key is not RSA PKCS#8, a date is out of range or signing fails.
    pub fn issue(&self, wanted: &AuthCertificate<'_>) -> Result<Vec<u8>, PkiError> {
        let mut params = CertificateParams::default();
        let mut name = DistinguishedName::new();
        name.push(
            DnType::CountryName,
            DnValue::PrintableString("JP".try_into()?),
        );
        name.push(
            DnType::CommonName,
            DnValue::PrintableString(wanted.common_name.try_into()?),
        );
        params.distinguished_name = name;
        params.serial_number = Some(SerialNumber::from(wanted.serial));
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        params.use_authority_key_identifier_extension = true;
        params.custom_extensions = vec![
            extension::policies(),
            extension::distribution_point("Mihon-ken", "Genkan-cho"),
        ];
        let epoch = date_time_ymd(1970, 1, 1);
        params.not_before = after(epoch, day_begins(wanted.from)?);
        params.not_after = after(epoch, day_ends(wanted.until)?);
        let card = rsa_pair(wanted.key)?;
        Ok(params.signed_by(&card, &self.issuer())?.der().to_vec())
    }

    /// The revocation list with these serial numbers, DER; current from `now` for 35 days.
    ///
    /// # Errors
    /// When signing fails.
    pub fn revocation_list(&self, revoked: &[u64], now: Timestamp) -> Result<Vec<u8>, PkiError> {
        let epoch = date_time_ymd(1970, 1, 1);
        let revoked_certs = revoked
            .iter()
            .map(|serial| RevokedCertParams {
                serial_number: SerialNumber::from(*serial),
                revocation_time: after(epoch, now),
                reason_code: Some(RevocationReason::AffiliationChanged),
                invalidity_date: None,
            })
            .collect();
        let list = CertificateRevocationListParams {
            this_update: after(epoch, now),
            next_update: after(epoch, now.checked_add((35 * 24).hours())?),
            // Grows with time, as RFC 5280 5.2.3 wants it.
            crl_number: SerialNumber::from(u64::try_from(now.as_second()).unwrap_or(1)),
            issuing_distribution_point: None,
            revoked_certs,
            key_identifier_method: KeyIdMethod::Sha256,
        };
        Ok(list.signed_by(&self.issuer())?.der().to_vec())
    }

    fn issuer(&self) -> Issuer<'_, &KeyPair> {
        Issuer::from_params(&self.params, &self.key)
    }
}

/// C=JP, O=JPKI-DEMO, and two organisational units.
fn authority_name() -> Result<DistinguishedName, PkiError> {
    let mut name = DistinguishedName::new();
    name.push(
        DnType::CountryName,
        DnValue::PrintableString("JP".try_into()?),
    );
    name.push(DnType::OrganizationName, extension::ORGANISATION_NAME);
    name.push(DnType::OrganizationalUnitName, extension::UNIT_NAME);
    // The library keeps one value per type; the same type by its number is another one to it.
    name.push(DnType::CustomDnType(vec![2, 5, 4, 11]), SECOND_UNIT);
    Ok(name)
}
