//! A server proves who it is, or no password is sent to it.

use std::path::Path;
use std::process::Command;

use diesel::connection::Connection as _;
use diesel::result::ConnectionError;
use doorward_pg::PgConnection;
use rustls::crypto::CryptoProvider;

use crate::cluster::{Cluster, PASSWORD, USER, cluster, run};
use crate::database::{PATIENCE, open, skipped, text, with};

/// An authority, and a server that has a certificate from it for `localhost` and nobody else.
struct Certified {
    cluster: Cluster,
    authority: tempfile::TempDir,
}

fn certified() -> Option<Certified> {
    let authority = authority_or_skip()?;
    let cluster = cluster("")?;
    install(authority.path(), &cluster);
    let files = cluster.path("server");
    cluster.set(&format!("ssl = on\nssl_cert_file = '{0}.crt'\nssl_key_file = '{0}.key'", files.display()));
    cluster.control(&["restart"]);
    Some(Certified { cluster, authority })
}

/// A key on a curve, for openssl.
const EC: &str = "ec -pkeyopt ec_paramgen_curve:P-256";

/// An authority with this kind of key, and a server's key and certificate from it, signed with this hash.
fn authority(key: &str, hash: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let here = folder.path();
    std::fs::write(here.join("names"), "subjectAltName = DNS:localhost").expect("a file");
    openssl(
        here,
        &format!("req -x509 -newkey {key} -nodes -days 2 -subj /CN=authority -keyout ca.key -out ca.crt"),
    );
    openssl(here, &format!("req -newkey {EC} -nodes -subj /CN=server -keyout server.key -out server.csr"));
    let sign = "x509 -req -in server.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 2 -extfile names -out server.crt";
    openssl(here, &format!("{sign} -{hash}"));
    folder
}

fn install(authority: &Path, cluster: &Cluster) {
    for file in ["server.crt", "server.key"] {
        std::fs::copy(authority.join(file), cluster.path(file)).expect("a file");
        cluster.own(file, 0o600);
    }
}

fn openssl(folder: &Path, arguments: &str) {
    run(Command::new("openssl").args(arguments.split_whitespace()).current_dir(folder));
}

impl Certified {
    fn url(&self, host: &str, parameters: &str) -> String {
        let authority = self.authority.path().join("ca.crt");
        let port = self.cluster.port;
        format!(
            "postgres://{USER}:{PASSWORD}@{host}:{port}/postgres?{PATIENCE}&sslrootcert={}{parameters}",
            authority.display()
        )
    }
}

fn refusal(url: &str) -> String {
    match PgConnection::establish(url) {
        Err(ConnectionError::BadConnection(why)) => why,
        Err(error) => panic!("{error}"),
        Ok(_) => panic!("connected to {url}"),
    }
}

fn is_encrypted(url: &str) -> bool {
    text(&mut open(url), "version FROM pg_stat_ssl WHERE pid = pg_backend_pid()").starts_with("TLSv1.")
}

#[test]
fn the_right_server_is_taken_and_nobody_reads_along() {
    let Some(server) = certified() else { return };
    assert!(is_encrypted(&server.url("localhost", "&sslmode=verify-full")));
    assert!(is_encrypted(&server.url("localhost", "")), "who names an authority wants it asked");
    assert!(is_encrypted(&server.url("localhost", "&sslmode=verify-ca")));
    server.cluster.set("ssl_max_protocol_version = 'TLSv1.2'");
    server.cluster.control(&["restart"]);
    assert!(is_encrypted(&server.url("localhost", "&sslmode=verify-full")));
    assert!(is_encrypted(&server.url("localhost", "&sslmode=verify-ca")));
}

/// In the process that the test starts itself anew in.
const HOSTS_PROVIDER: &str = "DOORWARD_TEST_HOSTS_PROVIDER";

/// What a process signs and encrypts with by default is chosen by whoever made the process.
#[test]
fn a_process_without_a_provider_is_left_without_one() {
    let Some(server) = certified() else { return };
    assert!(is_encrypted(&server.url("localhost", "&sslmode=verify-full")));
    assert!(CryptoProvider::get_default().is_none(), "nothing was installed");
    let mut again = Command::new(std::env::current_exe().expect("this program"));
    again.args(["--exact", "tls::a_host_keeps_the_provider_it_has_installed", "--nocapture"]);
    let done = again.env(HOSTS_PROVIDER, server.url("localhost", "&sslmode=verify-full")).output();
    let done = done.expect("this program runs");
    let words = String::from_utf8_lossy(&done.stdout);
    assert!(done.status.success() && words.contains("1 passed"), "{words}");
}

/// The default belongs to the process, so this one needs a process of its own. The host's provider can do nothing at all:
/// whoever used it would not get through a handshake.
#[test]
fn a_host_keeps_the_provider_it_has_installed() {
    let Ok(url) = std::env::var(HOSTS_PROVIDER) else { return };
    let unable = CryptoProvider { cipher_suites: Vec::new(), ..rustls::crypto::ring::default_provider() };
    unable.install_default().expect("nobody was here before");
    assert!(is_encrypted(&url));
    assert!(CryptoProvider::get_default().is_some_and(|kept| kept.cipher_suites.is_empty()));
}

#[test]
fn another_name_is_refused_unless_names_do_not_matter() {
    let Some(server) = certified() else { return };
    let why = refusal(&server.url("127.0.0.1", "&sslmode=verify-full"));
    assert!(why.contains("not valid for name"), "{why}");
    assert!(is_encrypted(&server.url("127.0.0.1", "&sslmode=verify-ca")));
}

#[test]
fn another_authority_is_refused_in_every_mode() {
    let Some(server) = certified() else { return };
    let stranger = Certified { authority: authority(EC, "sha256"), ..server };
    for mode in ["verify-full", "verify-ca"] {
        let why = refusal(&stranger.url("localhost", &format!("&sslmode={mode}")));
        assert!(why.contains("invalid peer certificate"), "{mode}: {why}");
    }
    let system = format!(
        "postgres://{USER}:{PASSWORD}@localhost:{}/postgres?sslmode=verify-full",
        stranger.cluster.port
    );
    assert!(refusal(&system).contains("certificate"), "the system does not know the authority");
}

/// PostgreSQL answers `N` to whoever asks for TLS it does not have, and would go on without.
#[test]
fn a_server_without_tls_is_refused_where_tls_is_asked_for() {
    let Some(cluster) = cluster("") else { return };
    let Some(authority) = authority_or_skip() else { return };
    let root = authority.path().join("ca.crt").display().to_string();
    for mode in ["verify-full", "verify-ca"] {
        let why = refusal(&with(&cluster.url(), &format!("sslmode={mode}&sslrootcert={root}")));
        assert!(why.contains("does not support TLS"), "{why}");
    }
}

fn authority_or_skip() -> Option<tempfile::TempDir> {
    let found = Command::new("openssl").arg("version").output().is_ok_and(|done| done.status.success());
    if !found {
        skipped("openssl");
    }
    found.then(|| authority(EC, "sha256"))
}

#[test]
fn an_authority_that_cannot_be_read_is_named() {
    let somebody = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = somebody.local_addr().expect("it is bound").port();
    let why = refusal(&format!("postgres://u@127.0.0.1:{port}/db?sslrootcert=/no/such/file"));
    assert!(why.contains("sslrootcert /no/such/file"), "{why}");
    let empty = tempfile::NamedTempFile::new().expect("a file");
    let why = refusal(&format!("postgres://u@127.0.0.1:{port}/db?sslrootcert={}", empty.path().display()));
    assert!(why.contains("holds no certificate"), "{why}");
}

/// RFC 5929 §4.1: PostgreSQL offers SCRAM-SHA-256-PLUS over TLS and refuses a binding that is not its certificate's, so
/// being let in shows that the hash is right; one for each kind of signature.
#[test]
fn the_proof_of_the_password_is_bound_to_the_certificate() {
    let Some(mut server) = certified() else { return };
    for (key, hash) in [(EC, "sha256"), (EC, "sha384"), ("rsa:2048", "sha256"), ("rsa:2048", "sha512")] {
        server.authority = authority(key, hash);
        install(server.authority.path(), &server.cluster);
        server.cluster.control(&["restart"]);
        assert!(is_encrypted(&server.url("localhost", "")), "{key} {hash}");
    }
}

/// Whoever sits at the port of a server that is down could ask for it.
#[test]
fn the_password_itself_is_shown_to_nobody_who_has_not_proved_to_be_the_server() {
    let Some(server) = certified() else { return };
    std::fs::write(
        server.cluster.path("data/pg_hba.conf"),
        "host all all 127.0.0.1/32 password\nlocal all all password\n",
    )
    .expect("the server's rules");
    server.cluster.control(&["reload"]);
    let why = refusal(&server.cluster.url());
    assert!(why.contains("asks for the password as it is") && !why.contains(PASSWORD), "{why}");
    assert!(is_encrypted(&server.url("localhost", "")));
    let folder = server.cluster.socket_url().replace(&format!("{USER}@"), &format!("{USER}:{PASSWORD}@"));
    assert_eq!(text(&mut open(&folder), "current_user"), USER);
}
