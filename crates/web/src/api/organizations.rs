//! Organizations over HTTP.

use crate::api::ask::Ask;
use crate::api::halt::Halt;
use crate::api::merge;
use crate::api::operation::{Filter, Part};

use crate::api::reply::Reply;
use crate::api::resources::organization::{OrganizationInput, OrganizationResource};
use crate::api::schema;
use doorward_core::identity::organization::Organization;
use doorward_core::manage::organizations;
use doorward_protocol::words::Status;

pub(crate) const FILTERS: &[Filter] = &[
    Filter("name", "The organization of this name.", schema::asked::<schema::Text>, Part::Narrows),
    Filter("status", "Those with this status.", schema::asked::<schema::Status>, Part::Narrows),
];

pub(crate) async fn list(ask: &Ask<'_>) -> Result<Reply, Halt> {
    let (page, name, status) = (ask.page()?, ask.filter::<String>("name")?, ask.filter::<Status>("status")?);
    let mut all = organizations::list(&ask.call, &ask.context).await?;
    all.retain(|one| name.as_ref().is_none_or(|name| one.name == *name));
    all.retain(|one| status.is_none_or(|status| one.status == status));
    Ok(page.among(all, |one| one.id, |one| OrganizationResource::from(one))?)
}

pub(crate) async fn create(ask: &Ask<'_>) -> Result<Reply, Halt> {
    let members = merge::made::<OrganizationInput>(ask.input()?, organizations::Members::named(""))?;
    let made = organizations::create(members, &ask.call, &ask.context).await?;
    Ok(told(&made)?.made_at(&format!("/organizations/{}", made.id)))
}

pub(crate) async fn show(ask: &Ask<'_>) -> Result<Reply, Halt> {
    told(&organizations::show(ask.object(), &ask.call, &ask.context).await?)
}

pub(crate) async fn update(ask: &Ask<'_>) -> Result<Reply, Halt> {
    let patch = ask.patch::<OrganizationInput>();
    told(&organizations::update(ask.object(), &ask.call, &ask.context, patch).await?)
}

pub(crate) async fn disable(ask: &Ask<'_>) -> Result<Reply, Halt> {
    switch(Status::Inactive, ask).await
}

pub(crate) async fn enable(ask: &Ask<'_>) -> Result<Reply, Halt> {
    switch(Status::Active, ask).await
}

pub(crate) async fn delete(ask: &Ask<'_>) -> Result<Reply, Halt> {
    organizations::delete(ask.object(), &ask.call, &ask.context).await?;
    Ok(Reply::nothing())
}

async fn switch(status: Status, ask: &Ask<'_>) -> Result<Reply, Halt> {
    told(&organizations::set_status(ask.object(), status, &ask.call, &ask.context).await?)
}

fn told(organization: &Organization) -> Result<Reply, Halt> {
    Ok(Reply::of(&OrganizationResource::from(organization), organization)?)
}
