//! The sealed envelope: an application that only the town hall's key can open (HPKE, RFC 9180, base mode).
//!
//! The kiosk seals before it stores, so that it can't read its own queue. Tenant, kiosk, application id and wire version
//! are authenticated beside the ciphertext: an envelope that is moved to another town or renamed does not open.

use ::application::{APPLICATION_VERSION, Application, ValueSet};
use hpke::aead::ChaCha20Poly1305;
use hpke::kdf::HkdfSha256;
use hpke::kem::X25519HkdfSha256;
use hpke::rand_core::{TryCryptoRng, TryRng};
use hpke::{Deserializable, Kem, OpModeR, OpModeS, Serializable};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use thiserror::Error;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::WIRE_VERSION;
use crate::bytes::Bytes;
use crate::id::{ApplicationId, KioskId, TenantCode};

/// HPKE's `info`: what this use of the key is for.
const INFO: &[u8] = b"genkan application envelope v1";

/// Why an envelope cannot be made or opened.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum EnvelopeError {
    /// Another wire version.
    #[error("the envelope has version {0}, this program reads {WIRE_VERSION}")]
    Version(u16),
    /// Not an X25519 key of 32 bytes.
    #[error("not an X25519 key")]
    Key,
    /// Sealed for another key, or changed on the way.
    #[error("the envelope does not open with this key")]
    Unsealable,
    /// Opened, but is no application of this version; the position is in the opened JSON.
    #[error("the sealed application is malformed at line {line} column {column}")]
    Content {
        /// Line in the JSON, from 1.
        line: usize,
        /// Column, from 1.
        column: usize,
    },
    /// The application says another town, kiosk or id than the envelope, or has a version that is not read.
    #[error("the sealed application's {0} differs from the envelope's")]
    Mismatch(&'static str),
}

/// HPKE suites in use.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Suite {
    /// RFC 9180: KEM 0x0020, KDF 0x0001, AEAD 0x0003.
    #[serde(rename = "x25519-hkdf-sha256-chacha20poly1305")]
    X25519ChaCha20Poly1305,
}

/// Fresh randomness for one envelope: 32 bytes from the system's generator. Used once, wiped when dropped.
#[derive(ZeroizeOnDrop)]
pub struct Entropy([u8; 32]);

impl Entropy {
    /// Takes 32 bytes that were never used before.
    #[must_use]
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
}

/// Gives out the entropy once. DHKEM(X25519) draws exactly one seed of 32 bytes per encapsulation; anything more would
/// repeat bytes, so it is noted and the envelope thrown away.
struct OneSeed {
    seed: Entropy,
    drawn: usize,
}

impl TryRng for OneSeed {
    type Error = std::convert::Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Self::Error> {
        let mut bytes = [0; 4];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u32::from_le_bytes(bytes))
    }

    fn try_next_u64(&mut self) -> Result<u64, Self::Error> {
        let mut bytes = [0; 8];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u64::from_le_bytes(bytes))
    }

    fn try_fill_bytes(&mut self, dst: &mut [u8]) -> Result<(), Self::Error> {
        for byte in dst {
            *byte = self.seed.0[self.drawn % 32];
            self.drawn += 1;
        }
        Ok(())
    }
}

impl TryCryptoRng for OneSeed {}

type Key = <X25519HkdfSha256 as Kem>::PrivateKey;

/// The town hall's public key.
#[derive(Clone)]
pub struct TenantPublicKey(<X25519HkdfSha256 as Kem>::PublicKey);

impl TenantPublicKey {
    /// From 32 bytes.
    ///
    /// # Errors
    /// [`EnvelopeError::Key`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, EnvelopeError> {
        Deserializable::from_bytes(bytes)
            .map(Self)
            .map_err(|_| EnvelopeError::Key)
    }

    /// The 32 bytes.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        self.0.to_bytes().to_vec()
    }
}

/// The town hall's private key. No Debug, no Serialize.
#[derive(Clone)]
pub struct TenantPrivateKey(Key);

impl TenantPrivateKey {
    /// From 32 bytes.
    ///
    /// # Errors
    /// [`EnvelopeError::Key`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, EnvelopeError> {
        Deserializable::from_bytes(bytes)
            .map(Self)
            .map_err(|_| EnvelopeError::Key)
    }

    /// A new key from fresh randomness (RFC 9180 §7.1.3 DeriveKeyPair).
    #[must_use]
    pub fn derive(entropy: &Entropy) -> Self {
        Self(X25519HkdfSha256::derive_keypair(&entropy.0).0)
    }

    /// The 32 bytes, for the key file.
    #[must_use]
    pub fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        Zeroizing::new(self.0.to_bytes().to_vec())
    }

    /// Its public half.
    #[must_use]
    pub fn public(&self) -> TenantPublicKey {
        TenantPublicKey(X25519HkdfSha256::sk_to_pk(&self.0))
    }
}

/// A sealed application, as it lies in the kiosk's queue and as it is sent.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SealedApplication {
    /// [`WIRE_VERSION`] of the kiosk that sealed it.
    pub version: u16,
    /// The town.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub tenant: TenantCode,
    /// The kiosk.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub kiosk: KioskId,
    /// The application; the same id twice is once.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub id: ApplicationId,
    /// Which of the town's keys.
    pub key_id: String,
    /// How it was sealed.
    pub suite: Suite,
    /// HPKE `enc`.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub encapsulated: Bytes,
    /// HPKE ciphertext with its tag.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub ciphertext: Bytes,
}

impl SealedApplication {
    /// Seals an application to the town's key.
    ///
    /// # Errors
    /// [`EnvelopeError::Mismatch`] when the application is of another town, kiosk or id; [`EnvelopeError::Key`] when the
    /// key is not usable.
    pub fn seal(
        application: &Application,
        tenant: TenantCode,
        kiosk: KioskId,
        id: ApplicationId,
        (key_id, key): (&str, &TenantPublicKey),
        entropy: Entropy,
    ) -> Result<Self, EnvelopeError> {
        same(application, &tenant, &kiosk, id)?;
        let mut plain = Zeroizing::new(Vec::new());
        serde_json::to_writer(&mut *plain, application)
            .map_err(|_| EnvelopeError::Content { line: 0, column: 0 })?;
        let aad = associated_data(&tenant, &kiosk, id, WIRE_VERSION);
        let mut rng = OneSeed {
            seed: entropy,
            drawn: 0,
        };
        let (encapsulated, ciphertext) = hpke::single_shot_seal_with_rng::<
            ChaCha20Poly1305,
            HkdfSha256,
            X25519HkdfSha256,
        >(
            &OpModeS::Base, &key.0, INFO, &plain, &aad, &mut rng
        )
        .map_err(|_| EnvelopeError::Key)?;
        if rng.drawn != 32 {
            return Err(EnvelopeError::Key);
        }
        Ok(Self {
            version: WIRE_VERSION,
            tenant,
            kiosk,
            id,
            key_id: key_id.to_owned(),
            suite: Suite::X25519ChaCha20Poly1305,
            encapsulated: Bytes(encapsulated.to_bytes().to_vec()),
            ciphertext: Bytes(ciphertext),
        })
    }

    /// Opens it with the town's private key.
    ///
    /// # Errors
    /// [`EnvelopeError`]; none of them repeats any content.
    pub fn open(&self, key: &TenantPrivateKey) -> Result<Application, EnvelopeError> {
        let opened = self.read(key)?;
        same(&opened, &self.tenant, &self.kiosk, self.id)?;
        Ok(opened)
    }

    /// Opens it for its values alone; plan and facts, which are most of it, are passed over. For lists of many.
    ///
    /// # Errors
    /// As [`Self::open`]. Town, kiosk and id are sealed with it; that the document repeats them was checked when it was received.
    pub fn open_values(&self, key: &TenantPrivateKey) -> Result<ValueSet, EnvelopeError> {
        #[derive(Deserialize)]
        struct Values {
            values: ValueSet,
        }
        Ok(self.read::<Values>(key)?.values)
    }

    fn read<T: DeserializeOwned>(&self, key: &TenantPrivateKey) -> Result<T, EnvelopeError> {
        if self.version != WIRE_VERSION {
            return Err(EnvelopeError::Version(self.version));
        }
        let encapsulated = Deserializable::from_bytes(&self.encapsulated.0)
            .map_err(|_| EnvelopeError::Unsealable)?;
        let aad = associated_data(&self.tenant, &self.kiosk, self.id, self.version);
        let mut plain = hpke::single_shot_open::<ChaCha20Poly1305, HkdfSha256, X25519HkdfSha256>(
            &OpModeR::Base,
            &key.0,
            &encapsulated,
            INFO,
            &self.ciphertext.0,
            &aad,
        )
        .map_err(|_| EnvelopeError::Unsealable)?;
        let opened = serde_json::from_slice(&plain).map_err(|e| EnvelopeError::Content {
            line: e.line(),
            column: e.column(),
        });
        plain.zeroize();
        opened
    }
}

/// `tenant ‖ kiosk ‖ id ‖ version`, each after its length, so that no two sets of parts give the same bytes.
fn associated_data(
    tenant: &TenantCode,
    kiosk: &KioskId,
    id: ApplicationId,
    version: u16,
) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(96);
    for part in [
        tenant.as_str().as_bytes(),
        kiosk.as_str().as_bytes(),
        id.0.as_bytes(),
        &version.to_be_bytes(),
    ] {
        bytes.extend_from_slice(&(part.len() as u32).to_be_bytes());
        bytes.extend_from_slice(part);
    }
    bytes
}

/// What stands inside must be what stands outside: the outside decides where it is stored.
fn same(
    application: &Application,
    tenant: &TenantCode,
    kiosk: &KioskId,
    id: ApplicationId,
) -> Result<(), EnvelopeError> {
    if application.version != APPLICATION_VERSION {
        return Err(EnvelopeError::Mismatch("version"));
    }
    if application.tenant != tenant.as_str() {
        return Err(EnvelopeError::Mismatch("tenant"));
    }
    if application.kiosk != kiosk.as_str() {
        return Err(EnvelopeError::Mismatch("kiosk"));
    }
    if application.id != id.to_string() {
        return Err(EnvelopeError::Mismatch("id"));
    }
    Ok(())
}
