//! RFC 5929 §4, `tls-server-end-point`: the hash of the server's certificate, which binds the proof of the password
//! (SCRAM-SHA-256-PLUS) to this very server. Reads just enough of the certificate to know which hash.

use ring::digest::{Algorithm, SHA256, SHA384, SHA512, digest};

/// RFC 5929 §4.1: the hash of the certificate by the hash of its signature, SHA-256 in place of MD5 and SHA-1. None for
/// signatures without one hash (RSA-PSS, Ed25519), for which it defines no binding.
pub(super) fn hash(certificate: &[u8]) -> Option<Vec<u8>> {
    let algorithm = algorithm(signature_oid(certificate)?)?;
    Some(digest(algorithm, certificate).as_ref().to_vec())
}

fn algorithm(oid: &[u8]) -> Option<&'static Algorithm> {
    let [arcs @ .., last] = oid else { return None };
    match (arcs, last) {
        // 1.2.840.113549.1.1: RSA with MD5, SHA-1, SHA-256, -384, -512.
        ([0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01], 4 | 5 | 11)
        // 1.2.840.10045.4: ECDSA with SHA-1; .3: with SHA-256, -384, -512.
        | ([0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04], 1)
        | ([0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03], 2) => Some(&SHA256),
        ([0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01], 12)
        | ([0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03], 3) => Some(&SHA384),
        ([0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01], 13)
        | ([0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03], 4) => Some(&SHA512),
        _ => None,
    }
}

/// RFC 5280 §4.1: `Certificate ::= SEQUENCE { tbsCertificate, signatureAlgorithm SEQUENCE { algorithm OID … }, … }`.
fn signature_oid(certificate: &[u8]) -> Option<&[u8]> {
    const SEQUENCE: u8 = 0x30;
    const OID: u8 = 0x06;
    let (body, _) = element(certificate, SEQUENCE)?;
    let (_, rest) = element(body, SEQUENCE)?;
    let (algorithm, _) = element(rest, SEQUENCE)?;
    Some(element(algorithm, OID)?.0)
}

/// The content of a DER element with this tag, and what follows it.
fn element(bytes: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let [found, first, rest @ ..] = bytes else { return None };
    let (length, rest) = match first {
        0..=0x7f => (usize::from(*first), rest),
        0x81..=0x84 => long_length(rest, usize::from(*first & 0x7f))?,
        _ => return None,
    };
    (*found == tag && rest.len() >= length).then(|| rest.split_at(length))
}

fn long_length(bytes: &[u8], size: usize) -> Option<(usize, &[u8])> {
    let (length, rest) = bytes.split_at_checked(size)?;
    Some((length.iter().fold(0, |sum, byte| sum << 8 | usize::from(*byte)), rest))
}

#[cfg(test)]
mod tests {
    use super::{element, hash, signature_oid};

    /// A certificate in outline: an empty body, ECDSA with SHA-384.
    const OUTLINE: &[u8] =
        &[0x30, 0x0e, 0x30, 0x00, 0x30, 0x0a, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x03];

    /// RFC 5929 §4.1: the signature's hash is the binding's hash.
    #[test]
    fn the_hash_is_the_signatures() {
        assert_eq!(signature_oid(OUTLINE), Some(&OUTLINE[8..]));
        assert_eq!(hash(OUTLINE).map(|hash| hash.len()), Some(48));
    }

    #[test]
    fn what_is_cut_off_or_unknown_has_no_hash() {
        assert!((0..OUTLINE.len()).all(|end| hash(&OUTLINE[..end]).is_none()));
        assert_eq!(hash(&[OUTLINE, &[0]].concat()[..15]), None);
        let ed25519 = [0x30, 0x09, 0x30, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70];
        assert_eq!((signature_oid(&ed25519).is_some(), hash(&ed25519)), (true, None));
    }

    #[test]
    fn long_lengths_are_read() {
        let long = [&[0x30, 0x82, 0x01, 0x00][..], &[7; 257]].concat();
        assert_eq!(element(&long, 0x30).map(|(content, rest)| (content.len(), rest.len())), Some((256, 1)));
        assert_eq!(element(&long[..259], 0x30), None);
        assert_eq!(element(&[0x30, 0x80, 0, 0], 0x30), None);
    }
}
