//! The database as operators name it. Owns what they are told to write instead of what cannot stand, and keeping a password
//! in a URL out of sight; the syntax is the storage crate's.

use super::error::Problem;
use doorward_storage::url::{DatabaseUrl, InvalidUrl};
use std::path::Path;

/// What this build opens.
const FORM: &str = match (cfg!(feature = "sqlite"), cfg!(feature = "postgres")) {
    (true, true) => {
        "write sqlite:PATH or postgres://USER:PASSWORD@HOST/NAME, for example \
         sqlite:/var/lib/doorward/doorward.db"
    }
    (true, false) => "write sqlite:PATH, for example sqlite:/var/lib/doorward/doorward.db",
    (false, _) => "write postgres://USER:PASSWORD@HOST/NAME",
};

/// Reads a database URL. The problem never repeats it: it may hold a password.
pub(crate) fn read(text: &str) -> Result<DatabaseUrl, Problem> {
    text.parse().map_err(|reason: InvalidUrl| Problem::new(reason.to_string(), FORM))
}

/// The folder the database lies in, where its path names one.
pub(crate) fn folder(url: &DatabaseUrl) -> Option<&Path> {
    url.file()?.parent().filter(|folder| !folder.as_os_str().is_empty())
}

/// The URL as it may be shown: without the password in `user:password@host`, and without options that hold one.
/// Masks too much rather than too little, since a password may hold any of the characters that end it.
pub(crate) fn masked(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://").filter(|(scheme, _)| *scheme != "sqlite") else {
        return url.to_owned();
    };
    let rest = match rest.split_once('?') {
        Some((rest, options)) if options.contains("password") => format!("{rest}?********"),
        _ => rest.to_owned(),
    };
    match rest.rsplit_once('@').and_then(|(user, host)| Some((user.split_once(':')?.0, host))) {
        Some((user, host)) => format!("{scheme}://{user}:********@{host}"),
        None => format!("{scheme}://{rest}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_database_that_this_build_cannot_open_is_refused_without_repeating_the_url() {
        let unknown = "postgres://a:hunter2@b/c?nonsense=hunter2";
        for url in ["doorward.db", "sqlite:", "mysql://a:hunter2@b/c", unknown] {
            let problem = read(url).unwrap_err();
            assert!(!format!("{problem:?}").contains("hunter2"), "{problem:?}");
            assert!(problem.right.starts_with("write "));
        }
    }

    #[test]
    fn a_password_in_a_database_url_is_masked() {
        assert_eq!(masked("postgres://a:hunter2@b:5432/c?d=e"), "postgres://a:********@b:5432/c?d=e");
        assert_eq!(masked("postgres://a:hun@ter2@b,c/d"), "postgres://a:********@b,c/d");
        assert_eq!(masked("postgres://a:hun/ter2@b/c"), "postgres://a:********@b/c");
        assert_eq!(masked("postgres://b/c?user=a&password=hunter2"), "postgres://b/c?********");
        assert_eq!(masked("postgres://a@b/c"), "postgres://a@b/c");
        assert_eq!(masked("sqlite:///var/a:b@c"), "sqlite:///var/a:b@c");
    }
}
