//! Which crate may lean on which (ARCHITECTURE.md §1), in manifests and in the sources' paths; that every member takes
//! its versions and lints from the workspace.

use toml::{Table, Value};

use crate::paths::named;
use crate::tree::File;

/// What a crate may use of ours, and which frameworks it must not know, by the prefix of their crates' names.
/// Dev-dependencies are free: a test may drive anything.
struct Rule {
    member: &'static str,
    ours: &'static [&'static str],
    never: &'static [&'static str],
}

const RULES: &[Rule] = &[
    Rule {
        member: "protocol",
        ours: &[],
        never: &["actix", "diesel", "libsqlite3", "oxide", "tokio", "ureq"],
    },
    // Nothing that answers requests fetches what they name: not even the means are there.
    Rule {
        member: "core",
        ours: &["protocol"],
        never: &["actix", "diesel", "libsqlite3", "tokio", "hyper", "reqwest", "ureq"],
    },
    Rule { member: "pg", ours: &[], never: &["actix", "libsqlite3", "oxide"] },
    Rule {
        member: "storage",
        ours: &["pg", "core", "protocol"],
        never: &["actix", "hyper", "reqwest", "ureq"],
    },
    Rule {
        member: "web",
        ours: &["core", "protocol"],
        never: &["diesel", "libsqlite3", "hyper", "reqwest", "ureq"],
    },
    Rule {
        member: "server",
        ours: &["web", "storage", "core", "protocol"],
        never: &["diesel", "libsqlite3"],
    },
    // What an API links: neither the server's rules nor its stores.
    Rule {
        member: "resource",
        ours: &["protocol"],
        never: &["diesel", "libsqlite3", "oxide", "jsonwebtoken"],
    },
    // Tests make and drop databases on a server.
    Rule { member: "testkit", ours: &["pg", "core", "protocol"], never: &["actix", "libsqlite3"] },
];

/// Why this crate may not depend on that one, if it may not.
fn objection(rule: &Rule, dependency: &str) -> Option<String> {
    let name = dependency.replace('_', "-");
    if let Some(ours) = name.strip_prefix("doorward-") {
        let allowed = ours == rule.member || rule.ours.contains(&ours);
        return (!allowed).then(|| format!("`{}` must not lean on `{ours}`", rule.member));
    }
    let framework = rule.never.iter().find(|prefix| name.starts_with(**prefix))?;
    Some(format!("`{}` must not know {framework}: `{name}`", rule.member))
}

fn manifest_breaches(file: &File) -> Vec<String> {
    let Some(rule) = rule_of(file) else { return unruled(file) };
    let manifest = parse(file);
    dependencies(&manifest)
        .into_iter()
        .filter(|dependency| dependency.table != "dev-dependencies")
        .filter_map(|dependency| objection(rule, &dependency.package))
        .map(|objection| format!("{}: {objection}", file.path))
        .collect()
}

fn source_breaches(file: &File) -> Vec<String> {
    let Some(rule) = rule_of(file) else { return Vec::new() };
    named(&file.text)
        .iter()
        .filter_map(|path| Some((path.line, objection(rule, &path.segments[0])?)))
        .map(|(line, objection)| format!("{}:{line}: {objection}", file.path))
        .collect()
}

/// A member takes its versions and lints from the workspace, so that one line says each once.
fn inheritance_breaches(file: &File) -> Vec<String> {
    let manifest = parse(file);
    let inherits =
        |value: Option<&Value>| value.and_then(|v| v.get("workspace")).and_then(Value::as_bool) == Some(true);
    let mut found = Vec::new();
    if !inherits(manifest.get("lints")) {
        found.push(format!("{}: does not inherit the workspace's lints", file.path));
    }
    for dependency in dependencies(&manifest) {
        if !inherits(Some(dependency.entry)) && !dependency.closes_a_circle() {
            found.push(format!("{}: `{}` is not taken from the workspace", file.path, dependency.package));
        }
    }
    found
}

struct Dependency<'a> {
    table: &'static str,
    package: String,
    entry: &'a Value,
}

impl Dependency<'_> {
    /// A test may lean on a crate of ours that leans on the tested one. Such a circle is named by its path, perhaps
    /// with features: a version in it would have to be published before the crate that it tests.
    fn closes_a_circle(&self) -> bool {
        let without_version = |entry: &Table| entry.keys().all(|key| ["path", "features"].contains(&&**key));
        let by_path_alone =
            self.entry.as_table().is_some_and(|entry| entry.contains_key("path") && without_version(entry));
        self.table == "dev-dependencies" && self.package.starts_with("doorward-") && by_path_alone
    }
}

/// All dependencies of a manifest, those of single targets included, by the name of their package.
fn dependencies(manifest: &Table) -> Vec<Dependency<'_>> {
    let targets = manifest.get("target").and_then(Value::as_table);
    let targets = targets.into_iter().flat_map(Table::values).filter_map(Value::as_table);
    let mut found = Vec::new();
    for scope in targets.chain([manifest]) {
        for table in ["dependencies", "build-dependencies", "dev-dependencies"] {
            for (name, entry) in scope.get(table).and_then(Value::as_table).into_iter().flatten() {
                let package = entry.get("package").and_then(Value::as_str).unwrap_or(name).to_owned();
                found.push(Dependency { table, package, entry });
            }
        }
    }
    found
}

fn rule_of(file: &File) -> Option<&'static Rule> {
    RULES.iter().find(|rule| file.path.starts_with("crates/") && rule.member == file.member())
}

/// An example may use anything; a crate must have said what it leans on.
fn unruled(file: &File) -> Vec<String> {
    if file.path.starts_with("examples/") {
        return Vec::new();
    }
    vec![format!("{}: no rule says what `{}` may lean on; add one to manifests.rs", file.path, file.member())]
}

fn parse(file: &File) -> Table {
    file.text.parse().expect("cargo read this manifest before us")
}

#[test]
fn crates_lean_only_where_the_architecture_allows() {
    let manifests: Vec<_> = crate::tree::manifests().iter().flat_map(manifest_breaches).collect();
    crate::hold(&manifests);
    let sources =
        crate::tree::rust_files().into_iter().filter(|file| file.is_source() && !file.is_test_module());
    crate::hold(&sources.flat_map(|file| source_breaches(&file)).collect::<Vec<_>>());
}

#[test]
fn members_take_versions_and_lints_from_the_workspace() {
    crate::hold(&crate::tree::manifests().iter().flat_map(inheritance_breaches).collect::<Vec<_>>());
}

#[cfg(test)]
mod tests {
    use super::{inheritance_breaches, manifest_breaches, source_breaches};
    use crate::tree::File;

    fn manifest(member: &str, text: &str) -> Vec<String> {
        manifest_breaches(&File::sample(&format!("crates/{member}/Cargo.toml"), text))
    }

    fn source(member: &str, text: &str) -> Vec<String> {
        source_breaches(&File::sample(&format!("crates/{member}/src/x.rs"), text))
    }

    #[test]
    fn a_manifest_that_points_up_is_a_breach() {
        let found = manifest("protocol", "[dependencies]\ndoorward-core.workspace = true");
        assert_eq!(found, ["crates/protocol/Cargo.toml: `protocol` must not lean on `core`"]);
        assert_eq!(manifest("web", "[dependencies]\ndoorward-storage.workspace = true").len(), 1);
        assert_eq!(manifest("resource", "[dependencies]\ndoorward-core.workspace = true").len(), 1);
        assert_eq!(manifest("resource", "[dev-dependencies]\ndoorward-core.workspace = true").len(), 0);
        assert_eq!(manifest("server", "[dependencies]\ndoorward-web.workspace = true").len(), 0);
    }

    #[test]
    fn a_framework_in_the_wrong_crate_is_a_breach() {
        assert_eq!(manifest("core", "[dependencies]\ntokio.workspace = true").len(), 1);
        assert_eq!(manifest("web", "[build-dependencies]\ndiesel_migrations.workspace = true").len(), 1);
        assert_eq!(
            manifest("storage", "[target.'cfg(unix)'.dependencies]\nactix-web.workspace = true").len(),
            1
        );
    }

    #[test]
    fn another_name_for_a_package_hides_nothing() {
        assert_eq!(
            manifest("core", "[dependencies]\nrt = { package = \"tokio\", workspace = true }").len(),
            1
        );
    }

    #[test]
    fn a_test_may_drive_anything() {
        assert_eq!(manifest("core", "[dev-dependencies]\ntokio.workspace = true").len(), 0);
    }

    #[test]
    fn a_crate_without_a_rule_is_a_breach() {
        assert_eq!(manifest("attic", "").len(), 1);
        assert_eq!(manifest_breaches(&File::sample("examples/standalone/Cargo.toml", "")).len(), 0);
    }

    #[test]
    fn a_path_in_a_source_counts_as_a_dependency() {
        assert_eq!(
            source("core", "\nfn f() { actix_web::x() }"),
            ["crates/core/src/x.rs:2: `core` must not know actix: `actix-web`"]
        );
        assert_eq!(source("web", "use doorward_storage::Store;").len(), 1);
        assert_eq!(
            source("web", "use doorward_core::Store; use doorward_web::App; use tokio::time;").len(),
            0
        );
    }

    #[test]
    fn own_lints_and_own_versions_are_breaches() {
        let count = |lints: &str, dependencies: &str| {
            let text = format!("{lints}\n{dependencies}");
            inheritance_breaches(&File::sample("crates/core/Cargo.toml", &text)).len()
        };
        let inherited = "lints.workspace = true";
        assert_eq!(count(inherited, "[dependencies]\nurl.workspace = true"), 0);
        assert_eq!(count("", "[dependencies]\nurl.workspace = true"), 1);
        assert_eq!(count("lints.rust.x = 'warn'", ""), 1);
        assert_eq!(count(inherited, "[dependencies]\nurl = '2'"), 1);
        assert_eq!(count(inherited, "[dev-dependencies]\nurl = { version = '2', features = [] }"), 1);
        assert_eq!(count(inherited, "[dev-dependencies]\ndoorward-storage = { path = '../storage' }"), 0);
        assert_eq!(count(inherited, "[dev-dependencies]\nurl = { path = '../url' }"), 1);
        assert_eq!(count(inherited, "[dependencies]\ndoorward-storage = { path = '../storage' }"), 1);
        assert_eq!(count(inherited, "[target.'cfg(unix)'.build-dependencies]\nurl = { path = '../url' }"), 1);
    }
}
