//! Sessions over HTTP.

use crate::api::ask::{Ask, id};
use crate::api::halt::Halt;
use crate::api::operation::{Filter, Part};

use crate::api::reply::Reply;
use crate::api::resources::session::SessionResource;
use crate::api::schema;
use doorward_core::identity::session::Session;
use doorward_core::manage::sessions;

pub(crate) const FILTERS: &[Filter] = &[Filter(
    "user",
    "Those of this user, by name or identifier.",
    schema::asked::<schema::Text>,
    Part::Needed,
)];

pub(crate) async fn list(ask: &Ask<'_>) -> Result<Reply, Halt> {
    let (page, user) = (ask.page()?, ask.needed("user")?);
    let theirs = sessions::list(&user, page.after, page.and_one(), &ask.call, &ask.context).await?;
    Ok(page.of(theirs, |one| one.id, |one| told(one, ask))?)
}

pub(crate) async fn show(ask: &Ask<'_>) -> Result<Reply, Halt> {
    let session = sessions::show(id(ask.object(), "session")?, &ask.call, &ask.context).await?;
    Ok(Reply::of(&told(&session, ask), &session)?)
}

pub(crate) async fn end(ask: &Ask<'_>) -> Result<Reply, Halt> {
    sessions::end(id(ask.object(), "session")?, &ask.call, &ask.context).await?;
    Ok(Reply::nothing())
}

fn told(session: &Session, ask: &Ask<'_>) -> SessionResource {
    SessionResource::of(session, ask.context.settings.session_idle, ask.context.now)
}
