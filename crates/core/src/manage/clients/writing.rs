//! Writing a client in another state. Owns what goes with it: what of its becomes void, who has to be able to do all that it may,
//! and what is told of it.

use crate::client::Client;
use crate::manage::call::Call;
use crate::manage::{Refused, different, organizations, power};
use crate::store::fault::Stop;
use crate::store::tx::Tx;
use doorward_protocol::id::Id;
use doorward_protocol::time::Seconds;
use doorward_protocol::words::Status;

const DISABLED: &str = "client.disabled";

/// Writes a client in another state, unless it is the one that it is in.
pub(in crate::manage) fn written(
    read: &Client,
    client: Client,
    now: Seconds,
    call: &Call,
    tx: &mut dyn Tx,
) -> Result<Client, Stop<Refused>> {
    if client == *read {
        return Ok(client);
    }
    call.covers(power::of_client(&client, &tx.groups()?))?;
    let action = action(read, &client);
    let generation = read.generation + i64::from(action == DISABLED);
    let client = Client { generation, updated_at: now.max(read.updated_at), ..client };
    tx.update_client(&client)?;
    call.within(client.organization).record(action, &touched(Some(read), &client), tx)?;
    Ok(client)
}

/// What is said of a change: that it switches a client outweighs whatever else it does.
fn action(before: &Client, after: &Client) -> &'static str {
    match after.status {
        same if same == before.status => "client.updated",
        Status::Active => "client.enabled",
        Status::Inactive => DISABLED,
    }
}

/// A client, and what it has come to belong to, or no longer does.
pub(in crate::manage) fn touched(before: Option<&Client>, client: &Client) -> Vec<(&'static str, Id)> {
    let groups = before.map_or(&[][..], |before| &before.groups);
    let groups = different(groups, &client.groups).map(|id| ("group", id));
    let moved = organizations::moved(before.and_then(|before| before.organization), client.organization);
    [("client", client.id)].into_iter().chain(groups).chain(moved).collect()
}
