//! API tokens that are presented. Owns what one rests on, all of which has to be in use: the token itself, by its value or by the
//! one before while that lasts, its owner, and the generation of their API tokens.

use crate::bearer::{Bearer, signed};
use crate::cache::api_tokens::Presented;
use crate::client::{Client, ClientRecord};
use crate::context::Context;
use crate::identity::user::User;
use crate::store::fault::Fault;
use crate::token::api_token::{ApiTokenOwner, Standing, Value};
use doorward_protocol::id::Id;
use doorward_protocol::scope::Scope;
use doorward_protocol::time::Seconds;
use doorward_protocol::words::Level;
use std::sync::Arc;

/// An API token that is good now.
pub struct Live {
    /// Its record.
    pub token: Arc<Standing>,
    /// Whose it is.
    pub owner: Owner,
    /// Which value of it was presented, if one was.
    pub value: Value,
    /// When that one ends.
    pub expires_at: Seconds,
}

/// Whose an API token is, in use.
pub enum Owner {
    /// A person.
    User(Arc<User>),
    /// A client.
    Client(Arc<ClientRecord>),
}

/// The API token with this value, if it is good now.
///
/// # Errors
/// [`Fault`] when the store does not answer.
pub async fn presented(text: &str, context: &Context<'_>) -> Result<Option<Live>, Fault> {
    let Some(Presented { token, value }) = context.cache.api_token(text, context.peppers).await? else {
        return Ok(None);
    };
    let ends = match (value, &token.previous) {
        (Value::Previous, Some(previous)) => previous.expires_at.min(token.expires_at),
        (Value::Previous, None) => return Ok(None),
        (Value::Current, _) => token.expires_at,
    };
    let live = live(token, context).await?;
    Ok(live.filter(|_| context.now < ends).map(|live| Live { value, expires_at: ends, ..live }))
}

/// The API token with this identifier, if it is good now, by whichever value.
///
/// # Errors
/// [`Fault`] when the store does not answer.
pub async fn named(id: Id, context: &Context<'_>) -> Result<Option<Live>, Fault> {
    match context.cache.api_token_named(id).await? {
        Some(token) => live(token, context).await,
        None => Ok(None),
    }
}

async fn live(token: Arc<Standing>, context: &Context<'_>) -> Result<Option<Live>, Fault> {
    if token.is_revoked || token.expires_at <= context.now {
        return Ok(None);
    }
    let owner = match token.owner {
        ApiTokenOwner::User(id) => {
            let user = context.cache.user(id).await?;
            user.filter(|user| is_held(user, &token, context)).map(Owner::User)
        }
        ApiTokenOwner::Client(id) => {
            let record = context.cache.client(id).await?;
            match record {
                Some(record) if signed::is_live(&record.client, token.owner_generation, context).await? => {
                    Some(Owner::Client(record))
                }
                _ => None,
            }
        }
    };
    Ok(owner.map(|owner| Live { value: Value::Current, expires_at: token.expires_at, token, owner }))
}

/// Whether its owner is in use, their organization is, and has not revoked all of theirs since.
fn is_held(user: &User, token: &Standing, context: &Context<'_>) -> bool {
    user.is_active()
        && context.cache.admits(user.organization)
        && user.token_generation == token.owner_generation
}

/// Whether somebody's API token may be used through a client: who belongs to clients comes through one of these, and it has proved
/// who it is.
#[must_use]
pub fn may_come_through(user: &User, client: &Client) -> bool {
    user.clients.is_empty() || (client.is_confidential() && user.clients.contains(&client.id))
}

impl Live {
    /// The generation of the value that was presented, as tokens that it is exchanged for carry it.
    #[must_use]
    pub fn generation(&self) -> i64 {
        match self.value {
            Value::Current => self.token.generation,
            Value::Previous => self.token.generation - 1,
        }
    }

    /// Whether it may be used by itself: who belongs to clients comes through one of them, within what that one may.
    #[must_use]
    pub fn may_come_alone(&self) -> bool {
        match &self.owner {
            Owner::User(user) => user.clients.is_empty(),
            Owner::Client(_) => true,
        }
    }
}

impl From<Live> for Bearer {
    fn from(live: Live) -> Self {
        let Live { token, owner, expires_at, value: _ } = live;
        let (user, client) = match owner {
            Owner::User(user) => (Some(user), None),
            Owner::Client(client) => (None, Some(client)),
        };
        let named = client.as_ref().map(|record| record.client.client_id.to_string());
        let subject = user.as_ref().map(|user| user.id.to_string()).or(named).unwrap_or_default();
        Self {
            jti: token.id,
            subject,
            client,
            user,
            audience: None,
            scope: Scope::default(),
            most: Level::Full,
            // Its own list is asked with its record.
            allowed_ips: vec![],
            issued_at: token.issued_at,
            expires_at,
            authentication: None,
            api_token: Some(token),
            api_token_ends: Some(expires_at),
        }
    }
}
