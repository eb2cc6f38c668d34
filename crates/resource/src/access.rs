//! What a request may do: the token that it brought, verified. Owns the one form in which signed and opaque tokens reach the
//! API's code; whether a token is good is decided by `signed` and `opaque` before one is made.

use crate::needed;
use crate::refusal::{Reason, Refusal};
use doorward_protocol::access::decision::{Origin, admits};
use doorward_protocol::access::level::LevelAt;
use doorward_protocol::id::{ClientId, Id};
use doorward_protocol::introspection::ActiveToken;
use doorward_protocol::jose::claims::AccessTokenClaims;
use doorward_protocol::network::Network;
use doorward_protocol::scope::{InvalidScope, Scope};
use doorward_protocol::time::Seconds;
use doorward_protocol::words::Level;
use std::net::IpAddr;
use std::sync::Arc;

/// An access token that is good for this API. A clone is cheap.
#[derive(Clone, Debug)]
pub struct Access {
    token: Arc<Token>,
    /// The level that it was let in by, where that was asked.
    level: Option<Level>,
    metadata_url: Option<Arc<str>>,
}

/// The forms of tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// A JWT (RFC 9068), verified here.
    Signed,
    /// A random text, introspected (RFC 7662).
    Opaque,
    /// An API token, which somebody has made for a program of theirs; introspected, too.
    ApiToken,
}

/// The person whom a token speaks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// RFC 9068 §2.2.1 `auth_time`: when they last proved who they are.
    pub authenticated_at: Seconds,
    /// RFC 9068 §2.2.1 `acr`: how strongly.
    pub acr: String,
}

/// What a good token says.
#[derive(Debug)]
pub(crate) struct Token {
    pub(crate) form: Form,
    pub(crate) subject: String,
    pub(crate) client_id: Option<ClientId>,
    pub(crate) scope: Scope,
    level: Option<Level>,
    pub(crate) held: Held,
    pub(crate) allowed_ips: Vec<Network>,
    pub(crate) issued_at: Seconds,
    pub(crate) expires_at: Seconds,
    pub(crate) jti: Id,
    /// The family that it belongs to, where a person takes part.
    pub(crate) family: Option<Id>,
    /// The API token that it is, or was exchanged for.
    pub(crate) api_token: Option<Id>,
    person: Option<Person>,
}

/// What a token's level at the API follows from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Held {
    /// It has this one, whatever its scope.
    Level(Level),
    /// It has the one that its scope reaches there, up to this one.
    ByScope {
        /// The most that its client has.
        most: Level,
    },
}

impl Access {
    pub(crate) fn new(token: Arc<Token>, metadata_url: Option<Arc<str>>) -> Self {
        Self { token, level: None, metadata_url }
    }

    /// Let in by this level.
    pub(crate) fn by(token: Arc<Token>, level: Level, metadata_url: Option<Arc<str>>) -> Self {
        Self { token, level: Some(level), metadata_url }
    }

    /// RFC 9068 §2.2 `sub`: whom the token speaks for: a person, or the client itself where none takes part.
    #[must_use]
    pub fn subject(&self) -> &str {
        &self.token.subject
    }

    /// The person, where one takes part; their identifier is the [`subject`](Self::subject).
    #[must_use]
    pub fn person(&self) -> Option<&Person> {
        self.token.person.as_ref()
    }

    /// The client that brought the token; none where somebody uses an API token of their own.
    #[must_use]
    pub fn client_id(&self) -> Option<&str> {
        self.token.client_id.as_ref().map(ClientId::as_str)
    }

    /// The token's level at this API. Behind a [`Guard`](crate::guard::Guard) it is the one by which the request was let in. Behind a
    /// [`Protect`](crate::protect::Protect) it is told, not enforced, and only where the token or the authorization server says
    /// one; a handler that changes something asks for [`Level::Full`] itself, or for a scope.
    #[must_use]
    pub fn level(&self) -> Option<Level> {
        self.level.or(self.token.level)
    }

    /// The networks that the token may be used from; none means from everywhere. A [`Guard`](crate::guard::Guard) has enforced them;
    /// a [`Protect`](crate::protect::Protect) has not.
    #[must_use]
    pub fn allowed_ips(&self) -> &[Network] {
        &self.token.allowed_ips
    }

    /// Whether the token may be used from this address.
    #[must_use]
    pub fn admits(&self, address: IpAddr) -> bool {
        admits(&self.token.allowed_ips, Origin::At(address))
    }

    /// What the token may do.
    #[must_use]
    pub fn scope(&self) -> &Scope {
        &self.token.scope
    }

    /// Whether the token has this one scope.
    #[must_use]
    pub fn allows(&self, scope: &str) -> bool {
        self.token.scope.contains(scope)
    }

    /// Lets nobody go on whose token lacks one of these scopes, separated by spaces.
    ///
    /// # Errors
    /// RFC 6750 §3.1 `insufficient_scope`, for the handler to answer with; a fault for a text that is no scope, or names
    /// none.
    pub fn require(&self, scope: &str) -> Result<(), Refusal> {
        let Ok(needed) = needed::scope(scope) else {
            return Err(Refusal::broken("a required scope is no scope, or empty"));
        };
        self.require_all(&needed)
    }

    pub(crate) fn require_all(&self, needed: &Scope) -> Result<(), Refusal> {
        if needed.is_within(&self.token.scope) {
            return Ok(());
        }
        Err(Refusal::new(Reason::Scope(needed.clone()), self.metadata_url.clone()))
    }

    /// RFC 7519 §4.1.4 `exp`: the first instant at which the token is no longer good.
    #[must_use]
    pub fn expires_at(&self) -> Seconds {
        self.token.expires_at
    }

    /// RFC 7519 §4.1.6 `iat`: when it was issued.
    #[must_use]
    pub fn issued_at(&self) -> Seconds {
        self.token.issued_at
    }

    /// RFC 7519 §4.1.7 `jti`: the token's own name, for logs; an API token's identifier.
    #[must_use]
    pub fn jti(&self) -> Id {
        self.token.jti
    }

    /// Which form the token has.
    #[must_use]
    pub fn form(&self) -> Form {
        self.token.form
    }
}

impl Token {
    /// About what it takes up in memory.
    pub(crate) fn weight(&self) -> u32 {
        let scope: usize = self.scope.tokens().map(|token| token.len() + 48).sum();
        let networks = self.allowed_ips.len() * size_of::<Network>();
        u32::try_from(420 + self.subject.len() + scope + networks).unwrap_or(u32::MAX)
    }
}

impl TryFrom<AccessTokenClaims> for Token {
    type Error = InvalidScope;

    fn try_from(claims: AccessTokenClaims) -> Result<Self, InvalidScope> {
        let level = level(&claims.access, &claims.aud);
        Ok(Self {
            form: Form::Signed,
            // What was exchanged for an API token has the level that is written into it; any other may be limited to one.
            held: match claims.exchanged {
                Some(_) => Held::Level(level.unwrap_or(Level::None)),
                None => Held::ByScope { most: level.unwrap_or(Level::Full) },
            },
            scope: claims.scope.parse()?,
            subject: claims.sub,
            client_id: Some(claims.client_id),
            level,
            allowed_ips: claims.allowed_ips,
            issued_at: claims.iat,
            expires_at: claims.exp,
            jti: claims.jti,
            family: claims.person.as_ref().map(|person| person.grant),
            api_token: claims.exchanged.map(|exchanged| exchanged.api_token),
            person: claims
                .person
                .map(|person| Person { authenticated_at: person.auth_time, acr: person.acr }),
        })
    }
}

impl Token {
    /// A token of this form, as the authorization server tells it.
    pub(crate) fn told(token: ActiveToken, form: Form) -> Self {
        let person = token.auth_time.zip(token.acr);
        let level = level(&token.access, &token.aud);
        Self {
            form,
            // The server says none where the API maps no scope to any.
            held: level.map_or(Held::ByScope { most: Level::Full }, Held::Level),
            subject: token.sub,
            client_id: token.client_id,
            level,
            allowed_ips: token.allowed_ips,
            scope: token.scope,
            issued_at: token.iat,
            expires_at: token.exp,
            jti: token.jti,
            family: None,
            api_token: (form == Form::ApiToken).then_some(token.jti),
            person: person.map(|(authenticated_at, acr)| Person { authenticated_at, acr }),
        }
    }
}

/// The level at this API among those that are said.
fn level(said: &[LevelAt], audience: &str) -> Option<Level> {
    said.iter().find(|access| access.api == audience).map(|access| access.level)
}
