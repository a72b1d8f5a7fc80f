//! The two-dimensional code that a clerk scans: reception number, id and check; nothing about the person.
//!
//! `GENKAN1/990019/03-260427-0015-4/0190B3C0000070008000000000000001/9A3F00C1`: version, town, reception number, application
//! id without hyphens, CRC-32 of all before it. Letters, digits and `/-` only, so that the code stays small (alphanumeric
//! mode), and a program that knows nothing of this one can still read it in five years.
//!
//! The check finds misreading, not forgery, and needs no key: the code opens nothing by itself. Whoever scans it looks the
//! application up in the town's own service, where the id (of 74 random bits) and the reception number must agree.

use qrcode::{Color, EcLevel, QrCode};

use crate::error::PaperError;

const VERSION: &str = "GENKAN1";

/// What a code holds.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Code {
    /// 全国地方公共団体コード.
    pub tenant: String,
    /// Reception number.
    pub reception: String,
    /// Application id (UUID).
    pub application: String,
}

/// Why a scanned text isn't one of ours.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum CodeError {
    /// Another version, or no code of this system.
    #[error("not a code of this version")]
    Version,
    /// Parts are missing or have the wrong shape.
    #[error("the code has the wrong shape")]
    Shape,
    /// The check does not fit: misread or changed.
    #[error("the check of the code does not fit")]
    Check,
}

impl Code {
    /// The text to encode.
    #[must_use]
    pub fn text(&self) -> String {
        let id: String = self
            .application
            .chars()
            .filter(char::is_ascii_hexdigit)
            .collect();
        let body = format!(
            "{VERSION}/{}/{}/{}",
            self.tenant,
            self.reception,
            id.to_ascii_uppercase()
        );
        format!("{body}/{:08X}", crc32fast::hash(body.as_bytes()))
    }

    /// Reads a scanned text.
    ///
    /// # Errors
    /// [`CodeError`].
    pub fn parse(text: &str) -> Result<Self, CodeError> {
        let text = text.trim();
        let (body, check) = text.rsplit_once('/').ok_or(CodeError::Shape)?;
        let parts: Vec<&str> = body.split('/').collect();
        let [version, tenant, reception, id] = parts[..] else {
            return Err(if text.starts_with(VERSION) {
                CodeError::Shape
            } else {
                CodeError::Version
            });
        };
        if version != VERSION {
            return Err(CodeError::Version);
        }
        if check != format!("{:08X}", crc32fast::hash(body.as_bytes())) {
            return Err(CodeError::Check);
        }
        if id.len() != 32 || !id.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Err(CodeError::Shape);
        }
        let id = id.to_ascii_lowercase();
        let application = format!(
            "{}-{}-{}-{}-{}",
            &id[..8],
            &id[8..12],
            &id[12..16],
            &id[16..20],
            &id[20..]
        );
        Ok(Self {
            tenant: tenant.to_owned(),
            reception: reception.to_owned(),
            application,
        })
    }

    /// The modules, row by row, true is dark; error correction M.
    ///
    /// # Errors
    /// [`PaperError::Code`] when the text is too long for a code.
    pub fn modules(&self) -> Result<(usize, Vec<bool>), PaperError> {
        let code = QrCode::with_error_correction_level(self.text(), EcLevel::M)
            .map_err(|_| PaperError::Code)?;
        Ok((
            code.width(),
            code.to_colors()
                .into_iter()
                .map(|color| color == Color::Dark)
                .collect(),
        ))
    }

    /// The code as one SVG path with a quiet zone of two modules (the page around it is white).
    pub(crate) fn svg(&self) -> Result<String, PaperError> {
        let (width, dark) = self.modules()?;
        let mut path = String::new();
        for (index, _) in dark.iter().enumerate().filter(|(_, dark)| **dark) {
            path.push_str(&format!(
                "M{} {}h1v1h-1z",
                index % width + 2,
                index / width + 2
            ));
        }
        let side = width + 4;
        Ok(format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {side} {side}\" width=\"{side}\" height=\"{side}\"><path fill=\"#000\" d=\"{path}\"/></svg>"
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_changed_code_is_refused() {
        let code = Code {
            tenant: "990019".into(),
            reception: "03-260427-0015-4".into(),
            application: "0190b3c0-0000-7000-8000-000000000001".into(),
        };
        let text = code.text();
        assert_eq!(Code::parse(&text), Ok(code.clone()));
        for place in 0..text.len() {
            let mut bytes = text.clone().into_bytes();
            bytes[place] = if bytes[place] == b'7' { b'8' } else { b'7' };
            assert_ne!(
                Code::parse(&String::from_utf8(bytes).unwrap()),
                Ok(code.clone())
            );
        }
        assert_eq!(
            Code::parse("https://example.jp/a/b/c/d"),
            Err(CodeError::Version)
        );
    }
}
