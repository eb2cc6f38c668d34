//! Managing clients: register, read, change, switch off and on, delete. Owns a client's members, whose rules stand in
//! `checks`; the record is `client`'s, its storage the store's.

pub(super) mod checks;
pub mod defaults;
pub mod secrets;
pub(super) mod writing;

use crate::client::{Client, ClientRecord, built_in};
use crate::context::Context;
use crate::manage::call::Call;
use crate::manage::clients::checks::{LookUp, changed, check, with};
use crate::manage::clients::writing::{touched, written};
use crate::manage::{Findings, Refused, organizations, power, taken};
use crate::settings::Settings;
use crate::store::fault::{Fault, Stop};
use crate::store::tx::Tx;
use crate::store::tx::filter::{ClientFilter, ClientKind, UserFilter};
use doorward_protocol::id::{ClientId, Id};
use doorward_protocol::jose::Algorithm;
use doorward_protocol::openid;
use doorward_protocol::permission::Permission;
use doorward_protocol::scope::Scope;
use doorward_protocol::secret::Secret;
use doorward_protocol::time::{Lifetime, Seconds};
use doorward_protocol::words::{AuthMethod, ConsentMode, GrantType, Level, Status};

/// The members of a client that an administrator chooses.
#[derive(Clone, Debug)]
pub struct Members {
    /// What people see.
    pub name: String,
    /// For administrators.
    pub description: String,
    /// How it authenticates (RFC 7591 §2).
    pub auth_method: AuthMethod,
    /// The grants it may use.
    pub grant_types: Vec<GrantType>,
    /// Where it may send people back to.
    pub redirect_uris: Vec<String>,
    /// Where it may send people back to after they have signed out.
    pub post_logout_redirect_uris: Vec<String>,
    /// Whether its codes must be bound to a challenge (RFC 9700 §2.1.1).
    pub require_pkce: bool,
    /// Whether people are asked before it acts for them.
    pub consent: ConsentMode,
    /// What its ID tokens are signed with; RS256 where none is named.
    pub id_token_signed_response_alg: Option<Algorithm>,
    /// Whether its ID tokens carry the claims of the granted scopes, too.
    pub id_token_claims: bool,
    /// The organization it belongs to, by name or identifier.
    pub organization: Option<String>,
    /// The groups it is in, by name or identifier: what it may do at the management API.
    pub groups: Vec<String>,
    /// Where it may be used from, addresses and networks; from everywhere where none is named.
    pub allowed_ips: Vec<String>,
    /// The most that it may do at single APIs, which are named by identifier, id, or [`MANAGEMENT`](crate::manage::apis::MANAGEMENT). Where none
    /// is named, its scopes alone limit it; else it may do nothing at those that are not named.
    pub access: Vec<(String, Level)>,
    /// Where people find it.
    pub public_url: Option<String>,
    /// When it ends by itself.
    pub expires_at: Option<Seconds>,
    /// Whether it may do anything at all.
    pub status: Status,
    /// The most it may ask for.
    pub scopes: Scope,
    /// What it gets when it asks for nothing.
    pub default_scopes: Scope,
    /// How long its access tokens live, where that differs from the server's default.
    pub access_token_lifetime: Option<Lifetime>,
    /// How long its refresh tokens live without being used, where that differs from the server's default.
    pub refresh_token_lifetime: Option<Lifetime>,
}

/// A client just registered. The secret is shown this once.
pub struct Registered {
    /// The client.
    pub client: Client,
    /// Its secret; none for a public client.
    pub secret: Option<Secret>,
}

/// Registers a client, under a name of the administrator's choice or a generated one.
///
/// # Errors
/// [`Refused`] with every member that cannot stand; a fault of the store.
pub async fn create(
    client_id: Option<&str>,
    members: Members,
    call: &Call,
    context: &Context<'_>,
) -> Result<Registered, Stop<Refused>> {
    call.needs(Permission::ClientsWrite)?;
    let members = Members { organization: organizations::or_own(members.organization, call), ..members };
    let mut findings = Findings::default();
    let generated;
    let client_id = match client_id {
        Some(chosen) => chosen,
        None => {
            generated = generated_client_id("c-", context)?;
            &generated
        }
    };
    let client_id: Option<ClientId> = findings.check("/client_id", client_id.parse());
    if client_id.as_ref().is_some_and(|client_id| client_id.as_str() == built_in::CLIENT_ID) {
        findings.add("/client_id", "is that of the client that is built in");
    }
    let checked = check(&members, context.settings, &mut findings);
    findings.refuse()?;
    let Some(client_id) = client_id else {
        return Err(Stop::Fault(Fault::broken("a client without a name")));
    };
    let id = context.new_id()?;
    let blank = Client::blank(id, client_id, context.now);
    let secret =
        if members.auth_method.is_confidential() { Some(secrets::drawn(blank.id, context)?) } else { None };
    let stored = secret.as_ref().map(|(_, stored)| stored.clone());
    let (look_up, call) = (LookUp::draw(context)?, call.clone());
    let insert = move |tx: &mut dyn Tx| {
        let client = with(&members, &checked, blank.clone(), &look_up, &call, tx)?;
        call.covers(power::of_client(&client, &tx.groups()?))?;
        tx.insert_client(&client).map_err(taken("/client_id", "is taken, or was, by another client"))?;
        if let Some(stored) = &stored {
            tx.insert_client_secret(stored)?;
        }
        call.within(client.organization).record("client.created", &touched(None, &client), tx)?;
        Ok(client)
    };
    let client = context.cache.write(insert).await?;
    Ok(Registered { client, secret: secret.map(|(text, _)| text) })
}

/// A page of clients in the order of their identifiers (about that of registration), after the given one.
///
/// # Errors
/// [`Refused::Forbidden`], or a fault of the store.
pub async fn list(
    filter: &ClientFilter,
    after: Option<Id>,
    limit: i64,
    call: &Call,
    context: &Context<'_>,
) -> Result<Vec<Client>, Stop<Refused>> {
    call.needs(Permission::ClientsRead)?;
    let organization = call.permit().organization().or(filter.organization);
    if filter.organization.is_some_and(|wanted| Some(wanted) != organization) {
        return Ok(vec![]);
    }
    let kind = Some(ClientKind::Application);
    let filter = ClientFilter { organization, kind, ..filter.clone() };
    Ok(context.cache.store().snapshot(move |tx| tx.clients(&filter, after, limit)).await?)
}

/// The client with this `client_id` or internal identifier, straight from the store.
///
/// # Errors
/// [`Refused::NotFound`], or a fault of the store.
pub async fn show(
    reference: &str,
    call: &Call,
    context: &Context<'_>,
) -> Result<ClientRecord, Stop<Refused>> {
    call.needs(Permission::ClientsRead)?;
    let (reference, call) = (reference.to_owned(), call.clone());
    context.cache.store().snapshot(move |tx| find(&reference, &call, tx)).await?.ok_or_else(not_found)
}

/// The internal identifier of the client with this `client_id` or identifier, for whoever manages what belongs to it.
///
/// # Errors
/// [`Refused::NotFound`], or a fault of the store.
pub async fn known(reference: &str, call: &Call, context: &Context<'_>) -> Result<Id, Stop<Refused>> {
    let (reference, call) = (reference.to_owned(), call.clone());
    let find = move |tx: &mut dyn Tx| find(&reference, &call, tx);
    let found = context.cache.store().snapshot(find).await?;
    found.map(|record| record.client.id).ok_or_else(not_found)
}

/// Replaces the members of a client. Its tokens stay as they are, but are judged by the new members where these count at
/// every use. The change is made inside the transaction, so none made meanwhile is lost; it must be quick, and may be made
/// more than once.
///
/// # Errors
/// [`Refused`], or a fault of the store.
pub async fn update(
    reference: &str,
    call: &Call,
    context: &Context<'_>,
    change: impl Fn(&mut Members) -> Result<(), Refused> + Send + 'static,
) -> Result<Client, Stop<Refused>> {
    call.needs(Permission::ClientsWrite)?;
    let (reference, look_up, call) = (reference.to_owned(), LookUp::draw(context)?, call.clone());
    let update = move |tx: &mut dyn Tx| {
        let read = hold(&reference, &call, tx)?.client;
        let mut members = Members::of(&read);
        change(&mut members)?;
        let client = changed(&members, &read, &look_up, &call, tx)?;
        written(&read, client, look_up.now, &call, tx)
    };
    context.cache.write(update).await
}

/// Switches a client off or on. Switching off voids all its tokens for good: they do not come back with the client.
///
/// # Errors
/// [`Refused::NotFound`], or a fault of the store.
pub async fn set_status(
    reference: &str,
    status: Status,
    call: &Call,
    context: &Context<'_>,
) -> Result<Client, Stop<Refused>> {
    call.needs(Permission::ClientsWrite)?;
    let (reference, now, call) = (reference.to_owned(), context.now, call.clone());
    let switch = move |tx: &mut dyn Tx| {
        let read = hold(&reference, &call, tx)?.client;
        written(&read, Client { status, ..read.clone() }, now, &call, tx)
    };
    context.cache.write(switch).await
}

const HAS_USERS: &str = "users belong to this client: take them out of it, or delete them, first";

/// Deletes a client with its secrets; its tokens are void from then on, and its name is never given away again.
///
/// # Errors
/// [`Refused::NotFound`], or a fault of the store.
pub async fn delete(reference: &str, call: &Call, context: &Context<'_>) -> Result<(), Stop<Refused>> {
    call.needs(Permission::ClientsWrite)?;
    let (reference, now, call) = (reference.to_owned(), context.now, call.clone());
    let delete = move |tx: &mut dyn Tx| {
        let client = hold(&reference, &call, tx)?.client;
        // They would be bound to no client any more, and so come through any.
        let bound = UserFilter { client: Some(client.id), ..UserFilter::default() };
        if !tx.users(&bound, None, 1)?.is_empty() {
            return Err(Stop::Refuse(Refused::Conflict { detail: HAS_USERS }));
        }
        tx.delete_client(client.id, now)?;
        Ok(call.within(client.organization).record("client.deleted", &[("client", client.id)], tx)?)
    };
    context.cache.write(delete).await
}

impl Members {
    /// The members of a new client, with everything else at its default.
    #[must_use]
    pub fn named(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            description: String::new(),
            auth_method: AuthMethod::ClientSecretBasic,
            grant_types: vec![GrantType::ClientCredentials],
            redirect_uris: vec![],
            post_logout_redirect_uris: vec![],
            require_pkce: true,
            consent: ConsentMode::Explicit,
            id_token_signed_response_alg: None,
            id_token_claims: false,
            organization: None,
            groups: vec![],
            allowed_ips: vec![],
            access: vec![],
            public_url: None,
            expires_at: None,
            status: Status::Active,
            scopes: Scope::default(),
            default_scopes: Scope::default(),
            access_token_lifetime: None,
            refresh_token_lifetime: None,
        }
    }

    /// The members of an application that people sign in to, and that wants to know who they are; they are sent back here.
    #[must_use]
    pub fn signing_in(name: impl Into<String>, redirect_uri: impl Into<String>) -> Self {
        Self {
            grant_types: vec![GrantType::AuthorizationCode, GrantType::RefreshToken],
            redirect_uris: vec![redirect_uri.into()],
            scopes: openid::usual(),
            default_scopes: openid::usual(),
            ..Self::named(name)
        }
    }

    fn of(client: &Client) -> Self {
        Self {
            name: client.name.clone(),
            description: client.description.clone(),
            auth_method: client.auth_method,
            grant_types: client.grant_types.clone(),
            redirect_uris: client.redirect_uris.iter().map(ToString::to_string).collect(),
            post_logout_redirect_uris: client
                .post_logout_redirect_uris
                .iter()
                .map(ToString::to_string)
                .collect(),
            require_pkce: client.require_pkce,
            consent: client.consent,
            id_token_signed_response_alg: client.id_token_signed_response_alg,
            id_token_claims: client.id_token_claims,
            organization: client.organization.map(|id| id.to_string()),
            groups: client.groups.iter().map(ToString::to_string).collect(),
            allowed_ips: client.allowed_ips.iter().map(ToString::to_string).collect(),
            access: client.access.iter().map(|access| (access.api.to_string(), access.level)).collect(),
            public_url: client.public_url.clone(),
            expires_at: client.expires_at,
            status: client.status,
            scopes: client.scopes.clone(),
            default_scopes: client.default_scopes.clone(),
            access_token_lifetime: client.access_token_lifetime,
            refresh_token_lifetime: client.refresh_token_lifetime,
        }
    }
}

/// Bounds of a lifetime that an administrator sets.
pub(super) fn lifetime(pointer: &str, lifetime: Lifetime, settings: &Settings, findings: &mut Findings) {
    let longest = settings.longest_access_token();
    if lifetime < Lifetime::seconds(1) || lifetime > longest {
        findings.add(pointer, format!("is between 1 and {} seconds", longest.0));
    }
}

/// The client, if it is there for whoever calls. API accounts are managed by their own name.
pub(super) fn find(reference: &str, call: &Call, tx: &mut dyn Tx) -> Result<Option<ClientRecord>, Fault> {
    let found = match (reference.parse::<ClientId>(), reference.parse::<Id>()) {
        (Ok(client_id), _) => tx.client_named(&client_id)?,
        (Err(_), Ok(id)) => tx.client(id)?,
        (Err(_), Err(_)) => None,
    };
    let found = found.filter(|record| !record.client.is_api_account());
    Ok(found.filter(|record| call.permit().sees(record.client.organization)))
}

/// The client, in the state that was asked for, on which whoever calls may act, and which nobody else changes until the
/// transaction ends.
fn hold(reference: &str, call: &Call, tx: &mut dyn Tx) -> Result<ClientRecord, Stop<Refused>> {
    let found = find(reference, call, tx)?.ok_or_else(not_found)?.client;
    let held = if tx.hold_client(found.id)? { tx.client(found.id)? } else { None };
    // It may have moved meanwhile.
    let sees = |record: &ClientRecord| call.permit().sees(record.client.organization);
    let record = held.filter(sees).ok_or_else(not_found)?;
    call.finds(&record.client)?;
    call.covers(power::of_client(&record.client, &tx.groups()?))?;
    Ok(record)
}

/// The identifiers of clients that members name, in order; those that there are not are noted. One that was named before may stay,
/// whether it is there for whoever calls or not.
pub(super) fn named(
    references: &[String],
    before: &[Id],
    call: &Call,
    findings: &mut Findings,
    tx: &mut dyn Tx,
) -> Result<Vec<Id>, Fault> {
    let mut clients = Vec::with_capacity(references.len());
    for (position, reference) in references.iter().enumerate() {
        let kept = before.iter().copied().find(|id| id.to_string() == *reference);
        let found = match kept {
            Some(id) => Some(id),
            None => find(reference, call, tx)?.map(|record| record.client.id),
        };
        let found = found.ok_or("is not a registered client");
        clients.extend(findings.check(format!("/clients/{position}"), found));
    }
    clients.sort();
    clients.dedup();
    Ok(clients)
}

/// A name that says nothing but what it names: 80 random bits.
pub(super) fn generated_client_id(prefix: &str, context: &Context<'_>) -> Result<String, Fault> {
    let mut random = [0; 10];
    context.random.fill(&mut random).map_err(Fault::broken)?;
    Ok(random.iter().fold(prefix.to_owned(), |name, byte| name + &format!("{byte:02x}")))
}

pub(super) const fn not_found() -> Stop<Refused> {
    Stop::Refuse(Refused::NotFound { noun: "client" })
}
