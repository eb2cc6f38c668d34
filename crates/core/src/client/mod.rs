//! The client: an application registered to use APIs. Owns its record and the rules that need nothing else; how it proves
//! who it is stands in [`authenticate`], where it may send people back to in [`redirect`].

pub mod activity;
pub mod attempts;
pub mod authenticate;
pub mod built_in;
pub mod redirect;

use doorward_protocol::access::level::Access;
use doorward_protocol::id::{ClientId, Id};
use doorward_protocol::jose::Algorithm;
use doorward_protocol::network::Network;
use doorward_protocol::scope::Scope;
use doorward_protocol::secret::Digest;
use doorward_protocol::time::{Lifetime, Seconds};
use doorward_protocol::words::{AuthMethod, ConsentMode, GrantType, Level, Status};

use crate::keys::pepper::PepperVersion;
use std::hash::{Hash, Hasher};

/// A registered client (RFC 6749 §2).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Client {
    /// The internal identifier: what tokens and grants hang on.
    pub id: Id,
    /// The public identifier (RFC 6749 §2.2), never given to another client.
    pub client_id: ClientId,
    /// What people see.
    pub name: String,
    /// For administrators.
    pub description: String,
    /// Whether the client may do anything at all.
    pub status: Status,
    /// The one way in which it authenticates (RFC 7591 §2).
    pub auth_method: AuthMethod,
    /// The grants it may use.
    pub grant_types: Vec<GrantType>,
    /// Where it may send people back to, as registered.
    pub redirect_uris: Vec<redirect::RedirectUri>,
    /// Where it may send people back to after they have signed out (OpenID Connect RP-Initiated Logout §3.1).
    pub post_logout_redirect_uris: Vec<redirect::RedirectUri>,
    /// RFC 9700 §2.1.1: whether its codes are bound to a challenge. Only a confidential client may be exempted.
    pub require_pkce: bool,
    /// Whether people are asked before it acts for them.
    pub consent: ConsentMode,
    /// What its ID tokens are signed with (OpenID Connect Registration §2); RS256 where none is named.
    pub id_token_signed_response_alg: Option<Algorithm>,
    /// Whether its ID tokens carry the claims of the granted scopes, too, and not only userinfo.
    pub id_token_claims: bool,
    /// Whose API account it is, if it is one; none for an application.
    pub account_of: Option<AccountOwner>,
    /// Whether somebody else than its owner has switched it off, who alone does not switch it on again; of API accounts.
    pub held_off: bool,
    /// The organization it belongs to; a person's API account belongs to theirs.
    pub organization: Option<Id>,
    /// The groups it is in, in the order of their identifiers: what it may do at the management API.
    pub groups: Vec<Id>,
    /// Where it may be used from; from everywhere where none is named.
    pub allowed_ips: Vec<Network>,
    /// The most that it may do at single APIs. Where none is named, an application is limited by its scopes alone; else, and an API
    /// account anyway, it may do nothing at those that are not named.
    pub access: Vec<Access>,
    /// Where people find it.
    pub public_url: Option<String>,
    /// When it ends by itself.
    pub expires_at: Option<Seconds>,
    /// The most it may ask for.
    pub scopes: Scope,
    /// What it gets when it asks for nothing (RFC 6749 §3.3).
    pub default_scopes: Scope,
    /// Shorter or longer than the server's default, within its bounds.
    pub access_token_lifetime: Option<Lifetime>,
    /// How long its refresh tokens live without being used, where that differs from the server's default.
    pub refresh_token_lifetime: Option<Lifetime>,
    /// Grows when all tokens of the client become void: a token carries the generation it was minted in.
    pub generation: i64,
    /// When it was registered.
    pub created_at: Seconds,
    /// When it was last changed.
    pub updated_at: Seconds,
}

/// Whose an API account is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AccountOwner {
    /// A person.
    User(Id),
    /// An organization.
    Organization(Id),
}

/// A client's secret, as the store knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientSecret {
    /// Its identifier, which says nothing of the secret.
    pub id: Id,
    /// The client that holds it.
    pub client: Id,
    /// The keyed hash.
    pub digest: Digest,
    /// The pepper the hash was made with.
    pub pepper: PepperVersion,
    /// The last four characters, by which its owner tells it from another.
    pub last_four: String,
    /// When it was made.
    pub created_at: Seconds,
    /// When it ends: one that another has replaced overlaps with it for a while.
    pub expires_at: Option<Seconds>,
    /// Why it was taken back, if it was: it then is at its end.
    pub inactive_reason: Option<String>,
}

/// A client with its secrets: what a request needs of it, read and cached as one.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ClientRecord {
    /// The client.
    pub client: Client,
    /// Its secrets, newest first; none for a public client.
    pub secrets: Vec<ClientSecret>,
}

impl AccountOwner {
    /// The person, if it is one.
    #[must_use]
    pub const fn user(self) -> Option<Id> {
        match self {
            Self::User(id) => Some(id),
            Self::Organization(_) => None,
        }
    }
}

impl Client {
    /// Whether everything is the same in both that the standing of its tokens depends on, once they are issued.
    #[must_use]
    pub fn is_the_same_to_tokens(&self, other: &Self) -> bool {
        let standing =
            |client: &Self| (client.status, client.generation, client.organization, client.expires_at);
        standing(self) == standing(other)
            && self.account_of == other.account_of
            && self.auth_method == other.auth_method
            && self.access == other.access
            && self.allowed_ips == other.allowed_ips
    }

    /// A client about whom nothing is known yet but its names: a confidential one that may do nothing.
    #[must_use]
    pub fn blank(id: Id, client_id: ClientId, now: Seconds) -> Self {
        Self {
            id,
            client_id,
            name: String::new(),
            description: String::new(),
            status: Status::Active,
            auth_method: AuthMethod::ClientSecretBasic,
            grant_types: vec![],
            redirect_uris: vec![],
            post_logout_redirect_uris: vec![],
            require_pkce: true,
            consent: ConsentMode::Explicit,
            id_token_signed_response_alg: None,
            id_token_claims: false,
            account_of: None,
            held_off: false,
            organization: None,
            groups: vec![],
            allowed_ips: vec![],
            access: vec![],
            public_url: None,
            expires_at: None,
            scopes: Scope::default(),
            default_scopes: Scope::default(),
            access_token_lifetime: None,
            refresh_token_lifetime: None,
            generation: 0,
            created_at: now,
            updated_at: now,
        }
    }

    /// Whether the client takes part at all.
    #[must_use]
    pub const fn is_active(&self) -> bool {
        matches!(self.status, Status::Active)
    }

    /// Whether it has ended by itself.
    #[must_use]
    pub fn has_ended(&self, now: Seconds) -> bool {
        self.expires_at.is_some_and(|end| end <= now)
    }

    /// The most that it may do at an API. One that has no levels is limited by its scopes alone.
    #[must_use]
    pub fn level_at(&self, api: Id) -> Level {
        let named = self.access.iter().find(|access| access.api == api).map(|access| access.level);
        named.unwrap_or(if self.is_limited_by_scopes_alone() { Level::Full } else { Level::None })
    }

    /// Whether no level limits it anywhere.
    #[must_use]
    pub const fn is_limited_by_scopes_alone(&self) -> bool {
        self.access.is_empty() && !self.is_api_account()
    }

    /// Whether it is an API account, and no application.
    #[must_use]
    pub const fn is_api_account(&self) -> bool {
        self.account_of.is_some()
    }

    /// Whether it keeps a secret (RFC 6749 §2.1).
    #[must_use]
    pub const fn is_confidential(&self) -> bool {
        self.auth_method.is_confidential()
    }

    /// RFC 9700 §2.1.1: whether a code must be bound to a challenge. A public client has nothing else to bind it to.
    #[must_use]
    pub const fn needs_pkce(&self) -> bool {
        self.require_pkce || !self.is_confidential()
    }

    /// Whether the client may use this grant.
    #[must_use]
    pub fn may_use(&self, grant: GrantType) -> bool {
        self.grant_types.contains(&grant)
    }
}

impl ClientSecret {
    /// Whether it still proves something: one that another has replaced is none any more once their overlap is over.
    #[must_use]
    pub fn goes_on(&self, now: Seconds) -> bool {
        self.expires_at.is_none_or(|end| now < end)
    }
}

/// Without the keyed hash and its pepper: a hash that is renewed under another pepper leaves the secret what it was.
impl Hash for ClientSecret {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let Self { id, client, digest: _, pepper: _, last_four, created_at, expires_at, inactive_reason } =
            self;
        (id, client, last_four, created_at, expires_at, inactive_reason).hash(state);
    }
}
