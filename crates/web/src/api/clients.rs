//! Clients over HTTP.

use crate::api::ask::Ask;
use crate::api::halt::Halt;
use crate::api::merge;
use crate::api::operation::{Filter, Part};

use crate::api::reply::Reply;
use crate::api::resources::client::ClientResource;
use crate::api::resources::client_input::{ClientInput, NewClientInput};
use crate::api::resources::names;
use crate::api::schema;
use doorward_core::client::Client;
use doorward_core::manage::clients;
use doorward_core::store::tx::filter::ClientFilter;
use doorward_protocol::words::Status;

pub(crate) const FILTERS: &[Filter] = &[
    Filter("status", "Those with this status.", schema::asked::<schema::Status>, Part::Narrows),
    Filter("organization_id", "Those of this organization.", schema::asked::<schema::Id>, Part::Narrows),
    Filter("group", "Those in this group, by its identifier.", schema::asked::<schema::Id>, Part::Narrows),
];

pub(crate) async fn list(ask: &Ask<'_>) -> Result<Reply, Halt> {
    let page = ask.page()?;
    let filter = ClientFilter {
        status: ask.filter("status")?,
        organization: ask.filter("organization_id")?,
        group: ask.filter("group")?,
        kind: None,
    };
    let found = clients::list(&filter, page.after, page.and_one(), &ask.call, &ask.context).await?;
    Ok(page.of(found, |one| one.id, |one| resource(one, ask))?)
}

pub(crate) async fn create(ask: &Ask<'_>) -> Result<Reply, Halt> {
    let input: NewClientInput = ask.input()?;
    let members = merge::made::<ClientInput>(input.chosen, clients::Members::named(""))?;
    let made = clients::create(input.client_id.as_deref(), members, &ask.call, &ask.context).await?;
    let secret = made.secret.map(|secret| secret.expose().to_owned());
    let told = ClientResource { client_secret: secret, ..resource(&made.client, ask) };
    Ok(Reply::of(&told, &made.client)?.made_at(&format!("/clients/{}", made.client.id)))
}

pub(crate) async fn show(ask: &Ask<'_>) -> Result<Reply, Halt> {
    told(&clients::show(ask.object(), &ask.call, &ask.context).await?.client, ask)
}

pub(crate) async fn update(ask: &Ask<'_>) -> Result<Reply, Halt> {
    let patch = ask.patch::<ClientInput>();
    told(&clients::update(ask.object(), &ask.call, &ask.context, patch).await?, ask)
}

pub(crate) async fn disable(ask: &Ask<'_>) -> Result<Reply, Halt> {
    switch(Status::Inactive, ask).await
}

pub(crate) async fn enable(ask: &Ask<'_>) -> Result<Reply, Halt> {
    switch(Status::Active, ask).await
}

pub(crate) async fn delete(ask: &Ask<'_>) -> Result<Reply, Halt> {
    clients::delete(ask.object(), &ask.call, &ask.context).await?;
    Ok(Reply::nothing())
}

async fn switch(status: Status, ask: &Ask<'_>) -> Result<Reply, Halt> {
    told(&clients::set_status(ask.object(), status, &ask.call, &ask.context).await?, ask)
}

fn told(client: &Client, ask: &Ask<'_>) -> Result<Reply, Halt> {
    Ok(Reply::of(&resource(client, ask), client)?)
}

fn resource(client: &Client, ask: &Ask<'_>) -> ClientResource {
    let groups = names::groups(&client.groups, ask.context.cache);
    ClientResource::of(client, &groups, &ask.context.cache.apis())
}
