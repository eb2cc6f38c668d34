//! APIs over HTTP.

use crate::api::ask::Ask;
use crate::api::halt::Halt;
use crate::api::merge;
use crate::api::operation::{Filter, Part};

use crate::api::reply::Reply;
use crate::api::resources::api::ApiResource;
use crate::api::resources::api_input::{ApiInput, NewApiInput};
use crate::api::schema;
use doorward_core::access::api::Api;
use doorward_core::manage::apis;
use doorward_core::store::fault::Fault;
use doorward_protocol::words::Status;

pub(crate) const FILTERS: &[Filter] = &[
    Filter("identifier", "The API with this identifier.", schema::asked::<schema::Text>, Part::Narrows),
    Filter("status", "Those with this status.", schema::asked::<schema::Status>, Part::Narrows),
];

pub(crate) async fn list(ask: &Ask<'_>) -> Result<Reply, Halt> {
    let (page, status) = (ask.page()?, ask.filter::<Status>("status")?);
    let identifier: Option<String> = ask.filter("identifier")?;
    let mut all = apis::list(&ask.call, &ask.context).await?;
    all.retain(|one| status.is_none_or(|status| one.status == status));
    all.retain(|one| identifier.as_ref().is_none_or(|identifier| one.identifier.as_str() == identifier));
    all.retain(|one| page.after.is_none_or(|after| one.id > after));
    let mut told = Vec::with_capacity(page.limit + 1);
    for api in all.iter().take(page.limit + 1) {
        told.push(resource(api, ask).await?);
    }
    Ok(page.told(told, |one| one.id)?)
}

pub(crate) async fn create(ask: &Ask<'_>) -> Result<Reply, Halt> {
    let input: NewApiInput = ask.input()?;
    let members = merge::made::<ApiInput>(input.chosen, apis::Members::named(""))?;
    let made = apis::create(&input.identifier, members, &ask.call, &ask.context).await?;
    Ok(told(&made, ask).await?.made_at(&format!("/apis/{}", made.id)))
}

pub(crate) async fn show(ask: &Ask<'_>) -> Result<Reply, Halt> {
    told(&apis::show(ask.object(), &ask.call, &ask.context).await?, ask).await
}

pub(crate) async fn update(ask: &Ask<'_>) -> Result<Reply, Halt> {
    let patch = ask.patch::<ApiInput>();
    told(&apis::update(ask.object(), &ask.call, &ask.context, patch).await?, ask).await
}

pub(crate) async fn disable(ask: &Ask<'_>) -> Result<Reply, Halt> {
    switch(Status::Inactive, ask).await
}

pub(crate) async fn enable(ask: &Ask<'_>) -> Result<Reply, Halt> {
    switch(Status::Active, ask).await
}

pub(crate) async fn delete(ask: &Ask<'_>) -> Result<Reply, Halt> {
    apis::delete(ask.object(), &ask.call, &ask.context).await?;
    Ok(Reply::nothing())
}

async fn switch(status: Status, ask: &Ask<'_>) -> Result<Reply, Halt> {
    told(&apis::set_status(ask.object(), status, &ask.call, &ask.context).await?, ask).await
}

async fn told(api: &Api, ask: &Ask<'_>) -> Result<Reply, Halt> {
    Ok(Reply::of(&resource(api, ask).await?, api)?)
}

async fn resource(api: &Api, ask: &Ask<'_>) -> Result<ApiResource, Fault> {
    let clients = apis::client_ids(&api.introspection_clients, &ask.call, &ask.context).await?;
    Ok(ApiResource::of(api, clients))
}
