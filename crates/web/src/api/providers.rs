//! The catalogue of providers over HTTP.

use crate::api::ask::Ask;
use crate::api::halt::Halt;
use crate::api::merge;
use crate::api::reply::Reply;
use crate::api::resources::provider::{NewProviderInput, ProviderInput, ProviderResource};
use doorward_core::manage::providers;
use doorward_core::vault::provider::Provider;

pub(crate) async fn list(ask: &Ask<'_>) -> Result<Reply, Halt> {
    let page = ask.page()?;
    let all = providers::list(&ask.call, &ask.context).await?;
    Ok(page.among(all, |one| one.id, |one| ProviderResource::from(one))?)
}

pub(crate) async fn create(ask: &Ask<'_>) -> Result<Reply, Halt> {
    let input: NewProviderInput = ask.input()?;
    let members = merge::made::<ProviderInput>(input.chosen, providers::Members::named(""))?;
    let made = providers::create(&input.key, members, &ask.call, &ask.context).await?;
    Ok(told(&made)?.made_at(&format!("/providers/{}", made.id)))
}

pub(crate) async fn show(ask: &Ask<'_>) -> Result<Reply, Halt> {
    told(&providers::show(ask.object(), &ask.call, &ask.context).await?)
}

pub(crate) async fn update(ask: &Ask<'_>) -> Result<Reply, Halt> {
    let patch = ask.patch::<ProviderInput>();
    told(&providers::update(ask.object(), &ask.call, &ask.context, patch).await?)
}

pub(crate) async fn delete(ask: &Ask<'_>) -> Result<Reply, Halt> {
    providers::delete(ask.object(), &ask.call, &ask.context).await?;
    Ok(Reply::nothing())
}

fn told(provider: &Provider) -> Result<Reply, Halt> {
    Ok(Reply::of(&ProviderResource::from(provider), provider)?)
}
