//! Consents over HTTP.

use crate::api::ask::{Ask, id};
use crate::api::halt::Halt;
use crate::api::operation::{Filter, Part};

use crate::api::reply::Reply;
use crate::api::resources::consent::ConsentResource;
use crate::api::schema;
use doorward_core::manage::consents;

pub(crate) const FILTERS: &[Filter] = &[Filter(
    "user",
    "What this user allows, by name or identifier.",
    schema::asked::<schema::Text>,
    Part::Needed,
)];

pub(crate) async fn list(ask: &Ask<'_>) -> Result<Reply, Halt> {
    let (page, user) = (ask.page()?, ask.needed("user")?);
    let theirs = consents::of(&user, &ask.call, &ask.context).await?;
    Ok(page.among(theirs, |one| one.id, |one| ConsentResource::from(one))?)
}

pub(crate) async fn show(ask: &Ask<'_>) -> Result<Reply, Halt> {
    let consent = consents::show(id(ask.object(), "consent")?, &ask.call, &ask.context).await?;
    Ok(Reply::of(&ConsentResource::from(&consent), &consent)?)
}

pub(crate) async fn revoke(ask: &Ask<'_>) -> Result<Reply, Halt> {
    consents::take_back(id(ask.object(), "consent")?, &ask.call, &ask.context).await?;
    Ok(Reply::nothing())
}
