//! The card's own program: commands in, answers out, with the refusals of the real one.

use aws_lc_rs::digest::{Digest, SHA256};
use aws_lc_rs::rsa::KeyPair;
use aws_lc_rs::signature::RSA_PKCS1_SHA256;

use super::command::Command;
use super::content;
use super::files::{Access, ApplicationFiles, File};
use super::profile::{CardProfile, ProfileError};
use crate::card::generation::CURRENT;
use crate::card::login::SHA256_DIGEST_INFO;

/// Answer to reset as a contactless reader makes it up for a type B card.
pub const ATR: [u8; 13] = [
    0x3B, 0x88, 0x80, 0x01, 0x00, 0x00, 0x05, 0xE0, 0xB3, 0x81, 0xA1, 0x00, 0x7F,
];

/// A simulated 個人番号カード. Counters live as long as the object; verified PINs only until power goes.
pub struct Card {
    applications: Vec<ApplicationFiles>,
    extended_length: bool,
    short_file_ids: bool,
    bare_digest: bool,
    selected: Option<usize>,
    current_file: Option<usize>,
    verified: Vec<u16>,
}

/// Data of a success or the status word of a refusal.
type Answer = Result<Vec<u8>, u16>;

impl Card {
    /// A card with the profile's files, keys and counters.
    ///
    /// # Errors
    /// When a key in the profile is unusable.
    pub fn new(profile: &CardProfile) -> Result<Self, ProfileError> {
        Ok(Self {
            applications: content::applications(profile)?,
            extended_length: profile.extended_length,
            short_file_ids: profile.short_file_ids,
            bare_digest: profile.bare_digest,
            selected: None,
            current_file: None,
            verified: Vec::new(),
        })
    }

    /// Answers one command; never fails and never panics, whatever the bytes.
    pub fn transmit(&mut self, command: &[u8]) -> Vec<u8> {
        let answer = match Command::parse(command) {
            Some(command) if !command.extended || self.extended_length => self.run(&command),
            _ => Err(0x6700),
        };
        let (mut bytes, status) =
            answer.map_or_else(|status| (Vec::new(), status), |data| (data, 0x9000_u16));
        bytes.extend_from_slice(&status.to_be_bytes());
        bytes
    }

    /// What losing power or a reset does.
    pub fn power_off(&mut self) {
        self.deselect();
    }

    /// Tries left of 券面事項入力補助用 and 利用者証明用, for the control panel of the demo.
    #[must_use]
    pub fn tries_left(&self) -> (u8, u8) {
        let of = |aid: &[u8], id: u16| {
            let application = self
                .applications
                .iter()
                .find(|application| application.aid == aid);
            application
                .and_then(|application| application.files.iter().find(|(file, _)| *file == id))
                .map_or(0, |(_, file)| match file {
                    File::Pin(pin) => pin.left,
                    _ => 0,
                })
        };
        (
            of(CURRENT.text.aid, CURRENT.text_pin),
            of(CURRENT.jpki.aid, CURRENT.auth_pin),
        )
    }

    fn deselect(&mut self) {
        self.selected = None;
        self.current_file = None;
        self.verified.clear();
    }

    fn run(&mut self, command: &Command<'_>) -> Answer {
        match (command.class, command.instruction) {
            (0x00, 0xA4) => self.select(command),
            (0x00, 0x20) => self.verify(command),
            (0x00, 0xB0) => self.read(command),
            (0x00, 0xB2) => self.read_record(command),
            (0x80, 0x2A) => self.sign(command),
            (0x00 | 0x80, _) => Err(0x6D00),
            _ => Err(0x6E00),
        }
    }

    fn select(&mut self, command: &Command<'_>) -> Answer {
        match (command.p1, command.p2) {
            (0x04, 0x0C) => self.select_application(command.data),
            (0x02, 0x0C) => {
                let &[high, low] = command.data else {
                    return Err(0x6700);
                };
                let application = self.application()?;
                let position = application
                    .position(u16::from_be_bytes([high, low]))
                    .ok_or(0x6A82_u16)?;
                self.current_file = Some(position);
                Ok(Vec::new())
            }
            _ => Err(0x6A86),
        }
    }

    fn select_application(&mut self, aid: &[u8]) -> Answer {
        if aid == CURRENT.issuer_domain {
            self.deselect();
            return Ok(Vec::new());
        }
        // A prefix selects too, as on the real card.
        let found = self
            .applications
            .iter()
            .position(|application| !aid.is_empty() && application.aid.starts_with(aid));
        let found = found.ok_or(0x6A82_u16)?;
        if self.selected != Some(found) {
            self.verified.clear();
        }
        self.selected = Some(found);
        self.current_file = None;
        Ok(Vec::new())
    }

    fn application(&self) -> Result<&ApplicationFiles, u16> {
        self.selected
            .and_then(|at| self.applications.get(at))
            .ok_or(0x6A82)
    }

    /// The file that P2 of VERIFY or COMPUTE DIGITAL SIGNATURE names.
    fn reference(&self, p2: u8) -> Result<usize, u16> {
        match p2 {
            0x80 => self.current_file.ok_or(0x6986),
            0x81..=0x9F if self.short_file_ids => {
                self.application()?.by_short_id(p2 & 0x1F).ok_or(0x6A88)
            }
            _ => Err(0x6A86),
        }
    }

    fn verify(&mut self, command: &Command<'_>) -> Answer {
        if command.p1 != 0 {
            return Err(0x6A86);
        }
        let at = self.reference(command.p2)?;
        let application = self
            .selected
            .and_then(|selected| self.applications.get_mut(selected))
            .ok_or(0x6A82_u16)?;
        let Some((id, File::Pin(pin))) = application.files.get_mut(at) else {
            return Err(0x6981);
        };
        if command.data.is_empty() {
            return Err(0x63C0 | u16::from(pin.left));
        }
        if pin.left == 0 {
            return Err(0x6984);
        }
        if aws_lc_rs::constant_time::verify_slices_are_equal(command.data, &pin.value).is_ok() {
            pin.left = pin.most;
            self.verified.push(*id);
            Ok(Vec::new())
        } else {
            pin.left -= 1;
            let (id, left) = (*id, pin.left);
            self.verified.retain(|verified| *verified != id);
            Err(0x63C0 | u16::from(left))
        }
    }

    fn read(&mut self, command: &Command<'_>) -> Answer {
        let length = command
            .expected_length
            .filter(|_| command.data.is_empty())
            .ok_or(0x6700_u16)?;
        let (at, offset) = if command.p1 & 0x80 == 0 {
            (
                self.current_file.ok_or(0x6986_u16)?,
                usize::from(u16::from_be_bytes([command.p1, command.p2])),
            )
        } else if command.p1 & 0x60 == 0 && self.short_file_ids {
            (
                self.application()?
                    .by_short_id(command.p1 & 0x1F)
                    .ok_or(0x6A82_u16)?,
                usize::from(command.p2),
            )
        } else {
            return Err(0x6A86);
        };
        let part = match self.application()?.files.get(at) {
            Some((_, File::Data { content, access })) => {
                if let Access::After(pins) = access
                    && !pins.iter().any(|pin| self.verified.contains(pin))
                {
                    return Err(0x6982);
                }
                let rest = content
                    .get(offset..)
                    .filter(|rest| !rest.is_empty())
                    .ok_or(0x6B00_u16)?;
                rest[..rest.len().min(length)].to_vec()
            }
            _ => return Err(0x6981),
        };
        self.current_file = Some(at);
        Ok(part)
    }

    fn read_record(&mut self, command: &Command<'_>) -> Answer {
        let length = command
            .expected_length
            .filter(|_| command.data.is_empty())
            .ok_or(0x6700_u16)?;
        let at = match command.p2 >> 3 {
            _ if command.p2 & 7 != 4 => return Err(0x6A86),
            0 => self.current_file.ok_or(0x6986_u16)?,
            _ if !self.short_file_ids => return Err(0x6A86),
            short => self.application()?.by_short_id(short).ok_or(0x6A82_u16)?,
        };
        let record = match self.application()?.files.get(at) {
            Some((_, File::Record { content })) if command.p1 == 1 => {
                content[..content.len().min(length)].to_vec()
            }
            Some((_, File::Record { .. })) => return Err(0x6A83),
            _ => return Err(0x6981),
        };
        self.current_file = Some(at);
        Ok(record)
    }

    fn sign(&self, command: &Command<'_>) -> Answer {
        let pair = self.signing_key(command.p2)?;
        if command
            .expected_length
            .is_none_or(|length| length < pair.public_modulus_len())
        {
            return Err(0x6700);
        }
        let digest = match command.p1 {
            0x02 if self.bare_digest => command.data,
            0x00 => command
                .data
                .strip_prefix(&SHA256_DIGEST_INFO[..])
                .ok_or(0x6A80_u16)?,
            _ => return Err(0x6A86),
        };
        sign_digest(pair, digest)
    }

    /// P2 = 00 is the application's own key, free to use; any other names a file whose PIN must be verified.
    fn signing_key(&self, p2: u8) -> Result<&KeyPair, u16> {
        let files = &self.application()?.files;
        if p2 == 0x00 {
            let own = files.iter().find_map(|(_, file)| match file {
                File::OwnKey(pair) => Some(pair),
                _ => None,
            });
            return own.ok_or(0x6A88);
        }
        let Some((_, File::Key { pair, pin })) = files.get(self.reference(p2)?) else {
            return Err(0x6981);
        };
        if self.verified.contains(pin) {
            Ok(pair)
        } else {
            Err(0x6982)
        }
    }
}

fn sign_digest(pair: &KeyPair, digest: &[u8]) -> Answer {
    let digest = Digest::import_less_safe(digest, &SHA256).map_err(|_| 0x6A80_u16)?;
    let mut signature = vec![0; pair.public_modulus_len()];
    pair.sign_digest(&RSA_PKCS1_SHA256, &digest, &mut signature)
        .map_err(|_| 0x6F00_u16)?;
    Ok(signature)
}
