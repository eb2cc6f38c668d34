//! The shop's customers, as it has always kept them: a table of its own, by a pool of its own, with hashes of its own. Knows
//! nothing of Doorward but where randomness comes from.

use crate::Failed;
use argon2::password_hash::PasswordHasher;
use argon2::{Argon2, Params};
use diesel::prelude::*;
use diesel::r2d2::{ConnectionManager, Pool};
use doorward_core::random::{Random, SystemRandom};

/// A number is never given twice: at Doorward, and at the applications, it is who somebody is.
const TABLE: &str = "CREATE TABLE IF NOT EXISTS customers (number INTEGER PRIMARY KEY AUTOINCREMENT, username TEXT NOT NULL UNIQUE, \
                     name TEXT NOT NULL, email TEXT NOT NULL, password TEXT NOT NULL)";

diesel::table! {
    customers (number) {
        number -> Integer,
        username -> Text,
        name -> Text,
        email -> Text,
        password -> Text,
    }
}

/// One of them.
#[derive(Clone, Debug, Queryable)]
pub(crate) struct Customer {
    pub(crate) number: i32,
    pub(crate) username: String,
    pub(crate) name: String,
    pub(crate) email: String,
    /// Its hash, as a PHC string.
    pub(crate) password: String,
}

/// All of them.
#[derive(Clone)]
pub(crate) struct Customers(Pool<ConnectionManager<SqliteConnection>>);

impl Customers {
    #[expect(clippy::disallowed_methods, reason = "diesel has no words to make a table with")]
    pub(crate) fn open(path: &str) -> Result<Self, Failed> {
        let pool = Pool::builder().max_size(4).build(ConnectionManager::new(path))?;
        diesel::sql_query(TABLE).execute(&mut pool.get()?)?;
        Ok(Self(pool))
    }

    /// Adds somebody who is not there yet, and tells their password.
    pub(crate) fn welcome(&self, username: &str, name: &str, email: &str) -> Result<Option<String>, Failed> {
        if self.called(username)?.is_some() {
            return Ok(None);
        }
        let mut random = [0; 32];
        SystemRandom::default().fill(&mut random)?;
        let password: String = random[..10].iter().map(|byte| format!("{byte:02x}")).collect();
        let row = (
            customers::username.eq(username),
            customers::name.eq(name),
            customers::email.eq(email),
            customers::password
                .eq(hashing()?.hash_password_with_salt(password.as_bytes(), &random[16..])?.to_string()),
        );
        diesel::insert_into(customers::table).values(row).execute(&mut self.0.get()?)?;
        Ok(Some(password))
    }

    /// Who has this number.
    pub(crate) fn numbered(&self, number: i32) -> Result<Option<Customer>, Failed> {
        Ok(customers::table.find(number).first(&mut self.0.get()?).optional()?)
    }

    /// Who has this name.
    pub(crate) fn called(&self, username: &str) -> Result<Option<Customer>, Failed> {
        let named = customers::table.filter(customers::username.eq(username));
        Ok(named.first(&mut self.0.get()?).optional()?)
    }
}

fn hashing() -> Result<Argon2<'static>, Failed> {
    Ok(Argon2::from(Params::new(19 * 1024, 2, 1, None)?))
}
