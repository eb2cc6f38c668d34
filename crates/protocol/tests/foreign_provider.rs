//! A host that installed a jsonwebtoken provider before us. The provider belongs to the process, so this file is one of
//! its own.

use doorward_protocol::jose::Algorithm;
use doorward_protocol::jose::key::SigningKey;
use doorward_protocol::jose::probe::{Unproven, prove};
use jsonwebtoken::crypto::{CryptoProvider, KeyUtils};

static FOREIGN: CryptoProvider = CryptoProvider {
    signer_factory: |_, _| panic!("a foreign provider that panics"),
    verifier_factory: |_, _| panic!("a foreign provider that panics"),
    key_utils: KeyUtils::new_unimplemented(),
};

/// RFC 8725 §3.1: an algorithm the installed provider cannot do is a named error at start, never a panic.
#[test]
fn a_foreign_provider_stays_and_what_it_cannot_do_is_named() {
    FOREIGN.install_default().expect("this process has one test");
    for algorithm in [Algorithm::ES256, Algorithm::EdDSA] {
        let key = SigningKey::generate(algorithm).unwrap();
        assert_eq!(prove(&key), Err(Unproven::Panicked(algorithm)));
    }
}
