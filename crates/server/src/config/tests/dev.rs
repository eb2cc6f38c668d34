//! What `--dev` changes.

use super::super::sections::{MasterKey, Metrics};
use super::Machine;
use doorward_storage::url::DatabaseUrl;
use std::path::Path;

/// `--dev` needs no configuration and works in the current folder.
#[test]
fn trying_out_needs_nothing() {
    let config = Machine::bare().dev(&[]).unwrap();
    assert!(config.dev);
    assert_eq!(config.issuer(), Ok("http://127.0.0.1:8080"));
    assert_eq!(config.server.listen, "127.0.0.1:8080".parse().unwrap());
    assert_eq!(config.database.url, DatabaseUrl::sqlite("doorward-dev.db"));
    assert!(
        matches!(&config.keys.master_key, MasterKey::File(path) if path == Path::new("doorward-dev.key"))
    );
    assert_eq!(config.metrics, Metrics::Server);
    let trusted: Vec<_> = config.server.trusted_proxies.iter().map(ToString::to_string).collect();
    assert_eq!(trusted, ["127.0.0.0/8", "::1/128"], "a proxy on this machine may be tried out, too");
}

/// Given `--listen`, `--issuer`, `--database` replace the values of `--dev`.
#[test]
fn the_issuer_follows_the_address_unless_it_is_given() {
    let machine = Machine::bare();
    let listening = machine.dev(&[("server.listen", "127.0.0.1:9001")]).unwrap();
    assert_eq!(listening.issuer(), Ok("http://127.0.0.1:9001"));
    let flags = [("server.listen", "127.0.0.1:9001"), ("server.issuer", "https://try.example.com")];
    let given = machine.dev(&flags).unwrap();
    assert_eq!(given.issuer(), Ok("https://try.example.com"));
}

/// RFC 6749 §3.2: the token endpoint requires TLS; without it a trial is for the machine it runs on.
#[test]
fn trying_out_listens_to_nobody_else() {
    for address in ["0.0.0.0:9001", "[::]:9001", "192.0.2.1:9001", "[::ffff:192.0.2.1]:9001"] {
        for flags in [
            &[("server.listen", address)][..],
            &[("server.listen", address), ("server.issuer", "https://try.example.com")],
        ] {
            let errors = Machine::bare().dev(flags).unwrap_err();
            assert_eq!(errors.len(), 1, "{errors:?}");
            assert!(
                errors[0].contains("--listen") && errors[0].contains("on this machine only"),
                "{errors:?}"
            );
        }
    }
    for address in ["127.0.0.2:9001", "[::1]:9001", "[::ffff:127.0.0.1]:9001"] {
        assert!(Machine::bare().dev(&[("server.listen", address)]).is_ok(), "{address}");
    }
}

/// The key lies beside the database.
#[test]
fn the_key_follows_the_database() {
    let config = Machine::bare().dev(&[("database.url", "sqlite:/try/a.db")]).unwrap();
    assert_eq!(config.database.url, DatabaseUrl::sqlite("/try/a.db"));
    let key = Path::new("/try/doorward-dev.key");
    assert!(matches!(&config.keys.master_key, MasterKey::File(path) if path == key));
}

#[test]
fn trying_out_touches_nothing_that_was_configured_for_earnest() {
    let machine = Machine::bare()
        .with_file("[database]\nurl = \"sqlite:/srv/earnest.db\"\n[log]\nlevel = \"debug\"\n")
        .with("DOORWARD__DATABASE__URL", "sqlite:/srv/earnest.db")
        .with("DOORWARD__KEYS__MASTER_KEY", "v1:earnest");
    let config = machine.dev(&[]).unwrap();
    assert_eq!(config.database.url, DatabaseUrl::sqlite("doorward-dev.db"));
    assert!(matches!(config.keys.master_key, MasterKey::File(_)));
    assert_eq!(config.log.level, "info");
}

/// The issuer of port 0 is known only when the server listens; until then it says so.
#[test]
fn a_port_may_be_left_to_the_system() {
    let config = Machine::bare().dev(&[("server.listen", "127.0.0.1:0")]).unwrap();
    assert_eq!(config.server.listen.port(), 0);
    assert_eq!(config.issuer(), Ok("http://127.0.0.1:0"));
}

/// Relaxed limits: whoever tries things out mistypes secrets.
#[test]
fn trying_out_is_patient_with_wrong_secrets() {
    let config = Machine::bare().dev(&[]).unwrap();
    let limits = config.limits;
    assert_eq!(limits.failed_authentications_per_minute, 1000);
    assert_eq!((limits.sign_ins_per_account, limits.sign_ins_per_address), (1000, 1000));
}
