//! API tokens over HTTP: everybody's, a user's, and the caller's own.

use crate::api::ask::{Ask, Page};
use crate::api::halt::Halt;
use crate::api::merge;
use crate::api::operation::{Filter, Part};

use crate::api::reply::Reply;
use crate::api::resources::api_token::ApiTokenResource;
use crate::api::resources::api_token_input::{
    ApiTokenInput, NewApiTokenInput, RegenerationInput, RevocationInput,
};
use crate::api::schema;
use doorward_core::manage::Refused;
use doorward_core::manage::api_tokens::access::Reach;
use doorward_core::manage::api_tokens::expiry::Expiry;
use doorward_core::manage::api_tokens::owner::Whose;
use doorward_core::manage::api_tokens::shown::Shown;
use doorward_core::manage::api_tokens::{self, Issued, Members};
use doorward_protocol::time::Lifetime;

pub(crate) const FILTERS: &[Filter] = &[
    Filter("owner", "Those of this user, by name or identifier.", schema::asked::<schema::Text>, Part::Names),
    Filter("status", "Those with this status.", schema::asked::<schema::ApiTokenStatus>, Part::Narrows),
];
/// Of those of one owner.
pub(crate) const STATUS: &[Filter] =
    &[Filter("status", "Those with this status.", schema::asked::<schema::ApiTokenStatus>, Part::Narrows)];

/// Everybody's for whoever may see them, else their own.
pub(crate) async fn list(ask: &Ask<'_>) -> Result<Reply, Halt> {
    page(ask.filter("owner")?.map(Whose::User), ask).await
}

pub(crate) async fn list_of_user(ask: &Ask<'_>) -> Result<Reply, Halt> {
    page(Some(Whose::User(ask.object().to_owned())), ask).await
}

pub(crate) async fn list_own(ask: &Ask<'_>) -> Result<Reply, Halt> {
    page(Some(Whose::User(own(ask)?)), ask).await
}

pub(crate) async fn list_of_account(ask: &Ask<'_>) -> Result<Reply, Halt> {
    page(Some(account(ask)), ask).await
}

pub(crate) async fn create_for_user(ask: &Ask<'_>) -> Result<Reply, Halt> {
    made(Whose::User(ask.object().to_owned()), ask).await
}

pub(crate) async fn create_for_account(ask: &Ask<'_>) -> Result<Reply, Halt> {
    made(account(ask), ask).await
}

pub(crate) async fn create_own(ask: &Ask<'_>) -> Result<Reply, Halt> {
    made(Whose::User(own(ask)?), ask).await
}

pub(crate) async fn show(ask: &Ask<'_>) -> Result<Reply, Halt> {
    told(&api_tokens::show(ask.object(), &ask.call, &ask.context).await?)
}

pub(crate) async fn update(ask: &Ask<'_>) -> Result<Reply, Halt> {
    let patch = ask.patch::<ApiTokenInput>();
    told(&api_tokens::update(ask.object(), &ask.call, &ask.context, patch).await?)
}

pub(crate) async fn regenerate(ask: &Ask<'_>) -> Result<Reply, Halt> {
    let input: RegenerationInput = ask.input()?;
    let expiry = Expiry { expires_in_months: input.expires_in_months, expires_at: input.expires_at };
    let overlap = Lifetime::seconds(input.overlap_seconds);
    issued(&api_tokens::regenerate(ask.object(), expiry, overlap, &ask.call, &ask.context).await?)
}

pub(crate) async fn revoke(ask: &Ask<'_>) -> Result<Reply, Halt> {
    let input: RevocationInput = ask.input()?;
    told(&api_tokens::revoke(ask.object(), input.reason.as_deref(), &ask.call, &ask.context).await?)
}

pub(crate) async fn revoke_all(ask: &Ask<'_>) -> Result<Reply, Halt> {
    revoked(Whose::User(ask.object().to_owned()), ask).await
}

pub(crate) async fn revoke_all_of_account(ask: &Ask<'_>) -> Result<Reply, Halt> {
    revoked(account(ask), ask).await
}

pub(crate) async fn revoke_all_own(ask: &Ask<'_>) -> Result<Reply, Halt> {
    revoked(Whose::User(own(ask)?), ask).await
}

async fn page(owner: Option<Whose>, ask: &Ask<'_>) -> Result<Reply, Halt> {
    let page: Page = ask.page()?;
    let filter = api_tokens::Filter { owner, status: ask.filter("status")? };
    let found = api_tokens::list(filter, page.after, page.and_one(), &ask.call, &ask.context).await?;
    Ok(page.of(found, |one| one.token.id, |one| ApiTokenResource::from(one))?)
}

async fn made(owner: Whose, ask: &Ask<'_>) -> Result<Reply, Halt> {
    let input: NewApiTokenInput = ask.input()?;
    let expiry = input.expiry();
    let blank = Members {
        name: String::new(),
        description: String::new(),
        reach: Reach::Named(vec![]),
        allowed_ips: vec![],
    };
    let members = merge::made::<ApiTokenInput>(input.chosen, blank)?;
    let made = api_tokens::create(owner, members, expiry, &ask.call, &ask.context).await?;
    Ok(issued(&made)?.made_at(&format!("/api-tokens/{}", made.shown.token.id)))
}

async fn revoked(owner: Whose, ask: &Ask<'_>) -> Result<Reply, Halt> {
    let revoked = api_tokens::revoke_all(owner, &ask.call, &ask.context).await?;
    let told: Vec<_> = revoked.iter().map(ApiTokenResource::from).collect();
    Ok(Reply::page(&told, None)?)
}

fn told(shown: &Shown) -> Result<Reply, Halt> {
    Ok(Reply::of(&ApiTokenResource::from(shown), &shown.token)?)
}

/// With the value, this once.
fn issued(issued: &Issued) -> Result<Reply, Halt> {
    Ok(Reply::of(&ApiTokenResource::from(issued), &issued.shown.token)?)
}

/// The account in the path.
fn account(ask: &Ask<'_>) -> Whose {
    Whose::Account(ask.object().to_owned())
}

/// The caller, if they are a person: nobody else has API tokens.
fn own(ask: &Ask<'_>) -> Result<String, Refused> {
    let user = ask.call.permit().user();
    user.map(|user| user.to_string()).ok_or(Refused::NotFound { noun: "user" })
}
