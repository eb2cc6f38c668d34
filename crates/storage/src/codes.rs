//! Authorization codes, as rows. A used one stays until it is swept, so that a replay is recognised.

use crate::columns;
use crate::kept::kept;
use crate::schema::{codes, old_codes};
use crate::transaction::Transaction;
use diesel::prelude::*;
use doorward_core::keys::pepper::PepperVersion;
use doorward_core::store::fault::Fault;
use doorward_core::store::tx::authorizations::Codes;
use doorward_core::ticket::code::{Code, CodeBinding};
use doorward_protocol::pkce::Challenge;
use doorward_protocol::secret::Digest;
use doorward_protocol::time::Seconds;

#[derive(Insertable, Queryable, Selectable)]
#[diesel(table_name = codes, treat_none_as_default_value = false)]
struct Row {
    digest: Vec<u8>,
    pepper: i32,
    family: String,
    client: String,
    client_generation: i64,
    user_id: String,
    user_generation: i64,
    session: String,
    consent: Option<String>,
    consent_generation: Option<i64>,
    redirect_uri: String,
    redirect_uri_given: bool,
    challenge: Option<String>,
    scope: String,
    api: Option<String>,
    nonce: Option<String>,
    auth_time: i64,
    amr: String,
    acr: String,
    issued_at: i64,
    expires_at: i64,
    used_at: Option<i64>,
}

impl Codes for Transaction<'_> {
    fn code(&mut self, digest: &Digest) -> Result<Option<Code>, Fault> {
        let row = kept!(codes::table.find(digest.0.as_slice()).select(Row::as_select()));
        self.ask(|c| row.get_result::<Row>(c).optional())?.map(Row::code).transpose()
    }

    fn insert_code(&mut self, code: &Code) -> Result<(), Fault> {
        self.spend()?;
        let row = Row::of(code);
        self.change(|c| kept!(diesel::insert_into(codes::table).values(row)).execute(c)).map(drop)
    }

    fn use_code(&mut self, digest: &Digest, now: Seconds) -> Result<bool, Fault> {
        let unused = codes::digest.eq(digest.0.as_slice()).and(codes::used_at.is_null());
        let unused = codes::table.filter(unused);
        self.touches(|c| kept!(diesel::update(unused).set(codes::used_at.eq(now.0))).execute(c))
    }

    fn sweep_codes(&mut self, before: Seconds, limit: i64) -> Result<usize, Fault> {
        let expires_at = old_codes.field(codes::expires_at);
        let old = old_codes.select(old_codes.field(codes::digest)).filter(expires_at.lt(before.0));
        let old = old.order(expires_at).limit(limit);
        self.change(|c| diesel::delete(codes::table.filter(codes::digest.eq_any(old))).execute(c))
    }
}

impl Row {
    fn of(code: &Code) -> Self {
        Self {
            digest: code.digest.0.to_vec(),
            pepper: code.pepper.0,
            family: code.family.to_string(),
            client: code.client.to_string(),
            client_generation: code.client_generation,
            user_id: code.user.to_string(),
            user_generation: code.user_generation,
            session: code.session.to_string(),
            consent: code.consent.map(|(id, _)| id.to_string()),
            consent_generation: code.consent.map(|(_, generation)| generation),
            redirect_uri: code.redirect_uri.clone(),
            redirect_uri_given: code.redirect_uri_given,
            challenge: challenge(&code.binding),
            scope: code.scope.to_string(),
            api: code.api.map(|api| api.to_string()),
            nonce: code.nonce.clone(),
            auth_time: code.authentication.auth_time.0,
            amr: columns::write_amr(&code.authentication),
            acr: code.authentication.acr.clone(),
            issued_at: code.issued_at.0,
            expires_at: code.expires_at.0,
            used_at: code.used_at.map(|at| at.0),
        }
    }

    fn code(self) -> Result<Code, Fault> {
        Ok(Code {
            digest: columns::read_digest("codes.digest", &self.digest)?,
            pepper: PepperVersion(self.pepper),
            family: columns::read("codes.family", &self.family)?,
            client: columns::read("codes.client", &self.client)?,
            client_generation: self.client_generation,
            user: columns::read("codes.user_id", &self.user_id)?,
            user_generation: self.user_generation,
            session: columns::read("codes.session", &self.session)?,
            consent: columns::read_with_generation(
                "codes.consent",
                self.consent.as_deref(),
                self.consent_generation,
            )?,
            redirect_uri: self.redirect_uri,
            redirect_uri_given: self.redirect_uri_given,
            binding: binding(self.challenge.as_deref())?,
            scope: columns::read("codes.scope", &self.scope)?,
            api: columns::read_optional("codes.api", self.api.as_deref())?,
            nonce: self.nonce,
            authentication: columns::read_authentication(
                self.auth_time,
                ("codes.amr", &self.amr),
                &self.acr,
            )?,
            issued_at: Seconds(self.issued_at),
            expires_at: Seconds(self.expires_at),
            used_at: self.used_at.map(Seconds),
        })
    }
}

fn challenge(binding: &CodeBinding) -> Option<String> {
    match binding {
        CodeBinding::S256(challenge) => Some(challenge.as_str().to_owned()),
        CodeBinding::ConfidentialOnly => None,
    }
}

/// A challenge that cannot be read is a fault: read as none, the code would be bound to less than it was.
fn binding(challenge: Option<&str>) -> Result<CodeBinding, Fault> {
    let Some(text) = challenge else { return Ok(CodeBinding::ConfidentialOnly) };
    Challenge::stored(text).map(CodeBinding::S256).ok_or_else(|| columns::broken("codes.challenge"))
}
