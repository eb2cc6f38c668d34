//! Who is signed in in a browser: the first question of every page. Owns how the secrets of its cookies become people, and
//! when one of them still counts.

use crate::context::{Browser, Context};
use crate::identity::session::{SEEN_EVERY, Session};
use crate::identity::user::User;
use crate::store::fault::Fault;
use doorward_protocol::id::Id;
use doorward_protocol::secret::Secret;
use doorward_protocol::token_text::{self, TokenType};
use std::sync::Arc;

/// Accounts in one browser: a cookie is only so large.
pub const MOST_ACCOUNTS: usize = 5;

/// Those who are signed in in a browser.
pub struct People {
    /// All of them, the most recent first.
    pub accounts: Vec<SignedInUser>,
    /// Whether the one that was used last is still among them: it stands first then.
    pub current: bool,
}

/// Somebody who is signed in in this browser.
#[derive(Clone)]
pub struct SignedInUser {
    /// The secret in the cookie.
    pub secret: Secret,
    /// The session behind it.
    pub session: Session,
    /// The person.
    pub user: Arc<User>,
}

impl People {
    /// The one whose account is in use.
    #[must_use]
    pub fn current(&self) -> Option<&SignedInUser> {
        self.accounts.first().filter(|_| self.current)
    }

    /// The one in this session.
    #[must_use]
    pub fn in_session(&self, session: Id) -> Option<&SignedInUser> {
        self.accounts.iter().find(|account| account.session.id == session)
    }

    /// The one with this `sub`.
    #[must_use]
    pub fn with_subject(&self, subject: &str) -> Option<&SignedInUser> {
        self.accounts.iter().find(|account| account.user.id.to_string() == subject)
    }
}

/// Reads the sessions of a browser, leaving out those that are over.
///
/// # Errors
/// A fault of the store.
pub async fn people(browser: &Browser<'_>, context: &Context<'_>) -> Result<People, Fault> {
    let mut people = People { accounts: vec![], current: false };
    for (position, secret) in browser.sessions.iter().take(MOST_ACCOUNTS).enumerate() {
        if let Some(account) = account(secret, context).await? {
            people.current |= position == 0;
            people.accounts.push(account);
        }
    }
    Ok(people)
}

async fn account(secret: &str, context: &Context<'_>) -> Result<Option<SignedInUser>, Fault> {
    if token_text::read(secret) != Ok(TokenType::Session) {
        return Ok(None);
    }
    let Some(session) = session(secret, context).await? else { return Ok(None) };
    let user = context.cache.user(session.user).await?;
    let user = user.filter(|user| context.cache.holds(user, session.user_generation));
    Ok(user.map(|user| SignedInUser { secret: Secret::new(secret.to_owned()), session, user }))
}

async fn session(secret: &str, context: &Context<'_>) -> Result<Option<Session>, Fault> {
    for digest in context.peppers.digests(secret) {
        let found = context.cache.store().read(move |tx| tx.session_of(&digest)).await?;
        if let Some(session) = found {
            let live = session.is_live(context.settings.session_idle, context.now);
            return Ok(live.then_some(session));
        }
    }
    Ok(None)
}

/// Whether a use of this session is worth a write.
#[must_use]
pub fn is_due(session: &Session, context: &Context<'_>) -> bool {
    session.seen_at + SEEN_EVERY <= context.now
}
