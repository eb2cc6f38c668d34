//! The proof, before the first request, that the process's `jsonwebtoken` provider can do what a signing key needs. A
//! host that embeds us may have installed its own (see [`super::provider`]); one that cannot must be a named error at
//! start, not a panic or a refused token later. Owns the proof only: whoever builds a server asks for it, per key.

use super::key::SigningKey;
use super::verification_key::{UnusableJwk, VerificationKey};
use super::{Algorithm, provider};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// What is signed. It has no dots, so its signature is no part of any token.
const PROBE: &[u8] = b"doorward signs this to prove its provider";
const OTHER: &[u8] = b"doorward never signed this";

/// What the installed provider cannot do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unproven {
    /// It panicked, as jsonwebtoken's stand-in for a missing provider does.
    #[error(
        "the installed jsonwebtoken provider panics on {0}; install doorward's, or none, before the first use"
    )]
    Panicked(Algorithm),
    /// It did not sign.
    #[error("the installed jsonwebtoken provider cannot sign with {0}: {1}")]
    Signing(Algorithm, String),
    /// Its signatures are not those of RFC 7518 or RFC 8037.
    #[error("the installed jsonwebtoken provider signs {0} in a way nobody else can verify")]
    Form(Algorithm),
    /// It does not recognise a good signature.
    #[error("the installed jsonwebtoken provider cannot verify {0}: {1}")]
    Verifying(Algorithm, String),
    /// It takes a signature for a message it was not made for.
    #[error("the installed jsonwebtoken provider accepts a wrong {0} signature")]
    Gullible(Algorithm),
    /// The public half cannot verify.
    #[error("the {0} key cannot be used: {1}")]
    Key(Algorithm, UnusableJwk),
}

/// Signs and verifies a probe with this key, through the installed provider.
pub fn prove(key: &SigningKey) -> Result<(), Unproven> {
    let public =
        VerificationKey::try_from(key.jwk()).map_err(|error| Unproven::Key(key.algorithm(), error))?;
    prove_with(
        &public,
        || key.sign_bytes(PROBE),
        |signature, message| {
            jsonwebtoken::crypto::verify(signature, message, &public.key, public.algorithm.into())
        },
    )
}

type Outcome<T> = Result<T, jsonwebtoken::errors::Error>;

fn prove_with(
    public: &VerificationKey,
    sign: impl Fn() -> Outcome<String>,
    verify: impl Fn(&str, &[u8]) -> Outcome<bool>,
) -> Result<(), Unproven> {
    let algorithm = public.algorithm;
    // Nothing of ours is left half-changed by a panic in here: the provider is called, and its answers are compared.
    let proof = catch_unwind(AssertUnwindSafe(|| {
        let signature = sign().map_err(|error| Unproven::Signing(algorithm, error.to_string()))?;
        if !ring_verifies(public, &signature) {
            return Err(Unproven::Form(algorithm));
        }
        match verify(&signature, PROBE) {
            Ok(true) => {}
            Ok(false) => {
                return Err(Unproven::Verifying(algorithm, "a good signature was refused".to_owned()));
            }
            Err(error) => return Err(Unproven::Verifying(algorithm, error.to_string())),
        }
        if matches!(verify(&signature, OTHER), Ok(true)) {
            return Err(Unproven::Gullible(algorithm));
        }
        Ok(())
    }));
    proof.unwrap_or(Err(Unproven::Panicked(algorithm)))
}

/// Whether the rest of the world, here ring, can verify the signature.
fn ring_verifies(public: &VerificationKey, signature: &str) -> bool {
    let Ok(signature) = URL_SAFE_NO_PAD.decode(signature) else { return false };
    provider::verifier(&public.algorithm.into(), &public.key)
        .is_ok_and(|verifier| verifier.verify(PROBE, &signature).is_ok())
}

#[cfg(test)]
mod tests {
    use super::super::tests_support::keys;
    use super::*;
    use jsonwebtoken::errors::ErrorKind;

    #[test]
    fn our_own_provider_proves_every_algorithm() {
        for key in keys() {
            assert_eq!(prove(key), Ok(()));
        }
    }

    #[test]
    fn a_provider_that_panics_is_named() {
        for (key, public) in pairs() {
            let outcome = prove_with(&public, || panic!("no provider"), |_, _| Ok(true));
            assert_eq!(outcome, Err(Unproven::Panicked(key.algorithm())));
        }
    }

    #[test]
    fn a_provider_that_refuses_is_named() {
        let refusal = || Err(ErrorKind::UnsupportedAlgorithm.into());
        for (key, public) in pairs() {
            let (alg, reason) = (key.algorithm(), "UnsupportedAlgorithm".to_owned());
            let unsigned = prove_with(&public, || refusal().map(|()| String::new()), |_, _| Ok(true));
            assert_eq!(unsigned, Err(Unproven::Signing(alg, reason.clone())));
            let unverified = prove_with(&public, || key.sign_bytes(PROBE), |_, _| refusal().map(|()| true));
            assert_eq!(unverified, Err(Unproven::Verifying(alg, reason)));
        }
    }

    #[test]
    fn a_provider_that_accepts_anything_is_named() {
        for (key, public) in pairs() {
            let outcome = prove_with(&public, || key.sign_bytes(PROBE), |_, _| Ok(true));
            assert_eq!(outcome, Err(Unproven::Gullible(key.algorithm())));
        }
    }

    #[test]
    fn a_provider_that_knows_no_good_signature_is_named() {
        for (key, public) in pairs() {
            let outcome = prove_with(&public, || key.sign_bytes(PROBE), |_, _| Ok(false));
            assert!(matches!(outcome, Err(Unproven::Verifying(alg, _)) if alg == key.algorithm()));
        }
    }

    /// RFC 7518 §3.4: a provider that writes signatures in another form, such as DER, is named.
    #[test]
    fn a_provider_whose_signatures_nobody_can_read_is_named() {
        for (key, public) in pairs() {
            let outcome = prove_with(
                &public,
                || key.sign_bytes(PROBE).map(|text| text[4..].to_owned()),
                |_, _| Ok(true),
            );
            assert_eq!(outcome, Err(Unproven::Form(key.algorithm())));
        }
    }

    fn pairs() -> impl Iterator<Item = (&'static SigningKey, VerificationKey)> {
        keys().into_iter().map(|key| (key, VerificationKey::try_from(key.jwk()).unwrap()))
    }
}
