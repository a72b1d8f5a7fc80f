//! A resident as the imported register keeps one, and what finds them: keyed hashes in columns, the rest sealed.
//!
//! Both keys come from the town's sealing key (HKDF, RFC 5869), so that a copy of the database alone names nobody.

use aws_lc_rs::aead::{AES_256_GCM, Aad, Nonce, RandomizedNonceKey};
use aws_lc_rs::{hkdf, hmac};
use cloud_store::{Digest, RegisterRow, RowDigests};
use jiff::civil::Date;
use kiosk_api::{FourItems, TenantCode, TenantPrivateKey};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use zeroize::Zeroizing;

use super::CoreError;
use super::matching::{normal, sex};
use super::record::{Address, HouseholdStatus, PersonRecord};

/// One resident with what the household's rows repeat.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Registered {
    /// 世帯番号
    pub household: String,
    /// Whether it lives at its address already.
    #[serde(default, alias = "standing")]
    pub status: HouseholdStatus,
    /// Its address.
    pub address: Address,
    /// Its facts by their long names.
    #[serde(default)]
    pub household_facts: Map<String, Value>,
    /// The resident.
    pub person: PersonRecord,
}

/// Seals and finds rows of one town's register.
pub struct RegisterKeys {
    /// Names the town's key that they come from.
    pub key_id: String,
    seal: RandomizedNonceKey,
    find: hmac::Key,
}

const NONCE: usize = 12;

impl RegisterKeys {
    /// The keys of a town.
    ///
    /// # Errors
    /// A message when the cryptography refuses, which it has no reason to.
    pub fn derive(
        tenant: &TenantCode,
        key: &TenantPrivateKey,
        key_id: &str,
    ) -> Result<Self, CoreError> {
        let refused = |_| CoreError::WrongAnswer("no keys for the register".to_owned());
        let root = hkdf::Salt::new(hkdf::HKDF_SHA256, b"genkan imported register 1")
            .extract(&key.to_bytes());
        let mut seal = Zeroizing::new([0; 32]);
        let info = [b"seal ".as_slice(), tenant.as_str().as_bytes()];
        root.expand(&info, &AES_256_GCM)
            .and_then(|key| key.fill(&mut *seal))
            .map_err(refused)?;
        let info = [b"find ".as_slice(), tenant.as_str().as_bytes()];
        let find = root.expand(&info, hmac::HMAC_SHA256).map_err(refused)?;
        Ok(Self {
            key_id: key_id.to_owned(),
            seal: RandomizedNonceKey::new(&AES_256_GCM, &*seal).map_err(refused)?,
            find: find.into(),
        })
    }

    fn digest(&self, what: &str, parts: &[&str]) -> Digest {
        let mut mac = hmac::Context::with_key(&self.find);
        for part in std::iter::once(&what).chain(parts) {
            mac.update(part.as_bytes());
            mac.update(&[0]);
        }
        let mut digest = [0; 32];
        digest.copy_from_slice(mac.sign().as_ref());
        digest
    }

    /// Of a 宛名番号.
    #[must_use]
    pub fn resident(&self, number: &str) -> Digest {
        self.digest("resident", &[number])
    }

    /// Of a 世帯番号.
    #[must_use]
    pub fn household(&self, number: &str) -> Digest {
        self.digest("household", &[number])
    }

    /// Of a name; equal where the spellings are the same after normalisation.
    #[must_use]
    pub fn name(&self, name: &str) -> Digest {
        self.digest("name", &[&normal(name)])
    }

    /// Of four items as a card gives them; equal where [`same_person`](super::same_person) holds.
    #[must_use]
    pub fn items(&self, items: &FourItems) -> Digest {
        let (name, address) = (normal(&items.name), normal(&items.address));
        self.four(
            &name,
            Some(items.birth_date),
            &items.sex.to_string(),
            &address,
        )
    }

    fn four(&self, name: &str, birth_date: Option<Date>, digit: &str, address: &str) -> Digest {
        let birth = birth_date.map(|day| day.to_string()).unwrap_or_default();
        let sex = sex(digit).to_string();
        self.digest("items", &[name, &birth, &sex, address])
    }

    /// Of what the household's rows must agree on.
    #[must_use]
    pub fn shared(&self, row: &Registered) -> Digest {
        let shared = (&row.status, &row.address, &row.household_facts);
        let text = Zeroizing::new(serde_json::to_string(&shared).unwrap_or_default());
        self.digest("shared", &[&text])
    }

    /// What a row is found by.
    #[must_use]
    pub fn digests(&self, row: &Registered) -> RowDigests {
        let person = &row.person;
        let building = row.address.building.as_deref().unwrap_or_default();
        let by = |address: &str| {
            let (name, address) = (normal(&person.name), normal(address));
            self.four(&name, person.birth_date, &person.sex, &address)
        };
        RowDigests {
            resident: self.resident(&person.resident),
            household: self.household(&row.household),
            by_address: by(&row.address.text),
            by_building: by(&format!("{}{building}", row.address.text)),
            by_name: self.name(&person.name),
        }
    }

    /// Seals a row to its resident's digest.
    ///
    /// # Errors
    /// When the cryptography refuses.
    pub fn seal(&self, row: &Registered) -> Result<Vec<u8>, CoreError> {
        let refused = || CoreError::WrongAnswer("a row cannot be sealed".to_owned());
        let plain = Zeroizing::new(serde_json::to_vec(row).map_err(|_| refused())?);
        let mut text = Vec::with_capacity(plain.len() + NONCE + 16);
        text.extend_from_slice(&plain);
        let resident = self.resident(&row.person.resident);
        let nonce = self
            .seal
            .seal_in_place_append_tag(Aad::from(resident), &mut text)
            .map_err(|_| refused())?;
        text.extend_from_slice(nonce.as_ref());
        Ok(text)
    }

    /// Opens a row as it stands in the register, whose columns must be those of what is sealed in it: a row that is found by
    /// another's name, address or household is not theirs.
    ///
    /// # Errors
    /// As [`open`](Self::open), and a row whose columns were changed.
    pub fn open_row(&self, row: &RegisterRow) -> Result<Registered, CoreError> {
        let opened = self.open(&row.resident, &row.sealed)?;
        let own = self.digests(&opened);
        let own = [own.household, own.by_address, own.by_building, own.by_name];
        let fits = |(column, own): (&Option<Vec<u8>>, &Digest)| {
            column
                .as_ref()
                .is_none_or(|column| column.as_slice() == own.as_slice())
        };
        if row.found_by.iter().zip(&own).all(fits) {
            return Ok(opened);
        }
        let reason = "a row of the register was changed in the database; import it again";
        Err(CoreError::WrongAnswer(reason.to_owned()))
    }

    /// Opens a row of this resident's digest.
    ///
    /// # Errors
    /// A row of another key, another resident, or one that was changed.
    pub fn open(&self, resident: &[u8], sealed: &[u8]) -> Result<Registered, CoreError> {
        let wrong = || CoreError::WrongAnswer("a row of the register cannot be opened".to_owned());
        let split = sealed.len().checked_sub(NONCE).ok_or_else(wrong)?;
        let (text, nonce) = sealed.split_at_checked(split).ok_or_else(wrong)?;
        let mut text = Zeroizing::new(text.to_vec());
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| wrong())?;
        let plain = self
            .seal
            .open_in_place(nonce, Aad::from(resident), &mut text)
            .map_err(|_| wrong())?;
        serde_json::from_slice(plain).map_err(|_| wrong())
    }
}
