//! The client that is built in: through it come those who exchange an API token of theirs and have no client. Owns its name, by
//! which such tokens say so; it is no record of the store, so nobody lists, changes or deletes it, and nobody is given its name.

use crate::client::{Client, ClientRecord};
use doorward_protocol::id::{ClientId, Id};
use doorward_protocol::time::Seconds;
use doorward_protocol::words::{AuthMethod, GrantType};
use std::sync::{Arc, LazyLock};

/// Its `client_id`.
pub const CLIENT_ID: &str = "doorward-api-tokens";

/// Older than whatever a server draws.
const ID: (u64, u128) = (0, 1);

static RECORD: LazyLock<Option<Arc<ClientRecord>>> = LazyLock::new(|| {
    let client_id: ClientId = CLIENT_ID.parse().ok()?;
    let client = Client {
        name: "API tokens".to_owned(),
        auth_method: AuthMethod::None,
        grant_types: vec![GrantType::TokenExchange],
        ..Client::blank(Id::from_parts(ID.0, ID.1), client_id, Seconds(0))
    };
    Some(Arc::new(ClientRecord { client, secrets: vec![] }))
});

/// Its record; a public client without scopes, that may exchange API tokens and nothing else.
#[must_use]
pub fn record() -> Option<Arc<ClientRecord>> {
    RECORD.clone()
}

impl Client {
    /// Whether it is the one that is built in.
    #[must_use]
    pub fn is_built_in(&self) -> bool {
        self.client_id.as_str() == CLIENT_ID
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_may_exchange_and_nothing_else() {
        let client = &record().unwrap().client;
        assert!(client.is_built_in() && client.may_use(GrantType::TokenExchange));
        assert!(client.grant_types.len() == 1 && !client.is_confidential() && client.scopes.is_empty());
    }
}
