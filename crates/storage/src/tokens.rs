//! Opaque tokens and revoked JWTs, as rows. Owns the hottest questions of the store: each is one statement by primary key.

use crate::columns;
use crate::kept::kept;
use crate::schema::credentials::api_tokens;
use crate::schema::{
    client_secrets, codes, interactions, old_jwts, old_tokens, opaque_tokens, refresh_tokens, revoked_jwts,
    sessions, setup_links,
};
use crate::transaction::Transaction;
use diesel::dsl::count_star;
use diesel::prelude::*;
use doorward_core::keys::pepper::PepperVersion;
use doorward_core::store::fault::Fault;
use doorward_core::store::tx::Tokens;
use doorward_core::store::tx::changes::{Changed, Voids};
use doorward_core::token::{OpaqueToken, Person, RevokedJwt};
use doorward_protocol::id::Id;
use doorward_protocol::secret::Digest;
use doorward_protocol::time::Seconds;
use std::collections::BTreeMap;

#[derive(Insertable, Queryable, Selectable)]
#[diesel(table_name = opaque_tokens, treat_none_as_default_value = false)]
struct OpaqueRow {
    digest: Vec<u8>,
    pepper: i32,
    jti: String,
    client: String,
    client_generation: i64,
    user_id: Option<String>,
    user_generation: Option<i64>,
    family: Option<String>,
    api: Option<String>,
    scope: String,
    issued_at: i64,
    expires_at: i64,
    revoked_at: Option<i64>,
}

#[derive(Insertable, Queryable, Selectable)]
#[diesel(table_name = revoked_jwts)]
struct RevokedRow {
    jti: String,
    expires_at: i64,
}

/// How many rows of a table stand under each pepper.
macro_rules! by_pepper {
    ($table:ident) => {
        $table::table.group_by($table::pepper).select(($table::pepper, count_star()))
    };
}

impl Tokens for Transaction<'_> {
    fn opaque_token(&mut self, digest: &Digest) -> Result<Option<OpaqueToken>, Fault> {
        let row = kept!(opaque_tokens::table.find(digest.0.as_slice()).select(OpaqueRow::as_select()));
        self.ask(|c| row.get_result::<OpaqueRow>(c).optional())?.map(|row| row.token()).transpose()
    }

    fn insert_opaque_token(&mut self, token: &OpaqueToken) -> Result<(), Fault> {
        self.spend()?;
        let row = OpaqueRow::of(token);
        self.change(|c| kept!(diesel::insert_into(opaque_tokens::table).values(row)).execute(c)).map(drop)
    }

    fn revoke_opaque_token(&mut self, digest: &Digest, now: Seconds) -> Result<bool, Fault> {
        let good = opaque_tokens::digest.eq(digest.0.as_slice()).and(opaque_tokens::revoked_at.is_null());
        let good = opaque_tokens::table.filter(good);
        self.touches(|c| kept!(diesel::update(good).set(opaque_tokens::revoked_at.eq(now.0))).execute(c))
    }

    fn sweep_opaque_tokens(&mut self, before: Seconds, limit: i64) -> Result<usize, Fault> {
        let expires_at = old_tokens.field(opaque_tokens::expires_at);
        let old = old_tokens.select(old_tokens.field(opaque_tokens::digest)).filter(expires_at.lt(before.0));
        let old = old.order(expires_at).limit(limit);
        self.change(|c| {
            diesel::delete(opaque_tokens::table.filter(opaque_tokens::digest.eq_any(old))).execute(c)
        })
    }

    fn revoked_jwts(&mut self) -> Result<Vec<RevokedJwt>, Fault> {
        let rows: Vec<RevokedRow> =
            self.ask(|c| revoked_jwts::table.select(RevokedRow::as_select()).load(c))?;
        rows.iter().map(RevokedRow::token).collect()
    }

    fn revoked_jwt(&mut self, jti: Id) -> Result<Option<RevokedJwt>, Fault> {
        let row = revoked_jwts::table.find(jti.to_string()).select(RevokedRow::as_select());
        self.ask(|c| row.get_result(c).optional())?.map(|row| row.token()).transpose()
    }

    fn insert_revoked_jwt(&mut self, token: &RevokedJwt) -> Result<(), Fault> {
        let row = RevokedRow { jti: token.jti.to_string(), expires_at: token.expires_at.0 };
        self.change(|c| diesel::insert_into(revoked_jwts::table).values(row).execute(c))?;
        self.record_change(Changed::RevokedJwt(token.jti), Voids::tokens_of(token.jti))
    }

    fn sweep_revoked_jwts(&mut self, before: Seconds, limit: i64) -> Result<usize, Fault> {
        let expires_at = old_jwts.field(revoked_jwts::expires_at);
        let old = old_jwts.select(old_jwts.field(revoked_jwts::jti)).filter(expires_at.lt(before.0));
        let old = old.order(expires_at).limit(limit);
        self.change(|c| diesel::delete(revoked_jwts::table.filter(revoked_jwts::jti.eq_any(old))).execute(c))
    }

    fn digests_by_pepper(&mut self) -> Result<Vec<(PepperVersion, i64)>, Fault> {
        let mut by_pepper = BTreeMap::<_, i64>::new();
        for counts in [
            self.ask(|c| by_pepper!(client_secrets).load::<(i32, i64)>(c))?,
            self.ask(|c| by_pepper!(opaque_tokens).load(c))?,
            self.ask(|c| by_pepper!(refresh_tokens).load(c))?,
            self.ask(|c| by_pepper!(codes).load(c))?,
            self.ask(|c| by_pepper!(sessions).load(c))?,
            self.ask(|c| by_pepper!(setup_links).load(c))?,
            self.ask(|c| by_pepper!(interactions).load(c))?,
            self.ask(|c| by_pepper!(api_tokens).load(c))?,
            self.previous_by_pepper()?,
        ] {
            for (pepper, count) in counts {
                *by_pepper.entry(PepperVersion(pepper)).or_default() += count;
            }
        }
        Ok(by_pepper.into_iter().collect())
    }
}

impl Transaction<'_> {
    /// The values that API tokens had before.
    fn previous_by_pepper(&mut self) -> Result<Vec<(i32, i64)>, Fault> {
        let pepper = api_tokens::previous_pepper;
        let previous = api_tokens::table.filter(api_tokens::previous_digest.is_not_null());
        let counts = previous.group_by(pepper).select((pepper.assume_not_null(), count_star()));
        self.ask(|c| counts.load(c))
    }
}

impl OpaqueRow {
    fn of(token: &OpaqueToken) -> Self {
        Self {
            digest: token.digest.0.to_vec(),
            pepper: token.pepper.0,
            jti: token.jti.to_string(),
            client: token.client.to_string(),
            client_generation: token.client_generation,
            user_id: token.person.map(|person| person.user.to_string()),
            user_generation: token.person.map(|person| person.user_generation),
            family: token.person.map(|person| person.family.to_string()),
            api: token.api.map(|api| api.to_string()),
            scope: token.scope.to_string(),
            issued_at: token.issued_at.0,
            expires_at: token.expires_at.0,
            revoked_at: token.revoked_at.map(|at| at.0),
        }
    }

    fn token(&self) -> Result<OpaqueToken, Fault> {
        Ok(OpaqueToken {
            digest: columns::read_digest("opaque_tokens.digest", &self.digest)?,
            pepper: PepperVersion(self.pepper),
            jti: columns::read("opaque_tokens.jti", &self.jti)?,
            client: columns::read("opaque_tokens.client", &self.client)?,
            client_generation: self.client_generation,
            person: self.person()?,
            api: columns::read_optional("opaque_tokens.api", self.api.as_deref())?,
            scope: columns::read("opaque_tokens.scope", &self.scope)?,
            issued_at: Seconds(self.issued_at),
            expires_at: Seconds(self.expires_at),
            revoked_at: self.revoked_at.map(Seconds),
        })
    }

    /// All of a person or nothing: a token that has lost half of whom it speaks for must not pass for its client's own.
    fn person(&self) -> Result<Option<Person>, Fault> {
        let user = columns::read_optional("opaque_tokens.user_id", self.user_id.as_deref())?;
        let family = columns::read_optional("opaque_tokens.family", self.family.as_deref())?;
        match (user, self.user_generation, family) {
            (Some(user), Some(user_generation), Some(family)) => {
                Ok(Some(Person { user, user_generation, family }))
            }
            (None, None, None) => Ok(None),
            _ => Err(columns::broken("opaque_tokens.user_id")),
        }
    }
}

impl RevokedRow {
    fn token(&self) -> Result<RevokedJwt, Fault> {
        Ok(RevokedJwt {
            jti: columns::read("revoked_jwts.jti", &self.jti)?,
            expires_at: Seconds(self.expires_at),
        })
    }
}
