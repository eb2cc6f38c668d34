//! A host that has installed providers of its own before, jsonwebtoken's and rustls'. Both belong to the process, so this file is
//! one of its own. Neither is replaced: signatures are verified by the host's, and TLS is spoken with ring all the same, trusting
//! the root that was named.

#![expect(clippy::unwrap_used, reason = "in a test, what cannot be had is a failure")]

#[expect(dead_code, reason = "the other tests' server, of which this one needs less")]
#[path = "it/server.rs"]
mod server;
#[expect(dead_code, reason = "the server's, and silent here")]
#[path = "it/teller.rs"]
mod teller;

use crate::server::{SIGNED, Server};
use axum::Router;
use axum::routing::get;
use axum::serve::Listener;
use doorward_resource::protected_api::ProtectedApi;
use jsonwebtoken::DecodingKeyKind;
use jsonwebtoken::crypto::{JwtSigner, JwtVerifier, KeyUtils};
use jsonwebtoken::signature::{self, Signer, Verifier};
use ring::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, UnparsedPublicKey,
};
use rustls::ServerConfig;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use std::fs;
use std::io::{self, Write};
use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

static VERIFIED: AtomicUsize = AtomicUsize::new(0);

/// The host's provider: ES256 on ring, and it counts what it verifies.
static FOREIGN: jsonwebtoken::crypto::CryptoProvider = jsonwebtoken::crypto::CryptoProvider {
    signer_factory: |_, key| Ok(Box::new(Signing(key.as_bytes().to_vec()))),
    verifier_factory: |_, key| Ok(Box::new(Verifying(key.kind().clone()))),
    key_utils: KeyUtils::new_unimplemented(),
};

struct Signing(Vec<u8>);

struct Verifying(DecodingKeyKind);

impl Signer<Vec<u8>> for Signing {
    #[expect(clippy::disallowed_methods, reason = "a host has randomness of its own")]
    fn try_sign(&self, message: &[u8]) -> Result<Vec<u8>, signature::Error> {
        let random = ring::rand::SystemRandom::new();
        let key = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &self.0, &random);
        let key = key.map_err(|_| signature::Error::new())?;
        Ok(key.sign(&random, message).map_err(|_| signature::Error::new())?.as_ref().to_vec())
    }
}

impl JwtSigner for Signing {
    fn algorithm(&self) -> jsonwebtoken::Algorithm {
        jsonwebtoken::Algorithm::ES256
    }
}

impl Verifier<Vec<u8>> for Verifying {
    fn verify(&self, message: &[u8], signature: &Vec<u8>) -> Result<(), signature::Error> {
        VERIFIED.fetch_add(1, Ordering::SeqCst);
        let DecodingKeyKind::SecretOrDer(point) = &self.0 else { return Err(signature::Error::new()) };
        let key = UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point);
        key.verify(message, signature).map_err(|_| signature::Error::new())
    }
}

impl JwtVerifier for Verifying {
    fn algorithm(&self) -> jsonwebtoken::Algorithm {
        jsonwebtoken::Algorithm::ES256
    }
}

/// RFC 8725 §3.1: a host that has chosen its cryptography keeps it, and TLS still proves who answers.
#[test]
fn a_host_keeps_the_providers_that_it_has_installed() {
    FOREIGN.install_default().expect("this process has one test");
    // Nothing could be said with it: whoever took it for TLS would fail.
    let mute = CryptoProvider { cipher_suites: vec![], ..rustls::crypto::ring::default_provider() };
    mute.install_default().unwrap();
    let Some(authority) = authority() else {
        drop(writeln!(io::stderr(), "skipped: needs openssl"));
        return;
    };
    let server = Server::new();
    let (address, issuer) = serve(authority.path(), &server);
    let token = format!("Bearer {}", server.signed_by(&issuer));
    let before = VERIFIED.load(Ordering::SeqCst);
    let root = fs::read(authority.path().join("ca.crt")).unwrap();
    let trusting = ProtectedApi::builder(&issuer, SIGNED).clock(server.clock.clone()).root_certificate(root);
    let doubting = ProtectedApi::builder(&issuer, SIGNED).clock(server.clock.clone());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let [trusting, doubting] = [trusting, doubting].map(|builder| {
        let api = builder.build();
        api.map(|api| runtime.block_on(api.verify([token.as_bytes()])).map_err(|refusal| refusal.status()))
    });
    assert_eq!(trusting.unwrap().unwrap().subject(), "shop", "{address}");
    assert_eq!(VERIFIED.load(Ordering::SeqCst), before + 1);
    // A machine without any roots refuses to begin with.
    assert!(doubting.is_err() || doubting.is_ok_and(|answered| answered.unwrap_err() == 503));
    assert_eq!(CryptoProvider::get_default().map(|host| host.cipher_suites.len()), Some(0));
}

/// Metadata and keys over TLS; gives where, and as whom.
fn serve(authority: &Path, server: &Server) -> (SocketAddr, String) {
    let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
    listener.set_nonblocking(true).unwrap();
    let address = listener.local_addr().unwrap();
    let issuer = format!("https://localhost:{}", address.port());
    let (keys, acceptor) = (server.core.jwks(), acceptor(authority));
    let metadata = format!(r#"{{"issuer":"{issuer}","jwks_uri":"{issuer}/keys"}}"#);
    let router = Router::new()
        .route("/.well-known/oauth-authorization-server", get(|| async { metadata }))
        .route("/keys", get(|| async { keys }));
    thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let listener = TcpListener::from_std(listener).unwrap();
            axum::serve(Tls { listener, acceptor }, router).await.unwrap();
        });
    });
    (address, issuer)
}

struct Tls {
    listener: TcpListener,
    acceptor: TlsAcceptor,
}

impl Listener for Tls {
    type Io = TlsStream<TcpStream>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, SocketAddr) {
        loop {
            let (stream, peer) = self.listener.accept().await.unwrap();
            // Who does not trust us hangs up.
            if let Ok(stream) = self.acceptor.accept(stream).await {
                return (stream, peer);
            }
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}

fn acceptor(authority: &Path) -> TlsAcceptor {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let chain = CertificateDer::pem_file_iter(authority.join("server.crt")).unwrap().map(Result::unwrap);
    let key = PrivateKeyDer::from_pem_file(authority.join("server.key")).unwrap();
    let config = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let config = config.with_no_client_auth().with_single_cert(chain.collect(), key).unwrap();
    TlsAcceptor::from(Arc::new(config))
}

/// An authority of its own, and a certificate from it for `localhost`; nothing on a machine without openssl.
fn authority() -> Option<tempfile::TempDir> {
    Command::new("openssl").arg("version").output().ok().filter(|done| done.status.success())?;
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    fs::write(here.join("names"), "subjectAltName = DNS:localhost").unwrap();
    let new = "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes";
    openssl(here, &format!("req -x509 {new} -days 2 -subj /CN=authority -keyout ca.key -out ca.crt"));
    openssl(here, &format!("req {new} -subj /CN=server -keyout server.key -out server.csr"));
    let sign = "x509 -req -in server.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 2 -extfile names";
    openssl(here, &format!("{sign} -out server.crt"));
    Some(folder)
}

fn openssl(folder: &Path, arguments: &str) {
    let done =
        Command::new("openssl").args(arguments.split_whitespace()).current_dir(folder).output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
}
