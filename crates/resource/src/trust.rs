//! Whom TLS trusts: the roots of this machine, and those that the API names. Owns the rustls configuration, always with ring
//! by name: a default that the host has installed for its process is left alone, and none is installed.

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use std::sync::Arc;

/// Why TLS cannot be spoken.
#[derive(Debug, thiserror::Error)]
pub enum Untrusting {
    /// No root certificate was found on this machine, and none was named.
    #[error("no root certificates on this machine, and none named")]
    NoRoots,
    /// What was named is no certificate in PEM.
    #[error("a root certificate that was named cannot be read")]
    Pem,
    /// rustls does not take the configuration.
    #[error("TLS cannot be configured: {0}")]
    Rustls(#[from] rustls::Error),
}

/// The configuration; where all that is asked is on this machine and without TLS, nobody has to be trusted.
pub(crate) fn configuration(uses_tls: bool, named: &[Vec<u8>]) -> Result<Arc<ClientConfig>, Untrusting> {
    let mut roots = RootCertStore::empty();
    for pem in named {
        add(pem, &mut roots)?;
    }
    if uses_tls {
        // A machine's store may hold what rustls does not read; the rest of it counts.
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        if roots.is_empty() {
            return Err(Untrusting::NoRoots);
        }
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    Ok(Arc::new(builder.with_root_certificates(roots).with_no_client_auth()))
}

fn add(pem: &[u8], roots: &mut RootCertStore) -> Result<(), Untrusting> {
    let mut any = false;
    for certificate in CertificateDer::pem_slice_iter(pem) {
        roots.add(certificate.map_err(|_| Untrusting::Pem)?).map_err(|_| Untrusting::Pem)?;
        any = true;
    }
    if any { Ok(()) } else { Err(Untrusting::Pem) }
}
