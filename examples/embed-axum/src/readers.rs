//! The library's readers and their sessions, as it has always kept them: a database of its own, by a connection of its own.
//! Knows nothing of Doorward but where randomness comes from.

use crate::Failed;
use doorward_core::random::{Random, SystemRandom};
use ring::digest::{SHA256, digest};
use rusqlite::{Connection, OptionalExtension, Row, params};
use std::sync::{Arc, Mutex, PoisonError};

/// How long a session lasts, in seconds.
const SESSION: i64 = 8 * 60 * 60;

/// A number is never given twice: at Doorward, and at the applications, it is who somebody is.
const TABLES: &str = "
    CREATE TABLE IF NOT EXISTS readers (number INTEGER PRIMARY KEY AUTOINCREMENT, username TEXT NOT NULL UNIQUE,
        name TEXT NOT NULL, card BLOB NOT NULL) STRICT;
    CREATE TABLE IF NOT EXISTS sessions (secret BLOB PRIMARY KEY, reader INTEGER NOT NULL, began_at INTEGER NOT NULL) STRICT;
";

/// One of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Reader {
    pub(crate) number: i64,
    pub(crate) username: String,
    pub(crate) name: String,
}

/// All of them.
#[derive(Clone)]
pub(crate) struct Readers(Arc<Mutex<Connection>>);

impl Readers {
    pub(crate) fn open(path: &str) -> Result<Self, Failed> {
        let connection = Connection::open(path)?;
        connection.execute_batch(TABLES)?;
        Ok(Self(Arc::new(Mutex::new(connection))))
    }

    /// Adds somebody who is not there yet, and tells the number of their card, which is as good as a password and drawn at
    /// random.
    pub(crate) fn welcome(&self, username: &str, name: &str) -> Result<Option<String>, Failed> {
        let card = secret()?;
        let insert = "INSERT INTO readers (username, name, card) VALUES (?, ?, ?) ON CONFLICT DO NOTHING";
        let row = params![username, name, digest_of(&card)];
        let added = self.ask(|connection| connection.execute(insert, row))?;
        Ok((added == 1).then_some(card))
    }

    /// Whoever has this card.
    pub(crate) fn with_card(&self, username: &str, card: &str) -> Result<Option<Reader>, Failed> {
        let find = "SELECT number, username, name FROM readers WHERE username = ? AND card = ?";
        let row = params![username, digest_of(card)];
        self.ask(|connection| connection.query_row(find, row, reader).optional())
    }

    /// Who has this number.
    pub(crate) fn numbered(&self, number: i64) -> Result<Option<Reader>, Failed> {
        let find = "SELECT number, username, name FROM readers WHERE number = ?";
        self.ask(|connection| connection.query_row(find, [number], reader).optional())
    }

    /// Whose session this is, and since when (in seconds since 1970).
    pub(crate) fn in_session(&self, secret: &str) -> Result<Option<(Reader, i64)>, Failed> {
        let find = "SELECT number, username, name, began_at FROM readers JOIN sessions ON number = reader
                    WHERE secret = ? AND began_at > unixepoch() - ?";
        let of = |row: &Row<'_>| Ok((reader(row)?, row.get(3)?));
        let row = params![digest_of(secret), SESSION];
        self.ask(|connection| connection.query_row(find, row, of).optional())
    }

    /// A new session of theirs; its secret is for the cookie.
    pub(crate) fn begin_session(&self, reader: &Reader) -> Result<String, Failed> {
        let secret = secret()?;
        let insert = "INSERT INTO sessions (secret, reader, began_at) VALUES (?, ?, unixepoch())";
        let row = params![digest_of(&secret), reader.number];
        self.ask(|connection| connection.execute(insert, row))?;
        Ok(secret)
    }

    /// The end of one.
    pub(crate) fn end_session(&self, secret: &str) -> Result<(), Failed> {
        let row = params![digest_of(secret)];
        self.ask(|connection| connection.execute("DELETE FROM sessions WHERE secret = ?", row)).map(drop)
    }

    fn ask<T>(&self, query: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Result<T, Failed> {
        // A query that panicked has left nothing half done: each is a transaction of its own.
        Ok(query(&self.0.lock().unwrap_or_else(PoisonError::into_inner))?)
    }
}

fn reader(row: &Row<'_>) -> rusqlite::Result<Reader> {
    Ok(Reader { number: row.get(0)?, username: row.get(1)?, name: row.get(2)? })
}

fn secret() -> Result<String, Failed> {
    let mut bytes = [0; 32];
    SystemRandom::default().fill(&mut bytes)?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// What was drawn at random needs no slow hash.
fn digest_of(secret: &str) -> Vec<u8> {
    digest(&SHA256, secret.as_bytes()).as_ref().to_vec()
}
