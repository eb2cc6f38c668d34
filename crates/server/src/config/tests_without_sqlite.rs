//! A build that keeps no database in a file: what is wanted of its operators then.

use super::surroundings::Surroundings;
use super::{Config, Overrides, load};
use std::path::PathBuf;

const NAMED: &str = "postgres://ann@db.example/doorward";

/// Loads on a machine whose environment names a database or does not, with the flag for one or without.
fn loaded(dev: bool, environment: Option<&str>, flag: Option<&str>) -> Result<Config, String> {
    let variables = [("HOME", Some("/nowhere")), ("DOORWARD__SERVER__ISSUER", Some("http://127.0.0.1:8080"))]
        .into_iter()
        .chain([("DOORWARD__DATABASE__URL", environment)])
        .filter_map(|(name, text)| Some((name.into(), text?.into())));
    let flags = flag.map(|url| ("database.url", url.to_owned())).into_iter().collect();
    let overrides = Overrides { serve: true, dev, flags, ..Overrides::default() };
    let errors = |errors: Vec<super::error::ConfigError>| {
        errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
    };
    load(&overrides, &Surroundings::new(variables, PathBuf::from("/nowhere/doorward.toml"))).map_err(errors)
}

#[test]
fn a_database_has_to_be_named() {
    let problem = loaded(false, None, None).err().unwrap();
    assert!(problem.contains("database.url") && problem.contains("`sqlite` was left out"), "{problem}");
    assert_eq!(loaded(false, Some(NAMED), None).unwrap().database.url, NAMED.parse().unwrap());
}

#[test]
fn a_file_is_refused_by_the_feature_that_it_needs() {
    let problem = loaded(false, Some("sqlite:/srv/doorward.db"), None).err().unwrap();
    assert!(problem.contains("feature `sqlite` was left out"), "{problem}");
    assert!(problem.contains("write postgres://"), "{problem}");
}

#[test]
fn a_trial_wants_a_database_of_its_own() {
    let none = loaded(true, None, None).err().unwrap();
    assert!(none.contains("database.url"), "{none}");
    let for_earnest = loaded(true, Some(NAMED), None).err().unwrap();
    assert!(for_earnest.contains("name one for it with --database"), "{for_earnest}");
    let own = "postgres://ann@127.0.0.1/trial";
    let config = loaded(true, Some(NAMED), Some(own)).unwrap();
    assert_eq!(config.database.url, own.parse().unwrap());
}
