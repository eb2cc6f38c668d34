//! Users over HTTP, and those under a client.

use crate::api::ask::Ask;
use crate::api::halt::Halt;
use crate::api::merge;
use crate::api::operation::{Filter, Part};

use crate::api::reply::Reply;
use crate::api::resources::user::{NewUserInput, PasswordInput, SetupLinkResource, UserInput, UserResource};
use crate::api::resources::{Instant, names};
use crate::api::schema;
use doorward_core::endpoint::page::SETUP;
use doorward_core::identity::user::User;
use doorward_core::manage::{apis, clients, setup_links, users};
use doorward_core::store::fault::Fault;
use doorward_core::store::tx::filter::UserFilter;
use doorward_protocol::secret::Secret;
use doorward_protocol::words::UserStatus;

pub(crate) const FILTERS: &[Filter] = &[
    Filter("username", "The user of this name.", schema::asked::<schema::Text>, Part::Narrows),
    Filter("status", "Those with this status.", schema::asked::<schema::UserStatus>, Part::Narrows),
    Filter("organization_id", "Those of this organization.", schema::asked::<schema::Id>, Part::Narrows),
    Filter("group", "Those in this group, by its identifier.", schema::asked::<schema::Id>, Part::Narrows),
    Filter(
        "client",
        "Those who belong to this client, by its identifier.",
        schema::asked::<schema::Id>,
        Part::Narrows,
    ),
];

/// Of those under a client.
pub(crate) const STATUS: &[Filter] =
    &[Filter("status", "Those with this status.", schema::asked::<schema::UserStatus>, Part::Narrows)];

pub(crate) async fn list(ask: &Ask<'_>) -> Result<Reply, Halt> {
    let filter = UserFilter {
        status: ask.filter("status")?,
        organization: ask.filter("organization_id")?,
        group: ask.filter("group")?,
        client: ask.filter("client")?,
        username: ask.filter("username")?,
    };
    page(&filter, ask).await
}

pub(crate) async fn create(ask: &Ask<'_>) -> Result<Reply, Halt> {
    made(ask.input()?, ask).await
}

pub(crate) async fn show(ask: &Ask<'_>) -> Result<Reply, Halt> {
    told(&users::show(ask.object(), &ask.call, &ask.context).await?, ask).await
}

pub(crate) async fn update(ask: &Ask<'_>) -> Result<Reply, Halt> {
    let patch = ask.patch::<UserInput>();
    told(&users::update(ask.object(), &ask.call, &ask.context, patch).await?, ask).await
}

pub(crate) async fn disable(ask: &Ask<'_>) -> Result<Reply, Halt> {
    switch(UserStatus::Disabled, ask).await
}

pub(crate) async fn enable(ask: &Ask<'_>) -> Result<Reply, Halt> {
    switch(UserStatus::Active, ask).await
}

pub(crate) async fn revoke(ask: &Ask<'_>) -> Result<Reply, Halt> {
    told(&users::revoke_all(ask.object(), &ask.call, &ask.context).await?, ask).await
}

pub(crate) async fn set_password(ask: &Ask<'_>) -> Result<Reply, Halt> {
    let password = Secret::new(ask.input::<PasswordInput>()?.password);
    told(&users::set_password(ask.object(), &password, &ask.call, &ask.context).await?, ask).await
}

pub(crate) async fn setup_link(ask: &Ask<'_>) -> Result<Reply, Halt> {
    let made = setup_links::create(ask.object(), &ask.call, &ask.context).await?;
    // The secret is of letters and digits, so it needs no escape in a query.
    let path = format!("{}?token={}", ask.context.settings.page(SETUP), made.token.expose());
    let link = SetupLinkResource {
        url: ask.context.settings.issuer.url(&path),
        expires_at: Instant(made.expires_at),
    };
    Ok(Reply::told(&link)?)
}

pub(crate) async fn delete(ask: &Ask<'_>) -> Result<Reply, Halt> {
    users::delete(ask.object(), &ask.call, &ask.context).await?;
    Ok(Reply::nothing())
}

/// The users under a client.
pub(crate) async fn under_client(ask: &Ask<'_>) -> Result<Reply, Halt> {
    let client = clients::known(ask.object(), &ask.call, &ask.context).await?;
    page(&UserFilter { client: Some(client), status: ask.filter("status")?, ..UserFilter::default() }, ask)
        .await
}

/// Somebody new under a client, whatever else they belong to.
pub(crate) async fn create_under_client(ask: &Ask<'_>) -> Result<Reply, Halt> {
    let mut input: NewUserInput = ask.input()?;
    let client = clients::known(ask.object(), &ask.call, &ask.context).await?;
    input.chosen.clients.push(client.to_string());
    made(input, ask).await
}

/// Out of the client, and nothing else.
pub(crate) async fn leave_client(ask: &Ask<'_>) -> Result<Reply, Halt> {
    users::clients::leave(ask.inner(), ask.object(), &ask.call, &ask.context).await?;
    Ok(Reply::nothing())
}

async fn page(filter: &UserFilter, ask: &Ask<'_>) -> Result<Reply, Halt> {
    let page = ask.page()?;
    let found = users::list(filter, page.after, page.and_one(), &ask.call, &ask.context).await?;
    let mut told = Vec::with_capacity(found.len());
    for user in &found {
        told.push(resource(user, ask).await?);
    }
    Ok(page.told(told, |one| one.id)?)
}

async fn made(input: NewUserInput, ask: &Ask<'_>) -> Result<Reply, Halt> {
    let password = input.password.map(Secret::new);
    let members = merge::made::<UserInput>(input.chosen, users::Members::named(""))?;
    let user = users::create(members, password.as_ref(), &ask.call, &ask.context).await?;
    Ok(told(&user, ask).await?.made_at(&format!("/users/{}", user.id)))
}

async fn switch(status: UserStatus, ask: &Ask<'_>) -> Result<Reply, Halt> {
    told(&users::set_status(ask.object(), status, &ask.call, &ask.context).await?, ask).await
}

async fn told(user: &User, ask: &Ask<'_>) -> Result<Reply, Halt> {
    Ok(Reply::of(&resource(user, ask).await?, user)?)
}

async fn resource(user: &User, ask: &Ask<'_>) -> Result<UserResource, Fault> {
    let groups = names::groups(&user.groups, ask.context.cache);
    let clients = apis::client_ids(&user.clients, &ask.call, &ask.context).await?;
    Ok(UserResource::of(user, &groups, clients))
}
