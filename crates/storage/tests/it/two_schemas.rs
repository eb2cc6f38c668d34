//! The two databases have the same tables with the same columns, made by migrations of the same names.

use crate::fixture::{Fixture, stranger};
use crate::server::Served;
use diesel::prelude::*;
use diesel::sql_types::Text;
use doorward_testkit::databases::ask;
use std::path::Path;

/// What each database calls the types that the store uses.
const SQLITE: &str = "SELECT m.name || '.' || c.name || ' ' || c.type || ' ' || CASE WHEN c.\"notnull\" THEN 'required' ELSE 'optional' END \
     FROM sqlite_schema m, pragma_table_info(m.name) c WHERE m.type = 'table' AND m.name NOT LIKE '\\_\\_%' ESCAPE '\\' ORDER BY 1";
const POSTGRES: &str = "SELECT table_name || '.' || column_name || ' ' || data_type || ' ' || CASE is_nullable WHEN 'NO' THEN 'required' ELSE 'optional' END \
     FROM information_schema.columns WHERE table_schema = 'public' AND table_name NOT LIKE '\\_\\_%' ORDER BY 1";

#[test]
fn migrations_have_the_same_names() {
    let names = |folder: &str| {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations").join(folder);
        let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name());
        let mut names: Vec<_> = entries.map(|name| name.into_string().unwrap()).collect();
        names.sort();
        names
    };
    assert_eq!(names("postgres"), names("sqlite"));
    assert!(names("sqlite").len() >= 19);
}

#[test]
fn tables_have_the_same_columns() {
    let Some(served) = Served::new() else { return };
    let fixture = Fixture::new();
    let file: Vec<String> =
        diesel::dsl::sql::<Text>(SQLITE).load(&mut stranger(fixture.folder.path())).unwrap();
    let server: Vec<_> = ask(served.place.url(), POSTGRES);
    let same = |column: &String, types: &[(&str, &str)]| {
        let [name, rest] = column.splitn(2, ' ').collect::<Vec<_>>()[..] else { panic!("{column}") };
        let (kind, needed) = rest.rsplit_once(' ').unwrap();
        let (_, kind) = types.iter().find(|(word, _)| *word == kind).unwrap_or_else(|| panic!("{column}"));
        format!("{name} {kind} {needed}")
    };
    // A file keeps every number in one type, and what is true or false, too.
    let sqlite = [("TEXT", "text"), ("BLOB", "bytes"), ("INTEGER", "number")];
    let postgres = [
        ("text", "text"),
        ("bytea", "bytes"),
        ("bigint", "number"),
        ("integer", "number"),
        ("boolean", "number"),
    ];
    let mut file: Vec<_> = file.iter().map(|column| same(column, &sqlite)).collect();
    let mut server: Vec<_> = server.iter().map(|column| same(column, &postgres)).collect();
    file.sort();
    server.sort();
    assert!(file.len() > 150, "{}", file.len());
    assert_eq!(server, file);
}
