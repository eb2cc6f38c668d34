//! Managing API tokens: make, read, change, regenerate, revoke one or all. Owns what may be asked of a token, and what each
//! change means for the values that are out; who may act on whose stands in `authority`, how far by way of a token in `bounds`, what is
//! told of one in `shown`; the record is `token`'s, its storage the store's.
//!
//! A value is told to whoever makes it, once. What is changed of a token counts from the next request on, because nothing about
//! it is decided before.

pub mod access;
mod authority;
pub(super) mod bounds;
mod checks;
pub mod expiry;
pub mod owner;
pub mod shown;
mod value;

use crate::access::api::Api;
use crate::context::Context;
use crate::manage::api_tokens::access::{Reach, Registered};
use crate::manage::api_tokens::bounds::Bounds;
use crate::manage::api_tokens::checks::{ended, not_revoked, room};
use crate::manage::api_tokens::expiry::{Expiry, Latest};
use crate::manage::api_tokens::owner::{Owner, Whose};
use crate::manage::api_tokens::shown::{Shown, shown};
use crate::manage::api_tokens::value::Value;
use crate::manage::asked::asked;
use crate::manage::call::Call;
use crate::manage::{Findings, Refused};
use crate::store::fault::{Fault, Stop};
use crate::store::tx::Tx;
use crate::store::tx::filter::ApiTokenFilter;
use crate::token::api_token::{ApiToken, MOST_LIVE};
use doorward_protocol::access::level::AccessList;
use doorward_protocol::id::Id;
use doorward_protocol::permission::Permission;
use doorward_protocol::secret::Secret;
use doorward_protocol::time::Lifetime;
use doorward_protocol::token_text::TokenType;
use doorward_protocol::words::{ApiTokenStatus, Level};
use std::sync::Arc;

/// What is not there, in words.
const NOUN: &str = "API token";

/// The members of an API token that its maker chooses.
#[derive(Clone, Debug)]
pub struct Members {
    /// What its owner calls it.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// Its levels.
    pub reach: Reach,
    /// Where it may be used from, as addresses and networks; from everywhere where none is named.
    pub allowed_ips: Vec<String>,
}

/// A token with a value just made. The value is told this once.
pub struct Issued {
    /// The token.
    pub shown: Shown,
    /// Its value.
    pub value: Secret,
}

/// Which tokens a list is asked for.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Those of this owner.
    pub owner: Option<Whose>,
    /// Those with this status.
    pub status: Option<ApiTokenStatus>,
}

/// Makes a token for a user, or for an API account.
///
/// # Errors
/// [`Refused`] with every member that cannot stand; a fault of the store.
pub async fn create(
    owner: impl Into<Whose>,
    members: Members,
    expiry: Expiry,
    call: &Call,
    context: &Context<'_>,
) -> Result<Issued, Stop<Refused>> {
    let owner = owner.into();
    let (id, (value, made)) = (context.new_id()?, Value::draw(owner.token_type(), context)?);
    let (now, settings) = (context.now, Arc::clone(context.settings));
    let call = call.clone();
    let insert = move |tx: &mut dyn Tx| {
        let owner = authority::held_owner(&owner, &call, tx)?;
        owner.takes_part(now, tx)?;
        let (apis, bounds) =
            (Registered::read(&settings.issuer, tx)?, Bounds::of(owner.person(), &call, tx)?);
        let mut findings = Findings::default();
        let allowed_ips = checks::check(&members, &mut findings);
        let access = members.reach.settled(&AccessList::default(), &apis, &mut findings);
        bounds.check(&allowed_ips, &access, (&members.reach, &apis), &mut findings);
        owner.caps(&access, (&members.reach, &apis), &mut findings);
        let opened = apis.opened_by(&access);
        let end = expiry.at(now, &opened, &latest(&owner, &bounds, &opened), &mut findings);
        findings.refuse()?;
        authority::covers(&owner, apis.at_management(&access), &call, tx)?;
        room(&owner, now, tx)?;
        let token = ApiToken {
            name: members.name.clone(),
            description: members.description.clone(),
            access,
            allowed_ips,
            created_by_user: call.permit().user(),
            created_by_client: call.permit().client(),
            ..made.blank(id, &owner, (now, ended(end)?))
        };
        tx.insert_api_token(&token)?;
        call.within(owner.organization()).record("api_token.created", &touched(&token, &owner), tx)?;
        shown(token, &apis, now, tx)
    };
    Ok(Issued { shown: context.cache.write(insert).await?, value })
}

/// A page of tokens in the order of their identifiers (about that of their making), after the given one: everybody's for whoever
/// may see them, else their own.
///
/// # Errors
/// [`Refused`], or a fault of the store.
pub async fn list(
    filter: Filter,
    after: Option<Id>,
    limit: i64,
    call: &Call,
    context: &Context<'_>,
) -> Result<Vec<Shown>, Stop<Refused>> {
    let (now, settings, call) = (context.now, Arc::clone(context.settings), call.clone());
    let list = move |tx: &mut dyn Tx| {
        let owners = authority::seen(filter.owner.as_ref(), &call, tx)?;
        let filter = ApiTokenFilter { status: filter.status.map(|status| (status, now)), ..owners };
        let tokens = tx.api_tokens(&filter, after, limit)?;
        let apis = Registered::read(&settings.issuer, tx)?;
        shown::all(tokens, &apis, now, tx)
    };
    asked(list, context).await
}

/// The token with this identifier, straight from the store.
///
/// # Errors
/// [`Refused`], or a fault of the store.
pub async fn show(reference: &str, call: &Call, context: &Context<'_>) -> Result<Shown, Stop<Refused>> {
    let (reference, now) = (reference.to_owned(), context.now);
    let (settings, call) = (Arc::clone(context.settings), call.clone());
    let show = move |tx: &mut dyn Tx| {
        let (token, _) = authority::found(&reference, Permission::ApiTokensRead, &call, tx)?;
        let apis = Registered::read(&settings.issuer, tx)?;
        shown(token, &apis, now, tx)
    };
    asked(show, context).await
}

/// Replaces the members of a token. Its end stays where it is: another one comes with another value. The change is made inside
/// the transaction, so none made meanwhile is lost; it must be quick, and may be made more than once.
///
/// # Errors
/// [`Refused`], or a fault of the store.
pub async fn update(
    reference: &str,
    call: &Call,
    context: &Context<'_>,
    change: impl Fn(&mut Members) -> Result<(), Refused> + Send + 'static,
) -> Result<Shown, Stop<Refused>> {
    let (reference, now) = (reference.to_owned(), context.now);
    let (settings, call) = (Arc::clone(context.settings), call.clone());
    let update = move |tx: &mut dyn Tx| {
        let (read, owner) = authority::held(&reference, &call, tx)?;
        call.finds(&read)?;
        not_revoked(&read, &owner)?;
        let mut members = Members::of(&read);
        change(&mut members)?;
        let (apis, bounds) =
            (Registered::read(&settings.issuer, tx)?, Bounds::of(owner.person(), &call, tx)?);
        let token = checks::changed(&read, &members, &apis, (&owner, &bounds))?;
        let highest = apis.at_management(&read.access).max(apis.at_management(&token.access));
        authority::covers(&owner, highest, &call, tx)?;
        if token != read {
            let token = ApiToken { updated_at: now.max(read.updated_at), ..token };
            replace(&token, tx)?;
            call.within(owner.organization()).record("api_token.updated", &touched(&token, &owner), tx)?;
            return shown(token, &apis, now, tx);
        }
        shown(read, &apis, now, tx)
    };
    context.cache.write(update).await
}

/// Gives a token another value and another end. The value before is void from then on, or goes on for a while beside it, never
/// for longer than it would have anyway; of values before that, none goes on.
///
/// # Errors
/// [`Refused`], or a fault of the store.
pub async fn regenerate(
    reference: &str,
    expiry: Expiry,
    overlap: Lifetime,
    call: &Call,
    context: &Context<'_>,
) -> Result<Issued, Stop<Refused>> {
    // Whose it is, is not known yet.
    let drawn = |kind| Value::draw(kind, context);
    let (of_user, of_account) = (drawn(TokenType::PersonalAccessToken)?, drawn(TokenType::ApiAccountToken)?);
    let values = (of_user.1, of_account.1);
    let (reference, now, settings) = (reference.to_owned(), context.now, Arc::clone(context.settings));
    let call = call.clone();
    let regenerate = move |tx: &mut dyn Tx| {
        let (read, owner) = authority::held(&reference, &call, tx)?;
        call.finds(&read)?;
        not_revoked(&read, &owner)?;
        owner.takes_part(now, tx)?;
        let (apis, bounds) =
            (Registered::read(&settings.issuer, tx)?, Bounds::of(owner.person(), &call, tx)?);
        authority::covers(&owner, apis.at_management(&read.access), &call, tx)?;
        let mut findings = Findings::default();
        checks::overlap(overlap, &mut findings);
        bounds.check(&read.allowed_ips, &read.access, (&Reach::Kept, &apis), &mut findings);
        let opened = apis.opened_by(&read.access);
        let end = expiry.at(now, &opened, &latest(&owner, &bounds, &opened), &mut findings);
        findings.refuse()?;
        if read.expires_at <= now {
            owner.hold(tx)?;
            room(&owner, now, tx)?;
        }
        let made = if matches!(owner, Owner::User(_)) { &values.0 } else { &values.1 };
        let token = made.replacing(&read, overlap, (now, ended(end)?));
        replace(&token, tx)?;
        call.within(owner.organization()).record("api_token.regenerated", &touched(&token, &owner), tx)?;
        shown(token, &apis, now, tx)
    };
    let shown = context.cache.write(regenerate).await?;
    let value = if shown.token.user().is_some() { of_user.0 } else { of_account.0 };
    Ok(Issued { shown, value })
}

/// Takes a token back, for a reason that its owner will see. One that is void already stays as it is.
///
/// # Errors
/// [`Refused`], or a fault of the store.
pub async fn revoke(
    reference: &str,
    reason: Option<&str>,
    call: &Call,
    context: &Context<'_>,
) -> Result<Shown, Stop<Refused>> {
    let (reference, now) = (reference.to_owned(), context.now);
    let reason = checks::reason(reason)?;
    let (settings, call) = (Arc::clone(context.settings), call.clone().noting("/reason", &reason)?);
    let revoke = move |tx: &mut dyn Tx| {
        let (token, owner) = authority::held(&reference, &call, tx)?;
        call.finds(&token)?;
        if not_revoked(&token, &owner).is_ok() && tx.revoke_api_token(token.id, &reason, now)? {
            call.within(owner.organization()).record("api_token.revoked", &touched(&token, &owner), tx)?;
        }
        let token = tx.api_token(token.id)?.ok_or_else(not_found)?;
        let apis = Registered::read(&settings.issuer, tx)?;
        shown(token, &apis, now, tx)
    };
    context.cache.write(revoke).await
}

/// Takes all tokens of a user or of an API account back (the access tokens of that, too), and tells which of them worked until then. One token may be taken back by whoever may act on
/// everybody's, because a leak does not wait; this is a change of its owner, and needs all that they may.
///
/// # Errors
/// [`Refused`], or a fault of the store.
pub async fn revoke_all(
    owner: impl Into<Whose>,
    call: &Call,
    context: &Context<'_>,
) -> Result<Vec<Shown>, Stop<Refused>> {
    let (owner, now) = (owner.into(), context.now);
    let (settings, call) = (Arc::clone(context.settings), call.clone());
    let revoke = move |tx: &mut dyn Tx| {
        let owner = authority::held_owner(&owner, &call, tx)?;
        owner.is_found(&call)?;
        authority::covers(&owner, Level::None, &call, tx)?;
        let tokens = tx.api_tokens(&checks::live(&owner, now), None, MOST_LIVE)?;
        // One that has expired could get another value, or be good again by a clock that is set back.
        if tokens.is_empty() && tx.api_tokens(&checks::expired(&owner, now), None, 1)?.is_empty() {
            return Ok(vec![]);
        }
        let action = owner.revoke_all(now, tx)?;
        let mut objects = vec![owner.object()];
        objects.extend(tokens.iter().map(|token| ("api_token", token.id)));
        call.within(owner.organization()).record(action, &objects, tx)?;
        let apis = Registered::read(&settings.issuer, tx)?;
        shown::all(tokens, &apis, now, tx)
    };
    context.cache.write(revoke).await
}

/// What a token of an owner's that opens these APIs does not outlive.
fn latest(owner: &Owner, bounds: &Bounds, opened: &[&Api]) -> Vec<Latest> {
    let of_token = bounds.end(opened).map(Latest::OfToken);
    of_token.into_iter().chain(owner.ends_at().map(Latest::OfAccount)).collect()
}

impl Members {
    /// The members of a new token, with everything else empty: it opens nothing.
    #[must_use]
    pub fn named(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            description: String::new(),
            reach: Reach::Named(vec![]),
            allowed_ips: vec![],
        }
    }

    fn of(token: &ApiToken) -> Self {
        Self {
            name: token.name.clone(),
            description: token.description.clone(),
            reach: Reach::Kept,
            allowed_ips: token.allowed_ips.iter().map(ToString::to_string).collect(),
        }
    }
}

fn touched(token: &ApiToken, owner: &Owner) -> [(&'static str, Id); 2] {
    [("api_token", token.id), owner.object()]
}

/// Replaces the record of a token that is held.
fn replace(token: &ApiToken, tx: &mut dyn Tx) -> Result<(), Fault> {
    if tx.update_api_token(token)? { Ok(()) } else { Err(Fault::Raced) }
}

const fn not_found() -> Stop<Refused> {
    Stop::Refuse(Refused::NotFound { noun: NOUN })
}
