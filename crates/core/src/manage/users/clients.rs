//! The clients that users belong to, one at a time. Owns taking somebody out of one; belonging is a member of the user like others, and
//! what goes with changing it stands in `writing`.

use super::writing::written;
use super::{hold, not_found};
use crate::context::Context;
use crate::identity::user::User;
use crate::manage::call::Call;
use crate::manage::{Refused, clients};
use crate::store::fault::Stop;
use crate::store::tx::Tx;
use doorward_protocol::permission::Permission;

/// Takes a user out of a client, who goes on as they are: what they hold stays good, and is judged without that client from the next
/// request on.
///
/// # Errors
/// [`Refused::NotFound`], also for somebody who does not belong to it; a fault of the store.
pub async fn leave(
    user: &str,
    client: &str,
    call: &Call,
    context: &Context<'_>,
) -> Result<User, Stop<Refused>> {
    call.needs(Permission::UsersWrite)?;
    let (user, client, now, call) = (user.to_owned(), client.to_owned(), context.now, call.clone());
    let leave = move |tx: &mut dyn Tx| {
        let client = clients::find(&client, &call, tx)?.ok_or_else(clients::not_found)?.client.id;
        let read = hold(&user, &call, tx)?;
        let others: Vec<_> = read.clients.iter().copied().filter(|known| *known != client).collect();
        if others.len() == read.clients.len() {
            return Err(not_found());
        }
        written(&read, User { clients: others, ..read.clone() }, now, &call, tx)
    };
    context.cache.write(leave).await
}
