//! An API token between row and record. Owns which column holds what, and how strictly it is read; the questions stand in
//! `api_tokens`.

use crate::columns;
use crate::schema::credentials::api_tokens;
use diesel::prelude::*;
use doorward_core::keys::pepper::PepperVersion;
use doorward_core::store::fault::Fault;
use doorward_core::token::api_token::{ApiToken, ApiTokenOwner, PreviousValue, Standing};
use doorward_protocol::access::level::AccessList;
use doorward_protocol::time::Seconds;

/// What never changes.
#[derive(Insertable, Queryable, Selectable)]
#[diesel(table_name = api_tokens, treat_none_as_default_value = false)]
pub(crate) struct Registration {
    id: String,
    owner_user: Option<String>,
    owner_client: Option<String>,
    owner_generation: i64,
    created_by_user: Option<String>,
    created_by_client: Option<String>,
    created_at: i64,
}

/// What an update replaces, but for what a revocation sets.
#[derive(AsChangeset, Insertable, Queryable, Selectable)]
#[diesel(table_name = api_tokens, treat_none_as_null = true, treat_none_as_default_value = false)]
pub(crate) struct Columns {
    digest: Vec<u8>,
    pepper: i32,
    name: String,
    description: String,
    last_four: String,
    access: String,
    others: Option<String>,
    allowed_ips: String,
    #[diesel(embed)]
    previous: PreviousColumns,
    generation: i64,
    issued_at: i64,
    updated_at: i64,
    expires_at: i64,
}

/// What a revocation sets.
#[derive(Insertable, Queryable, Selectable)]
#[diesel(table_name = api_tokens, treat_none_as_default_value = false)]
pub(crate) struct Revocation {
    revoked_at: Option<i64>,
    inactive_reason: Option<String>,
}

/// A token's row, in its three parts.
#[derive(Insertable, Queryable, Selectable)]
#[diesel(table_name = api_tokens)]
pub(crate) struct Row {
    #[diesel(embed)]
    registration: Registration,
    #[diesel(embed)]
    columns: Columns,
    #[diesel(embed)]
    revocation: Revocation,
}

/// What a decision needs of a token's row.
#[derive(Queryable, Selectable)]
#[diesel(table_name = api_tokens)]
pub(crate) struct StandingRow {
    id: String,
    digest: Vec<u8>,
    pepper: i32,
    owner_user: Option<String>,
    owner_client: Option<String>,
    owner_generation: i64,
    access: String,
    others: Option<String>,
    allowed_ips: String,
    generation: i64,
    #[diesel(embed)]
    previous: PreviousColumns,
    issued_at: i64,
    expires_at: i64,
    revoked_at: Option<i64>,
}

/// The value before, in its three columns.
#[derive(AsChangeset, Insertable, Queryable, Selectable)]
#[diesel(table_name = api_tokens, treat_none_as_null = true, treat_none_as_default_value = false)]
pub(crate) struct PreviousColumns {
    previous_digest: Option<Vec<u8>>,
    previous_pepper: Option<i32>,
    previous_expires_at: Option<i64>,
}

impl StandingRow {
    pub(crate) fn standing(self) -> Result<Standing, Fault> {
        Ok(Standing {
            id: columns::read("api_tokens.id", &self.id)?,
            digest: columns::read_digest("api_tokens.digest", &self.digest)?,
            pepper: PepperVersion(self.pepper),
            owner: owner(self.owner_user.as_deref(), self.owner_client.as_deref())?,
            owner_generation: self.owner_generation,
            access: access(&self.access, self.others.as_deref())?,
            allowed_ips: columns::read_list("api_tokens.allowed_ips", ' ', &self.allowed_ips)?,
            generation: self.generation,
            previous: self.previous.value()?.map(Box::new),
            issued_at: Seconds(self.issued_at),
            expires_at: Seconds(self.expires_at),
            is_revoked: self.revoked_at.is_some(),
        })
    }
}

/// Exactly one of the two, or the token is nobody's.
fn owner(user: Option<&str>, client: Option<&str>) -> Result<ApiTokenOwner, Fault> {
    match (user, client) {
        (Some(user), None) => Ok(ApiTokenOwner::User(columns::read("api_tokens.owner_user", user)?)),
        (None, Some(client)) => Ok(ApiTokenOwner::Client(columns::read("api_tokens.owner_client", client)?)),
        _ => Err(columns::broken("api_tokens.owner_user")),
    }
}

fn access(named: &str, others: Option<&str>) -> Result<AccessList, Fault> {
    Ok(AccessList {
        named: columns::read_access("api_tokens.access", named)?,
        others: columns::read_optional("api_tokens.others", others)?,
    })
}

impl Row {
    pub(crate) fn of(token: &ApiToken) -> Self {
        Self {
            registration: Registration {
                id: token.id.to_string(),
                owner_user: token.owner.user().map(|id| id.to_string()),
                owner_client: token.owner.client().map(|id| id.to_string()),
                owner_generation: token.owner_generation,
                created_by_user: token.created_by_user.map(|id| id.to_string()),
                created_by_client: token.created_by_client.map(|id| id.to_string()),
                created_at: token.created_at.0,
            },
            columns: Columns::of(token),
            revocation: Revocation {
                revoked_at: token.revoked_at.map(|at| at.0),
                inactive_reason: token.inactive_reason.clone(),
            },
        }
    }

    pub(crate) fn token(self) -> Result<ApiToken, Fault> {
        let Self { registration, columns, revocation } = self;
        let user =
            columns::read_optional("api_tokens.created_by_user", registration.created_by_user.as_deref());
        let client =
            columns::read_optional("api_tokens.created_by_client", registration.created_by_client.as_deref());
        Ok(ApiToken {
            id: columns::read("api_tokens.id", &registration.id)?,
            digest: columns::read_digest("api_tokens.digest", &columns.digest)?,
            pepper: PepperVersion(columns.pepper),
            owner: owner(registration.owner_user.as_deref(), registration.owner_client.as_deref())?,
            owner_generation: registration.owner_generation,
            access: access(&columns.access, columns.others.as_deref())?,
            allowed_ips: columns::read_list("api_tokens.allowed_ips", ' ', &columns.allowed_ips)?,
            created_by_user: user?,
            created_by_client: client?,
            generation: columns.generation,
            previous: columns.previous.value()?,
            issued_at: Seconds(columns.issued_at),
            created_at: Seconds(registration.created_at),
            updated_at: Seconds(columns.updated_at),
            expires_at: Seconds(columns.expires_at),
            revoked_at: revocation.revoked_at.map(Seconds),
            inactive_reason: revocation.inactive_reason,
            name: columns.name,
            description: columns.description,
            last_four: columns.last_four,
        })
    }
}

impl Columns {
    pub(crate) fn of(token: &ApiToken) -> Self {
        Self {
            digest: token.digest.0.to_vec(),
            pepper: token.pepper.0,
            name: token.name.clone(),
            description: token.description.clone(),
            last_four: token.last_four.clone(),
            access: columns::write_access(&token.access.named),
            others: token.access.others.map(|level| level.to_string()),
            allowed_ips: columns::write_list(' ', &token.allowed_ips),
            previous: PreviousColumns::of(token.previous),
            generation: token.generation,
            issued_at: token.issued_at.0,
            updated_at: token.updated_at.0,
            expires_at: token.expires_at.0,
        }
    }
}

impl PreviousColumns {
    fn of(previous: Option<PreviousValue>) -> Self {
        Self {
            previous_digest: previous.map(|previous| previous.digest.0.to_vec()),
            previous_pepper: previous.map(|previous| previous.pepper.0),
            previous_expires_at: previous.map(|previous| previous.expires_at.0),
        }
    }

    /// All of the previous value or nothing: one without its end would be good for ever.
    fn value(&self) -> Result<Option<PreviousValue>, Fault> {
        match (&self.previous_digest, self.previous_pepper, self.previous_expires_at) {
            (Some(digest), Some(pepper), Some(expires_at)) => Ok(Some(PreviousValue {
                digest: columns::read_digest("api_tokens.previous_digest", digest)?,
                pepper: PepperVersion(pepper),
                expires_at: Seconds(expires_at),
            })),
            (None, None, None) => Ok(None),
            _ => Err(columns::broken("api_tokens.previous_digest")),
        }
    }
}
