//! Every test of a listening server once more, through TLS: what holds for a connection holds inside it, too.

use doorward_testkit::databases::on_postgres;
use doorward_web::actix::tls::Tls;
use rustls::crypto::ring::default_provider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ClientConfig, ClientConnection, RootCertStore, ServerConfig};
use std::io::{self, ErrorKind, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::Command;
use std::sync::{Arc, OnceLock};

/// Set in the second run.
const OVER_TLS: &str = "DOORWARD_TEST_OVER_TLS";

#[test]
fn all_connections_hold_over_tls() {
    if std::env::var_os(OVER_TLS).is_some() || on_postgres() {
        return;
    }
    if Command::new("openssl").arg("version").output().is_err() {
        drop(writeln!(io::stderr(), "skipped: needs openssl"));
        return;
    }
    let tests = std::env::current_exe().expect("this binary has a path");
    let output = Command::new(tests).arg("socket").env(OVER_TLS, "1").output().expect("it runs again");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}");
    assert!(!said.contains(" 0 passed"), "{said}");
}

/// What the server is to speak in this run.
pub(crate) fn server() -> Option<Tls> {
    configs().map(|(server, _)| Tls::new(server.clone()))
}

/// A client's end.
pub(crate) struct Wire {
    pub(crate) socket: TcpStream,
    tls: Option<Box<ClientConnection>>,
}

impl Wire {
    /// With the handshake made, in a run over TLS.
    pub(crate) fn open(mut socket: TcpStream) -> Self {
        let tls = configs().map(|(_, config)| {
            let name = "as.example".try_into().expect("a name");
            let mut tls = ClientConnection::new(Arc::clone(config), name).expect("a connection");
            while tls.is_handshaking() {
                tls.complete_io(&mut socket).expect("a handshake");
            }
            Box::new(tls)
        });
        Self { socket, tls }
    }
}

impl Read for Wire {
    /// Whoever is cut off is not told so in TLS first: the end of the connection is the end.
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let Some(tls) = &mut self.tls else { return self.socket.read(into) };
        match rustls::Stream::new(&mut **tls, &mut self.socket).read(into) {
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => Ok(0),
            read => read,
        }
    }
}

impl Write for Wire {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut self.tls {
            Some(tls) => rustls::Stream::new(&mut **tls, &mut self.socket).write(bytes),
            None => self.socket.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match &mut self.tls {
            Some(tls) => rustls::Stream::new(&mut **tls, &mut self.socket).flush(),
            None => self.socket.flush(),
        }
    }
}

fn configs() -> Option<&'static (ServerConfig, Arc<ClientConfig>)> {
    static CONFIGS: OnceLock<Option<(ServerConfig, Arc<ClientConfig>)>> = OnceLock::new();
    CONFIGS.get_or_init(|| std::env::var_os(OVER_TLS).map(|_| make())).as_ref()
}

fn make() -> (ServerConfig, Arc<ClientConfig>) {
    let folder = tempfile::tempdir().expect("a folder");
    let read = certify(folder.path());
    let certificate = CertificateDer::from_pem_slice(&read("crt")).expect("a certificate");
    let key = PrivateKeyDer::from_pem_slice(&read("key")).expect("a key");
    let mut roots = RootCertStore::empty();
    roots.add(certificate.clone()).expect("a root");
    let client = ClientConfig::builder_with_provider(Arc::new(default_provider()));
    let client = client.with_safe_default_protocol_versions().expect("versions");
    let server = ServerConfig::builder_with_provider(Arc::new(default_provider()));
    let server = server.with_safe_default_protocol_versions().expect("versions").with_no_client_auth();
    (
        server.with_single_cert(vec![certificate], key).expect("a pair"),
        Arc::new(client.with_root_certificates(roots).with_no_client_auth()),
    )
}

/// A certificate of a root's own, as openssl makes it.
fn certify(folder: &Path) -> impl Fn(&str) -> Vec<u8> {
    let request = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=as.example \
                   -addext subjectAltName=DNS:as.example -addext basicConstraints=critical,CA:FALSE \
                   -keyout server.key -out server.crt";
    let mut command = Command::new("openssl");
    let made = command.args(request.split_whitespace()).current_dir(folder).output().expect("openssl runs");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let folder = folder.to_owned();
    move |kind| std::fs::read(folder.join(format!("server.{kind}"))).expect("it is there")
}
