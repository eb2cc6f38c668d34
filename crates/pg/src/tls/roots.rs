//! Reads the authorities that may vouch for a server. A file that holds none is an error, not an empty list that would
//! only show as a handshake that fails.

use std::io;
use std::path::Path;

use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

use crate::config::Roots;

/// The authorities, from the system's store or from a PEM file.
pub(super) fn read(roots: &Roots) -> io::Result<RootCertStore> {
    match roots {
        Roots::System => system(),
        Roots::File(path) => file(path),
    }
}

/// Of the system's authorities, those that rustls understands: a single odd one must not lock everybody out.
fn system() -> io::Result<RootCertStore> {
    let found = rustls_native_certs::load_native_certs();
    let mut store = RootCertStore::empty();
    store.add_parsable_certificates(found.certs);
    match found.errors.first() {
        _ if !store.is_empty() => Ok(store),
        Some(error) => Err(io::Error::other(format!("the system's certificate authorities: {error}"))),
        None => {
            Err(io::Error::other("the system has no certificate authorities: name a file in sslrootcert"))
        }
    }
}

/// All of a file's authorities: somebody chose each of them.
fn file(path: &Path) -> io::Result<RootCertStore> {
    let told = |why: String| io::Error::other(format!("sslrootcert {}: {why}", path.display()));
    let certificates = CertificateDer::pem_file_iter(path).map_err(|error| told(error.to_string()))?;
    let mut store = RootCertStore::empty();
    for certificate in certificates {
        let certificate = certificate.map_err(|error| told(error.to_string()))?;
        store.add(certificate).map_err(|error| told(error.to_string()))?;
    }
    if store.is_empty() { Err(told("holds no certificate".to_owned())) } else { Ok(store) }
}
