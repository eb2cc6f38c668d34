//! The certificate of a server that speaks https itself: two PEM files, read and held against each other. Owns what is said
//! when they cannot be used, and what https is spoken with when they can; when they are read, `serve` decides.

mod validity;

use crate::config::sections::TlsFiles;
use crate::failure::Failure;
use crate::key_file;
use doorward_protocol::time::Seconds;
use rustls::client::verify_server_name;
use rustls::crypto::ring;
use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::server::{ParsedCertificate, ServerSessionMemoryCache};
use rustls::{Error, InconsistentKeys, ServerConfig};
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::sync::Arc;

/// Sessions that can be resumed, at a few hundred bytes each: two for every handshake.
const SESSIONS: usize = 8_192;

/// No chain of certificates is longer, in bytes.
const LONGEST: u64 = 1 << 20;

/// What complaints call its private key.
const KEY: &str = "certificate's key";

/// A certificate with its key, ready to be used.
pub(crate) struct Certificate {
    chain: Vec<CertificateDer<'static>>,
    config: ServerConfig,
    /// When it, or one of those that lead to its authority, ends.
    pub(crate) ends: Seconds,
}

impl Certificate {
    /// Reads it.
    pub(crate) fn read(files: &TlsFiles) -> Result<Self, Failure> {
        let chain = chain(&files.certificate)?;
        let ends = chain.iter().map(|one| validity::ends(one)).min().flatten();
        let ends =
            ends.ok_or_else(|| unusable(&files.certificate, "it does not say how long it is valid"))?;
        let key = key(&files.key)?;
        let config = config(chain.clone(), key).map_err(|error| mismatch(files, &error))?;
        Ok(Self { chain, config, ends })
    }

    /// Whether clients that look for this host take it.
    pub(crate) fn is_for(&self, host: &str) -> bool {
        // An IPv6 address stands in brackets in a URL.
        let Ok(name) = ServerName::try_from(host.trim_matches(['[', ']'])) else { return false };
        let parsed = self.chain.first().map(ParsedCertificate::try_from);
        parsed.is_some_and(|parsed| parsed.and_then(|parsed| verify_server_name(&parsed, &name)).is_ok())
    }

    /// What https is spoken with.
    pub(crate) fn into_config(self) -> ServerConfig {
        self.config
    }
}

fn chain(path: &Path) -> Result<Vec<CertificateDer<'static>>, Failure> {
    let text = file(path).and_then(bounded);
    let text = text.map_err(|error| unusable(path, format!("it cannot be read: {error}")))?;
    let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&text).collect();
    let chain = chain.map_err(|error| unusable(path, not_pem(&error)))?;
    if chain.is_empty() { Err(unusable(path, "there is no certificate in it, in PEM")) } else { Ok(chain) }
}

fn key(path: &Path) -> Result<PrivateKeyDer<'static>, Failure> {
    let file = file(path).map_err(|error| key_file::cannot("read", KEY, path, &error))?;
    let text = key_file::read(KEY, path, file)?;
    PrivateKeyDer::from_pem_slice(text.expose().as_bytes()).map_err(|error| {
        let what = match error {
            pem::Error::NoItemsFound => {
                "no private key is in it (PKCS#8, PKCS#1 or SEC1, without a passphrase, in PEM)"
            }
            error => not_pem(&error),
        };
        Failure::refused(format!("the {KEY} {}: {what}", path.display()))
    })
}

/// A pipe would be waited for by the thread that has everything else to look after.
fn file(path: &Path) -> io::Result<File> {
    if !std::fs::metadata(path)?.is_file() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is not a regular file"));
    }
    File::open(path)
}

fn bounded(file: File) -> io::Result<Vec<u8>> {
    let mut text = vec![];
    file.take(LONGEST).read_to_end(&mut text)?;
    Ok(text)
}

/// In words of ours: the error's own repeat what stands in the file, which may be all of a key.
const fn not_pem(error: &pem::Error) -> &'static str {
    match error {
        pem::Error::MissingSectionEnd { .. } => {
            "it is not PEM: a section does not end (are its line breaks gone?)"
        }
        pem::Error::IllegalSectionStart { .. } => "it is not PEM: a section begins with a broken line",
        pem::Error::Base64Decode(_) => "it is not PEM: what stands in a section is not base64",
        _ => "it is not PEM",
    }
}

/// TLS 1.2 and 1.3, by ring, whatever provider the process may have installed.
fn config(chain: Vec<CertificateDer<'static>>, key: PrivateKeyDer<'static>) -> Result<ServerConfig, Error> {
    let builder = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()));
    let builder = builder.with_safe_default_protocol_versions()?.with_no_client_auth();
    let mut config = builder.with_single_cert(chain, key)?;
    // Of this certificate's alone: nothing that began under another is resumed under it.
    config.session_storage = ServerSessionMemoryCache::new(SESSIONS);
    Ok(config)
}

fn mismatch(files: &TlsFiles, error: &Error) -> Failure {
    let key = files.key.display();
    match error {
        Error::InconsistentKeys(InconsistentKeys::KeyMismatch) => {
            unusable(&files.certificate, format!("the key {key} belongs to another"))
        }
        error => unusable(&files.certificate, format!("it cannot be used with the key {key}: {error}")),
    }
}

fn unusable(path: &Path, why: impl std::fmt::Display) -> Failure {
    Failure::refused(format!("the certificate {}: {why}", path.display()))
}
