//! Whoever calls, over HTTP.

use crate::api::ask::Ask;
use crate::api::halt::Halt;
use crate::api::reply::Reply;
use crate::api::resources::Instant;
use crate::api::resources::me::{Kind, MeResource, TokenKind, TokenResource};
use doorward_core::store::fault::Fault;

pub(crate) async fn show(ask: &Ask<'_>) -> Result<Reply, Halt> {
    let (permit, token) = (ask.call.permit(), &ask.admitted.token);
    let (kind, id) = match (permit.user(), permit.client()) {
        (Some(user), _) => (Kind::User, user),
        (None, Some(client)) => (Kind::Client, client),
        (None, None) => return Err(Fault::broken("somebody without a name has a token").into()),
    };
    let me = MeResource {
        r#type: kind,
        id,
        organization_id: permit.organization(),
        permissions: ask.admitted.usable.iter().collect(),
        token: TokenResource {
            r#type: if token.scope.is_some() { TokenKind::AccessToken } else { TokenKind::ApiToken },
            id: token.id,
            level: token.level,
            scope: token.scope.as_ref().map(ToString::to_string),
            expires_at: Instant(token.expires_at),
        },
    };
    Ok(Reply::told(&me)?)
}
