//! What a connection keeps on the server, and how it gets on when the server has forgotten it. And what the server calls
//! its refusals.

use diesel::connection::{CacheSize, SimpleConnection};
use diesel::prelude::*;
use diesel::result::DatabaseErrorKind as Kind;
use diesel::sql_types::BigInt;
use doorward_pg::PgConnection;

use crate::database::{database, kind, number, say, text};

diesel::table! {
    t (id) {
        id -> BigInt,
        name -> Text,
    }
}

/// What the server holds, but for the question itself.
fn prepared(connection: &mut PgConnection) -> i64 {
    let others = "statement NOT LIKE '%pg_prepared_statements%'";
    number(connection, &format!("count(*) FROM pg_prepared_statements WHERE {others}")).expect("a count")
}

/// A query whose text is told by its length alone, so that there are as many as one likes.
fn distinct(connection: &mut PgConnection, number: usize) -> QueryResult<i64> {
    let mut query = diesel::select(0_i64.into_sql::<BigInt>()).into_boxed::<diesel::pg::Pg>();
    query = query.limit(1).offset(0);
    for _ in 0..number {
        query = query.filter(diesel::dsl::not(false.into_sql::<diesel::sql_types::Bool>()));
    }
    query.get_result(connection)
}

fn names(connection: &mut PgConnection) -> QueryResult<Vec<String>> {
    t::table.select(t::name).order(t::id).load(connection)
}

#[test]
fn the_server_keeps_no_more_statements_than_agreed() {
    let Some(database) = database() else { return };
    for (parameter, most) in [("keepalives=1", 256), ("statement_cache_capacity=7", 7)] {
        let mut connection = database.connect_with(parameter);
        let before = prepared(&mut connection);
        for number in 0..600 {
            assert_eq!(distinct(&mut connection, number), Ok(0));
            if number % 50 == 0 {
                assert!(prepared(&mut connection) <= most);
            }
        }
        assert_eq!((before, prepared(&mut connection)), (0, most));
        for _ in 0..2 {
            assert_eq!(distinct(&mut connection, 0), Ok(0), "what was forgotten is prepared again");
        }
    }
}

#[test]
fn a_statement_in_use_is_not_the_one_that_goes() {
    let Some(database) = database() else { return };
    let mut connection = database.connect_with("statement_cache_capacity=3");
    for number in 1..20 {
        distinct(&mut connection, 0).expect("often used");
        distinct(&mut connection, number).expect("used once");
    }
    let oldest = text(&mut connection, "min(prepare_time)::text FROM pg_prepared_statements");
    let used = format!("statement FROM pg_prepared_statements WHERE prepare_time = '{oldest}'::timestamptz");
    assert!(!text(&mut connection, &used).contains("NOT"), "the oldest is the one without a condition");
}

/// What diesel does not call safe to keep, and all of it where keeping is turned off, is the unnamed statement.
#[test]
fn nothing_is_kept_where_nothing_may_be() {
    let Some(database) = database() else { return };
    let mut connection = database.connect_with("prepared_statements=false");
    say(&mut connection, "CREATE TABLE t (id bigint, name text)");
    let insert = diesel::insert_into(t::table).values((t::id.eq(1), t::name.eq("x")));
    assert_eq!(insert.execute(&mut connection), Ok(1));
    assert_eq!(names(&mut connection), Ok(vec!["x".to_owned()]));
    assert_eq!(prepared(&mut connection), 0);

    let mut connection: PgConnection = database.connect();
    names(&mut connection).expect("names");
    assert_eq!(prepared(&mut connection), 1);
    connection.set_prepared_statement_cache_size(CacheSize::Disabled);
    names(&mut connection).expect("names");
    assert_eq!(prepared(&mut connection), 0);
    connection.set_prepared_statement_cache_size(CacheSize::Unbounded);
    names(&mut connection).expect("names");
    assert_eq!(prepared(&mut connection), 1);
}

#[test]
fn a_statement_that_the_server_forgot_is_prepared_again() {
    let Some(database) = database() else { return };
    let mut connection: PgConnection = database.connect();
    say(&mut connection, "CREATE TABLE t (id bigint, name text)");
    for forget in ["DEALLOCATE ALL", "DEALLOCATE ALL"] {
        assert_eq!(names(&mut connection), Ok(vec![]));
        say(&mut connection, forget);
    }
    assert_eq!(names(&mut connection), Ok(vec![]));
    say(&mut connection, "DEALLOCATE ALL");
    let inside = connection.transaction(names);
    assert!(matches!(kind(inside), Kind::Unknown), "inside a transaction the server takes nothing more");
    assert_eq!(connection.sqlstate(), Some("26000"));
    assert_eq!(connection.transaction(names), Ok(vec![]), "and the next one goes well");
}

/// "cached plan must not change result type": a column that changed its type under a statement.
#[test]
fn a_statement_survives_a_change_of_the_schema() {
    let Some(database) = database() else { return };
    let mut connection: PgConnection = database.connect();
    say(&mut connection, "CREATE TABLE t (id bigint, name varchar(9)); INSERT INTO t VALUES (1, 'x')");
    for change in ["ALTER TABLE t ALTER name TYPE text", "ALTER TABLE t ALTER name TYPE varchar(5)"] {
        names(&mut connection).expect("names");
        say(&mut connection, change);
        assert_eq!(names(&mut connection), Ok(vec!["x".to_owned()]), "{change}");
    }
    say(&mut connection, "ALTER TABLE t ALTER name TYPE text");
    assert!(matches!(kind(connection.transaction(names)), Kind::Unknown));
    assert_eq!(connection.sqlstate(), Some("0A000"));
    assert_eq!(connection.transaction(names), Ok(vec!["x".to_owned()]));
}

#[test]
fn refusals_have_the_servers_codes() {
    let Some(database) = database() else { return };
    let (mut connection, mut other): (PgConnection, PgConnection) = (database.connect(), database.connect());
    say(&mut connection, "CREATE TABLE t (id bigint PRIMARY KEY); INSERT INTO t VALUES (1)");
    assert_eq!(connection.sqlstate(), None);
    say(&mut other, "BEGIN; LOCK TABLE t IN ACCESS EXCLUSIVE MODE");
    for (sql, code) in [
        ("LOCK TABLE t IN ACCESS SHARE MODE NOWAIT", "55P03"),
        ("SET lock_timeout = 20; SELECT * FROM t", "55P03"),
        ("SET lock_timeout = 0; SET statement_timeout = 20; SELECT * FROM t", "57014"),
        ("SET statement_timeout = 0; SELECT 1/0", "22012"),
        ("SELECT nothing", "42703"),
    ] {
        assert!(connection.transaction(|connection| connection.batch_execute(sql)).is_err());
        assert_eq!(
            connection.sqlstate(),
            Some(code),
            "{sql}: known also after the transaction was rolled back"
        );
        say(&mut connection, sql.split("; SELECT").next().filter(|set| set.starts_with("SET")).unwrap_or(""));
    }
    say(&mut other, "ROLLBACK");
    assert!(connection.batch_execute("INSERT INTO t VALUES (1)").is_err());
    assert_eq!(connection.sqlstate(), Some("23505"));
    assert!(!connection.is_broken());
}

/// The server would wait for data for ever; we do not wait for it.
#[test]
fn copy_is_not_spoken_and_does_not_hang() {
    let Some(database) = database() else { return };
    for copy in ["COPY t FROM STDIN", "COPY t TO STDOUT"] {
        for prepared in [true, false] {
            let mut connection: PgConnection = database.connect();
            say(&mut connection, "CREATE TABLE IF NOT EXISTS t (id bigint, name text)");
            let outcome = match prepared {
                true => diesel::sql_query(copy).execute(&mut connection).map(drop),
                false => connection.batch_execute(copy),
            };
            assert!(matches!(kind(outcome), Kind::ClosedConnection), "{copy}");
            assert!(connection.is_broken());
        }
    }
}

/// A warning is no error, and does not outlast its statement.
#[test]
fn the_server_may_warn() {
    let Some(database) = database() else { return };
    let mut connection: PgConnection = database.connect();
    assert!(!connection.was_warned());
    for (level, warns) in [("WARNING", true), ("NOTICE", false), ("INFO", false), ("LOG", false)] {
        say(&mut connection, &format!("DO $$ BEGIN RAISE {level} 'look out'; END $$"));
        assert_eq!(connection.was_warned(), warns, "{level}");
    }
    say(&mut connection, "COMMIT");
    assert!(connection.was_warned(), "no transaction was open");
    assert_eq!(number(&mut connection, "1"), Ok(1));
    assert!(!connection.was_warned());
}

#[derive(diesel::QueryableByName)]
struct Counted {
    #[diesel(sql_type = BigInt)]
    n: i64,
}

/// The type of a column is looked up while the rows of a statement that is not kept are already on their way: more of them
/// than fit between. In SQL, because that is what is not kept, and answers with columns that diesel does not know.
#[test]
fn many_rows_of_a_type_that_is_not_built_in_are_read() {
    let Some(database) = database() else { return };
    let mut connection: PgConnection = database.connect();
    say(&mut connection, "CREATE TYPE mood AS ENUM ('calm', 'keen')");
    connection.set_deadline(Some(std::time::Instant::now() + std::time::Duration::from_secs(20)));
    let many =
        "SELECT n, 'keen'::mood AS mood, repeat('z', 50) AS text FROM generate_series(1::bigint, 20000) n";
    let found: Vec<Counted> = diesel::sql_query(many).load(&mut connection).expect("many rows");
    assert_eq!(found.iter().map(|row| row.n).sum::<i64>(), 20_000 * 20_001 / 2);
}

/// What is refused then (in SQL for the same reason) is told as what it is, also inside a transaction, where nothing can be looked up any more.
#[test]
fn a_refusal_beside_a_type_that_is_not_built_in_is_told() {
    let Some(database) = database() else { return };
    let mut connection: PgConnection = database.connect();
    say(
        &mut connection,
        "CREATE TYPE mood AS ENUM ('calm'); CREATE TABLE moods (id bigint PRIMARY KEY, mood mood)",
    );
    say(&mut connection, "INSERT INTO moods VALUES (1, 'calm'), (2, 'calm')");
    let clash = connection.transaction(|connection| {
        diesel::sql_query("UPDATE moods SET id = 1 RETURNING id AS n, mood")
            .load::<Counted>(connection)
            .map(drop)
    });
    assert!(matches!(kind(clash), Kind::UniqueViolation));
    assert_eq!(connection.sqlstate(), Some("23505"));
}
