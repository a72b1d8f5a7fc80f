//! Makes everything that the demo needs and nobody may commit: keys, certificates, cards, tokens.
//!
//! Running it again keeps every key; what is missing is made, what follows from the register is brought up to date.
//! The package's README describes the folder.

use std::net::IpAddr;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use jiff::civil::Date;
use kiosk_api::{
    EditionKind, Entropy, EnvelopeError, IdError, KioskId, SealingKey, SignedEdition,
    SignedSealingKey, TenantCode, TenantPrivateKey,
};
use rcgen::{KeyPair, PKCS_ED25519};
use thiserror::Error;
use zeroize::Zeroizing;

use crate::card::{self, CardError, CardSecrets, Condition, DemoCard, Profile, ProfileIssuer};
use crate::edition::{self, EditionError};
use crate::folder::{Folder, FolderError, Privacy};
use crate::pki::{AuthCertificate, CardAuthority, Generation, PkiError, TlsAuthority, rsa_key};
use crate::settings::{self, DemoSettings};
pub use crate::settings::{KEY_ID, KIOSK};
use crate::town::Town;

/// Why set-up stopped. Running it again goes on where it stopped.
#[derive(Debug, Error)]
pub enum PrepareError {
    /// A file.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// A key or certificate.
    #[error(transparent)]
    Pki(#[from] PkiError),
    /// The list of cards.
    #[error(transparent)]
    Card(#[from] CardError),
    /// The tenant's key.
    #[error("tenant/sealing.key: {0}")]
    Sealing(#[from] EnvelopeError),
    /// An edition could not be signed.
    #[error(transparent)]
    Edition(#[from] EditionError),
    /// The town's code or the kiosk's name.
    #[error(transparent)]
    Id(#[from] IdError),
    /// A file that an earlier run wrote was changed by hand.
    #[error("{file}: {reason}; remove it to have it made again")]
    Changed {
        /// Which file.
        file: String,
        /// What is wrong with it.
        reason: String,
    },
    /// No randomness from the system.
    #[error("the system gives no randomness")]
    Randomness,
}

/// 証明者鍵ID of the demo's card-face authority and issuer, 16 characters as on the card.
const FACE_AUTHORITY: &str = "GENKANDEMOCA0001";
const FACE_ISSUER: &str = "GENKANDEMOIS0001";

/// What a run did.
pub struct Prepared {
    /// Files that were written, relative to the folder.
    pub written: Vec<String>,
    /// Cards in all.
    pub cards: usize,
}

/// Fills the folder.
///
/// # Errors
/// [`PrepareError`].
pub fn prepare(
    town: &Town,
    root: &Path,
    demo: &DemoSettings,
    now: Timestamp,
) -> Result<Prepared, PrepareError> {
    let today = guidance::date_in_japan(now);
    let mut folder = Folder::open(root)?;
    let cards = card::cards(town)?;
    card_authorities(&mut folder, &cards, now, today)?;
    let issuer = card_face(&mut folder)?;
    let unknown = unknown_card_face(&mut folder)?;
    for card in &cards {
        let issuer = if card.condition == Condition::UnknownIssuer {
            &unknown
        } else {
            &issuer
        };
        one_card(&mut folder, card, issuer, today)?;
    }
    transport(&mut folder, &town.sheet.code, demo.host_from_image, today)?;
    let sealing_key = tenant(&mut folder)?;
    let edition_key = edition_key(&mut folder)?;
    let tenant_code = town.sheet.code.parse()?;
    sign_sealing_key(&mut folder, &tenant_code, sealing_key, &edition_key, now)?;
    for kind in [EditionKind::Catalogue, EditionKind::Forms] {
        publish(
            &mut folder,
            kind,
            &town.sheet.code,
            &edition_key,
            &demo.assets,
            now,
        )?;
    }
    text(
        &mut folder,
        "core-system/token",
        Privacy::Private,
        random_token,
    )?;
    folder.make("data")?;
    settings::write(&mut folder, &town.sheet, demo)?;
    folder.write("cards.txt", Privacy::Public, card::table(&cards).as_bytes())?;
    Ok(Prepared {
        written: folder.made().to_vec(),
        cards: cards.len(),
    })
}

fn authority_key(
    folder: &mut Folder,
    generation: Generation,
) -> Result<Zeroizing<Vec<u8>>, PrepareError> {
    let name = format!("authority/jpki-{}.key.der", generation.word());
    folder.keep(&name, Privacy::Private, || Ok(rsa_key()?))
}

fn authority_file(generation: Generation) -> String {
    match generation {
        // Not among the anchors: nobody trusts it.
        Generation::Unknown => "authority/jpki-unknown.pem".to_owned(),
        known => format!("trust/jpki/jpki-{}.pem", known.word()),
    }
}

/// Keys and certificates of all generations; revocation lists of those that are trusted.
fn card_authorities(
    folder: &mut Folder,
    cards: &[DemoCard],
    now: Timestamp,
    today: Date,
) -> Result<(), PrepareError> {
    for generation in Generation::ALL {
        let key = authority_key(folder, generation)?;
        let authority = CardAuthority::new(generation, &key, today)?;
        folder.keep::<PrepareError>(&authority_file(generation), Privacy::Public, || {
            Ok(Zeroizing::new(
                pem("CERTIFICATE", &authority.certificate()?).into_bytes(),
            ))
        })?;
        if generation == Generation::Unknown {
            continue;
        }
        let revoked: Vec<u64> = cards
            .iter()
            .filter(|card| card.condition == Condition::Revoked && card.generation == generation)
            .map(DemoCard::certificate_serial)
            .collect();
        // A list is no key: it is signed again, so that it is current on the day of the demo.
        let list = authority.revocation_list(&revoked, now)?;
        let name = format!("trust/crl/jpki-{}.crl", generation.word());
        folder.write(&name, Privacy::Public, &list)?;
    }
    Ok(())
}

/// Who signs the four items on the card (券面事項). The authority's public key goes where the kiosk's trust folder is.
fn card_face(folder: &mut Folder) -> Result<ProfileIssuer, PrepareError> {
    let ca = face_key(folder, "card-face")?;
    let public =
        KeyPair::from_pkcs8_der_and_sign_algo(&ca.to_vec().into(), &rcgen::PKCS_RSA_SHA256)
            .map_err(PkiError::from)?
            .public_key_pem();
    folder.write(
        &format!("trust/card-face/{FACE_AUTHORITY}.pem"),
        Privacy::Public,
        public.as_bytes(),
    )?;
    let issuer = face_key(folder, "card-face-issuer")?;
    Ok(face_issuer(&issuer, &ca))
}

/// A forger's: the same key identifiers, but an authority that nobody trusts.
fn unknown_card_face(folder: &mut Folder) -> Result<ProfileIssuer, PrepareError> {
    let key = face_key(folder, "card-face-unknown")?;
    Ok(face_issuer(&key, &key))
}

fn face_key(folder: &mut Folder, name: &str) -> Result<Zeroizing<Vec<u8>>, PrepareError> {
    let name = format!("authority/{name}.key.der");
    folder.keep(&name, Privacy::Private, || Ok(rsa_key()?))
}

fn face_issuer(issuer: &[u8], ca: &[u8]) -> ProfileIssuer {
    ProfileIssuer {
        private_key: STANDARD.encode(issuer),
        key_id: FACE_ISSUER.to_owned(),
        ca_private_key: STANDARD.encode(ca),
        ca_key_id: FACE_AUTHORITY.to_owned(),
        card_private_key: String::new(),
        forgery: None,
    }
}

/// The card's profile; an earlier one lends its key and, if its authority is the same, its certificate.
fn one_card(
    folder: &mut Folder,
    card: &DemoCard,
    issuer: &ProfileIssuer,
    today: Date,
) -> Result<(), PrepareError> {
    let name = format!("cards/{}.json", card.name);
    let changed = |reason: String| PrepareError::Changed {
        file: name.clone(),
        reason,
    };
    let earlier: Option<Profile> = folder
        .read(&name)?
        .map(|bytes| serde_json::from_slice(&bytes))
        .transpose()
        .map_err(|error| changed(error.to_string()))?;
    let ca = folder
        .read(&authority_file(card.generation))?
        .and_then(|pem| from_pem(&pem))
        .ok_or_else(|| changed("its authority's certificate is no PEM".to_owned()))?;
    let ca_certificate = STANDARD.encode(&ca);
    let private_key = match &earlier {
        Some(profile) => profile.auth_private_key.clone(),
        None => STANDARD.encode(&*rsa_key()?),
    };
    let mut issuer = issuer.clone();
    let kept = earlier
        .as_ref()
        .map(|profile| profile.issuer.card_private_key.clone());
    issuer.card_private_key = match kept.filter(|key| !key.is_empty()) {
        Some(key) => key,
        None => STANDARD.encode(&*rsa_key()?),
    };
    let birth_date = card.items.birth_date.strftime("%Y%m%d").to_string();
    let lasting = earlier.as_ref().filter(|profile| {
        profile.auth_ca_certificate == ca_certificate && profile.birth_date == birth_date
    });
    let certificate = match lasting {
        Some(profile) => profile.auth_certificate.clone(),
        None => STANDARD.encode(certify(folder, card, &private_key, today)?),
    };
    let secrets = CardSecrets {
        certificate,
        ca_certificate,
        private_key,
        issuer,
    };
    let mut profile = card.profile(secrets, today)?;
    if let Some(lasting) = lasting {
        // The day of issue does not move with the day of the run.
        profile.card_expires_on.clone_from(&lasting.card_expires_on);
    }
    let json = Zeroizing::new(
        serde_json::to_vec_pretty(&profile).map_err(|error| changed(error.to_string()))?,
    );
    Ok(folder.write(&name, Privacy::Private, &json)?)
}

fn certify(
    folder: &mut Folder,
    card: &DemoCard,
    private_key: &str,
    today: Date,
) -> Result<Vec<u8>, PrepareError> {
    let key =
        Zeroizing::new(
            STANDARD
                .decode(private_key)
                .map_err(|error| PrepareError::Changed {
                    file: format!("cards/{}.json", card.name),
                    reason: format!("auth_private_key: {error}"),
                })?,
        );
    let authority = CardAuthority::new(
        card.generation,
        &authority_key(folder, card.generation)?,
        today,
    )?;
    let (from, until) = card.validity(today)?;
    Ok(authority.issue(&AuthCertificate {
        common_name: &card.common_name(),
        serial: card.certificate_serial(),
        from,
        until,
        key: &key,
    })?)
}

/// TLS between kiosk and cloud.
fn transport(
    folder: &mut Folder,
    code: &str,
    host: Option<IpAddr>,
    today: Date,
) -> Result<(), PrepareError> {
    let tenant: TenantCode = code.parse()?;
    let kiosk: KioskId = KIOSK.parse()?;
    let new_key = || Ok(TlsAuthority::new_key()?);
    let ca_key = text(folder, "authority/tls.key", Privacy::Private, new_key)?;
    let authority = TlsAuthority::new(&ca_key, today)?;
    text(folder, "tls/authority.pem", Privacy::Public, || {
        Ok(authority.certificate()?)
    })?;
    let server_key = text(folder, "tls/server.key", Privacy::Private, new_key)?;
    text(folder, "tls/server.pem", Privacy::Public, || {
        Ok(authority.server(&server_key, host)?)
    })?;
    let kiosk_key = text(
        folder,
        &format!("tls/{KIOSK}.key"),
        Privacy::Private,
        new_key,
    )?;
    text(folder, &format!("tls/{KIOSK}.pem"), Privacy::Public, || {
        Ok(authority.kiosk(&kiosk_key, &tenant, &kiosk)?)
    })?;
    Ok(())
}

/// The town hall's key, to which every application is sealed.
fn tenant(folder: &mut Folder) -> Result<SealingKey, PrepareError> {
    let kept = text(folder, "tenant/sealing.key", Privacy::Private, || {
        let key = TenantPrivateKey::derive(&Entropy::new(random()?));
        Ok(line(&STANDARD.encode(&*key.to_bytes())))
    })?;
    let bytes =
        Zeroizing::new(
            STANDARD
                .decode(kept.trim())
                .map_err(|error| PrepareError::Changed {
                    file: "tenant/sealing.key".to_owned(),
                    reason: error.to_string(),
                })?,
        );
    let public = TenantPrivateKey::from_bytes(&bytes)?.public();
    let key = SealingKey {
        key_id: KEY_ID.to_owned(),
        public_key: public.to_bytes().into(),
    };
    folder.write("tenant/sealing.json", Privacy::Public, &json_line(&key)?)?;
    Ok(key)
}

/// What kiosks take from the cloud; an earlier signature over the same key stays.
fn sign_sealing_key(
    folder: &mut Folder,
    tenant: &TenantCode,
    key: SealingKey,
    edition_key: &str,
    now: Timestamp,
) -> Result<(), PrepareError> {
    const FILE: &str = "tenant/sealing.signed.json";
    let kept = folder.read(FILE)?;
    let kept = kept.and_then(|bytes| serde_json::from_slice::<SignedSealingKey>(&bytes).ok());
    let public = KeyPair::from_pem(edition_key).map_err(PkiError::from)?;
    let keys = [(KEY_ID.to_owned(), public.public_key_raw().to_vec())];
    let is_good = |signed: &SignedSealingKey| {
        let opened = signed.open(tenant, None, &keys, edition::ed25519_is_valid);
        opened.is_ok_and(|opened| *opened == key)
    };
    let signed = match kept.filter(is_good) {
        Some(kept) => kept,
        None => edition::sign_sealing_key(tenant, key, (KEY_ID, edition_key), now)?,
    };
    Ok(folder.write(FILE, Privacy::Public, &json_line(&signed)?)?)
}

fn json_line(value: &impl serde::Serialize) -> Result<Vec<u8>, PrepareError> {
    let text = serde_json::to_string(value).map_err(|error| PrepareError::Changed {
        file: "tenant".to_owned(),
        reason: error.to_string(),
    })?;
    Ok(line(&text).into_bytes())
}

/// Signs editions of catalogue and forms.
fn edition_key(folder: &mut Folder) -> Result<Zeroizing<String>, PrepareError> {
    let name = format!("editions/{KEY_ID}.key");
    let kept = text(folder, &name, Privacy::Private, || {
        Ok(KeyPair::generate_for(&PKCS_ED25519)
            .map_err(PkiError::from)?
            .serialize_pem())
    })?;
    let pair = KeyPair::from_pem(&kept).map_err(PkiError::from)?;
    let public = line(&STANDARD.encode(pair.public_key_raw()));
    folder.write(
        &format!("trust/editions/{KEY_ID}.pub"),
        Privacy::Public,
        public.as_bytes(),
    )?;
    Ok(kept)
}

/// Signs what `assets` holds, unless the edition signed last holds the same. Without assets nothing is published.
fn publish(
    folder: &mut Folder,
    kind: EditionKind,
    code: &str,
    key: &str,
    assets: &Path,
    now: Timestamp,
) -> Result<(), PrepareError> {
    let place = format!("editions/{}", kind.as_str());
    folder.make(&place)?;
    let source = assets.join(kind.as_str());
    if !source.is_dir() {
        return Ok(());
    }
    let mut published: Vec<SignedEdition> = Vec::new();
    for name in folder.names(&place)? {
        let file = format!("{place}/{name}");
        let bytes = folder.read(&file)?.unwrap_or_default();
        let signed = serde_json::from_slice(&bytes).map_err(|error| PrepareError::Changed {
            file,
            reason: error.to_string(),
        })?;
        published.push(signed);
    }
    let files = edition::files(&source)?;
    if let Some(content) = edition::next(kind, &code.parse()?, files, &published, now) {
        let file = format!("{place}/{}.json", content.edition);
        let signed = edition::sign(content, KEY_ID, key)?;
        let json = serde_json::to_vec(&signed).map_err(|error| PrepareError::Changed {
            file: file.clone(),
            reason: error.to_string(),
        })?;
        folder.write(&file, Privacy::Public, &json)?;
    }
    Ok(())
}

/// A text file, kept if it is there.
fn text(
    folder: &mut Folder,
    name: &str,
    privacy: Privacy,
    make: impl FnOnce() -> Result<String, PrepareError>,
) -> Result<Zeroizing<String>, PrepareError> {
    let bytes =
        folder.keep::<PrepareError>(name, privacy, || Ok(Zeroizing::new(make()?.into_bytes())))?;
    match String::from_utf8(bytes.to_vec()) {
        Ok(text) => Ok(Zeroizing::new(text)),
        Err(_) => Err(PrepareError::Changed {
            file: name.to_owned(),
            reason: "not text".to_owned(),
        }),
    }
}

fn random() -> Result<[u8; 32], PrepareError> {
    let mut bytes = [0; 32];
    aws_lc_rs::rand::fill(&mut bytes).map_err(|_| PrepareError::Randomness)?;
    Ok(bytes)
}

fn random_token() -> Result<String, PrepareError> {
    let token: String = random()?.iter().map(|byte| format!("{byte:02x}")).collect();
    Ok(line(&token))
}

fn line(text: &str) -> String {
    format!("{text}\n")
}

/// RFC 7468.
fn pem(label: &str, der: &[u8]) -> String {
    let body = STANDARD.encode(der);
    let lines: Vec<&str> = body
        .as_bytes()
        .chunks(64)
        .filter_map(|chunk| std::str::from_utf8(chunk).ok())
        .collect();
    format!(
        "-----BEGIN {label}-----\n{}\n-----END {label}-----\n",
        lines.join("\n")
    )
}

fn from_pem(pem: &[u8]) -> Option<Vec<u8>> {
    let text = std::str::from_utf8(pem).ok()?;
    let body: String = text
        .lines()
        .filter(|line| !line.starts_with("-----"))
        .collect();
    STANDARD.decode(body).ok()
}
