//! API accounts over HTTP: everybody's, and the caller's own; their secrets.

use crate::api::ask::{Ask, Page};
use crate::api::halt::Halt;
use crate::api::merge;
use crate::api::operation::{Filter, Part};
use crate::api::query::Days;
use crate::api::reply::Reply;
use crate::api::resources::activity::ActivityResource;
use crate::api::resources::api_account::{ApiAccountInput, ApiAccountResource, NewApiAccountInput};
use crate::api::resources::client_secret::{ClientSecretResource, ReplacementInput};
use crate::api::resources::names;
use crate::api::schema;
use doorward_core::client::Client;
use doorward_core::manage::Refused;
use doorward_core::manage::api_accounts::{self, Members, Owner, activity, secrets};
use doorward_core::manage::clients::secrets::Made;
use doorward_protocol::time::Lifetime;
use doorward_protocol::words::Status;

pub(crate) const FILTERS: &[Filter] = &[
    Filter("user", "Those of this user, by name or identifier.", schema::asked::<schema::Text>, Part::Names),
    Filter(
        "organization_id",
        "Those of this organization, and of its people.",
        schema::asked::<schema::Id>,
        Part::Narrows,
    ),
    Filter("status", "Those with this status.", schema::asked::<schema::Status>, Part::Narrows),
    Filter("group", "Those in this group, by its identifier.", schema::asked::<schema::Id>, Part::Narrows),
];
/// Of those of one owner.
pub(crate) const STATUS: &[Filter] =
    &[Filter("status", "Those with this status.", schema::asked::<schema::Status>, Part::Narrows)];

/// Of the activity.
pub(crate) const DAYS: &[Filter] = &[Filter(
    "days",
    "So many days before today, and today; thirty where nothing is said. Nothing is kept for longer than 400.",
    schema::asked::<schema::Days>,
    Part::Narrows,
)];
/// Of these, where nothing is said.
const A_MONTH: u32 = 30;

/// Everybody's for whoever may see them, else their own.
pub(crate) async fn list(ask: &Ask<'_>) -> Result<Reply, Halt> {
    let filter = api_accounts::Filter {
        owner: ask.filter("user")?.map(Owner::User),
        organization: ask.filter("organization_id")?,
        status: ask.filter("status")?,
        group: ask.filter("group")?,
    };
    page(filter, ask).await
}

pub(crate) async fn list_own(ask: &Ask<'_>) -> Result<Reply, Halt> {
    let filter = api_accounts::Filter {
        owner: Some(own(ask)?),
        status: ask.filter("status")?,
        ..api_accounts::Filter::default()
    };
    page(filter, ask).await
}

pub(crate) async fn create(ask: &Ask<'_>) -> Result<Reply, Halt> {
    let input: NewApiAccountInput = ask.input()?;
    let owner = match input.owner {
        Some(owner) => owner.into(),
        None => own(ask).map_err(|_| Refused::invalid("/owner", "is named by whoever is no user"))?,
    };
    made(owner, input.chosen, ask).await.map_err(|halt| match halt {
        // It is a member that names them, and no path.
        Halt::Refused(Refused::NotFound { .. }) => Refused::invalid("/owner/id", "names nobody").into(),
        halt => halt,
    })
}

pub(crate) async fn create_own(ask: &Ask<'_>) -> Result<Reply, Halt> {
    made(own(ask)?, ask.input()?, ask).await
}

pub(crate) async fn show(ask: &Ask<'_>) -> Result<Reply, Halt> {
    told(&api_accounts::show(ask.object(), &ask.call, &ask.context).await?, ask)
}

pub(crate) async fn update(ask: &Ask<'_>) -> Result<Reply, Halt> {
    let patch = ask.patch::<ApiAccountInput>();
    told(&api_accounts::update(ask.object(), &ask.call, &ask.context, patch).await?, ask)
}

pub(crate) async fn disable(ask: &Ask<'_>) -> Result<Reply, Halt> {
    switch(Status::Inactive, ask).await
}

pub(crate) async fn enable(ask: &Ask<'_>) -> Result<Reply, Halt> {
    switch(Status::Active, ask).await
}

pub(crate) async fn delete(ask: &Ask<'_>) -> Result<Reply, Halt> {
    api_accounts::delete(ask.object(), &ask.call, &ask.context).await?;
    Ok(Reply::nothing())
}

pub(crate) async fn activity(ask: &Ask<'_>) -> Result<Reply, Halt> {
    let days = ask.filter("days")?.map_or(A_MONTH, |Days(days)| days);
    let activity = activity::show(ask.object(), days, &ask.call, &ask.context).await?;
    Ok(Reply::of(&ActivityResource::of(&activity, &ask.context.cache.apis()), &activity)?)
}

/// There are few: all of them are one page.
pub(crate) async fn secrets(ask: &Ask<'_>) -> Result<Reply, Halt> {
    ask.page()?;
    let secrets = secrets::list(ask.object(), &ask.call, &ask.context).await?;
    let told: Vec<_> =
        secrets.iter().map(|(secret, used)| ClientSecretResource::of(secret, used.as_ref())).collect();
    Ok(Reply::page(&told, None)?)
}

pub(crate) async fn reveal_secret(ask: &Ask<'_>) -> Result<Reply, Halt> {
    shown(&secrets::reveal(ask.object(), &ask.call, &ask.context).await?, ask)
}

pub(crate) async fn rotate_secrets(ask: &Ask<'_>) -> Result<Reply, Halt> {
    let overlap = Lifetime::seconds(ask.input::<ReplacementInput>()?.overlap_seconds);
    shown(&secrets::rotate(ask.object(), overlap, &ask.call, &ask.context).await?, ask)
}

async fn page(filter: api_accounts::Filter, ask: &Ask<'_>) -> Result<Reply, Halt> {
    let page: Page = ask.page()?;
    let found = api_accounts::list(filter, page.after, page.and_one(), &ask.call, &ask.context).await?;
    Ok(page.of(found, |one| one.id, |one| resource(one, ask))?)
}

async fn made(owner: Owner, input: ApiAccountInput, ask: &Ask<'_>) -> Result<Reply, Halt> {
    let members = merge::made::<ApiAccountInput>(input, Members::named(""))?;
    let made = api_accounts::create(owner, members, &ask.call, &ask.context).await?;
    Ok(told(&made, ask)?.made_at(&format!("/api-accounts/{}", made.id)))
}

async fn switch(status: Status, ask: &Ask<'_>) -> Result<Reply, Halt> {
    told(&api_accounts::set_status(ask.object(), status, &ask.call, &ask.context).await?, ask)
}

fn told(account: &Client, ask: &Ask<'_>) -> Result<Reply, Halt> {
    Ok(Reply::of(&resource(account, ask), account)?)
}

/// With the text, this once.
fn shown(made: &Made, ask: &Ask<'_>) -> Result<Reply, Halt> {
    let text = Some(made.text.expose().to_owned());
    let told = ClientSecretResource { client_secret: text, ..ClientSecretResource::of(&made.secret, None) };
    Ok(Reply::told(&told)?.made_at(&format!("/api-accounts/{}/secrets", ask.object())))
}

fn resource(account: &Client, ask: &Ask<'_>) -> ApiAccountResource {
    let groups = names::groups(&account.groups, ask.context.cache);
    ApiAccountResource::of(account, &groups, &ask.context.cache.apis())
}

/// The caller, if they are a person.
fn own(ask: &Ask<'_>) -> Result<Owner, Refused> {
    let user = ask.call.permit().user();
    user.map(|user| Owner::User(user.to_string())).ok_or(Refused::NotFound { noun: "user" })
}
