//! Groups over HTTP.

use crate::api::ask::Ask;
use crate::api::halt::Halt;
use crate::api::merge;
use crate::api::operation::{Filter, Part};

use crate::api::reply::Reply;
use crate::api::resources::group::{GroupInput, GroupResource};
use crate::api::schema;
use doorward_core::identity::group::Group;
use doorward_core::manage::groups;

pub(crate) const FILTERS: &[Filter] =
    &[Filter("name", "The group of this name.", schema::asked::<schema::Text>, Part::Narrows)];

pub(crate) async fn list(ask: &Ask<'_>) -> Result<Reply, Halt> {
    let (page, name) = (ask.page()?, ask.filter::<String>("name")?);
    let mut all = groups::list(&ask.call, &ask.context).await?;
    all.retain(|one| name.as_ref().is_none_or(|name| one.name == *name));
    Ok(page.among(all, |one| one.id, |one| GroupResource::from(one))?)
}

pub(crate) async fn create(ask: &Ask<'_>) -> Result<Reply, Halt> {
    let members = merge::made::<GroupInput>(ask.input()?, groups::Members::named(""))?;
    let made = groups::create(members, &ask.call, &ask.context).await?;
    Ok(told(&made)?.made_at(&format!("/groups/{}", made.id)))
}

pub(crate) async fn show(ask: &Ask<'_>) -> Result<Reply, Halt> {
    told(&groups::show(ask.object(), &ask.call, &ask.context).await?)
}

pub(crate) async fn update(ask: &Ask<'_>) -> Result<Reply, Halt> {
    let patch = ask.patch::<GroupInput>();
    told(&groups::update(ask.object(), &ask.call, &ask.context, patch).await?)
}

pub(crate) async fn delete(ask: &Ask<'_>) -> Result<Reply, Halt> {
    groups::delete(ask.object(), &ask.call, &ask.context).await?;
    Ok(Reply::nothing())
}

fn told(group: &Group) -> Result<Reply, Halt> {
    Ok(Reply::of(&GroupResource::from(group), group)?)
}
