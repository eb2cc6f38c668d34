//! Who may use the management API, and for what. Owns reading a token as a permit: what it opens by itself, narrowed to what its
//! holder may, bounded by their organization. Whether a token is good at all is `bearer`'s answer; what each operation needs, and
//! from whom, is `manage`'s.

use crate::access::api::Api;
use crate::bearer::{self, Bearer};
use crate::client::AccountOwner;
use crate::context::{Caller, Context};
use crate::identity::user::User;
use crate::manage::call::Through;
use crate::manage::permit::{Actor, Permit, Power};
use crate::manage::{management_api, power};
use crate::store::fault::{Fault, Stop};
use doorward_protocol::access::decision::{Asked, Blame, Origin, Reason};
use doorward_protocol::error::OAuthError;
use doorward_protocol::id::Id;
use doorward_protocol::permission::Permissions;
use doorward_protocol::scope::Scope;
use doorward_protocol::time::Seconds;
use doorward_protocol::words::Level;
use std::sync::Arc;

/// Somebody whom the management API lets in.
#[derive(Clone, Debug)]
pub struct Admitted {
    /// What they may do.
    pub permit: Permit,
    /// What their token would let anybody do: where this is what is missing, another token may help.
    pub opened: Permissions,
    /// What they themselves may do, by whatever token.
    pub holder: Permissions,
    /// What they may do by this token in whole: at a lower level, some of it is only to look.
    pub usable: Permissions,
    /// The token that they come with.
    pub token: Presented,
    /// The API token by way of which they come, if it is one.
    pub api_token: Option<Through>,
    /// The client that their token came through.
    pub client: Option<Id>,
    /// When the person had signed in, where their token tells.
    pub authenticated: Option<Seconds>,
    /// Whether an API account comes for itself, by a token whose level lets it do this: what is its own takes no permission.
    pub is_account: bool,
}

/// A token that somebody comes with.
#[derive(Clone, Debug)]
pub struct Presented {
    /// Its name; an API token's identifier.
    pub id: Id,
    /// The level that it has here.
    pub level: Level,
    /// What an access token may do; none of an API token, which has the level instead.
    pub scope: Option<Scope>,
    /// When it ends here.
    pub expires_at: Seconds,
}

/// Why nobody is let in.
#[derive(Debug)]
pub enum NotAdmitted {
    /// The token is none, or not good any more.
    Credential(OAuthError),
    /// It is good, but not from where the caller is.
    Elsewhere,
}

/// Lets in whoever holds the token; `reads` tells whether they only want to look.
///
/// # Errors
/// [`NotAdmitted`], or a fault.
pub async fn admit(
    token: &str,
    caller: Caller,
    reads: bool,
    context: &Context<'_>,
) -> Result<Admitted, Stop<NotAdmitted>> {
    let bearer = bearer::presented(token, context).await?.ok_or_else(refused)?;
    let identifier = management_api::identifier(&context.settings.issuer);
    let api = context.cache.apis().by_identifier(&identifier).cloned().ok_or_else(refused)?;
    if !bearer.is_for(&api) {
        return Err(refused());
    }
    let level = level(&bearer, &api, caller, context)?;
    learn_of_groups(&bearer, context).await?;
    let owner = owner(&bearer, context).await?;
    let (actor, holder, organization) = holder(&bearer, owner.as_deref(), context).ok_or_else(refused)?;
    let opened = opened(&bearer, level, reads);
    let api_token = bearer.api_token.as_ref().map(|token| token.id);
    bearer.was_used(&api, caller.address, context);
    let api_token =
        api_token.zip(bearer.api_token_ends).map(|(api_token, ends_at)| Through { api_token, ends_at });
    let permit = Permit::of(actor, opened.within(holder), organization, caller.address);
    let usable = self::opened(&bearer, level, false).within(holder);
    let authenticated = bearer.authentication.as_ref().map(|(at, _)| *at);
    let token = presented(&bearer, level, &api);
    let client = bearer.client.as_ref().map(|record| &record.client);
    let client = client.filter(|client| !client.is_built_in()).map(|client| client.id);
    let is_account = bearer.client.as_ref().is_some_and(|record| record.client.is_api_account())
        && (level == Level::Full || (reads && level == Level::Read));
    Ok(Admitted { permit, opened, holder, usable, token, api_token, client, authenticated, is_account })
}

fn presented(bearer: &Bearer, level: Level, api: &Api) -> Presented {
    let scope = bearer.audience.is_some().then(|| bearer.scope.clone());
    Presented { id: bearer.jti, level, scope, expires_at: bearer.expires_at(api) }
}

/// The level of a token here, from there.
fn level(
    bearer: &Bearer,
    api: &Api,
    caller: Caller,
    context: &Context<'_>,
) -> Result<Level, Stop<NotAdmitted>> {
    let origin = caller.address.map_or(Origin::Unknown, Origin::At);
    match bearer.decide(api, &Asked { origin, ..Asked::default() }, context) {
        Ok(allowed) => Ok(allowed.level),
        // It opens nothing, which is said where something is asked of it.
        Err(reason) if reason.blame() == Blame::Level => Ok(Level::None),
        Err(Reason::ForeignNetwork) => {
            bearer.came_from_elsewhere(caller.address, context);
            Err(Stop::Refuse(NotAdmitted::Elsewhere))
        }
        Err(_) => Err(refused()),
    }
}

/// A group that is not known here was made elsewhere a moment ago: whoever is in it may not be told that they may do nothing.
async fn learn_of_groups(bearer: &Bearer, context: &Context<'_>) -> Result<(), Fault> {
    let known = context.cache.groups();
    let of_user = bearer.user.iter().flat_map(|user| &user.groups);
    let of_client = bearer.client.iter().flat_map(|record| &record.client.groups);
    if of_user.chain(of_client).all(|group| known.contains_key(group)) {
        return Ok(());
    }
    context.cache.catch_up().await.map_err(Fault::unavailable)
}

/// The person whose API account comes for itself.
async fn owner(bearer: &Bearer, context: &Context<'_>) -> Result<Option<Arc<User>>, Fault> {
    let client = bearer.client.as_ref().filter(|_| bearer.user.is_none());
    match client.and_then(|record| record.client.account_of).and_then(AccountOwner::user) {
        Some(owner) => context.cache.user(owner).await,
        None => Ok(None),
    }
}

/// Who acts, what they may do by whatever token, and where.
fn holder(
    bearer: &Bearer,
    owner: Option<&User>,
    context: &Context<'_>,
) -> Option<(Actor, Permissions, Option<Id>)> {
    let groups = context.cache.groups();
    if let Some(user) = &bearer.user {
        let Power { permissions, organization } = power::of_user(user, groups.values());
        let through = bearer.client.as_ref().and_then(|record| record.client.organization);
        let (permissions, organization) = match (organization, through) {
            // Those who manage a client are bounded by its organization, and so is what anybody lets it do.
            (own, Some(its)) if own.is_some_and(|own| own != its) => (Permissions::default(), own),
            (own, its) => (permissions, own.or(its)),
        };
        return Some((Actor::User(user.id), permissions, organization));
    }
    let client = &bearer.client.as_ref()?.client;
    // What it could get a token for that somebody else lets it have is not its own.
    let permissions = power::held(&client.groups, client.organization, groups.values());
    // Whoever may not do something any more does not do it by an account of theirs either.
    let permissions = match client.account_of.and_then(AccountOwner::user) {
        Some(_) => owner.map_or_else(Permissions::default, |owner| {
            permissions.within(power::of_user(owner, groups.values()).permissions)
        }),
        None => permissions,
    };
    Some((Actor::Client(client.id), permissions, client.organization))
}

/// What a token opens at a level: to look, and to look after oneself, at the lower one.
fn opened(bearer: &Bearer, level: Level, reads: bool) -> Permissions {
    let named = match (&bearer.api_token, &bearer.audience) {
        (Some(_), None) => Permissions::all(),
        _ => Permissions::of_scope(&bearer.scope),
    };
    let own = if reads { Permissions::of_oneself() } else { Permissions::default() };
    match level {
        Level::None => Permissions::default(),
        Level::Read => named.within(Permissions::reading().union(own)),
        Level::Full => named,
    }
}

fn refused() -> Stop<NotAdmitted> {
    let refusal = OAuthError::invalid_token("the token is not one for the management API, or has ended");
    Stop::Refuse(NotAdmitted::Credential(refusal))
}
