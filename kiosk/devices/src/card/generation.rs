//! Identifiers of one card generation, as data: the announced next card (次期個人番号カード) brings other applications,
//! algorithms and PINs, and should need another table here and nothing else.

/// What the kiosk may touch in one application (AP) of a card. Everything that is not listed is refused by [`super::command_guard`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Application {
    /// Name for errors and logs.
    pub name: &'static str,
    /// Application identifier.
    pub aid: &'static [u8],
    /// Elementary files that may be read.
    pub readable: &'static [u16],
    /// PIN files that may be asked and verified.
    pub pins: &'static [u16],
    /// Key files that may sign.
    pub keys: &'static [u16],
    /// Whether it signs challenges with the card's own key, named by P2 = 00, without a PIN.
    pub proves_itself: bool,
}

/// Digest and padding that a card's user-authentication key signs with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignatureScheme {
    /// RSA PKCS#1 v1.5 over SHA-256.
    RsaPkcs1Sha256,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CardGeneration {
    /// Name for staff.
    pub name: &'static str,
    /// 券面事項入力補助AP.
    pub text: Application,
    /// 公的個人認証AP.
    pub jpki: Application,
    /// 共通カードAP.
    pub common: Application,
    /// Issuer security domain; selecting it clears every verified PIN.
    pub issuer_domain: &'static [u8],
    /// The four items (氏名, 住所, 生年月日, 性別).
    pub four_items: u16,
    /// Digests and signature over the four items.
    pub integrity_record: u16,
    /// Card-verifiable certificate of the key that signed them.
    pub integrity_certificate: u16,
    /// The card's own public key, signed by the same key.
    pub card_key: u16,
    /// PIN 券面事項入力補助用.
    pub text_pin: u16,
    /// 利用者証明用電子証明書.
    pub auth_certificate: u16,
    /// Its private key.
    pub auth_key: u16,
    pub auth_pin: u16,
    /// Record file with the card's serial, municipality and expiry.
    pub card_data: u16,
    /// What the authentication key signs.
    pub signature: SignatureScheme,
}

/// The card issued since 2016.
pub const CURRENT: CardGeneration = CardGeneration {
    name: "個人番号カード (2016)",
    text: Application {
        name: "text",
        aid: &[0xD3, 0x92, 0x10, 0x00, 0x31, 0x00, 0x01, 0x01, 0x04, 0x08],
        // 0001, the 個人番号 itself, is deliberately absent: 番号法20条.
        readable: &[0x0002, 0x0003, 0x0004, 0x0007],
        // 0014 is 照合番号A (the 個人番号 as a PIN) and 0015 is 照合番号B: both absent.
        pins: &[0x0011],
        keys: &[],
        proves_itself: true,
    },
    jpki: Application {
        name: "jpki",
        aid: &[0xD3, 0x92, 0xF0, 0x00, 0x26, 0x01, 0x00, 0x00, 0x00, 0x01],
        // 0001, the signing certificate, holds name and address and needs the long password: absent.
        readable: &[0x0006, 0x000A, 0x000B],
        pins: &[0x0018],
        keys: &[0x0017],
        proves_itself: false,
    },
    common: Application {
        name: "common",
        aid: &[0xD3, 0x92, 0x10, 0x00, 0x31, 0x00, 0x01, 0x01, 0x01, 0x00],
        readable: &[0x0001],
        pins: &[],
        keys: &[],
        proves_itself: false,
    },
    issuer_domain: &[0xA0, 0x00, 0x00, 0x01, 0x51, 0x00, 0x00],
    four_items: 0x0002,
    integrity_record: 0x0003,
    integrity_certificate: 0x0004,
    card_key: 0x0007,
    text_pin: 0x0011,
    auth_certificate: 0x000A,
    auth_key: 0x0017,
    auth_pin: 0x0018,
    card_data: 0x0001,
    signature: SignatureScheme::RsaPkcs1Sha256,
};

/// The short identifier of a file, its low five bits.
#[must_use]
pub fn short_id(file: u16) -> u8 {
    u8::try_from(file & 0x1F).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::CURRENT;

    #[test]
    fn the_table_names_no_file_that_holds_the_number_and_no_pin_made_of_it() {
        assert!(!CURRENT.text.readable.contains(&0x0001));
        assert!(!CURRENT.text.pins.contains(&0x0014));
        assert_ne!(CURRENT.text.aid, CURRENT.common.aid);
        assert_eq!(CURRENT.common.readable, &[0x0001]);
    }
}
