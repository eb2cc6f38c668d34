//! A family and its refresh tokens between rows and records. Owns which column holds what; the questions stand in
//! `families`.

use crate::columns;
use crate::schema::{families, refresh_tokens};
use diesel::prelude::*;
use doorward_core::keys::pepper::PepperVersion;
use doorward_core::store::fault::Fault;
use doorward_core::token::family::{Family, RefreshToken};
use doorward_protocol::time::Seconds;

/// A family.
#[derive(Insertable, Queryable, Selectable)]
#[diesel(table_name = families, treat_none_as_default_value = false)]
pub(crate) struct FamilyRow {
    id: String,
    client: String,
    client_generation: i64,
    user_id: String,
    user_generation: i64,
    session: String,
    offline: bool,
    consent: Option<String>,
    consent_generation: Option<i64>,
    scope: String,
    api: Option<String>,
    auth_time: i64,
    amr: String,
    acr: String,
    newest: i64,
    rotated_at: i64,
    created_at: i64,
    expires_at: i64,
    revoked_at: Option<i64>,
}

/// A refresh token.
#[derive(Insertable, Queryable, Selectable)]
#[diesel(table_name = refresh_tokens, treat_none_as_default_value = false)]
pub(crate) struct RefreshRow {
    digest: Vec<u8>,
    pepper: i32,
    family: String,
    number: i64,
    issued_at: i64,
    expires_at: i64,
}

impl FamilyRow {
    pub(crate) fn of(family: &Family) -> Self {
        Self {
            id: family.id.to_string(),
            client: family.client.to_string(),
            client_generation: family.client_generation,
            user_id: family.user.to_string(),
            user_generation: family.user_generation,
            session: family.session.to_string(),
            offline: family.offline,
            consent: family.consent.map(|(id, _)| id.to_string()),
            consent_generation: family.consent.map(|(_, generation)| generation),
            scope: family.scope.to_string(),
            api: family.api.map(|api| api.to_string()),
            auth_time: family.authentication.auth_time.0,
            amr: columns::write_amr(&family.authentication),
            acr: family.authentication.acr.clone(),
            newest: family.newest,
            rotated_at: family.rotated_at.0,
            created_at: family.created_at.0,
            expires_at: family.expires_at.0,
            revoked_at: family.revoked_at.map(|at| at.0),
        }
    }

    pub(crate) fn family(&self) -> Result<Family, Fault> {
        Ok(Family {
            id: columns::read("families.id", &self.id)?,
            client: columns::read("families.client", &self.client)?,
            client_generation: self.client_generation,
            user: columns::read("families.user_id", &self.user_id)?,
            user_generation: self.user_generation,
            session: columns::read("families.session", &self.session)?,
            offline: self.offline,
            consent: columns::read_with_generation(
                "families.consent",
                self.consent.as_deref(),
                self.consent_generation,
            )?,
            scope: columns::read("families.scope", &self.scope)?,
            api: columns::read_optional("families.api", self.api.as_deref())?,
            authentication: columns::read_authentication(
                self.auth_time,
                ("families.amr", &self.amr),
                &self.acr,
            )?,
            newest: self.newest,
            rotated_at: Seconds(self.rotated_at),
            created_at: Seconds(self.created_at),
            expires_at: Seconds(self.expires_at),
            revoked_at: self.revoked_at.map(Seconds),
        })
    }
}

impl RefreshRow {
    pub(crate) fn of(token: &RefreshToken) -> Self {
        Self {
            digest: token.digest.0.to_vec(),
            pepper: token.pepper.0,
            family: token.family.to_string(),
            number: token.number,
            issued_at: token.issued_at.0,
            expires_at: token.expires_at.0,
        }
    }

    pub(crate) fn token(&self) -> Result<RefreshToken, Fault> {
        Ok(RefreshToken {
            digest: columns::read_digest("refresh_tokens.digest", &self.digest)?,
            pepper: PepperVersion(self.pepper),
            family: columns::read("refresh_tokens.family", &self.family)?,
            number: self.number,
            issued_at: Seconds(self.issued_at),
            expires_at: Seconds(self.expires_at),
        })
    }
}
