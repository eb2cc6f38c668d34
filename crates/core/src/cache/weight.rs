//! What records weigh in memory. Owns the estimate in bytes, by which the caches of clients and users are bounded; how many bytes they
//! may take together is set elsewhere.

use crate::client::ClientRecord;
use crate::identity::user::User;

/// Bytes that a record without texts takes, with its place in the cache and that of its name: as measured with clients.
pub(super) const BARE: usize = 1_800;

/// Of a user.
pub(super) fn of_user(user: &User) -> usize {
    let texts = [user.source.len(), user.external_id.len(), user.username.as_str().len(), user.name.len()];
    let asides = [&user.email, &user.contact].into_iter().flatten().map(String::len);
    BARE + texts.into_iter().chain(asides).sum::<usize>() + 16 * (user.groups.len() + user.clients.len())
}

/// Of a client with its secrets.
pub(super) fn of_client(record: &ClientRecord) -> usize {
    let client = &record.client;
    let texts =
        [client.name.len(), client.description.len(), client.scopes.to_string().len()].iter().sum::<usize>();
    BARE + texts
        + client.redirect_uris.iter().map(|uri| uri.as_str().len() + 32).sum::<usize>()
        + client.public_url.as_ref().map_or(0, String::len)
        + 32 * (client.allowed_ips.len() + client.access.len())
        + 16 * client.groups.len()
        + 128 * record.secrets.len()
}
