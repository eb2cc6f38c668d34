//! `#[derive(diesel::MultiConnection)]`: one query text for SQLite and PostgreSQL, migrations included.

use diesel::prelude::*;
use diesel::sqlite::SqliteConnection;
use diesel_migrations::MigrationHarness as _;
use doorward_pg::PgConnection;

use crate::alike::statements::migrations;
use crate::database::database;

#[derive(diesel::MultiConnection)]
enum Any {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

diesel::table! {
    t (id) {
        id -> BigInt,
        name -> Nullable<Text>,
    }
}

fn both() -> Vec<Any> {
    let sqlite = SqliteConnection::establish(":memory:").expect("a database in memory");
    vec![Any::Sqlite(sqlite)]
}

#[test]
fn one_query_text_serves_both_databases() {
    let Some(database) = database() else { return };
    let mut connections = both();
    connections.push(Any::Postgres(database.connect()));
    for connection in &mut connections {
        let (_folder, migrations) = migrations();
        assert_eq!(connection.run_pending_migrations(migrations.clone()).expect("up").len(), 1);
        let outcome = connection.transaction(|connection| {
            let insert = diesel::insert_into(t::table).values((t::id.eq(2), t::name.eq(None::<String>)));
            assert_eq!(insert.execute(connection), Ok(1));
            let failed = connection.transaction(|connection| {
                diesel::insert_into(t::table).values((t::id.eq(3), t::name.eq("c"))).execute(connection)?;
                Err::<(), _>(diesel::result::Error::RollbackTransaction)
            });
            assert_eq!(failed, Err(diesel::result::Error::RollbackTransaction));
            diesel::update(t::table.find(1)).set(t::name.eq("b")).execute(connection)
        });
        assert_eq!(outcome, Ok(1));
        let found = t::table.order(t::id).load::<(i64, Option<String>)>(connection);
        assert_eq!(found, Ok(vec![(1, Some("b".to_owned())), (2, None)]));
        connection.revert_all_migrations(migrations).expect("down");
    }
}
