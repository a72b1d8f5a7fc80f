//! Time stamps (RFC 3161): asked for over HTTP, checked against the authority's own certificate. The answer's signature is
//! what counts, so that plain HTTP will do for the way.

use aws_lc_rs::digest::{Algorithm, SHA256, SHA384, SHA512, digest};
use jiff::Timestamp;
use thiserror::Error;
use x509_parser::asn1_rs::{Any, FromDer as _, Oid, Tag, oid};
use x509_parser::certificate::X509Certificate;
use x509_parser::x509::AlgorithmIdentifier;

use crate::jpki::signed_by;

/// Why a time stamp is none.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
pub enum StampError {
    /// The authority refused; its status.
    #[error("the time-stamping authority refused with status {0}")]
    Refused(i64),
    /// Not DER of the shape of RFC 3161.
    #[error("not a time stamp: {0}")]
    Shape(&'static str),
    /// It stamps something else.
    #[error("the time stamp is over something else")]
    Other,
    /// The signature does not hold.
    #[error("the time stamp's signature does not hold")]
    Signature,
    /// Whoever signed it is no time-stamping authority that is trusted here.
    #[error("the time stamp's signer is not trusted: {0}")]
    Signer(&'static str),
}

/// A time stamp that holds.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Stamped {
    /// When, as the authority says.
    pub at: Timestamp,
}

const SHA256_OID: [u8; 11] = [6, 9, 0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 1];
const SIGNED_DATA: Oid<'static> = oid!(1.2.840.113549.1.7.2);
const TST_INFO: Oid<'static> = oid!(1.2.840.113549.1.9.16.1.4);
const CONTENT_TYPE: Oid<'static> = oid!(1.2.840.113549.1.9.3);
const MESSAGE_DIGEST: Oid<'static> = oid!(1.2.840.113549.1.9.4);
const D_SHA256: Oid<'static> = oid!(2.16.840.1.101.3.4.2.1);
const D_SHA384: Oid<'static> = oid!(2.16.840.1.101.3.4.2.2);
const D_SHA512: Oid<'static> = oid!(2.16.840.1.101.3.4.2.3);

/// A question to a time-stamping authority.
pub struct StampRequest {
    imprint: Vec<u8>,
    nonce: [u8; 8],
}

impl StampRequest {
    /// Asks for a stamp over a message's SHA-256. Of the random nonce 63 bits count.
    #[must_use]
    pub fn new(message: &[u8], mut nonce: [u8; 8]) -> Self {
        // A positive INTEGER without a leading zero byte.
        nonce[0] = (nonce[0] & 0x7f).max(1);
        let imprint = digest(&SHA256, message).as_ref().to_vec();
        Self { imprint, nonce }
    }

    /// `TimeStampReq`: version 1, the imprint, the nonce, and that the certificate is to come with the answer.
    #[must_use]
    pub fn der(&self) -> Vec<u8> {
        let mut der = vec![0x30, 0x43, 2, 1, 1, 0x30, 0x31, 0x30, 0x0d];
        der.extend_from_slice(&SHA256_OID);
        der.extend_from_slice(&[5, 0, 4, 32]);
        der.extend_from_slice(&self.imprint);
        der.extend_from_slice(&[2, 8]);
        der.extend_from_slice(&self.nonce);
        der.extend_from_slice(&[1, 1, 0xff]);
        der
    }

    /// The token of a `TimeStampResp` to this question.
    ///
    /// # Errors
    /// [`StampError`]; the signature is looked at by [`verify_stamp`].
    pub fn token(&self, response: &[u8]) -> Result<Vec<u8>, StampError> {
        let mut response = Reader::of(response)?;
        let mut status = Reader(response.take("status")?.1.data);
        let status = integer(&status.take("status")?.1)?;
        if status > 1 {
            return Err(StampError::Refused(status));
        }
        let token = response.take("token")?.0;
        let parsed = Token::parse(token)?;
        let (imprint, nonce) = (parsed.imprint()?, parsed.nonce()?);
        if imprint != self.imprint || nonce.as_deref() != Some(self.nonce.as_slice()) {
            return Err(StampError::Other);
        }
        Ok(token.to_vec())
    }
}

/// Checks a token over a message: imprint, signature, and that the signer is a time-stamping authority under one of these
/// certificates (DER).
///
/// # Errors
/// [`StampError`].
pub fn verify_stamp(
    token: &[u8],
    message: &[u8],
    authorities: &[Vec<u8>],
) -> Result<Stamped, StampError> {
    let token = Token::parse(token)?;
    if token.imprint()? != digest(&SHA256, message).as_ref() {
        return Err(StampError::Other);
    }
    let at = token.time()?;
    token.verify(at, authorities)?;
    Ok(Stamped { at })
}

/// DER elements one after the other.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    /// Into the only element.
    fn of(bytes: &'a [u8]) -> Result<Self, StampError> {
        Ok(Self(Reader(bytes).take("an element")?.1.data))
    }

    /// The next element: all its bytes, and what it is.
    fn take(&mut self, what: &'static str) -> Result<(&'a [u8], Any<'a>), StampError> {
        let (rest, any) = Any::from_der(self.0).map_err(|_| StampError::Shape(what))?;
        let whole = &self.0[..self.0.len() - rest.len()];
        self.0 = rest;
        Ok((whole, any))
    }

    /// The next element, if it has this context-specific number.
    fn take_optional(&mut self, number: u32) -> Result<Option<(&'a [u8], Any<'a>)>, StampError> {
        let first = self.0.first().copied().unwrap_or_default();
        if first & 0xc0 == 0x80 && u32::from(first & 0x1f) == number {
            self.take("an optional element").map(Some)
        } else {
            Ok(None)
        }
    }
}

fn integer(any: &Any<'_>) -> Result<i64, StampError> {
    any.as_i64().map_err(|_| StampError::Shape("a number"))
}

fn is(any: &Any<'_>, oid: &Oid<'_>) -> bool {
    any.as_oid().is_ok_and(|found| found == *oid)
}

/// The parts of a token that count.
struct Token<'a> {
    /// `TSTInfo`.
    content: &'a [u8],
    certificates: &'a [u8],
    signer: &'a [u8],
}

impl<'a> Token<'a> {
    /// A `ContentInfo` that holds signed data (RFC 5652).
    fn parse(token: &'a [u8]) -> Result<Self, StampError> {
        let mut info = Reader::of(token)?;
        if !is(&info.take("content type")?.1, &SIGNED_DATA) {
            return Err(StampError::Shape("not signed data"));
        }
        let mut data = Reader::of(info.take("content")?.1.data)?;
        data.take("version")?;
        data.take("digest algorithms")?;
        let mut content = Reader(data.take("content")?.1.data);
        if !is(&content.take("content type")?.1, &TST_INFO) {
            return Err(StampError::Shape("not a time stamp"));
        }
        let octets = Reader(content.take("content")?.1.data).take("octets")?.1;
        let certificates = data.take_optional(0)?;
        data.take_optional(1)?;
        let signers = data.take("signers")?.1;
        Ok(Self {
            content: octets.data,
            certificates: certificates.map_or(&[], |(_, any)| any.data),
            signer: Reader(signers.data).take("signer")?.1.data,
        })
    }

    /// `TSTInfo` after version and policy.
    fn info(&self) -> Result<Reader<'a>, StampError> {
        let mut info = Reader::of(self.content)?;
        info.take("version")?;
        info.take("policy")?;
        Ok(info)
    }

    fn imprint(&self) -> Result<&'a [u8], StampError> {
        let mut imprint = Reader(self.info()?.take("imprint")?.1.data);
        let mut algorithm = Reader(imprint.take("algorithm")?.1.data);
        if !is(&algorithm.take("algorithm")?.1, &D_SHA256) {
            return Err(StampError::Other);
        }
        Ok(imprint.take("imprint")?.1.data)
    }

    fn time(&self) -> Result<Timestamp, StampError> {
        let mut info = self.info()?;
        info.take("imprint")?;
        info.take("serial number")?;
        let time = info.take("time")?.1;
        let text = std::str::from_utf8(time.data).unwrap_or_default();
        let wrong = StampError::Shape("its time");
        // GeneralizedTime in DER: YYYYMMDDhhmmss[.f…]Z.
        let (whole, _) = text.split_once(['.', 'Z']).ok_or(wrong.clone())?;
        jiff::civil::DateTime::strptime("%Y%m%d%H%M%S", whole)
            .and_then(|at| jiff::tz::TimeZone::UTC.to_timestamp(at))
            .map_err(|_| wrong)
    }

    fn nonce(&self) -> Result<Option<Vec<u8>>, StampError> {
        let mut info = self.info()?;
        for what in ["imprint", "serial number", "time"] {
            info.take(what)?;
        }
        while !info.0.is_empty() {
            let any = info.take("nonce")?.1;
            if any.tag() == Tag::Integer {
                return Ok(Some(any.data.to_vec()));
            }
        }
        Ok(None)
    }

    /// The signature over the signed attributes, which name the content's digest.
    fn verify(&self, at: Timestamp, authorities: &[Vec<u8>]) -> Result<(), StampError> {
        let mut signer = Reader(self.signer);
        signer.take("version")?;
        let who = signer.take("signer's name")?.1;
        let hash = hash_of(signer.take("digest algorithm")?.1.data)?;
        let (attributes, _) = signer
            .take_optional(0)?
            .ok_or(StampError::Shape("no signed attributes"))?;
        let (algorithm, _) = signer.take("signature algorithm")?;
        let signature = signer.take("signature")?.1.data;
        self.attributes_fit(attributes, hash)?;
        // The signature is over the attributes as a SET, not with the tag that they are sent with.
        let mut signed = attributes.to_vec();
        signed[0] = 0x31;
        let certificate = self.signer_certificate(who.data)?;
        let (_, algorithm) =
            AlgorithmIdentifier::from_der(algorithm).map_err(|_| StampError::Signature)?;
        let digest_oid = digest_oid(hash);
        if !signed_by(
            certificate.public_key(),
            &algorithm,
            Some(&digest_oid),
            &signed,
            signature,
        ) {
            return Err(StampError::Signature);
        }
        self.is_trusted(&certificate, at, authorities)
    }

    fn attributes_fit(
        &self,
        attributes: &[u8],
        hash: &'static Algorithm,
    ) -> Result<(), StampError> {
        let (mut kind, mut fits) = (false, false);
        let mut attributes = Reader::of(attributes)?;
        while !attributes.0.is_empty() {
            let mut attribute = Reader(attributes.take("an attribute")?.1.data);
            let name = attribute.take("its name")?.1;
            let value = Reader(attribute.take("its values")?.1.data)
                .take("its value")?
                .1;
            if is(&name, &CONTENT_TYPE) {
                kind = is(&value, &TST_INFO);
            } else if is(&name, &MESSAGE_DIGEST) {
                fits = value.data == digest(hash, self.content).as_ref();
            }
        }
        if kind && fits {
            Ok(())
        } else {
            Err(StampError::Signature)
        }
    }

    fn all_certificates(&self) -> Vec<X509Certificate<'a>> {
        let (mut rest, mut all) = (self.certificates, Vec::new());
        while let Ok((after, certificate)) = X509Certificate::from_der(rest) {
            (rest, all) = (after, {
                all.push(certificate);
                all
            });
        }
        all
    }

    /// The certificate whose issuer and serial number the signer names.
    fn signer_certificate(&self, who: &[u8]) -> Result<X509Certificate<'a>, StampError> {
        let mut who = Reader(who);
        let (issuer, _) = who.take("its issuer")?;
        let serial = who.take("its serial number")?.1.data;
        let own = |one: &X509Certificate<'_>| {
            one.issuer().as_raw() == issuer && one.raw_serial() == serial
        };
        let found = self.all_certificates().into_iter().find(own);
        found.ok_or(StampError::Signer("its certificate did not come with it"))
    }

    /// For time stamps only, valid then, and issued by an authority or by one that an authority has issued.
    fn is_trusted(
        &self,
        certificate: &X509Certificate<'_>,
        at: Timestamp,
        authorities: &[Vec<u8>],
    ) -> Result<(), StampError> {
        let usage = certificate.extended_key_usage().ok().flatten();
        if !usage.is_some_and(|usage| usage.critical && usage.value.time_stamping) {
            return Err(StampError::Signer("its certificate is not for time stamps"));
        }
        if !valid_at(certificate, at) {
            return Err(StampError::Signer("its certificate was not valid then"));
        }
        let roots: Vec<X509Certificate<'_>> = authorities
            .iter()
            .filter_map(|der| Some(X509Certificate::from_der(der).ok()?.1))
            .collect();
        let between = self.all_certificates();
        let by_root = |one: &X509Certificate<'_>| roots.iter().any(|root| issued(root, one));
        let by_between = between.iter().any(|middle| {
            middle.is_ca() && valid_at(middle, at) && by_root(middle) && issued(middle, certificate)
        });
        if by_root(certificate) || by_between {
            Ok(())
        } else {
            Err(StampError::Signer("no trusted authority issued it"))
        }
    }
}

fn valid_at(certificate: &X509Certificate<'_>, at: Timestamp) -> bool {
    let validity = certificate.validity();
    let at = at.as_second();
    (validity.not_before.timestamp()..=validity.not_after.timestamp()).contains(&at)
}

fn issued(issuer: &X509Certificate<'_>, certificate: &X509Certificate<'_>) -> bool {
    certificate.issuer().as_raw() == issuer.subject().as_raw()
        && signed_by(
            issuer.public_key(),
            &certificate.signature_algorithm,
            None,
            certificate.tbs_certificate.as_ref(),
            &certificate.signature_value.data,
        )
}

fn hash_of(algorithm: &[u8]) -> Result<&'static Algorithm, StampError> {
    let named = Reader(algorithm).take("digest algorithm")?.1;
    let known = [
        (&D_SHA256, &SHA256),
        (&D_SHA384, &SHA384),
        (&D_SHA512, &SHA512),
    ];
    let found = known.into_iter().find(|(oid, _)| is(&named, oid));
    found.map(|(_, hash)| hash).ok_or(StampError::Signature)
}

fn digest_oid(hash: &'static Algorithm) -> Oid<'static> {
    match hash.output_len() {
        48 => D_SHA384,
        64 => D_SHA512,
        _ => D_SHA256,
    }
}
