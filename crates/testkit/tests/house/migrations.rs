//! Migrations: each can go up and down, and every database has the same ones under the same names
//! (migrations/README.md).

use std::collections::{BTreeMap, BTreeSet};

use crate::tree::File;

fn breaches(files: &[File]) -> Vec<String> {
    let by_backend = by_backend(files);
    let names: BTreeSet<_> = by_backend.values().flatten().copied().collect();
    let mut found = Vec::new();
    for name in &names {
        found.extend((!well_named(name)).then(|| format!("{name}: not named YYYY-MM-DD-HHMM_what_it_does")));
        for (backend, theirs) in &by_backend {
            found.extend((!theirs.contains(name)).then(|| format!("{name}: missing for {backend}")));
            for direction in ["up.sql", "down.sql"].into_iter().filter(|_| theirs.contains(name)) {
                let path = format!("migrations/{backend}/{name}/{direction}");
                found.extend((!says_something(files, &path)).then(|| format!("{path}: missing or empty")));
            }
        }
    }
    found
}

/// The names of the migrations in each backend's folder.
fn by_backend(files: &[File]) -> BTreeMap<&str, BTreeSet<&str>> {
    let mut found = BTreeMap::<_, BTreeSet<_>>::new();
    for file in files {
        let parts: Vec<_> = file.path.split('/').collect();
        if let ["migrations", backend, name, _] = parts[..] {
            found.entry(backend).or_default().insert(name);
        }
    }
    found
}

fn well_named(name: &str) -> bool {
    let Some((moment, words)) = name.split_once('_') else { return false };
    let shape: String = moment.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
    shape == "0000-00-00-0000" && words.starts_with(|c: char| c.is_ascii_lowercase())
}

fn says_something(files: &[File], path: &str) -> bool {
    let statement = |line: &str| !line.trim().is_empty() && !line.trim_start().starts_with("--");
    files.iter().any(|file| file.path == path && file.text.lines().any(statement))
}

#[test]
fn migrations_go_up_and_down_alike_on_every_database() {
    crate::hold(&breaches(&crate::tree::files_below(&["migrations"], ".sql")));
}

#[cfg(test)]
mod tests {
    use super::breaches;
    use crate::tree::File;

    fn count(files: &[(&str, &str)]) -> usize {
        let files: Vec<_> =
            files.iter().map(|(path, text)| File::sample(&format!("migrations/{path}"), text)).collect();
        breaches(&files).len()
    }

    const UP: (&str, &str) = ("sqlite/2026-11-24-0900_clients/up.sql", "create table clients (id blob);");
    const DOWN: (&str, &str) = ("sqlite/2026-11-24-0900_clients/down.sql", "-- gone\ndrop table clients;");

    #[test]
    fn a_way_up_needs_a_way_down() {
        assert_eq!(count(&[UP, DOWN]), 0);
        assert_eq!(count(&[UP]), 1);
        assert_eq!(count(&[UP, (DOWN.0, "-- nothing to do\n")]), 1);
    }

    #[test]
    fn a_migration_of_one_database_only_is_a_breach() {
        let other = "postgres/2026-11-25-0900_apis";
        let (up, down) = (format!("{other}/up.sql"), format!("{other}/down.sql"));
        assert_eq!(count(&[UP, DOWN, (&up, "a"), (&down, "b")]), 2);
    }

    #[test]
    fn a_name_without_its_moment_is_a_breach() {
        assert_eq!(count(&[("sqlite/1_clients/up.sql", "a"), ("sqlite/1_clients/down.sql", "b")]), 1);
    }
}
