//! What the database refuses, under diesel's kind and with the database's names.

use diesel::prelude::*;
use diesel::result::DatabaseErrorKind as Kind;
use diesel::result::Error;
use diesel::sql_types::{Array, BigInt, Text};

use crate::database::{database, failure, kind, say};
use crate::either::{Either, depth, on_either};

on_either! {
    violations_name_their_constraint
    a_refusal_tells_what_the_server_told
    writes_in_a_read_only_transaction_have_their_kind
    what_the_protocol_cannot_carry_is_refused_and_the_connection_lives
    a_terminated_connection_is_closed
    values_that_cannot_be_read_are_not_the_servers_fault
    an_unknown_type_is_an_error_of_encoding
}

const SCENE: &str = "
    CREATE TABLE parents (id bigint CONSTRAINT parents_key PRIMARY KEY);
    CREATE TABLE children (
        id bigint CONSTRAINT children_key PRIMARY KEY,
        parent bigint CONSTRAINT children_parent REFERENCES parents,
        strict bigint CONSTRAINT children_strict REFERENCES parents ON DELETE RESTRICT,
        name text NOT NULL CONSTRAINT children_name CHECK (name <> ''),
        CONSTRAINT children_apart EXCLUDE USING gist (int8range(parent, parent, '[]') WITH &&)
    );
    INSERT INTO parents VALUES (1), (2);
    INSERT INTO children VALUES (1, 1, 2, 'a');";

fn violations_name_their_constraint<C: Either>() {
    let Some(database) = database() else { return };
    let mut connection = database.connect::<C>();
    say(&mut connection, SCENE);
    for (sql, expected, constraint, table, column) in [
        ("INSERT INTO parents VALUES (1)", Kind::UniqueViolation, Some("parents_key"), "parents", None),
        (
            "INSERT INTO children VALUES (2, 9, 1, 'b')",
            Kind::ForeignKeyViolation,
            Some("children_parent"),
            "children",
            None,
        ),
        (
            "INSERT INTO children VALUES (2, 2, 1, NULL)",
            Kind::NotNullViolation,
            None,
            "children",
            Some("name"),
        ),
        (
            "INSERT INTO children VALUES (2, 2, 1, '')",
            Kind::CheckViolation,
            Some("children_name"),
            "children",
            None,
        ),
        (
            "INSERT INTO children VALUES (2, 1, 1, 'b')",
            Kind::ExclusionViolation,
            Some("children_apart"),
            "children",
            None,
        ),
        (
            "DELETE FROM parents WHERE id = 1",
            Kind::ForeignKeyViolation,
            Some("children_parent"),
            "children",
            None,
        ),
        (
            "DELETE FROM parents WHERE id = 2",
            Kind::ForeignKeyViolation,
            Some("children_strict"),
            "children",
            None,
        ),
    ] {
        let (kind, told) = failure(diesel::sql_query(sql).execute(&mut connection));
        assert_eq!(format!("{kind:?}"), format!("{expected:?}"), "{sql}");
        assert_eq!(told.constraint_name(), constraint, "{sql}");
        assert_eq!(told.table_name(), Some(table), "{sql}");
        assert_eq!(told.column_name(), column, "{sql}");
    }
}

fn a_refusal_tells_what_the_server_told<C: Either>() {
    let Some(database) = database() else { return };
    let mut connection = database.connect::<C>();
    say(&mut connection, SCENE);
    let (_, told) = failure(diesel::sql_query("INSERT INTO parents VALUES (1)").execute(&mut connection));
    assert_eq!(told.message(), "duplicate key value violates unique constraint \"parents_key\"");
    assert_eq!(told.details(), Some("Key (id)=(1) already exists."));
    assert_eq!((told.hint(), told.statement_position()), (None, None));
    let (kind, told) = failure(diesel::sql_query("SELECT idd FROM parents").execute(&mut connection));
    assert!(matches!(kind, Kind::Unknown));
    assert_eq!(told.message(), "column \"idd\" does not exist");
    assert_eq!(told.hint(), Some("Perhaps you meant to reference the column \"parents.id\"."));
    assert_eq!(told.statement_position(), Some(8));
    let (_, told) = failure(connection.batch_execute("SELECT 1; SELEC 2"));
    assert_eq!(told.statement_position(), Some(11));
}

fn writes_in_a_read_only_transaction_have_their_kind<C: Either>() {
    let Some(database) = database() else { return };
    let mut connection = database.connect::<C>();
    say(&mut connection, "CREATE TABLE t (id bigint)");
    let outcome = connection.transaction(|connection| {
        say(connection, "SET TRANSACTION READ ONLY");
        diesel::sql_query("INSERT INTO t VALUES (1)").execute(connection)
    });
    assert!(matches!(kind(outcome), Kind::ReadOnlyTransaction));
    assert_eq!(depth(&mut connection), Some(0));
}

fn what_the_protocol_cannot_carry_is_refused_and_the_connection_lives<C: Either>() {
    let Some(database) = database() else { return };
    let mut connection = database.connect::<C>();
    assert!(matches!(connection.batch_execute("SELECT 1\0"), Err(Error::InvalidCString(_))));
    assert!(matches!(
        diesel::sql_query("SELECT '\0'").execute(&mut connection),
        Err(Error::InvalidCString(_))
    ));
    // PostgreSQL has no NUL in texts; it says so itself.
    let nul = diesel::select("a\0b".into_sql::<Text>()).get_result::<String>(&mut connection);
    assert!(matches!(kind(nul), Kind::Unknown));
    let mut many = diesel::sql_query("SELECT 1").into_boxed();
    for number in 0..=i64::from(u16::MAX) {
        many = many.bind::<BigInt, _>(number);
    }
    assert!(matches!(kind(many.execute(&mut connection)), Kind::UnableToSendCommand));
    assert_eq!(diesel::sql_query("SELECT 1").execute(&mut connection), Ok(1));
}

fn a_terminated_connection_is_closed<C: Either>() {
    let Some(database) = database() else { return };
    let mut killer = database.connect::<C>();
    for prepared in [true, false] {
        let mut victim = database.connect::<C>();
        let process = diesel::select(diesel::dsl::sql::<diesel::sql_types::Integer>("pg_backend_pid()"));
        let process: i32 = process.get_result(&mut victim).expect("a process");
        say(&mut victim, "BEGIN");
        say(&mut killer, &format!("SELECT pg_terminate_backend({process}, 5000)"));
        let outcome = match prepared {
            true => diesel::sql_query("SELECT 1").execute(&mut victim).map(drop),
            false => victim.batch_execute("SELECT 1"),
        };
        let (kind, told) = failure(outcome);
        assert!(matches!(kind, Kind::ClosedConnection), "{kind:?} {}", told.message());
        assert!(victim.batch_execute("SELECT 1").is_err());
        assert_eq!(depth(&mut victim), None, "diesel gives the connection up");
    }
}

fn values_that_cannot_be_read_are_not_the_servers_fault<C: Either>() {
    let Some(database) = database() else { return };
    let mut connection = database.connect::<C>();
    let null = diesel::select(diesel::dsl::sql::<BigInt>("NULL::bigint")).get_result::<i64>(&mut connection);
    assert!(matches!(null, Err(Error::DeserializationError(_))));
    let wrong = diesel::select(diesel::dsl::sql::<BigInt>("'x'::text")).get_result::<i64>(&mut connection);
    assert!(matches!(wrong, Err(Error::DeserializationError(_))));
    assert_eq!(diesel::sql_query("SELECT 1").execute(&mut connection), Ok(1));
}

#[derive(Clone, Copy, diesel::sql_types::SqlType, diesel::query_builder::QueryId)]
#[diesel(postgres_type(name = "no_such_type"))]
struct NoSuchType;

#[derive(Debug, diesel::expression::AsExpression)]
#[diesel(sql_type = NoSuchType)]
struct Nothing;

impl diesel::serialize::ToSql<NoSuchType, diesel::pg::Pg> for Nothing {
    fn to_sql<'b>(
        &'b self,
        _: &mut diesel::serialize::Output<'b, '_, diesel::pg::Pg>,
    ) -> diesel::serialize::Result {
        Ok(diesel::serialize::IsNull::No)
    }
}

fn an_unknown_type_is_an_error_of_encoding<C: Either>() {
    let Some(database) = database() else { return };
    let mut connection = database.connect::<C>();
    let query = diesel::sql_query("SELECT $1").bind::<NoSuchType, _>(Nothing);
    assert!(matches!(query.execute(&mut connection), Err(Error::SerializationError(_))));
    let query = diesel::sql_query("SELECT $1").bind::<Array<BigInt>, _>(vec![1_i64]);
    assert_eq!(query.execute(&mut connection), Ok(1));
}
