//! What an API token is exchanged for (RFC 8693): a short-lived token for one API, that may do there what both the API token and the
//! client may. Owns narrowing level, scope, networks and lifetime; whether the API token is good is asked before.

use crate::access::api::Api;
use crate::client::Client;
use doorward_protocol::error::OAuthError;
use doorward_protocol::id::Id;
use doorward_protocol::network::Network;
use doorward_protocol::scope::Scope;
use doorward_protocol::time::Lifetime;
use doorward_protocol::words::Level;
use std::sync::Arc;

/// What an access token will say of the API token that it is exchanged for.
#[derive(Clone, Debug)]
pub struct Exchanged {
    /// The API token.
    pub api_token: Id,
    /// The generation of its value.
    pub generation: i64,
    /// The API.
    pub api: Arc<Api>,
    /// The level there.
    pub level: Level,
    /// What the level stands for, or what was asked for of it.
    pub scope: Scope,
    /// From where it may be used.
    pub allowed_ips: Vec<Network>,
    /// The longest that it may live.
    pub longest: Lifetime,
}

/// The level and the scope at an API, of what an API token with this level may do there and a client lets through.
///
/// # Errors
/// `invalid_target` where that is nothing (RFC 8693 §2.2.2), `invalid_scope` where more is asked for.
pub fn reach(
    held: Level,
    client: &Client,
    asked: Option<&Scope>,
    api: &Api,
) -> Result<(Level, Scope), OAuthError> {
    let (most, all) = most(held, client, api);
    if most == Level::None {
        return Err(OAuthError::invalid_target(
            "the API token has no access to this resource, or not through this client",
        ));
    }
    let Some(asked) = asked.filter(|asked| **asked != all) else { return Ok((most, all)) };
    if !asked.is_within(&all) {
        return Err(OAuthError::invalid_scope(
            "the scope exceeds what the API token may do at this resource",
        ));
    }
    // Fewer scopes may be a lower level; no level is nothing that an API could let through.
    match api.levels.reached_by(asked).min(most) {
        Level::None => {
            Err(OAuthError::invalid_scope("the scope reaches no level at this resource: ask for more of it"))
        }
        level => Ok((level, asked.clone())),
    }
}

/// A client without levels of its own is limited by its scopes, and those are worth the level that they reach. The one that is built
/// in limits nobody.
fn most(held: Level, client: &Client, api: &Api) -> (Level, Scope) {
    let level = if client.is_built_in() { held } else { held.min(client.level_at(api.id)) };
    let scope = api.levels.scope(level);
    if client.is_built_in() || !client.is_limited_by_scopes_alone() {
        return (level, scope);
    }
    let scope = scope.within(&client.scopes);
    let level = level.min(api.levels.reached_by(&scope));
    (level, scope.within(&api.levels.scope(level)))
}
