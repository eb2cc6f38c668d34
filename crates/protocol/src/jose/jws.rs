//! The compact form of a signed token (RFC 7515 §7.1). Owns its three parts, their encoding and the protected header;
//! the signature itself is made in [`super::key`] and checked in [`super::verifier`].

use super::Algorithm;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;

/// The longest token that is looked at. Ours stay under 1 KiB; what is longer costs nobody's time.
pub const MAX_LENGTH: usize = 8 * 1024;

/// The longest answer of the feed of revocations that is looked at: a thousand entries about the longest identifiers there are,
/// and an API with all the patterns that it can have, stay under it.
pub const MAX_FEED_LENGTH: usize = 1024 * 1024;

/// RFC 7515 §4.1.9: the kinds of token we sign. RFC 8725 §3.11: each has a name of its own, so that none is taken for
/// another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Typ {
    /// RFC 9068 §2.1: an access token.
    AccessToken,
    /// OpenID Connect Core §2: an ID token.
    IdToken,
    /// Ours: an answer of the feed of revocations.
    Revocations,
    /// Ours: what the chain of events was at some number.
    AuditCheckpoint,
    /// Ours: up to where the chain of events was cut off.
    AuditCut,
}

/// The protected header: exactly these members, each once.
///
/// RFC 7515 §4.1 would have unknown members ignored. These are tokens of our own, and we write no others; refusing them
/// leaves `jwk`, `jku`, `x5u`, `x5c`, `crit`, `b64` and `zip` nowhere to stand. Borrowed, so that a name spelled with
/// JSON escapes is none.
#[derive(Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Header<'a> {
    pub(super) typ: &'a str,
    pub(super) alg: &'a str,
    pub(super) kid: &'a str,
}

/// A token split into its parts, not yet believed.
#[derive(Debug)]
pub(super) struct Compact<'a> {
    pub(super) header: &'a str,
    pub(super) payload: &'a str,
    pub(super) signature: &'a str,
    /// RFC 7515 §5.2: the JWS Signing Input, header and payload as they were sent.
    pub(super) signing_input: &'a str,
}

impl Typ {
    /// The name we write.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::AccessToken => "at+jwt",
            Self::IdToken => "JWT",
            Self::Revocations => "revocations+jwt",
            Self::AuditCheckpoint => "doorward-audit-checkpoint+jwt",
            Self::AuditCut => "doorward-audit-cut+jwt",
        }
    }

    /// The longest of this kind that is looked at.
    pub(super) const fn longest(self) -> usize {
        match self {
            Self::AccessToken | Self::IdToken | Self::AuditCheckpoint | Self::AuditCut => MAX_LENGTH,
            Self::Revocations => MAX_FEED_LENGTH,
        }
    }

    /// RFC 9068 §4, RFC 7515 §4.1.9: the name may also carry `application/`.
    pub(super) fn is_named(self, typ: &str) -> bool {
        typ.strip_prefix("application/").unwrap_or(typ) == self.name()
    }
}

impl<'a> Compact<'a> {
    /// RFC 7515 §5.2: exactly three parts. One without a signature is none.
    pub(super) fn split(token: &'a str) -> Option<Self> {
        let (signing_input, signature) = token.rsplit_once('.')?;
        let (header, payload) = signing_input.split_once('.')?;
        let whole =
            !header.is_empty() && !payload.is_empty() && !signature.is_empty() && !payload.contains('.');
        whole.then_some(Self { header, payload, signature, signing_input })
    }
}

/// The encoded protected header of tokens of this kind under this key.
///
/// Written out by hand, since a `kid` of ours is a thumbprint: base64url, with nothing that JSON would escape.
pub(super) fn encoded_header(typ: Typ, algorithm: Algorithm, kid: &str) -> String {
    let (typ, algorithm) = (typ.name(), algorithm.name());
    URL_SAFE_NO_PAD.encode(format!(r#"{{"typ":"{typ}","alg":"{algorithm}","kid":"{kid}"}}"#))
}

/// The JSON object that a part encodes, as text.
///
/// RFC 7515 §2: base64url in its canonical form, without padding. RFC 7519 §7.2: UTF-8 of a JSON *object*; a list would
/// otherwise be read as the members in order.
pub(super) fn object(part: &str) -> Option<String> {
    let text = String::from_utf8(URL_SAFE_NO_PAD.decode(part).ok()?).ok()?;
    text.starts_with('{').then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 7515 §7.1: header, payload and signature, and no fourth part.
    #[test]
    fn a_token_has_exactly_three_parts() {
        let compact = Compact::split("aa.bb.cc").unwrap();
        assert_eq!((compact.header, compact.payload, compact.signature), ("aa", "bb", "cc"));
        assert_eq!(compact.signing_input, "aa.bb");
        for other in
            ["", "aa", "aa.bb", "aa.bb.", ".bb.cc", "aa..cc", "aa.bb.cc.dd", "a.b.c.d.e", "...", ".."]
        {
            assert!(Compact::split(other).is_none(), "{other}");
        }
    }

    /// RFC 7519 §7.2: a part is the canonical base64url of a JSON object.
    #[test]
    fn a_part_that_is_no_object_is_refused() {
        let encoded = |text: &[u8]| URL_SAFE_NO_PAD.encode(text);
        assert_eq!(object(&encoded(b"{}")).as_deref(), Some("{}"));
        for bytes in [&b"[]"[..], b"null", b"\"{}\"", b" {}", b"\xef\xbb\xbf{}", b"{\"a\":\"\xff\"}", b""] {
            assert!(object(&encoded(bytes)).is_none(), "{bytes:?}");
        }
        for part in ["e30=", "e31", "e3 0", "e30\n"] {
            assert!(object(part).is_none(), "{part:?}");
        }
    }

    /// RFC 7515 §4.1: the header we write is the header we read.
    #[test]
    fn a_header_reads_back_as_it_was_written() {
        let json = object(&encoded_header(Typ::AccessToken, Algorithm::EdDSA, "a_-9")).unwrap();
        let expected = Header { typ: "at+jwt", alg: "EdDSA", kid: "a_-9" };
        assert_eq!(serde_json::from_str::<Header<'_>>(&json).unwrap(), expected);
    }

    /// RFC 9068 §4: both spellings of the media type, and nothing near them.
    #[test]
    fn the_type_of_an_access_token_has_two_spellings() {
        assert!(Typ::AccessToken.is_named("at+jwt") && Typ::AccessToken.is_named("application/at+jwt"));
        for other in [
            "",
            "JWT",
            "jwt",
            "at+JWT",
            "application/",
            "application/application/at+jwt",
            "text/at+jwt",
            "at+jwt ",
        ] {
            assert!(!Typ::AccessToken.is_named(other), "{other}");
        }
    }
}
