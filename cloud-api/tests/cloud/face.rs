//! A test issuer of card faces (証明者), and faces as a card would give them.

use std::sync::LazyLock;

use aws_lc_rs::digest::{SHA256, digest};
use card_face::tlv;
use kiosk_api::{Bytes, FaceProof, FourItems};
use rcgen::{KeyPair, PKCS_RSA_SHA256, PublicKeyData as _, RsaKeySize, SigningKey as _};

/// Keys of this run; RSA takes its time, so all towns share them.
pub(crate) static FACES: LazyLock<TestFaces> = LazyLock::new(TestFaces::new);

pub(crate) struct TestFaces {
    authority: KeyPair,
    issuer: KeyPair,
    card: KeyPair,
}

impl TestFaces {
    pub(crate) fn new() -> Self {
        let key = || KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, RsaKeySize::_2048).unwrap();
        Self {
            authority: key(),
            issuer: key(),
            card: key(),
        }
    }

    /// The authority's public key, PEM.
    pub(crate) fn authority(&self) -> String {
        self.authority.public_key_pem()
    }

    /// The face of a card with these items, whose own key signed `challenge`.
    pub(crate) fn face(&self, items: &FourItems, challenge: &[u8]) -> FaceProof {
        let birth_date = items.birth_date.strftime("%Y%m%d").to_string();
        self.face_born(items, &birth_date, challenge)
    }

    /// The same with a day of birth as the card writes it.
    pub(crate) fn face_born(
        &self,
        items: &FourItems,
        birth_date: &str,
        challenge: &[u8],
    ) -> FaceProof {
        let mut four = Vec::new();
        tlv::write(&mut four, 0xDF22, items.name.as_bytes());
        tlv::write(&mut four, 0xDF23, items.address.as_bytes());
        tlv::write(&mut four, 0xDF24, birth_date.as_bytes());
        tlv::write(&mut four, 0xDF25, items.sex.to_string().as_bytes());
        let mut with_table = Vec::new();
        tlv::write(&mut with_table, 0xDF21, &[0; 8]);
        with_table.extend_from_slice(&four);
        FaceProof {
            items: object(0xFF20, &with_table),
            record: self.record(&four),
            certificate: self.certificate(),
            card_key: self.card_key(),
            signature: Bytes(self.card.sign(challenge).unwrap()),
        }
    }

    fn record(&self, four: &[u8]) -> Bytes {
        let mut record = Vec::new();
        tlv::write(&mut record, 0xDF31, &[0; 32]);
        tlv::write(&mut record, 0xDF32, digest(&SHA256, four).as_ref());
        let signature = self.issuer.sign(&record).unwrap();
        tlv::write(&mut record, 0xDF33, &signature);
        object(0xFF30, &record)
    }

    fn certificate(&self) -> Bytes {
        let mut body = vec![b'0'; 32];
        body.extend_from_slice(&public(&self.issuer));
        let mut certificate = Vec::new();
        tlv::write(&mut certificate, 0x5F4E, &body);
        let signature = self.authority.sign(&body).unwrap();
        tlv::write(&mut certificate, 0x5F37, &signature);
        object(0x7F21, &certificate)
    }

    fn card_key(&self) -> Bytes {
        let mut key = Vec::new();
        tlv::write(&mut key, 0xDF51, &public(&self.card));
        let signature = self.issuer.sign(&key).unwrap();
        tlv::write(&mut key, 0xDF52, &signature);
        object(0xFF50, &key)
    }
}

/// `90` exponent, `91` modulus, out of the `RSAPublicKey` sequence.
fn public(key: &KeyPair) -> Vec<u8> {
    let (sequence, _) = tlv::first(key.der_bytes()).unwrap();
    let (modulus, _) = tlv::first(sequence.value).unwrap();
    let mut public = Vec::new();
    tlv::write(&mut public, 0x90, &[1, 0, 1]);
    tlv::write(&mut public, 0x91, modulus.value.strip_prefix(&[0]).unwrap());
    public
}

fn object(tag: u16, inner: &[u8]) -> Bytes {
    let mut file = Vec::new();
    tlv::write(&mut file, tag, inner);
    Bytes(file)
}
