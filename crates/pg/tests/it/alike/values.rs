//! Values go there and come back as they were.

use diesel::data_types::PgTimestamp;
use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::expression::AsExpression;
use diesel::pg::{Pg, PgValue};
use diesel::prelude::*;
use diesel::serialize::{self, IsNull, Output, ToSql};
use diesel::sql_types::{Array, BigInt, Nullable, SqlType, Text};
use std::io::Write as _;

use crate::database::{database, say};
use crate::either::{Either, on_either};

on_either! {
    every_type_comes_back_as_it_went
    null_is_not_empty
    large_values_come_back_whole
    arrays_and_time_stamps_come_back
    types_known_by_name_are_looked_up
    columns_are_found_by_name
    an_answer_may_have_many_rows
}

diesel::table! {
    things (id) {
        id -> BigInt,
        name -> Nullable<Text>,
        big -> Nullable<BigInt>,
        small -> Nullable<Integer>,
        truth -> Nullable<Bool>,
        bytes -> Nullable<Binary>,
    }
}

const THINGS: &str = "CREATE TABLE things (id bigint PRIMARY KEY, name text, big bigint, small integer, truth boolean, bytes bytea)";

#[derive(Clone, Debug, PartialEq, Insertable, Queryable)]
#[diesel(treat_none_as_default_value = false)]
struct Thing {
    id: i64,
    name: Option<String>,
    big: Option<i64>,
    small: Option<i32>,
    truth: Option<bool>,
    bytes: Option<Vec<u8>>,
}

fn thing(id: i64) -> Thing {
    Thing { id, name: None, big: None, small: None, truth: None, bytes: None }
}

fn there_and_back<C: Either>(connection: &mut C, thing: &Thing) {
    let inserted = diesel::insert_into(things::table).values(thing.clone()).execute(connection);
    assert_eq!(inserted, Ok(1));
    let found = things::table.find(thing.id).first::<Thing>(connection);
    assert!(found.as_ref() == Ok(thing), "thing {}", thing.id);
}

fn every_type_comes_back_as_it_went<C: Either>() {
    let Some(database) = database() else { return };
    let mut connection = database.connect::<C>();
    say(&mut connection, THINGS);
    for (id, text, big, small, truth, bytes) in [
        (1, "Zoë \u{1f980} ' \\ \"", i64::MAX, i32::MAX, true, vec![0, 255, 39, 92]),
        (2, "", i64::MIN, i32::MIN, false, vec![]),
        (3, "\t\r\n\u{7f}", 0, 0, true, (0..=255).collect()),
    ] {
        let name = Some(text.to_owned());
        let whole =
            Thing { id, name, big: Some(big), small: Some(small), truth: Some(truth), bytes: Some(bytes) };
        there_and_back(&mut connection, &whole);
    }
}

fn null_is_not_empty<C: Either>() {
    let Some(database) = database() else { return };
    let mut connection = database.connect::<C>();
    say(&mut connection, THINGS);
    there_and_back(&mut connection, &thing(1));
    there_and_back(
        &mut connection,
        &Thing { name: Some(String::new()), bytes: Some(Vec::new()), ..thing(2) },
    );
    let empty = things::table.filter(things::name.eq("")).select(things::id).load::<i64>(&mut connection);
    assert_eq!(empty, Ok(vec![2]));
    let null = things::table.filter(things::bytes.is_null()).select(things::id).load::<i64>(&mut connection);
    assert_eq!(null, Ok(vec![1]));
}

fn large_values_come_back_whole<C: Either>() {
    let Some(database) = database() else { return };
    let mut connection = database.connect::<C>();
    say(&mut connection, THINGS);
    let bytes: Vec<u8> = (0..8_u32 << 20).map(|place| (place % 251) as u8).collect();
    let text = "ö€".repeat((8 << 20) / 5);
    there_and_back(&mut connection, &Thing { name: Some(text), bytes: Some(bytes), ..thing(1) });
}

fn arrays_and_time_stamps_come_back<C: Either>() {
    use diesel::sql_types::{Double, Integer, SmallInt, Timestamp};
    let Some(database) = database() else { return };
    let mut connection = database.connect::<C>();
    let row =
        (vec![Some("a".to_owned()), None, Some(String::new())], PgTimestamp(1_234_567), 2.5_f64, -7_i16);
    let (array, time, double, short) = row.clone();
    let query = diesel::select((
        array.into_sql::<Array<Nullable<Text>>>(),
        time.into_sql::<Timestamp>(),
        double.into_sql::<Double>(),
        short.into_sql::<SmallInt>(),
    ));
    assert_eq!(query.get_result(&mut connection), Ok(row));
    let nested = diesel::select(diesel::dsl::sql::<Array<Integer>>("ARRAY[]::int[]"));
    assert_eq!(nested.get_result::<Vec<i32>>(&mut connection), Ok(Vec::new()));
    // diesel's time stamps without a zone are in UTC, whatever the server's own zone.
    let zone = diesel::select(diesel::dsl::sql::<Text>("current_setting('TimeZone')"));
    assert_eq!(zone.get_result::<String>(&mut connection).as_deref(), Ok("UTC"));
}

#[derive(Clone, Copy, SqlType, diesel::query_builder::QueryId)]
#[diesel(postgres_type(name = "mood"))]
/// Public, since the macro `table` makes columns public, and the type with them.
pub struct MoodType;

#[derive(Clone, Debug, PartialEq, AsExpression, FromSqlRow)]
#[diesel(sql_type = MoodType)]
struct Mood(String);

impl ToSql<MoodType, Pg> for Mood {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        out.write_all(self.0.as_bytes())?;
        Ok(IsNull::No)
    }
}

impl FromSql<MoodType, Pg> for Mood {
    fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
        assert!(value.get_oid().get() >= 16_384, "an OID of the database's own");
        Ok(Self(String::from_utf8(value.as_bytes().to_vec())?))
    }
}

diesel::table! {
    use diesel::sql_types::{Array, BigInt, Text};
    use super::MoodType;
    people (id) {
        id -> BigInt,
        mood -> MoodType,
        moods -> Array<MoodType>,
        nick -> Text,
    }
}

fn types_known_by_name_are_looked_up<C: Either>() {
    let Some(database) = database() else { return };
    let mut connection = database.connect::<C>();
    say(
        &mut connection,
        "CREATE TYPE mood AS ENUM ('calm', 'keen'); CREATE DOMAIN nick AS text CHECK (VALUE <> '')",
    );
    say(&mut connection, "CREATE TABLE people (id bigint, mood mood, moods mood[], nick nick)");
    let (calm, keen) = (Mood("calm".to_owned()), Mood("keen".to_owned()));
    let row = (1_i64, calm.clone(), vec![keen.clone(), calm.clone()], "Al".to_owned());
    for _ in 0..2 {
        let (id, mood, moods, nick) = row.clone();
        let values =
            (people::id.eq(id), people::mood.eq(mood), people::moods.eq(moods), people::nick.eq(nick));
        assert_eq!(diesel::insert_into(people::table).values(values).execute(&mut connection), Ok(1));
    }
    let found = people::table.filter(people::mood.eq(&calm)).load(&mut connection);
    assert_eq!(found, Ok(vec![row.clone(), row]));
    assert_eq!(people::table.filter(people::mood.eq(keen)).count().get_result(&mut connection), Ok(0_i64));
}

#[derive(Debug, PartialEq, QueryableByName)]
struct Named {
    #[diesel(sql_type = Text)]
    second: String,
    #[diesel(sql_type = Nullable<BigInt>)]
    first: Option<i64>,
}

fn columns_are_found_by_name<C: Either>() {
    let Some(database) = database() else { return };
    let mut connection = database.connect::<C>();
    let query = diesel::sql_query("SELECT NULL::bigint AS first, 'x' || $1 AS second").bind::<Text, _>("y");
    let found = query.load::<Named>(&mut connection);
    assert_eq!(found, Ok(vec![Named { second: "xy".to_owned(), first: None }]));
}

fn an_answer_may_have_many_rows<C: Either>() {
    let Some(database) = database() else { return };
    let mut connection = database.connect::<C>();
    let query = diesel::sql_query(
        "SELECT repeat('z', 50) AS second, n AS first FROM generate_series(1::bigint, 50000) n",
    );
    let found = query.load::<Named>(&mut connection).expect("many rows");
    let sum: Option<i64> = found.iter().map(|row| row.first).sum();
    assert_eq!((found.len(), sum), (50_000, Some(50_000 * 50_001 / 2)));
}
