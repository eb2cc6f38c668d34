//! A host that had chosen how its process signs before it embedded us. The choice belongs to the process, so this file is a
//! test binary of its own.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use doorward_core::access::api::ApiScope;
use doorward_core::authorization_server::AuthorizationServer;
use doorward_core::context::{Caller, FormRequest};
use doorward_core::keys::master::MasterKey;
use doorward_core::manage::signing_keys::{self, Occasion};
use doorward_core::manage::{apis, clients};
use doorward_core::random::SystemRandom;
use doorward_core::settings::Settings;
use doorward_core::store::Store;
use doorward_protocol::introspection::Introspection;
use doorward_protocol::jose::Algorithm;
use doorward_protocol::jose::key::SigningKey;
use doorward_protocol::jose::probe::prove;
use doorward_protocol::params::Params;
use doorward_protocol::scope::Scope;
use doorward_protocol::words::TokenFormat;
use doorward_storage::database::{Database, Options};
use doorward_testkit::block_on::block_on;
use doorward_testkit::calls::by_operator;
use doorward_testkit::databases::FreshDatabase;
use jsonwebtoken::DecodingKeyKind;
use jsonwebtoken::crypto::{CryptoProvider, JwtSigner, JwtVerifier, KeyUtils};
use jsonwebtoken::signature::{Error, Signer, Verifier};
use ring::rand::SystemRandom as RingRandom;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, UnparsedPublicKey,
};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

/// How often the host's own provider was asked to sign, and to verify.
static SIGNED: AtomicUsize = AtomicUsize::new(0);
static VERIFIED: AtomicUsize = AtomicUsize::new(0);

/// The host's: it knows ES256 and nothing else, and counts.
static HOSTS: CryptoProvider = CryptoProvider {
    signer_factory: |_, key| Ok(Box::new(Host(key.as_bytes().to_vec()))),
    verifier_factory: |_, key| match key.kind() {
        DecodingKeyKind::SecretOrDer(point) => Ok(Box::new(Host(point.clone()))),
        DecodingKeyKind::RsaModulusExponent { .. } => panic!("the host does no RSA"),
    },
    key_utils: KeyUtils::new_unimplemented(),
};

/// Another that somebody might install later.
static LATER: CryptoProvider = CryptoProvider {
    signer_factory: |_, _| panic!("nobody chose this one"),
    verifier_factory: |_, _| panic!("nobody chose this one"),
    key_utils: KeyUtils::new_unimplemented(),
};

struct Host(Vec<u8>);

impl Signer<Vec<u8>> for Host {
    #[expect(clippy::disallowed_methods, reason = "the host does as it likes")]
    fn try_sign(&self, message: &[u8]) -> std::result::Result<Vec<u8>, Error> {
        SIGNED.fetch_add(1, SeqCst);
        let random = RingRandom::new();
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &self.0, &random).unwrap();
        Ok(pair.sign(&random, message).unwrap().as_ref().to_vec())
    }
}

impl JwtSigner for Host {
    fn algorithm(&self) -> jsonwebtoken::Algorithm {
        jsonwebtoken::Algorithm::ES256
    }
}

impl Verifier<Vec<u8>> for Host {
    fn verify(&self, message: &[u8], signature: &Vec<u8>) -> std::result::Result<(), Error> {
        VERIFIED.fetch_add(1, SeqCst);
        let key = UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, &self.0);
        key.verify(message, signature).map_err(|_| Error::new())
    }
}

impl JwtVerifier for Host {
    fn algorithm(&self) -> jsonwebtoken::Algorithm {
        jsonwebtoken::Algorithm::ES256
    }
}

/// How often both were asked while this was done.
fn counted(work: impl FnOnce()) -> (usize, usize) {
    let before = (SIGNED.load(SeqCst), VERIFIED.load(SeqCst));
    work();
    (SIGNED.load(SeqCst) - before.0, VERIFIED.load(SeqCst) - before.1)
}

fn server(place: &FreshDatabase, master: &str) -> AuthorizationServer {
    let store: Arc<dyn Store> =
        Database::open(&place.url().parse().unwrap(), Options { connections: 3, ..Options::default() })
            .unwrap();
    let mut settings = Settings::new("https://as.example".parse().unwrap());
    settings.algorithms = vec![Algorithm::ES256];
    settings.signing_algorithm = Algorithm::ES256;
    let master = MasterKey::parse(master).unwrap();
    let builder = AuthorizationServer::builder(settings.issuer.clone(), store, master).settings(settings);
    block_on(builder.build()).unwrap()
}

/// The client's name and secret, as HTTP Basic carries them.
fn prepared(server: &AuthorizationServer) -> String {
    let context = server.context();
    let key = signing_keys::prepare(Algorithm::ES256, server.sealer(), &context).unwrap();
    block_on(signing_keys::rotate(key, Occasion::Due, &by_operator(&context), &context)).unwrap();
    let scopes = vec![ApiScope { name: "read".to_owned(), description: String::new() }];
    let members = apis::Members { scopes, token_format: TokenFormat::Jwt, ..apis::Members::named("An API") };
    block_on(apis::create("https://api.example", members, &by_operator(&context), &context)).unwrap();
    let scope: Scope = "read".parse().unwrap();
    let members =
        clients::Members { scopes: scope.clone(), default_scopes: scope, ..clients::Members::named("c") };
    let client = block_on(clients::create(None, members, &by_operator(&context), &context)).unwrap();
    let secret = client.secret.unwrap();
    format!("Basic {}", STANDARD.encode(format!("{}:{}", client.client.client_id, secret.expose())))
}

fn form<'a>(text: &'a str, basic: &'a str) -> FormRequest<'a> {
    let params = Params::parse(text.as_bytes()).unwrap();
    FormRequest { params, authorization: Some(basic), caller: Caller::default() }
}

/// Whoever chose what this process signs with keeps the choice, and everything of ours is done by it.
#[test]
fn a_host_that_has_chosen_a_provider_keeps_it_and_is_served_by_it() {
    HOSTS.install_default().expect("this process has one test");
    let place = FreshDatabase::new();
    let master = MasterKey::generate(&SystemRandom::default()).unwrap().to_text();
    let first = server(&place, master.expose());
    let basic = prepared(&first);
    let mut built = None;
    let proof = counted(|| built = Some(server(&place, master.expose())));
    assert!(proof.0 >= 1 && proof.1 >= 1, "a start proves the host's provider: {proof:?}");

    let server = built.unwrap();
    let mut token = String::new();
    let minted = counted(|| {
        let answer = block_on(server.token(&form("grant_type=client_credentials", &basic)));
        token = answer.unwrap_or_else(|_| panic!("refused")).access_token.expose().to_owned();
    });
    assert_eq!(minted, (1, 0), "the host's provider signs");
    let asked = format!("token={token}");
    let seen = counted(|| {
        let answer = block_on(server.introspect(&form(&asked, &basic)));
        assert!(matches!(answer, Ok(Introspection::Active(_))));
    });
    assert_eq!(seen, (0, 1), "and verifies");

    LATER.install_default().expect_err("the host's stays installed");
    let unable = SigningKey::generate(Algorithm::EdDSA).unwrap();
    assert!(prove(&unable).is_err(), "what it cannot do is known at once, and not taken over by ours");
}
