//! What somebody may have meant by a name that does not exist. Owns the guess; who wrote the name is the caller's.

use super::setting::Setting;
use super::settings::{SECTIONS, SETTINGS};

/// Below this likeness (0 to 1) a guess would mislead more than help, and the whole choice is named instead.
const LIKE_ENOUGH: f64 = 0.6;

/// An instruction for the writer of an unknown key; `spelled` says how a setting is called where it was written.
pub(crate) fn instead_of(key: &str, spelled: fn(&Setting) -> String) -> String {
    if let Some(setting) = setting_like(key) {
        return format!("did you mean {}?", spelled(setting));
    }
    let section = key.split('.').next().unwrap_or(key);
    let names: Vec<_> = SETTINGS.iter().filter(|s| s.section() == section).map(Setting::name).collect();
    match (names.is_empty(), section_like(section)) {
        (false, _) => format!("[{section}] knows {}", names.join(", ")),
        (true, Some(section)) => format!("did you mean the section [{section}]?"),
        (true, None) => {
            let sections: Vec<_> = SECTIONS.iter().map(|(name, _)| *name).collect();
            format!("the sections are {}", sections.join(", "))
        }
    }
}

/// The setting most like the key: its name counts as much as its place, since a right name often lands in a wrong section.
/// Of equals, the first of the table.
fn setting_like(key: &str) -> Option<&'static Setting> {
    let name = key.rsplit('.').next().unwrap_or(key);
    SETTINGS
        .iter()
        .rev()
        .map(|setting| (likeness(key, setting.key).max(likeness(name, setting.name()) * 0.9), setting))
        .filter(|(likeness, _)| *likeness >= LIKE_ENOUGH)
        .max_by(|(a, _), (b, _)| a.total_cmp(b))
        .map(|(_, setting)| setting)
}

fn section_like(section: &str) -> Option<&'static str> {
    SECTIONS
        .iter()
        .map(|(name, _)| (likeness(section, name), *name))
        .filter(|(likeness, _)| *likeness >= LIKE_ENOUGH)
        .max_by(|(a, _), (b, _)| a.total_cmp(b))
        .map(|(_, name)| name)
}

fn likeness(a: &str, b: &str) -> f64 {
    strsim::normalized_damerau_levenshtein(a, b)
}

#[cfg(test)]
mod tests {

    fn instead_of(key: &str) -> String {
        super::instead_of(key, |setting| setting.key.to_owned())
    }

    #[test]
    fn a_near_miss_names_the_key_that_was_meant() {
        for (written, meant) in [
            ("server.lisen", "server.listen"),
            ("server.isuer", "server.issuer"),
            ("sever.listen", "server.listen"),
            ("listen", "server.listen"),
            ("tokens.algorithms", "keys.algorithms"),
            ("server.jwks_max_age", "tokens.jwks_max_age"),
            ("log.levle", "log.level"),
        ] {
            assert_eq!(instead_of(written), format!("did you mean {meant}?"), "{written}");
        }
    }

    #[test]
    fn a_name_like_no_other_is_answered_with_the_choice() {
        assert_eq!(instead_of("log.zzz"), "[log] knows level, format");
        assert_eq!(instead_of("tokns.zzz"), "did you mean the section [tokens]?");
        assert_eq!(
            instead_of("zzzzzzzz.yyyyyyyy"),
            "the sections are server, database, keys, tokens, sessions, passwords, memory, limits, audit, metrics, log"
        );
    }
}
