//! Writing a user in another state. Owns what goes with it: what of theirs becomes void, who has to be able to do all of it, and
//! what is told of it.

use crate::identity::user::User;
use crate::manage::access_requests::leaving;
use crate::manage::call::Call;
use crate::manage::{
    Refused, administrators, api_accounts, different, organizations, passwords, power, taken,
};
use crate::store::fault::Stop;
use crate::store::tx::Tx;
use doorward_protocol::id::Id;
use doorward_protocol::time::Seconds;
use doorward_protocol::words::UserStatus;

const DISABLED: &str = "user.disabled";

/// Writes a user in another state, unless it is the one that they are in.
pub(super) fn written(
    read: &User,
    user: User,
    now: Seconds,
    call: &Call,
    tx: &mut dyn Tx,
) -> Result<User, Stop<Refused>> {
    if user == *read {
        return Ok(user);
    }
    let groups = tx.groups()?;
    call.covers(power::of_user(&user, &groups))?;
    covers_clients(Some(read), &user, call, tx)?;
    let action = action(read, &user);
    let user = User { updated_at: now.max(read.updated_at), ..user };
    let user = if action == DISABLED { disarmed(user, now) } else { user };
    let moves = user.organization != read.organization;
    // Before all that is cached, as whoever changes one of them does it.
    let accounts = if moves { api_accounts::held_of(&user, tx)? } else { vec![] };
    let update =
        |tx: &mut dyn Tx| tx.update_user(&user).map_err(taken("/username", "is taken by another user"));
    // Who comes to belong to a client no longer gets in by an API token alone.
    let stays = administrators::is_one(&user, &groups) && !moves && user.clients == read.clients;
    if administrators::is_one(read, &groups) && !stays {
        administrators::kept(update, call, tx)?;
    } else {
        update(tx)?;
    }
    let mut objects = touched(Some(read), &user);
    if moves {
        objects.extend(api_accounts::moved(&user, &accounts, now, call, tx)?);
        objects.extend(leaving::withdrawn(read, call, tx)?);
        objects.extend(leaving::revoked(read, call, tx)?);
    }
    call.within(user.organization).record(action, &objects, tx)?;
    Ok(user)
}

/// The user, with everything void that was issued to or for them, their API tokens too.
pub(super) fn disarmed(user: User, now: Seconds) -> User {
    let token_generation = user.token_generation + 1;
    User { token_generation, ..passwords::voided(user, now) }
}

/// What is said of a change: that it switches a user outweighs whatever else it does.
fn action(before: &User, after: &User) -> &'static str {
    match after.status {
        same if same == before.status => "user.updated",
        UserStatus::Active => "user.enabled",
        UserStatus::Disabled => DISABLED,
    }
}

/// Whoever puts somebody under a client, or takes them away from it, changes the client, too.
pub(super) fn covers_clients(
    before: Option<&User>,
    user: &User,
    call: &Call,
    tx: &mut dyn Tx,
) -> Result<(), Stop<Refused>> {
    let clients = before.map_or(&[][..], |before| &before.clients);
    for id in different(clients, &user.clients) {
        if let Some(record) = tx.client(id)? {
            call.sees(record.client.organization, "client")?;
            call.covers(power::of_client(&record.client, &tx.groups()?))?;
        }
    }
    Ok(())
}

/// A user, and what they have come to belong to, or no longer do.
pub(super) fn touched(before: Option<&User>, user: &User) -> Vec<(&'static str, Id)> {
    let (groups, clients) = before.map_or((&[][..], &[][..]), |before| (&before.groups, &before.clients));
    let groups = different(groups, &user.groups).map(|id| ("group", id));
    let clients = different(clients, &user.clients).map(|id| ("client", id));
    let moved = organizations::moved(before.and_then(|before| before.organization), user.organization);
    [("user", user.id)].into_iter().chain(groups).chain(clients).chain(moved).collect()
}
