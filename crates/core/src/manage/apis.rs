//! Managing APIs: register, read, change, switch off and on, delete. Owns an API's members, whose rules stand in `checks`; the
//! record is `access`'s, its storage the store's.
//!
//! APIs belong to no organization: whoever is bounded by one sees all of them, and changes none.

mod checks;

use crate::access::api::{Api, ApiScope};
use crate::context::Context;
use crate::issuer::Issuer;
use crate::manage::apis::checks::{check, identified, stays, with};
use crate::manage::call::Call;
use crate::manage::permit::Power;
use crate::manage::{Findings, Refused, taken};
use crate::store::fault::{Fault, Stop};
use crate::store::tx::Tx;
use doorward_protocol::access::level::{Levels, Rule};
use doorward_protocol::id::{ClientId, Id};
use doorward_protocol::jose::Algorithm;
use doorward_protocol::permission::{Permission, Permissions};
use doorward_protocol::time::{Lifetime, Seconds};
use doorward_protocol::words::{CredentialForm, Preflight, Status, TokenFormat};
use std::sync::Arc;

/// What the management API may be called where an API is to be named.
pub const MANAGEMENT: &str = "management";

/// The members of an API that an administrator chooses.
#[derive(Clone, Debug)]
pub struct Members {
    /// What people see.
    pub name: String,
    /// For administrators.
    pub description: String,
    /// Where its documentation is.
    pub documentation_url: Option<String>,
    /// What it understands.
    pub scopes: Vec<ApiScope>,
    /// The form of its access tokens.
    pub token_format: TokenFormat,
    /// What its JWTs are signed with, where that differs from the server's default.
    pub signing_algorithm: Option<Algorithm>,
    /// How long its access tokens live, where that differs from the server's default.
    pub access_token_lifetime: Option<Lifetime>,
    /// The `client_id`s that may introspect its tokens.
    pub introspection_clients: Vec<String>,
    /// How long an API token with access to it lives at most; without one, as long as any.
    pub max_token_lifetime: Option<Lifetime>,
    /// What the levels of access mean here.
    pub levels: LevelMembers,
    /// How a gate treats a CORS preflight.
    pub preflight: Preflight,
    /// How a request may bring its token to a gate.
    pub credentials: Vec<CredentialForm>,
    /// Where it is reached, for gates that name no API: `https://host[:port][/path]`.
    pub locations: Vec<String>,
    /// Whether tokens are minted for it and accepted at it.
    pub status: Status,
}

/// What the levels of access mean at an API, as it is written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LevelMembers {
    /// What a credential may that only looks.
    pub read: RuleMembers,
    /// What one may that does everything; all that the other may, too.
    pub full: RuleMembers,
}

/// What one level lets through, as it is written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RuleMembers {
    /// Request methods; none means all.
    pub methods: Vec<String>,
    /// Patterns of paths; none means all.
    pub paths: Vec<String>,
    /// The scopes that a token needs to reach it, all of them; with none, no scope does.
    pub scopes: Vec<String>,
}

/// Registers an API.
///
/// # Errors
/// [`Refused`] with every member that cannot stand; a fault of the store.
pub async fn create(
    identifier: &str,
    members: Members,
    call: &Call,
    context: &Context<'_>,
) -> Result<Api, Stop<Refused>> {
    call.needs_everywhere(Permission::ApisWrite)?;
    let mut findings = Findings::default();
    let identifier = identified(identifier, &context.settings.issuer, &mut findings);
    let checked = check(&members, context.settings, &mut findings);
    findings.refuse()?;
    let Some(identifier) = identifier else {
        return Err(Stop::Fault(Fault::broken("an API without an identifier")));
    };
    let api = Api::blank(context.new_id()?, identifier, context.now);
    let call = call.clone();
    let insert = move |tx: &mut dyn Tx| {
        let api = with(&members, checked.clone(), api.clone(), tx)?;
        tx.insert_api(&api).map_err(taken("/identifier", "is taken by another API"))?;
        call.record("api.created", &[("api", api.id)], tx)?;
        Ok(api)
    };
    context.cache.write(insert).await
}

/// All APIs, in the order of registration.
///
/// # Errors
/// [`Refused::Forbidden`], or a fault of the store.
pub async fn list(call: &Call, context: &Context<'_>) -> Result<Vec<Api>, Stop<Refused>> {
    call.needs(Permission::ApisRead)?;
    let mut apis = context.cache.store().snapshot(|tx| tx.apis()).await?;
    apis.sort_by_key(|api| api.id);
    Ok(apis)
}

/// The API with this identifier (of either kind), straight from the store, and the `client_id`s that may introspect its
/// tokens.
///
/// # Errors
/// [`Refused::NotFound`], or a fault of the store.
pub async fn show(reference: &str, call: &Call, context: &Context<'_>) -> Result<Api, Stop<Refused>> {
    call.needs(Permission::ApisRead)?;
    let apis = context.cache.store().snapshot(|tx| tx.apis()).await?;
    among(reference, &apis, &context.settings.issuer).cloned().ok_or_else(not_found)
}

/// The `client_id`s behind internal identifiers, without those that were deleted, or that are not there for whoever asks.
///
/// # Errors
/// A fault of the store.
pub async fn client_ids(ids: &[Id], call: &Call, context: &Context<'_>) -> Result<Vec<ClientId>, Fault> {
    let mut names = Vec::with_capacity(ids.len());
    for id in ids {
        let known = context.cache.client(*id).await?;
        let seen = known.filter(|record| call.permit().sees(record.client.organization));
        names.extend(seen.map(|record| record.client.client_id.clone()));
    }
    Ok(names)
}

/// Replaces the members of an API. The change is made inside the transaction, so none made meanwhile is lost; it must be
/// quick, and may be made more than once.
///
/// # Errors
/// [`Refused`], or a fault of the store.
pub async fn update(
    reference: &str,
    call: &Call,
    context: &Context<'_>,
    change: impl Fn(&mut Members) -> Result<(), Refused> + Send + 'static,
) -> Result<Api, Stop<Refused>> {
    call.needs_everywhere(Permission::ApisWrite)?;
    let (reference, now, settings) = (reference.to_owned(), context.now, Arc::clone(context.settings));
    let call = call.clone();
    let update = move |tx: &mut dyn Tx| {
        let read = hold(&reference, &call, &settings.issuer, tx)?;
        let mut members = Members::of(&read, tx)?;
        change(&mut members)?;
        let mut findings = Findings::default();
        let mut checked = check(&members, &settings, &mut findings);
        findings.refuse()?;
        checked.levels.by_any_scope = read.levels.by_any_scope;
        let api = with(&members, checked, read.clone(), tx)?;
        written(&read, api, &settings.issuer, now, &call, tx)
    };
    context.cache.write(update).await
}

/// Switches an API off or on: while it is off, no token is minted for it and none is active at it.
///
/// # Errors
/// [`Refused::NotFound`], or a fault of the store.
pub async fn set_status(
    reference: &str,
    status: Status,
    call: &Call,
    context: &Context<'_>,
) -> Result<Api, Stop<Refused>> {
    call.needs_everywhere(Permission::ApisWrite)?;
    let (reference, now, settings) = (reference.to_owned(), context.now, Arc::clone(context.settings));
    let call = call.clone();
    let switch = move |tx: &mut dyn Tx| {
        let read = hold(&reference, &call, &settings.issuer, tx)?;
        written(&read, Api { status, ..read.clone() }, &settings.issuer, now, &call, tx)
    };
    context.cache.write(switch).await
}

/// Writes an API in another state, unless it is the one that it is in.
fn written(
    read: &Api,
    api: Api,
    issuer: &Issuer,
    now: Seconds,
    call: &Call,
    tx: &mut dyn Tx,
) -> Result<Api, Stop<Refused>> {
    if api == *read {
        return Ok(api);
    }
    if read.is_management(issuer) {
        stays(read, &api)?;
        // How long its tokens live, and who may ask about them, is for those who may do everything there.
        call.covers(Power { permissions: Permissions::all(), organization: None })?;
    }
    let api = Api { updated_at: now.max(read.updated_at), ..api };
    tx.update_api(&api)?;
    call.record(action(read, &api), &[("api", api.id)], tx)?;
    Ok(api)
}

/// What is said of a change: that it switches an API outweighs whatever else it does.
fn action(before: &Api, after: &Api) -> &'static str {
    match after.status {
        same if same == before.status => "api.updated",
        Status::Active => "api.enabled",
        Status::Inactive => "api.disabled",
    }
}

/// Deletes an API: its tokens are void from then on.
///
/// # Errors
/// [`Refused::NotFound`], or a fault of the store.
pub async fn delete(reference: &str, call: &Call, context: &Context<'_>) -> Result<(), Stop<Refused>> {
    call.needs_everywhere(Permission::ApisWrite)?;
    let (reference, call, settings) = (reference.to_owned(), call.clone(), Arc::clone(context.settings));
    let delete = move |tx: &mut dyn Tx| {
        let api = hold(&reference, &call, &settings.issuer, tx)?;
        if api.is_management(&settings.issuer) {
            let detail = "the management API cannot be deleted: everything is managed through it";
            return Err(Stop::Refuse(Refused::Conflict { detail }));
        }
        tx.delete_api(api.id)?;
        Ok(call.record("api.deleted", &[("api", api.id)], tx)?)
    };
    context.cache.write(delete).await
}

impl Members {
    /// The members of a new API, with everything else at its default.
    #[must_use]
    pub fn named(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            description: String::new(),
            documentation_url: None,
            scopes: vec![],
            token_format: TokenFormat::Jwt,
            signing_algorithm: None,
            access_token_lifetime: None,
            introspection_clients: vec![],
            max_token_lifetime: None,
            levels: LevelMembers::of(&Levels::default()),
            preflight: Preflight::Allow,
            credentials: vec![CredentialForm::Bearer],
            locations: vec![],
            status: Status::Active,
        }
    }

    fn of(api: &Api, tx: &mut dyn Tx) -> Result<Self, Fault> {
        let mut introspection_clients = Vec::with_capacity(api.introspection_clients.len());
        for id in &api.introspection_clients {
            introspection_clients.extend(tx.client(*id)?.map(|record| record.client.client_id.to_string()));
        }
        Ok(Self {
            name: api.name.clone(),
            description: api.description.clone(),
            documentation_url: api.documentation_url.clone(),
            scopes: api.scopes.clone(),
            token_format: api.token_format,
            signing_algorithm: api.signing_algorithm,
            access_token_lifetime: api.access_token_lifetime,
            introspection_clients,
            max_token_lifetime: api.max_token_lifetime,
            levels: LevelMembers::of(&api.levels),
            preflight: api.preflight,
            credentials: api.credentials.clone(),
            locations: api.locations.iter().map(ToString::to_string).collect(),
            status: api.status,
        })
    }
}

impl LevelMembers {
    fn of(levels: &Levels) -> Self {
        Self { read: RuleMembers::of(&levels.read), full: RuleMembers::of(&levels.full) }
    }
}

impl RuleMembers {
    fn of(rule: &Rule) -> Self {
        Self {
            methods: rule.methods.clone(),
            paths: rule.paths.iter().map(ToString::to_string).collect(),
            scopes: rule.scopes.tokens().map(str::to_owned).collect(),
        }
    }
}

/// The API among these that is named by identifier, by id, or as [`MANAGEMENT`].
pub(super) fn among<'a>(reference: &str, apis: &'a [Api], issuer: &Issuer) -> Option<&'a Api> {
    if reference == MANAGEMENT {
        return apis.iter().find(|api| api.is_management(issuer));
    }
    let id = reference.parse().ok();
    apis.iter().find(|api| api.identifier.as_str() == reference || Some(api.id) == id)
}

/// The API, in the state that was asked for, which nobody else changes until the transaction ends.
fn hold(reference: &str, call: &Call, issuer: &Issuer, tx: &mut dyn Tx) -> Result<Api, Stop<Refused>> {
    let found = among(reference, &tx.apis()?, issuer).map(|api| api.id).ok_or_else(not_found)?;
    let held = if tx.hold_api(found)? { tx.api(found)? } else { None };
    let api = held.ok_or_else(not_found)?;
    call.finds(&api)?;
    Ok(api)
}

const fn not_found() -> Stop<Refused> {
    Stop::Refuse(Refused::NotFound { noun: "API" })
}
