//! What must not be seen is not seen: not in the report, not in `Debug`, not in errors.

use super::super::sections::MasterKey;
use super::super::{Config, Overrides};
use super::Machine;

const KEY: &str = "v1:c2VjcmV0IHNlY3JldCBzZWNyZXQgc2VjcmV0";

fn text(config: &Config) -> &str {
    match &config.keys.master_key {
        MasterKey::Text(secret) => secret.expose(),
        MasterKey::File(path) => panic!("the key should stand in the environment, not in {path:?}"),
    }
}

/// Configuration is printed with secrets masked.
#[test]
fn a_secret_is_masked_wherever_a_configuration_is_printed() {
    let config = Machine::ready().with("DOORWARD__KEYS__MASTER_KEY", KEY).serve(&[]).unwrap();
    assert_eq!(text(&config), KEY);
    let json = serde_json::to_string(&config.report()).unwrap();
    for printed in [config.report().to_string(), json, format!("{config:?}"), format!("{config:#?}")] {
        assert!(printed.contains("********"), "{printed}");
        assert!(!printed.contains("c2VjcmV0"), "{printed}");
    }
}

/// Secrets also as `…_FILE`; for the master key that is the setting of the same name.
#[test]
fn the_file_form_of_the_master_key_is_its_setting() {
    let machine = Machine::ready().with("DOORWARD__KEYS__MASTER_KEY_FILE", "/run/secrets/key");
    let config = machine.serve(&[]).unwrap();
    assert!(matches!(&config.keys.master_key, MasterKey::File(path) if path.ends_with("secrets/key")));
    assert_eq!(
        machine.with("DOORWARD__KEYS__MASTER_KEY", KEY).serve(&[]).unwrap_err(),
        [
            "keys.master_key (DOORWARD__KEYS__MASTER_KEY): DOORWARD__KEYS__MASTER_KEY_FILE names another master key; set \
          one of the two"
        ]
    );
}

/// Secrets also as `…_FILE`.
#[test]
fn a_database_url_is_read_from_the_file_that_is_named() {
    let machine = Machine::ready();
    let file = machine.write("url", "sqlite:/srv/a.db\n");
    let machine = machine.with("DOORWARD__DATABASE__URL_FILE", file.to_str().unwrap());
    assert_eq!(machine.serve(&[]).unwrap().database.url.to_string(), "sqlite:/srv/a.db");
    let machine = machine.with("DOORWARD__DATABASE__URL", "sqlite:/srv/b.db");
    let errors = machine.serve(&[]).unwrap_err();
    assert_eq!(
        errors,
        ["DOORWARD__DATABASE__URL_FILE: DOORWARD__DATABASE__URL says it too; set one of the two"]
    );
}

#[test]
fn a_secret_file_that_cannot_be_read_is_an_error() {
    let machine = Machine::ready();
    let absent = machine.path("absent");
    let machine = machine.with("DOORWARD__DATABASE__URL_FILE", absent.to_str().unwrap());
    let errors = machine.serve(&[]).unwrap_err();
    assert_eq!(errors.len(), 1);
    assert!(errors[0].starts_with("DOORWARD__DATABASE__URL_FILE: ~/absent cannot be read ("), "{errors:?}");
}

#[test]
fn a_secret_in_the_configuration_file_is_refused_and_not_repeated() {
    let machine = Machine::ready().with_file(&format!("[keys]\nmaster_key = \"{KEY}\"\n"));
    assert_eq!(
        machine.load(&Overrides::default()).unwrap_err(),
        [
            "keys.master_key (~/doorward.toml:2): a secret cannot stand in the configuration file; remove it, and set \
          DOORWARD__KEYS__MASTER_KEY or keys.master_key_file"
        ]
    );
}

#[test]
fn a_password_in_a_refused_database_url_is_not_repeated() {
    for url in [
        "postgres://a:hunter2@b/c?sslmode=prefer",
        "postgres://a:hun?ter2@b/hunter2",
        "mysql://a:hunter2@b/c",
    ] {
        let errors = Machine::ready().with("DOORWARD__DATABASE__URL", url).serve(&[]).unwrap_err();
        assert!(!errors.concat().contains("hunter2"));
    }
}
