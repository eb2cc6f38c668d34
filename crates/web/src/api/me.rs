//! Whoever calls, over HTTP.

use crate::api::ask::Ask;
use crate::api::halt::Halt;
use crate::api::reply::Reply;
use crate::api::resources::me::{Kind, MeResource};
use doorward_core::store::fault::Fault;

pub(crate) async fn show(ask: &Ask<'_>) -> Result<Reply, Halt> {
    let permit = ask.call.permit();
    let (kind, id) = match (permit.user(), permit.client()) {
        (Some(user), _) => (Kind::User, user),
        (None, Some(client)) => (Kind::Client, client),
        (None, None) => return Err(Fault::broken("somebody without a name has a token").into()),
    };
    let me = MeResource {
        r#type: kind,
        id,
        organization_id: permit.organization(),
        permissions: permit.permissions().iter().collect(),
    };
    Ok(Reply::told(&me)?)
}
