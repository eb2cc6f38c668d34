//! Managing APIs: register, read, change, switch off and on, delete. Owns the rules for an API's members; the record is
//! `access`'s, its storage the store's.

use crate::access::api::{Api, ApiScope, Identifier};
use crate::context::Context;
use crate::manage::call::Call;
use crate::manage::{Findings, LONGEST_TEXT, Refused, clients, name, taken, text};
use crate::settings::Settings;
use crate::store::fault::{Fault, Stop};
use crate::store::tx::Tx;
use doorward_protocol::access::level::Levels;
use doorward_protocol::id::{ClientId, Id};
use doorward_protocol::jose::Algorithm;
use doorward_protocol::openid;
use doorward_protocol::permission::Permission;
use doorward_protocol::scope::Scope;
use doorward_protocol::time::Lifetime;
use doorward_protocol::words::{Preflight, Status, TokenFormat};
use std::sync::Arc;

/// As many as a request can ask for.
const MOST_SCOPES: usize = 100;

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
    let identifier: Option<Identifier> = findings.check("/identifier", identifier.parse());
    if identifier.as_ref().is_some_and(|identifier| identifier.as_str() == context.settings.issuer.as_str()) {
        findings.add("/identifier", "is the issuer itself: tokens for an API must not be good at the server");
    }
    check(&members, context.settings, &mut findings);
    findings.refuse()?;
    let Some(identifier) = identifier else {
        return Err(Stop::Fault(Fault::broken("an API without an identifier")));
    };
    let now = context.now;
    let api = Api {
        id: context.new_id()?,
        identifier,
        name: String::new(),
        description: String::new(),
        documentation_url: None,
        status: Status::Active,
        scopes: vec![],
        token_format: members.token_format,
        signing_algorithm: None,
        access_token_lifetime: None,
        max_token_lifetime: None,
        levels: Levels::default(),
        preflight: Preflight::Allow,
        introspection_clients: vec![],
        created_at: now,
        updated_at: now,
    };
    let call = call.clone();
    let insert = move |tx: &mut dyn Tx| {
        let api = with(&members, api.clone(), tx)?;
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
    let reference = reference.to_owned();
    context.cache.store().snapshot(move |tx| find(&reference, tx)).await?.ok_or_else(not_found)
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
        let read = hold(&reference, tx)?.ok_or_else(not_found)?;
        call.finds(&read)?;
        let mut members = Members::of(&read, tx)?;
        change(&mut members)?;
        let mut findings = Findings::default();
        check(&members, &settings, &mut findings);
        findings.refuse()?;
        let api = with(&members, read.clone(), tx)?;
        if api == read {
            return Ok(read);
        }
        let api = Api { updated_at: now.max(read.updated_at), ..api };
        tx.update_api(&api)?;
        call.record("api.updated", &[("api", api.id)], tx)?;
        Ok(api)
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
    let (reference, now, call) = (reference.to_owned(), context.now, call.clone());
    let switch = move |tx: &mut dyn Tx| {
        let api = hold(&reference, tx)?.ok_or_else(not_found)?;
        call.finds(&api)?;
        if api.status == status {
            return Ok(api);
        }
        let api = Api { status, updated_at: now.max(api.updated_at), ..api };
        tx.update_api(&api)?;
        call.record(
            if status == Status::Active { "api.enabled" } else { "api.disabled" },
            &[("api", api.id)],
            tx,
        )?;
        Ok(api)
    };
    context.cache.write(switch).await
}

/// Deletes an API: its tokens are void from then on.
///
/// # Errors
/// [`Refused::NotFound`], or a fault of the store.
pub async fn delete(reference: &str, call: &Call, context: &Context<'_>) -> Result<(), Stop<Refused>> {
    call.needs_everywhere(Permission::ApisWrite)?;
    let (reference, call) = (reference.to_owned(), call.clone());
    let delete = move |tx: &mut dyn Tx| {
        let api = hold(&reference, tx)?.ok_or_else(not_found)?;
        call.finds(&api)?;
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
        })
    }
}

/// The API with these members; its introspection clients are looked up by name.
fn with(members: &Members, api: Api, tx: &mut dyn Tx) -> Result<Api, Stop<Refused>> {
    let mut clients = Vec::with_capacity(members.introspection_clients.len());
    for (position, client_id) in members.introspection_clients.iter().enumerate() {
        let client =
            client_id.parse::<ClientId>().ok().map_or(Ok(None), |client_id| tx.client_named(&client_id))?;
        let pointer = format!("/introspection_clients/{position}");
        let unknown = || Stop::Refuse(Refused::invalid(pointer, "is not a registered client"));
        clients.push(client.ok_or_else(unknown)?.client.id);
    }
    clients.sort();
    clients.dedup();
    Ok(Api {
        name: members.name.clone(),
        description: members.description.clone(),
        documentation_url: members.documentation_url.clone(),
        scopes: members.scopes.clone(),
        token_format: members.token_format,
        signing_algorithm: members.signing_algorithm,
        access_token_lifetime: members.access_token_lifetime,
        introspection_clients: clients,
        ..api
    })
}

fn check(members: &Members, settings: &Settings, findings: &mut Findings) {
    name("/name", &members.name, findings);
    text("/description", &members.description, LONGEST_TEXT, findings);
    if let Some(url) = &members.documentation_url
        && !url::Url::parse(url).is_ok_and(|url| matches!(url.scheme(), "https" | "http"))
    {
        findings.add("/documentation_url", "is an http or https URL");
    }
    for (position, scope) in members.scopes.iter().enumerate() {
        let pointer = format!("/scopes/{position}");
        findings.check(format!("{pointer}/name"), Scope::of([&scope.name]));
        if openid::scope().contains(&scope.name) {
            findings.add(format!("{pointer}/name"), "is one of the server's own scopes (OpenID Connect)");
        }
        text(&format!("{pointer}/description"), &scope.description, LONGEST_TEXT, findings);
        if members.scopes[..position].iter().any(|earlier| earlier.name == scope.name) {
            findings.add(format!("{pointer}/name"), "is named once only");
        }
    }
    if members.scopes.len() > MOST_SCOPES {
        findings.add("/scopes", format!("has at most {MOST_SCOPES} scopes"));
    }
    if let Some(algorithm) = members.signing_algorithm
        && !settings.algorithms.contains(&algorithm)
    {
        findings.add(
            "/signing_algorithm",
            "is not among the algorithms this server keeps keys for (keys.algorithms)",
        );
    }
    if let Some(lifetime) = members.access_token_lifetime {
        clients::lifetime("/access_token_lifetime", lifetime, settings, findings);
    }
}

fn find(reference: &str, tx: &mut dyn Tx) -> Result<Option<Api>, Fault> {
    Ok(tx
        .apis()?
        .into_iter()
        .find(|api| api.identifier.as_str() == reference || api.id.to_string() == reference))
}

/// The API, which nobody else changes until the transaction ends.
fn hold(reference: &str, tx: &mut dyn Tx) -> Result<Option<Api>, Fault> {
    let Some(found) = find(reference, tx)? else { return Ok(None) };
    if tx.hold_api(found.id)? { tx.api(found.id) } else { Ok(None) }
}

const fn not_found() -> Stop<Refused> {
    Stop::Refuse(Refused::NotFound { noun: "API" })
}
