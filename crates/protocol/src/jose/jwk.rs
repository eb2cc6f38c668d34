//! Public keys on the wire: JSON Web Keys and sets of them (RFC 7517), and the thumbprint that names each (RFC 7638).
//! Owns their form only; private keys are [`super::key`]'s, verifying with a public one [`super::verification_key`]'s, and
//! which keys are published is `core/keys`' decision.

use super::Algorithm;
use super::octets::Octets;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::digest::{SHA256, digest};
use serde::{Deserialize, Deserializer, Serialize};

/// A public signing key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Jwk {
    /// The key itself, with `kty` and the members of its type.
    #[serde(flatten)]
    pub key: PublicKey,
    /// What it is for.
    #[serde(rename = "use")]
    pub usage: Usage,
    /// The one algorithm it may be used with.
    pub alg: Algorithm,
    /// Its name in a token's header: the thumbprint.
    pub kid: String,
}

/// RFC 7517 §4.2: `use`. Ours only sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Usage {
    /// Verification of signatures.
    #[serde(rename = "sig")]
    Signature,
}

/// The members that make a key, by key type (RFC 7518 §6, RFC 8037 §2).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kty")]
pub enum PublicKey {
    /// A point on an elliptic curve.
    #[serde(rename = "EC")]
    Ec {
        /// The curve.
        crv: EcCurve,
        /// The first coordinate, at full length.
        x: Octets,
        /// The second coordinate, at full length.
        y: Octets,
    },
    /// An Edwards-curve key.
    #[serde(rename = "OKP")]
    Okp {
        /// The curve.
        crv: OkpCurve,
        /// The public key.
        x: Octets,
    },
    /// An RSA key.
    #[serde(rename = "RSA")]
    Rsa {
        /// The modulus, without leading zeros.
        n: Octets,
        /// The public exponent, without leading zeros.
        e: Octets,
    },
}

/// RFC 7518 §6.2.1.1: the curve of [`Algorithm::ES256`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum EcCurve {
    /// NIST P-256.
    #[serde(rename = "P-256")]
    P256,
}

/// RFC 8037 §2: the curve of [`Algorithm::EdDSA`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum OkpCurve {
    /// Ed25519.
    Ed25519,
}

/// RFC 7517 §5: a set of keys.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct JwkSet {
    /// The keys.
    #[serde(deserialize_with = "understood")]
    pub keys: Vec<Jwk>,
}

impl Jwk {
    /// The public key under the name its thumbprint gives it.
    #[must_use]
    pub fn new(key: PublicKey, alg: Algorithm) -> Self {
        let kid = key.thumbprint();
        Self { key, usage: Usage::Signature, alg, kid }
    }
}

impl PublicKey {
    pub(super) fn p256(x: &[u8], y: &[u8]) -> Self {
        Self::Ec { crv: EcCurve::P256, x: Octets::new(x), y: Octets::new(y) }
    }

    pub(super) fn ed25519(x: &[u8]) -> Self {
        Self::Okp { crv: OkpCurve::Ed25519, x: Octets::new(x) }
    }

    pub(super) fn rsa(n: &[u8], e: &[u8]) -> Self {
        Self::Rsa { n: Octets::new(n), e: Octets::new(e) }
    }

    /// RFC 7638 §3: SHA-256 over the required members in lexicographic order without white space, as base64url.
    ///
    /// Written out by hand, since no value here can contain a character that JSON would escape.
    #[must_use]
    pub fn thumbprint(&self) -> String {
        let members = match self {
            Self::Ec { crv: EcCurve::P256, x, y } => {
                format!(r#"{{"crv":"P-256","kty":"EC","x":"{x}","y":"{y}"}}"#)
            }
            Self::Okp { crv: OkpCurve::Ed25519, x } => {
                format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{x}"}}"#)
            }
            Self::Rsa { n, e } => format!(r#"{{"e":"{e}","kty":"RSA","n":"{n}"}}"#),
        };
        URL_SAFE_NO_PAD.encode(digest(&SHA256, members.as_bytes()))
    }
}

/// RFC 7517 §5: keys of a type, use or algorithm we do not know are passed over, not a reason to refuse the set.
fn understood<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Jwk>, D::Error> {
    let keys = Vec::<serde_json::Value>::deserialize(deserializer)?;
    Ok(keys.into_iter().filter_map(|key| serde_json::from_value(key).ok()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const RFC_7638_MODULUS: &str = "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_\
        BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8\
        KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44\
        -csFCur-kEgU8awapJzKnqDKgw";

    /// RFC 7638 §3.1: the thumbprint of the example key.
    #[test]
    fn an_rsa_key_is_named_as_in_the_rfc() {
        let jwk =
            json!({"kty": "RSA", "n": RFC_7638_MODULUS, "e": "AQAB", "alg": "RS256", "kid": "2011-04-29"});
        let key: PublicKey = serde_json::from_value(jwk).unwrap();
        assert_eq!(key.thumbprint(), "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
    }

    /// RFC 8037 §A.3: the thumbprint of an Ed25519 key.
    #[test]
    fn an_ed25519_key_is_named_as_in_the_rfc() {
        let jwk = json!({"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"});
        let key: PublicKey = serde_json::from_value(jwk).unwrap();
        assert_eq!(key.thumbprint(), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
    }

    /// RFC 9449 §6.1: the thumbprint of a P-256 key.
    #[test]
    fn a_p_256_key_is_named_as_in_the_rfc() {
        let jwk = json!({"kty": "EC", "crv": "P-256", "x": "l8tFrhx-34tV3hRICRDY9zCkDlpBhF42UQUfWVAWBFs",
            "y": "9VE4jf_Ok_o64zbTTlcuNJajHmt6v9TDVrU0CdvGRDA"});
        let key: PublicKey = serde_json::from_value(jwk).unwrap();
        assert_eq!(key.thumbprint(), "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I");
    }

    /// RFC 7517 §4: a key carries its type, use, algorithm, name and the members of its type, and nothing private.
    #[test]
    fn a_key_reads_back_as_it_was_written() {
        let jwk = Jwk::new(PublicKey::p256(&[7; 32], &[9; 32]), Algorithm::ES256);
        let coordinate = |byte| URL_SAFE_NO_PAD.encode([byte; 32]);
        let written = serde_json::to_value(&jwk).unwrap();
        let expected = json!({"kty": "EC", "crv": "P-256", "x": coordinate(7), "y": coordinate(9),
            "use": "sig", "alg": "ES256", "kid": jwk.key.thumbprint()});
        assert_eq!(written, expected);
        assert_eq!(serde_json::from_value::<Jwk>(written).unwrap(), jwk);
    }

    /// RFC 7517 §5: a set is not lost for one key of a kind we do not know.
    #[test]
    fn unknown_kinds_of_key_in_a_set_are_passed_over() {
        let known = Jwk::new(PublicKey::ed25519(&[3; 32]), Algorithm::EdDSA);
        let set = json!({"keys": [{"kty": "AKP", "pub": "AA"}, known, {"kty": "EC", "crv": "P-521"}, 7]});
        assert_eq!(serde_json::from_value::<JwkSet>(set).unwrap(), JwkSet { keys: vec![known] });
    }
}
