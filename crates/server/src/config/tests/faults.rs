//! What is refused, and in which words.

use super::super::surroundings::Surroundings;
use super::super::{Overrides, load};
use super::Machine;
use doorward_protocol::jose::Algorithm;

fn errors_of_file(text: &str) -> Vec<String> {
    Machine::ready().with_file(text).serve(&[]).err().unwrap_or_default()
}

/// Unknown keys are errors that name the nearest known key.
#[test]
fn an_unknown_key_in_the_file_names_the_nearest_known_one() {
    assert_eq!(
        errors_of_file("[server]\nlisten = \"127.0.0.1:8080\"\nmax_conections = 5\n"),
        [
            "server.max_conections (~/doorward.toml:3): there is no such setting; did you mean server.max_connections?"
        ]
    );
    assert_eq!(
        errors_of_file("listen = \"127.0.0.1:8080\"\n[tokns]\nzzz = 1\n"),
        [
            "listen (~/doorward.toml:1): there is no such setting; did you mean server.listen?",
            "tokns.zzz (~/doorward.toml:3): there is no such setting; did you mean the section [tokens]?",
        ]
    );
}

/// Unknown keys are errors that name the nearest known key.
#[test]
fn an_unknown_variable_names_the_nearest_known_one() {
    let machine = Machine::ready()
        .with("DOORWARD__SERVER__LISTN", "127.0.0.1:8080")
        .with("DOORWARD__LOG__LEVEL_FILE", "/etc/level")
        .with("DOORWARD_TEST_DATABASE_URL", "postgres://elsewhere");
    assert_eq!(
        machine.serve(&[]).unwrap_err(),
        [
            "DOORWARD__LOG__LEVEL_FILE: there is no such setting; did you mean DOORWARD__LOG__LEVEL?",
            "DOORWARD__SERVER__LISTN: there is no such setting; did you mean DOORWARD__SERVER__LISTEN?",
        ]
    );
}

#[test]
fn each_kind_refuses_what_it_cannot_be() {
    for (key, written, error) in [
        ("server.issuer", "\"http://id.example.com\"", "the issuer is plain http; use https"),
        ("server.issuer", "5", "it is a number; write a URL"),
        ("server.listen", "\"8080\"", "\"8080\" will not do; write ADDRESS:PORT, for example"),
        ("server.listen", "\"127.0.0.1:65536\"", "\"127.0.0.1:65536\" will not do; write ADDRESS:PORT"),
        ("server.listen", "\"\"", "\"\" will not do; write ADDRESS:PORT"),
        ("server.tls_terminated_by_proxy", "\"true\"", "it is a string; write true or false without quotes"),
        ("server.tls_terminated_by_proxy", "1", "it is a number; write true or false"),
        ("server.workers", "0", "\"0\" will not do; write a whole number from 1 to 1024"),
        ("server.workers", "\"4\"", "it is a string; write a whole number from 1 to 1024 without quotes"),
        ("server.workers", "1.5", "it is a number with a fraction; write a whole number"),
        ("server.workers", "0xffffffffffffffffff", "it is a number beyond all bounds; write a whole number"),
        ("server.body_limit", "\"64 KB\"", "\"64 KB\" will not do; write a size from 4 KiB to 16 MiB"),
        ("server.body_limit", "1", "\"1\" will not do; write a size from 4 KiB to 16 MiB"),
        ("server.body_timeout", "\"ten\"", "\"ten\" will not do; write a duration from 1 s to 5 min"),
        ("server.body_timeout", "\"1 h\"", "\"1 h\" will not do; write a duration from 1 s to 5 min"),
        ("server.body_timeout", "2026-01-01", "it is a date; write a duration from 1 s to 5 min"),
        ("database.url", "\"postgres://a:hunter2@b/c?sslmode=prefer\"", "sslmode"),
        ("database.url", "{ path = \"a\" }", "it is a table; write sqlite:PATH or postgres://"),
        ("keys.master_key_file", "\"\"", "it is empty; write a path"),
        (
            "keys.algorithms",
            "\"ES256\"",
            "it is a string; write a list of one or more of ES256, EdDSA, RS256",
        ),
        ("keys.algorithms", "[]", "the list is empty; write a list"),
        ("keys.algorithms", "[\"HS256\"]", "\"HS256\" will not do; write a list"),
        ("keys.algorithms", "[\"ES256\", \"ES256\"]", "ES256 stands there twice; write each word once"),
        ("keys.algorithms", "[1]", "it is a list that holds more than strings; write a list"),
        ("server.pages_prefix", "\"id\"", "\"id\" will not do; write empty, or a path that begins with /"),
        ("server.pages_prefix", "\"/id/\"", "\"/id/\" will not do"),
        ("server.pages_prefix", "\"/a/../b\"", "\"/a/../b\" will not do"),
        ("server.pages_prefix", "\"/a?b\"", "\"/a?b\" will not do"),
        ("server.trusted_proxies", "\"10.0.0.0/8\"", "it is a string; write a list of networks or addresses"),
        (
            "server.trusted_proxies",
            "[\"10.0.0.0/8\", \"proxy.example\"]",
            "\"proxy.example\" will not do: it is neither an address nor a network; write a list of networks",
        ),
        (
            "server.trusted_proxies",
            "[\"10.0.0.7/8\"]",
            "\"10.0.0.7/8\" will not do: it is an address within 10.0.0.0/8; write 10.0.0.0/8, or the address alone",
        ),
        (
            "server.trusted_proxies",
            "[\"0.0.0.0/0\"]",
            "\"0.0.0.0/0\" will not do: it is everybody; name the proxies alone",
        ),
        (
            "server.client_address_header",
            "\"X-Client\"",
            "\"X-Client\" will not do; write one of X-Forwarded-For, Forwarded, X-Real-IP",
        ),
        ("tokens.refresh_grace", "\"2 min\"", "\"2 min\" will not do; write a duration from 0 to 1 min"),
        ("passwords.hashing_memory", "\"1 MiB\"", "\"1 MiB\" will not do; write a size from 19 MiB to 1 GiB"),
        ("passwords.hashing_passes", "1", "\"1\" will not do; write a whole number from 2 to 64"),
        ("passwords.hashing_threads", "0", "\"0\" will not do; write a whole number from 1 to 1024"),
        ("limits.sign_ins_per_account", "0", "\"0\" will not do; write a whole number from 1 to 100000"),
        ("log.level", "\"inof\"", "\"inof\" will not do; write error, warn, info"),
        ("log.format", "\"xml\"", "\"xml\" will not do; write one of auto, json, pretty"),
        ("log.format", "[\"json\"]", "it is a list; write one of auto, json, pretty"),
    ] {
        let (section, name) = key.split_once('.').unwrap();
        let machine = Machine::bare().with_file(&format!("# a comment\n[{section}]\n{name} = {written}\n"));
        let machine = if key == "server.issuer" {
            machine
        } else {
            machine.with("DOORWARD__SERVER__ISSUER", "http://[::1]")
        };
        let errors = machine.serve(&[]).unwrap_err();
        assert_eq!(errors.len(), 1, "{errors:?}");
        assert!(errors[0].starts_with(&format!("{key} (~/doorward.toml:3): {error}")), "{}", errors[0]);
    }
}

#[test]
fn the_environment_is_read_as_text_of_each_kind() {
    let machine = Machine::ready()
        .with("DOORWARD__SERVER__WORKERS", "3")
        .with("DOORWARD__SERVER__BODY_LIMIT", "1 MiB")
        .with("DOORWARD__DATABASE__MIGRATE_ON_START", "false")
        .with("DOORWARD__KEYS__ALGORITHMS", "ES256,RS256");
    let config = machine.serve(&[]).unwrap();
    assert_eq!(config.server.workers, 3);
    assert_eq!(config.server.body_limit, 1 << 20);
    assert!(!config.database.migrate_on_start);
    assert_eq!(config.keys.algorithms, [Algorithm::ES256, Algorithm::RS256]);
}

#[test]
fn everything_that_is_wrong_is_said_at_once() {
    let machine = Machine::bare()
        .with("DOORWARD__LOG__LEVLE", "debug")
        .with("DOORWARD__SERVER__WORKERS", "many")
        .with_file("[server]\nissuer = \"https://id.example.com\"\n[tokens]\nsigning_algorithm = \"RS256\"\n[keys]\nalgorithms = [\"ES256\"]\nretire_after = 60\n[broken\n");
    let errors = machine.serve(&[("server.listen", "nowhere")]).unwrap_err();
    for beginning in [
        "DOORWARD__LOG__LEVLE: there is no such setting",
        "server.workers (DOORWARD__SERVER__WORKERS): \"many\" will not do",
        "server.listen (--listen): \"nowhere\" will not do",
        "server.issuer (~/doorward.toml:2): it is https, but Doorward listens with plain http",
        "tokens.signing_algorithm (~/doorward.toml:4): no key is kept for RS256; write one of ES256",
        "keys.retire_after (~/doorward.toml:7): 1 min is less than tokens.access_token_lifetime (10 min)",
        "keys.retire_after (~/doorward.toml:7): 1 min is less than tokens.id_token_lifetime (10 min)",
        "~/doorward.toml:8: is not TOML (",
    ] {
        assert!(
            errors.iter().any(|error| error.starts_with(beginning)),
            "{beginning} is missing in {errors:#?}"
        );
    }
}

#[test]
fn settings_that_do_not_fit_together_are_refused() {
    for (variable, text, error) in [
        (
            "DOORWARD__KEYS__PUBLISH_BEFORE_USE",
            "1 min",
            "keys.publish_before_use (DOORWARD__KEYS__PUBLISH_BEFORE_USE): 1 min is less than tokens.jwks_max_age \
             (5 min) and 10 s, so an API may not know a key that signs already; write at least 310 s",
        ),
        (
            "DOORWARD__TOKENS__JWKS_MAX_AGE",
            "1 h",
            "keys.publish_before_use (default): 10 min is less than tokens.jwks_max_age (1 h) and 10 s, so an API may \
             not know a key that signs already; write at least 3610 s",
        ),
        ("DOORWARD__KEYS__PUBLISH_BEFORE_USE", "30 d", ""),
        ("DOORWARD__TOKENS__ID_TOKEN_LIFETIME", "1 d", ""),
        (
            "DOORWARD__TOKENS__REFRESH_ABSOLUTE",
            "7 d",
            "tokens.refresh_absolute (DOORWARD__TOKENS__REFRESH_ABSOLUTE): 7 d is less than tokens.refresh_idle (30 d), so \
             a refresh token would end before it is idle for long enough; write at least 30 d",
        ),
        (
            "DOORWARD__SESSIONS__IDLE",
            "31 d",
            "sessions.absolute (default): 30 d is less than sessions.idle (31 d), so a session would end before it is \
             idle for long enough; write at least 31 d",
        ),
        (
            "DOORWARD__METRICS__LISTEN",
            "127.0.0.1:8080",
            "metrics.listen (DOORWARD__METRICS__LISTEN): 127.0.0.1:8080 is server.listen, too; write another port, or \
             \"\" for none",
        ),
    ] {
        let errors = Machine::ready().with(variable, text).serve(&[]).err().unwrap_or_default();
        let expected: Vec<_> = Some(error).filter(|error| !error.is_empty()).into_iter().collect();
        assert_eq!(errors, expected);
    }
    let machine = Machine::ready()
        .with("DOORWARD__KEYS__ROTATE_AFTER", "1 h")
        .with("DOORWARD__KEYS__PUBLISH_BEFORE_USE", "2 h");
    assert_eq!(
        machine.serve(&[]).unwrap_err(),
        [
            "keys.rotate_after (DOORWARD__KEYS__ROTATE_AFTER): 1 h is less than keys.publish_before_use (2 h), so a key \
          may be followed by the next before it signs; write at least 2 h"
        ]
    );
}

/// Without `--dev`, plain http needs an explicit `tls_terminated_by_proxy = true`.
#[test]
fn an_https_issuer_needs_to_know_of_its_proxy() {
    let machine = Machine::bare().with("DOORWARD__SERVER__ISSUER", "https://id.example.com");
    assert_eq!(
        machine.serve(&[]).unwrap_err(),
        ["server.issuer (DOORWARD__SERVER__ISSUER): it is https, but Doorward listens with plain http; set \
          server.tls.certificate and server.tls.key, or put a proxy that terminates TLS in front, and set server.tls_terminated_by_proxy = true"]
    );
    let machine = machine.with("DOORWARD__SERVER__TLS_TERMINATED_BY_PROXY", "true");
    assert_eq!(machine.serve(&[]).unwrap().issuer(), Ok("https://id.example.com"));
}

#[test]
fn a_certificate_comes_with_its_key_and_for_https() {
    let errors = errors_of_file("[server]\nissuer = \"https://a.example\"\n[server.tls]\nkey = \"a.key\"\n");
    assert_eq!(
        Machine::bare()
            .with_file("[server]\nissuer = \"https://a.example\"\n[server.tls]\ncertificate = \"a.crt\"\n")
            .serve(&[])
            .unwrap_err(),
        ["server.tls.certificate (~/doorward.toml:4): server.tls.key is not set; set both, or neither"]
    );
    assert_eq!(
        errors,
        ["server.tls.key (~/doorward.toml:4): server.tls.certificate is not set; set both, or neither"]
    );
    let both = "[server]\ntls = { certificate = \"a.crt\", key = \"a.key\" }\n";
    assert_eq!(
        errors_of_file(both),
        [
            "server.tls.certificate (~/doorward.toml:2): with it https is spoken, but server.issuer is http; write an \
             issuer with https, or leave it out"
        ]
    );
    let machine = Machine::bare().with_file(both).with("DOORWARD__SERVER__ISSUER", "https://a.example");
    let config = machine.serve(&[]).unwrap();
    assert!(config.server.tls.is_some() && !config.server.tls_terminated_by_proxy);
    assert!(config.report().to_string().contains("\ntls.certificate = \"a.crt\" "));
    assert!(machine.dev(&[]).unwrap().server.tls.is_none(), "a trial speaks plain http");
}

#[test]
fn an_unknown_name_in_a_table_within_a_section_is_an_error() {
    assert_eq!(
        errors_of_file("[server.tls]\ncertificat = \"a\"\n[server.workers]\na = 1\n"),
        [
            "server.tls.certificat (~/doorward.toml:2): there is no such setting; did you mean server.tls.certificate?",
            "server.workers (~/doorward.toml:3): it is a table; write a whole number from 1 to 1024",
        ]
    );
}

#[test]
fn proxies_are_a_list_wherever_they_are_written() {
    let machine = Machine::ready().with_file("[server]\ntrusted_proxies = [\"10.0.0.0/8\", \"::1\"]\n");
    let shown = |machine: &Machine| {
        let networks = machine.serve(&[]).unwrap().server.trusted_proxies;
        networks.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    assert_eq!(shown(&machine), ["10.0.0.0/8", "::1/128"]);
    let machine = machine.with("DOORWARD__SERVER__TRUSTED_PROXIES", "192.0.2.0/24, 2001:db8::/32");
    assert_eq!(shown(&machine), ["192.0.2.0/24", "2001:db8::/32"]);
    let machine = Machine::ready().with("DOORWARD__SERVER__TRUSTED_PROXIES", "");
    assert!(shown(&machine).is_empty());
}

#[test]
fn only_a_server_needs_an_issuer() {
    let missing = "server.issuer: it is not set; set it to the https URL of this server, or try Doorward out with --dev";
    let machine = Machine::bare();
    assert_eq!(machine.serve(&[]).unwrap_err(), [missing]);
    let config = machine.load(&Overrides::default()).unwrap();
    assert_eq!(config.issuer().unwrap_err().to_string(), missing);
}

#[test]
fn a_machine_without_any_folder_is_told_what_to_set() {
    let mut machine = Machine::ready();
    machine.variables.retain(|(name, _)| name != "HOME");
    assert_eq!(
        machine.serve(&[]).unwrap_err(),
        [
            "database.url: it is not set, and there is no state folder to look in; set it, or STATE_DIRECTORY, \
             XDG_STATE_HOME or HOME",
            "keys.master_key_file: it is not set, and there is no state folder to look in; set it, or STATE_DIRECTORY, \
             XDG_STATE_HOME or HOME",
        ]
    );
}

#[test]
fn a_file_that_is_named_must_be_readable() {
    let machine = Machine::ready();
    let overrides =
        Overrides { config: Some(machine.path("absent.toml")), serve: true, ..Overrides::default() };
    let errors = machine.load(&overrides).unwrap_err();
    assert_eq!(errors.len(), 1);
    assert!(errors[0].starts_with("~/absent.toml: cannot be read ("), "{errors:?}");
}

#[test]
fn a_variable_that_is_not_utf_8_is_refused() {
    let text = std::os::unix::ffi::OsStringExt::from_vec(vec![0xff]);
    let variables = [("DOORWARD__LOG__LEVEL".into(), text), ("HOME".into(), "/home".into())];
    let surroundings = Surroundings::new(variables, "/absent.toml".into());
    let errors = load(&Overrides::default(), &surroundings).unwrap_err();
    assert_eq!(errors.len(), 1);
    assert_eq!(errors[0].to_string(), "DOORWARD__LOG__LEVEL: it is not UTF-8; write UTF-8");
}
