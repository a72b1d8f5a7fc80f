//! Files of DER objects, and their digests.

/// SHA-256.
pub(super) type Digest = [u8; 32];

pub(super) fn sha256(bytes: &[u8]) -> Digest {
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, bytes);
    let mut out = [0; 32];
    out.copy_from_slice(digest.as_ref());
    out
}

/// DER objects of a file: PEM blocks with this label, or the file itself.
pub(super) fn der_objects(bytes: &[u8], label: &str) -> Result<Vec<Vec<u8>>, String> {
    if !bytes.starts_with(b"-----BEGIN") {
        return Ok(vec![bytes.to_vec()]);
    }
    x509_parser::pem::Pem::iter_from_buffer(bytes)
        .filter(|pem| pem.as_ref().map_or(true, |pem| pem.label == label))
        .map(|pem| pem.map(|pem| pem.contents).map_err(|e| e.to_string()))
        .collect()
}
