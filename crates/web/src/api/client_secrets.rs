//! The secrets of a client over HTTP.

use crate::api::ask::{Ask, id};
use crate::api::halt::Halt;
use crate::api::reply::Reply;
use crate::api::resources::client_secret::{ClientSecretResource, ReplacementInput};
use doorward_core::manage::clients::secrets::{self, Made};
use doorward_protocol::time::Lifetime;

/// There are two at most: all of them are one page.
pub(crate) async fn list(ask: &Ask<'_>) -> Result<Reply, Halt> {
    ask.page()?;
    let secrets = secrets::list(ask.object(), &ask.call, &ask.context).await?;
    let told: Vec<_> =
        secrets.iter().map(|(secret, used)| ClientSecretResource::of(secret, used.as_ref())).collect();
    Ok(Reply::page(&told, None)?)
}

pub(crate) async fn create(ask: &Ask<'_>) -> Result<Reply, Halt> {
    made(&secrets::create(ask.object(), &ask.call, &ask.context).await?, ask)
}

pub(crate) async fn rotate(ask: &Ask<'_>) -> Result<Reply, Halt> {
    let overlap = Lifetime::seconds(ask.input::<ReplacementInput>()?.overlap_seconds);
    made(&secrets::rotate(ask.object(), overlap, &ask.call, &ask.context).await?, ask)
}

pub(crate) async fn delete(ask: &Ask<'_>) -> Result<Reply, Halt> {
    let secret = id(ask.inner(), "secret")?;
    secrets::delete(ask.object(), secret, &ask.call, &ask.context).await?;
    Ok(Reply::nothing())
}

/// With the text, this once.
fn made(made: &Made, ask: &Ask<'_>) -> Result<Reply, Halt> {
    let text = Some(made.text.expose().to_owned());
    let told = ClientSecretResource { client_secret: text, ..ClientSecretResource::of(&made.secret, None) };
    Ok(Reply::told(&told)?.made_at(&format!("/clients/{}/secrets", ask.object())))
}
