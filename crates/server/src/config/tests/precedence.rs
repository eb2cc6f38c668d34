//! Which layer wins, where the file is found, and what the defaults are.

use super::super::Overrides;
use super::super::sections::{MasterKey, Metrics};
use super::{Machine, source};
use doorward_core::settings::Settings;
use doorward_protocol::jose::Algorithm;
use doorward_protocol::time::Lifetime;
use doorward_storage::url::DatabaseUrl;

const FILE: &str = "[server]\nlisten = \"127.0.0.1:1003\"\n";

/// Flag > `--dev` > environment > file > default.
#[test]
fn each_layer_beats_all_below_it() {
    for given in 0..16_u32 {
        let (flag, dev, environment, file) = (given & 1 != 0, given & 2 != 0, given & 4 != 0, given & 8 != 0);
        let mut machine = Machine::ready();
        if environment {
            machine = machine.with("DOORWARD__SERVER__LISTEN", "127.0.0.1:1002");
        }
        let path = file.then(|| machine.write("own.toml", FILE));
        let flags = if flag { vec![("server.listen", "127.0.0.1:1001".to_owned())] } else { Vec::new() };
        let config = machine.load(&Overrides { config: path.clone(), dev, serve: true, flags }).unwrap();
        let (port, from) = match (flag, dev, environment, path) {
            (true, ..) => (1001, "--listen".to_owned()),
            (_, true, ..) => (8080, "--dev".to_owned()),
            (_, _, true, _) => (1002, "DOORWARD__SERVER__LISTEN".to_owned()),
            (_, _, _, Some(path)) => (1003, format!("{}:2", path.display())),
            _ => (8080, "default".to_owned()),
        };
        assert_eq!(config.server.listen.port(), port, "{given:04b}");
        assert_eq!(source(&config, "server.listen"), from, "{given:04b}");
    }
}

/// Found at `--config`, else `/etc/doorward/doorward.toml`, else the XDG configuration folder.
#[test]
fn the_first_file_that_exists_is_read_and_no_other() {
    let level = |level: &str| format!("[log]\nlevel = \"{level}\"\n");
    let machine = Machine::ready();
    let read = |machine: &Machine, config| {
        let overrides = Overrides { config, serve: true, ..Overrides::default() };
        machine.load(&overrides).unwrap().log.level
    };
    assert_eq!(read(&machine, None), "info");
    machine.write(".config/doorward/doorward.toml", &level("trace"));
    assert_eq!(read(&machine, None), "trace");
    machine.write("xdg/doorward/doorward.toml", &level("debug"));
    let xdg = machine.path("xdg");
    let machine = machine.with("XDG_CONFIG_HOME", xdg.to_str().unwrap());
    assert_eq!(read(&machine, None), "debug");
    machine.write("doorward.toml", &level("warn"));
    assert_eq!(read(&machine, None), "warn");
    let named = machine.write("named.toml", &level("error"));
    assert_eq!(read(&machine, Some(named)), "error");
}

#[test]
fn a_server_on_loopback_needs_nothing_but_its_issuer() {
    let machine = Machine::ready();
    let config = machine.serve(&[]).unwrap();
    assert_eq!(config.issuer(), Ok("http://127.0.0.1:8080"));
    assert_eq!(config.server.max_connections, 10_000);
    assert_eq!(config.server.body_limit, 65_536);
    assert_eq!(config.server.header_limit, 16_384);
    assert_eq!(config.server.body_timeout, Lifetime::seconds(10));
    assert_eq!(config.server.shutdown_grace, Lifetime::seconds(10));
    assert!(config.server.workers >= 1);
    let state = machine.path(".local/state/doorward");
    assert_eq!(config.database.url, DatabaseUrl::sqlite(state.join("doorward.db")));
    assert!(config.database.migrate_on_start);
    assert!(matches!(&config.keys.master_key, MasterKey::File(path) if *path == state.join("master.key")));
    assert_eq!(config.keys.algorithms, [Algorithm::ES256, Algorithm::EdDSA, Algorithm::RS256]);
    assert_eq!(config.keys.rotate_after, Lifetime::days(90));
    assert_eq!(config.keys.publish_before_use, Lifetime::minutes(10));
    assert_eq!(config.keys.retire_after, Lifetime::days(1));
    assert_eq!(config.tokens.access_token_lifetime, Lifetime::minutes(10));
    assert_eq!(config.tokens.signing_algorithm, Algorithm::ES256);
    assert_eq!(config.tokens.jwks_max_age, Lifetime::minutes(5));
    assert_eq!(config.limits.failed_authentications_per_minute, 20);
    assert_eq!(config.metrics, Metrics::Listener("127.0.0.1:9090".parse().unwrap()));
    assert_eq!(config.log.level, "info");
}

/// The database is in `$STATE_DIRECTORY`, else in the XDG state folder.
#[test]
fn the_state_folder_is_the_services_then_the_users() {
    let machine = Machine::ready();
    let database = |machine: &Machine| machine.serve(&[]).unwrap().database.url.to_string();
    let machine = machine.with("XDG_STATE_HOME", "/xdg");
    assert_eq!(database(&machine), "sqlite:/xdg/doorward/doorward.db");
    let machine = machine.with("STATE_DIRECTORY", "/var/lib/doorward:/var/lib/other");
    assert_eq!(database(&machine), "sqlite:/var/lib/doorward/doorward.db");
    let machine = Machine::ready().with("XDG_STATE_HOME", "relative");
    assert!(database(&machine).ends_with(".local/state/doorward/doorward.db"));
}

/// systemd.exec, "Credentials": a credential named `master_key` is used where the service manager passes one in.
#[test]
fn a_credential_of_the_service_manager_is_the_default_master_key() {
    let machine = Machine::ready();
    let folder = machine.path("credentials");
    let machine = machine.with("CREDENTIALS_DIRECTORY", folder.to_str().unwrap());
    let file = |machine: &Machine| match machine.serve(&[]).unwrap().keys.master_key {
        MasterKey::File(path) => path,
        MasterKey::Text(_) => panic!("nobody gave the key itself"),
    };
    assert_eq!(file(&machine), machine.path(".local/state/doorward/master.key"));
    let credential = machine.write("credentials/master_key", "");
    assert_eq!(file(&machine), credential);
}

/// What nobody has set is what an embedder gets who sets nothing, but for the threads, which depend on the machine.
#[test]
fn the_defaults_are_those_of_the_library() {
    let config = Machine::ready().serve(&[]).unwrap();
    let library = Settings::new(config.issuer().unwrap().parse().unwrap());
    assert_eq!(config.tokens.access_token_lifetime, library.access_token_lifetime);
    assert_eq!(config.tokens.id_token_lifetime, library.id_token_lifetime);
    assert_eq!(config.tokens.refresh, library.refresh);
    assert_eq!(config.sessions.idle, library.session_idle);
    assert_eq!(config.sessions.absolute, library.session_absolute);
    assert_eq!(config.limits.sign_ins_per_account, library.sign_in.attempts_per_account);
    assert_eq!(config.limits.sign_ins_per_address, library.sign_in.attempts_per_address);
    assert_eq!(config.passwords.hashing_memory, library.sign_in.hashing_memory * 1024);
    assert_eq!(config.passwords.hashing_passes, library.sign_in.hashing_passes);
    assert!(config.passwords.hashing_threads >= 1);
    assert_eq!(config.server.pages_prefix, library.pages_prefix);
}

#[test]
fn metrics_are_served_only_where_somebody_listens() {
    let off = Machine::ready().with("DOORWARD__METRICS__ENABLED", "false").serve(&[]).unwrap();
    assert_eq!(off.metrics, Metrics::Off);
    let nowhere = Machine::ready().with("DOORWARD__METRICS__LISTEN", "").serve(&[]).unwrap();
    assert_eq!(nowhere.metrics, Metrics::Off);
}

#[test]
fn what_config_show_prints_reads_back_as_the_same_configuration() {
    let machine = Machine::ready().with("DOORWARD__KEYS__ALGORITHMS", "RS256, ES256");
    let shown = machine.serve(&[]).unwrap().report().to_string();
    assert!(shown.contains("rotate_after = \"90 d\""), "{shown}");
    let read_back = Machine::bare().with_file(&shown).serve(&[]).unwrap().report();
    let values = |text: &str| {
        text.lines().map(|line| line.split(" # ").next().unwrap().trim_end().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(values(&read_back.to_string()), values(&shown));
}

#[test]
fn config_show_names_who_was_overruled() {
    let machine = Machine::ready().with("DOORWARD__SERVER__LISTEN", "127.0.0.1:1002");
    let shown = machine.serve(&[("server.listen", "127.0.0.1:1001")]).unwrap().report().to_string();
    let line = shown.lines().find(|line| line.starts_with("listen")).unwrap();
    assert!(line.starts_with("listen = \"127.0.0.1:1001\" "), "{line}");
    assert!(line.ends_with("# --listen, not from DOORWARD__SERVER__LISTEN"), "{line}");
}
