//! A client and its secrets between row and record. Owns which column holds what, and how strictly it is read; the
//! questions stand in `clients`.

use crate::columns;
use crate::schema::{client_secrets, clients, group_clients};
use diesel::prelude::*;
use doorward_core::client::redirect::RedirectUri;
use doorward_core::client::{AccountOwner, Client, ClientRecord, ClientSecret};
use doorward_core::keys::pepper::PepperVersion;
use doorward_core::store::fault::Fault;
use doorward_protocol::id::Id;
use doorward_protocol::time::{Lifetime, Seconds};
use std::cmp::Reverse;

/// The kinds of clients, as the column says them.
pub(crate) const APPLICATION: &str = "application";
pub(crate) const SERVICE: &str = "service";

/// A client but for its identifiers and the day of registration: what an update replaces.
#[derive(AsChangeset, Insertable, Queryable, Selectable)]
#[diesel(table_name = clients, treat_none_as_null = true, treat_none_as_default_value = false)]
pub(crate) struct Columns {
    name: String,
    description: String,
    status: String,
    auth_method: String,
    grant_types: String,
    redirect_uris: String,
    post_logout_redirect_uris: String,
    require_pkce: bool,
    consent: String,
    id_token_signed_response_alg: Option<String>,
    id_token_claims: bool,
    organization: Option<String>,
    allowed_ips: String,
    access: String,
    public_url: Option<String>,
    expires_at: Option<i64>,
    kind: String,
    owner_user: Option<String>,
    held_off: bool,
    scopes: String,
    default_scopes: String,
    access_token_lifetime: Option<i64>,
    refresh_token_lifetime: Option<i64>,
    generation: i64,
    updated_at: i64,
}

/// A client's identifiers and the day of registration: what never changes.
#[derive(Insertable, Queryable, Selectable)]
#[diesel(table_name = clients)]
pub(crate) struct Registration {
    id: String,
    client_id: String,
    created_at: i64,
}

/// A secret.
#[derive(Insertable, Queryable, Selectable)]
#[diesel(table_name = client_secrets, treat_none_as_default_value = false)]
pub(crate) struct SecretRow {
    id: String,
    client: String,
    digest: Vec<u8>,
    pepper: i32,
    last_four: String,
    created_at: i64,
    expires_at: Option<i64>,
    inactive_reason: Option<String>,
}

/// A client's place in a group.
#[derive(Insertable, Queryable, Selectable)]
#[diesel(table_name = group_clients)]
pub(crate) struct Place {
    pub(crate) client: String,
    pub(crate) group_id: String,
}

/// A client's row, in its two parts.
pub(crate) type Row = (Registration, Columns);

/// A client with one of its secrets and one of its groups, or with none: asked for together, because a client that is not in
/// memory is asked for on the way to a token, and each question to a server is a way there and back. It has few of either.
#[derive(Queryable, Selectable)]
#[diesel(table_name = clients)]
pub(crate) struct WithSecret {
    #[diesel(embed)]
    registration: Registration,
    #[diesel(embed)]
    columns: Columns,
    #[diesel(embed)]
    secret: Option<SecretRow>,
    #[diesel(embed)]
    place: Option<Place>,
}

impl Registration {
    pub(crate) fn of(client: &Client) -> Self {
        Self {
            id: client.id.to_string(),
            client_id: client.client_id.to_string(),
            created_at: client.created_at.0,
        }
    }
}

impl Columns {
    pub(crate) fn of(client: &Client) -> Self {
        Self {
            name: client.name.clone(),
            description: client.description.clone(),
            status: client.status.to_string(),
            auth_method: client.auth_method.to_string(),
            grant_types: columns::write_list(' ', &client.grant_types),
            redirect_uris: columns::write_list('\n', &client.redirect_uris),
            post_logout_redirect_uris: columns::write_list('\n', &client.post_logout_redirect_uris),
            require_pkce: client.require_pkce,
            consent: client.consent.to_string(),
            id_token_signed_response_alg: client.id_token_signed_response_alg.map(|alg| alg.to_string()),
            id_token_claims: client.id_token_claims,
            organization: client.organization.map(|organization| organization.to_string()),
            allowed_ips: columns::write_list(' ', &client.allowed_ips),
            access: columns::write_access(&client.access),
            public_url: client.public_url.clone(),
            expires_at: client.expires_at.map(|at| at.0),
            kind: if client.is_api_account() { SERVICE } else { APPLICATION }.to_owned(),
            owner_user: client.account_of.and_then(AccountOwner::user).map(|user| user.to_string()),
            held_off: client.held_off,
            scopes: client.scopes.to_string(),
            default_scopes: client.default_scopes.to_string(),
            access_token_lifetime: client.access_token_lifetime.map(|lifetime| lifetime.0),
            refresh_token_lifetime: client.refresh_token_lifetime.map(|lifetime| lifetime.0),
            generation: client.generation,
            updated_at: client.updated_at.0,
        }
    }
}

/// The record behind a row.
pub(crate) fn client((registration, columns): Row, groups: Vec<Id>) -> Result<Client, Fault> {
    Ok(Client {
        id: columns::read("clients.id", &registration.id)?,
        client_id: columns::read("clients.client_id", &registration.client_id)?,
        status: columns::read("clients.status", &columns.status)?,
        auth_method: columns::read("clients.auth_method", &columns.auth_method)?,
        grant_types: columns::read_list("clients.grant_types", ' ', &columns.grant_types)?,
        redirect_uris: redirect_uris("clients.redirect_uris", &columns.redirect_uris)?,
        post_logout_redirect_uris: redirect_uris(
            "clients.post_logout_redirect_uris",
            &columns.post_logout_redirect_uris,
        )?,
        require_pkce: columns.require_pkce,
        consent: columns::read("clients.consent", &columns.consent)?,
        id_token_signed_response_alg: columns::read_optional(
            "clients.id_token_signed_response_alg",
            columns.id_token_signed_response_alg.as_deref(),
        )?,
        id_token_claims: columns.id_token_claims,
        account_of: account_of(&columns)?,
        held_off: columns.held_off,
        organization: columns::read_optional("clients.organization", columns.organization.as_deref())?,
        groups,
        allowed_ips: columns::read_list("clients.allowed_ips", ' ', &columns.allowed_ips)?,
        access: columns::read_access("clients.access", &columns.access)?,
        public_url: columns.public_url,
        expires_at: columns.expires_at.map(Seconds),
        scopes: columns::read("clients.scopes", &columns.scopes)?,
        default_scopes: columns::read("clients.default_scopes", &columns.default_scopes)?,
        access_token_lifetime: columns.access_token_lifetime.map(Lifetime),
        refresh_token_lifetime: columns.refresh_token_lifetime.map(Lifetime),
        generation: columns.generation,
        created_at: Seconds(registration.created_at),
        updated_at: Seconds(columns.updated_at),
        name: columns.name,
        description: columns.description,
    })
}

/// An API account that is no person's is its organization's.
fn account_of(columns: &Columns) -> Result<Option<AccountOwner>, Fault> {
    let user = columns::read_optional("clients.owner_user", columns.owner_user.as_deref())?;
    let organization = columns::read_optional("clients.organization", columns.organization.as_deref())?;
    match (columns.kind.as_str(), user, organization) {
        (APPLICATION, _, _) => Ok(None),
        (SERVICE, Some(user), _) => Ok(Some(AccountOwner::User(user))),
        (SERVICE, None, Some(organization)) => Ok(Some(AccountOwner::Organization(organization))),
        _ => Err(columns::broken("clients.kind")),
    }
}

/// Only their form is asked here; whether a client of this kind may have them was asked when they were registered.
fn redirect_uris(column: &str, text: &str) -> Result<Vec<RedirectUri>, Fault> {
    text.lines().map(|uri| RedirectUri::parse(uri, true).map_err(|_| columns::broken(column))).collect()
}

/// One client from all its rows, its newest secret first.
pub(crate) fn record(rows: Vec<WithSecret>) -> Result<Option<ClientRecord>, Fault> {
    let secrets = rows.iter().filter_map(|row| row.secret.as_ref()).map(SecretRow::secret);
    let mut secrets: Vec<_> = secrets.collect::<Result<_, _>>()?;
    secrets.sort_by_key(|secret| Reverse((secret.created_at, secret.id)));
    secrets.dedup_by_key(|secret| secret.id);
    let places = rows.iter().filter_map(|row| row.place.as_ref()).map(Place::group);
    let mut groups: Vec<_> = places.collect::<Result<_, _>>()?;
    groups.sort();
    groups.dedup();
    let Some(row) = rows.into_iter().next() else { return Ok(None) };
    Ok(Some(ClientRecord { client: client((row.registration, row.columns), groups)?, secrets }))
}

impl Registration {
    /// The client's identifier, as it stands in the row.
    pub(crate) fn id(&self) -> &str {
        &self.id
    }
}

impl Place {
    pub(crate) fn group(&self) -> Result<Id, Fault> {
        columns::read("group_clients.group_id", &self.group_id)
    }
}

impl SecretRow {
    pub(crate) fn of(secret: &ClientSecret) -> Self {
        Self {
            id: secret.id.to_string(),
            client: secret.client.to_string(),
            digest: secret.digest.0.to_vec(),
            pepper: secret.pepper.0,
            last_four: secret.last_four.clone(),
            created_at: secret.created_at.0,
            expires_at: secret.expires_at.map(|at| at.0),
            inactive_reason: secret.inactive_reason.clone(),
        }
    }

    pub(crate) fn secret(&self) -> Result<ClientSecret, Fault> {
        Ok(ClientSecret {
            id: columns::read("client_secrets.id", &self.id)?,
            client: columns::read("client_secrets.client", &self.client)?,
            digest: columns::read_digest("client_secrets.digest", &self.digest)?,
            pepper: PepperVersion(self.pepper),
            last_four: self.last_four.clone(),
            created_at: Seconds(self.created_at),
            expires_at: self.expires_at.map(Seconds),
            inactive_reason: self.inactive_reason.clone(),
        })
    }
}
