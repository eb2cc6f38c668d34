//! Registered auths over HTTP. Their secrets are in two answers only: those that reveal and release them.

use crate::api::ask::Ask;
use crate::api::halt::Halt;
use crate::api::merge;
use crate::api::reply::Reply;
use crate::api::resources::registered_auth::{
    NewRegisteredAuthInput, RegisteredAuthInput, RegisteredAuthResource, RevelationInput,
};
use doorward_core::manage::registered_auths::disclosure::{self, Disclosed};
use doorward_core::manage::registered_auths::{self, Members};
use doorward_core::vault::registered_auth::RegisteredAuth;

pub(crate) async fn list(ask: &Ask<'_>) -> Result<Reply, Halt> {
    let page = ask.page()?;
    let auths =
        registered_auths::list(ask.object(), page.after, page.and_one(), &ask.call, &ask.context).await?;
    Ok(page.of(auths, |one| one.id, |one| RegisteredAuthResource::from(one))?)
}

pub(crate) async fn create(ask: &Ask<'_>) -> Result<Reply, Halt> {
    let input: NewRegisteredAuthInput = ask.input()?;
    let (account, provider) = (ask.object(), &input.provider);
    let members = merge::made::<RegisteredAuthInput>(input.chosen, Members::labelled(""))?;
    let sealer = ask.exchange.server.sealer();
    let made = registered_auths::create(account, provider, members, sealer, &ask.call, &ask.context).await?;
    Ok(told(&made)?.made_at(&format!("/registered-auths/{}", made.id)))
}

pub(crate) async fn show(ask: &Ask<'_>) -> Result<Reply, Halt> {
    told(&registered_auths::show(ask.object(), &ask.call, &ask.context).await?)
}

pub(crate) async fn update(ask: &Ask<'_>) -> Result<Reply, Halt> {
    let (patch, sealer) = (ask.patch::<RegisteredAuthInput>(), ask.exchange.server.sealer());
    told(&registered_auths::update(ask.object(), sealer, &ask.call, &ask.context, patch).await?)
}

pub(crate) async fn delete(ask: &Ask<'_>) -> Result<Reply, Halt> {
    registered_auths::delete(ask.object(), &ask.call, &ask.context).await?;
    Ok(Reply::nothing())
}

pub(crate) async fn reveal(ask: &Ask<'_>) -> Result<Reply, Halt> {
    let (input, sealer) = (ask.input::<RevelationInput>()?, ask.exchange.server.sealer());
    disclosed(&disclosure::reveal(ask.object(), &input.reason, sealer, &ask.call, &ask.context).await?)
}

pub(crate) async fn release(ask: &Ask<'_>) -> Result<Reply, Halt> {
    let sealer = ask.exchange.server.sealer();
    disclosed(&disclosure::release(ask.object(), sealer, &ask.call, &ask.context).await?)
}

fn told(auth: &RegisteredAuth) -> Result<Reply, Halt> {
    Ok(Reply::of(&RegisteredAuthResource::from(auth), auth)?)
}

fn disclosed(disclosed: &Disclosed) -> Result<Reply, Halt> {
    Ok(Reply::of(&RegisteredAuthResource::disclosed(disclosed), &disclosed.auth)?)
}
