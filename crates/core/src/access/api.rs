//! The registered API: a resource server that tokens are minted for. Owns its record, the rules for its identifier, and
//! the immutable snapshot of all of them that requests read.

use crate::access::location::{Location, Locations};
use crate::issuer::Issuer;
use doorward_protocol::access::level::Levels;
use doorward_protocol::access::path::Path;
use doorward_protocol::id::Id;
use doorward_protocol::jose::Algorithm;
use doorward_protocol::scope::Scope;
use doorward_protocol::time::{Lifetime, Seconds};
use doorward_protocol::words::{CredentialForm, Preflight, Status, TokenFormat};
use std::borrow::Borrow;
use std::collections::HashMap;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

/// What follows the issuer in the identifier of its management API.
pub const MANAGEMENT_PATH: &str = "/api";

/// An API's name in tokens and requests: an absolute URI without fragment (RFC 8707 §2).
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Identifier(String);

/// A text that cannot name an API.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct InvalidIdentifier(&'static str);

/// One scope token that an API understands.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ApiScope {
    /// The token (RFC 6749 §3.3).
    pub name: String,
    /// What it lets its holder do, in words.
    pub description: String,
}

/// A registered API.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Api {
    /// The internal identifier.
    pub id: Id,
    /// The resource URI, which is the audience of its tokens.
    pub identifier: Identifier,
    /// What people see.
    pub name: String,
    /// For administrators.
    pub description: String,
    /// Where its documentation is.
    pub documentation_url: Option<String>,
    /// Whether tokens are minted for it and accepted at it.
    pub status: Status,
    /// What it understands.
    pub scopes: Vec<ApiScope>,
    /// The form of its access tokens.
    pub token_format: TokenFormat,
    /// What its JWTs are signed with; the server's default where none is named.
    pub signing_algorithm: Option<Algorithm>,
    /// How long its access tokens live; the server's default where none is named.
    pub access_token_lifetime: Option<Lifetime>,
    /// How long an API token with access to it lives at most; without one, as long as any.
    pub max_token_lifetime: Option<Lifetime>,
    /// What the levels of access mean here.
    pub levels: Levels,
    /// How a gate treats a CORS preflight.
    pub preflight: Preflight,
    /// How a request may bring its token to a gate.
    pub credentials: Vec<CredentialForm>,
    /// Where it is reached, for gates that name no API.
    pub locations: Vec<Location>,
    /// The clients (by internal identifier) that may introspect its tokens.
    pub introspection_clients: Vec<Id>,
    /// When it was registered.
    pub created_at: Seconds,
    /// When it was last changed.
    pub updated_at: Seconds,
}

impl Api {
    /// Whether everything is the same in both that the standing of tokens for it depends on, once they are issued.
    #[must_use]
    pub fn is_the_same_to_tokens(&self, other: &Self) -> bool {
        let registration = |api: &Self| (api.status, api.created_at, api.max_token_lifetime);
        registration(self) == registration(other)
            && self.identifier == other.identifier
            && self.levels == other.levels
    }

    /// One of which nobody has said anything but what it is called.
    #[must_use]
    pub fn blank(id: Id, identifier: Identifier, now: Seconds) -> Self {
        Self {
            id,
            identifier,
            name: String::new(),
            description: String::new(),
            documentation_url: None,
            status: Status::Active,
            scopes: vec![],
            token_format: TokenFormat::Jwt,
            signing_algorithm: None,
            access_token_lifetime: None,
            max_token_lifetime: None,
            levels: Levels::default(),
            preflight: Preflight::Allow,
            credentials: vec![CredentialForm::Bearer],
            locations: vec![],
            introspection_clients: vec![],
            created_at: now,
            updated_at: now,
        }
    }

    /// Whether the API takes part at all.
    #[must_use]
    pub const fn is_active(&self) -> bool {
        matches!(self.status, Status::Active)
    }

    /// Whether it is the server's own: the one by which everything else is managed.
    #[must_use]
    pub fn is_management(&self, issuer: &Issuer) -> bool {
        self.identifier.as_str().strip_prefix(issuer.as_str()) == Some(MANAGEMENT_PATH)
    }

    /// Whether it says which scopes reach a level: else a token's scope says nothing about its level here.
    #[must_use]
    pub fn maps_scopes(&self) -> bool {
        !(self.levels.read.scopes.is_empty() && self.levels.full.scopes.is_empty())
    }

    /// All scope tokens that it understands.
    #[must_use]
    pub fn scope(&self) -> Scope {
        // Names were checked at registration; one that was not would be a scope nobody can ask for.
        Scope::of(self.scopes.iter().map(|scope| &scope.name)).unwrap_or_default()
    }
}

impl Identifier {
    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Identifier {
    type Err = InvalidIdentifier;

    /// RFC 8707 §2: an absolute URI without fragment. Compared byte for byte ever after, so only a text that URL parsing
    /// would leave as it is may be registered.
    fn from_str(text: &str) -> Result<Self, InvalidIdentifier> {
        if text.len() > 512 {
            return Err(InvalidIdentifier("an API's identifier has at most 512 characters"));
        }
        if !text.bytes().all(|b| b.is_ascii_graphic()) {
            return Err(InvalidIdentifier("an API's identifier is printable ASCII without spaces"));
        }
        if text.contains(['#', '=', '"', '\\', '<', '>']) {
            return Err(InvalidIdentifier("an API's identifier holds no fragment and none of = \" \\ < >"));
        }
        let url =
            url::Url::parse(text).map_err(|_| InvalidIdentifier("an API's identifier is an absolute URI"))?;
        let same = url.as_str() == text || url.as_str().strip_suffix('/') == Some(text);
        if !same {
            return Err(InvalidIdentifier(
                "an API's identifier is written in normal form (lower-case host, no dot segments)",
            ));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(InvalidIdentifier("an API's identifier holds no user name"));
        }
        Ok(Self(text.to_owned()))
    }
}

/// So that a text is looked up as it stands: what is not an identifier equals none.
impl Borrow<str> for Identifier {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Identifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Identifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// All APIs as of one revision, read by every request and never changed.
#[derive(Debug, Default)]
pub struct Apis {
    by_id: HashMap<Id, Arc<Api>>,
    by_identifier: HashMap<Identifier, Arc<Api>>,
    by_scope: HashMap<String, Vec<Arc<Api>>>,
    by_introspection_client: HashMap<Id, Vec<Arc<Api>>>,
    by_location: Locations<Arc<Api>>,
}

impl Apis {
    /// Indexes the APIs.
    #[must_use]
    pub fn new(apis: impl IntoIterator<Item = Api>) -> Self {
        let mut all = Self::default();
        for api in apis.into_iter().map(Arc::new) {
            for scope in &api.scopes {
                all.by_scope.entry(scope.name.clone()).or_default().push(Arc::clone(&api));
            }
            for client in &api.introspection_clients {
                all.by_introspection_client.entry(*client).or_default().push(Arc::clone(&api));
            }
            for location in &api.locations {
                all.by_location.add(location, Arc::clone(&api));
            }
            all.by_identifier.insert(api.identifier.clone(), Arc::clone(&api));
            all.by_id.insert(api.id, api);
        }
        all
    }

    /// All of them, in no order.
    pub fn all(&self) -> impl Iterator<Item = &Arc<Api>> {
        self.by_id.values()
    }

    /// The API with this internal identifier.
    #[must_use]
    pub fn by_id(&self, id: Id) -> Option<&Arc<Api>> {
        self.by_id.get(&id)
    }

    /// The API named by a `resource` parameter or an `aud` claim.
    #[must_use]
    pub fn by_identifier(&self, identifier: &str) -> Option<&Arc<Api>> {
        self.by_identifier.get(identifier)
    }

    /// The API that a request to this host and path goes to.
    #[must_use]
    pub fn by_location(&self, host: &str, path: Path<'_>) -> Option<&Arc<Api>> {
        self.by_location.at(host, path)
    }

    /// The APIs, in use, whose tokens this client may ask about.
    pub fn asked_about_by(&self, client: Id) -> impl Iterator<Item = &Arc<Api>> {
        let apis = self.by_introspection_client.get(&client);
        apis.into_iter().flatten().filter(|api| api.is_active())
    }

    /// The APIs that understand this scope token, switched off or not: a scope does not change hands meanwhile.
    pub fn owners(&self, scope: &str) -> impl Iterator<Item = &Arc<Api>> {
        self.by_scope.get(scope).into_iter().flatten()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 8707 §2: the resource is an absolute URI, without fragment.
    #[test]
    fn an_identifier_is_an_absolute_uri_in_normal_form() {
        for good in [
            "https://api.example",
            "https://api.example/",
            "https://api.example/v1",
            "urn:example:api",
            "http://127.0.0.1:8080/api",
        ] {
            assert!(good.parse::<Identifier>().is_ok(), "{good}");
        }
        for bad in [
            "",
            "api",
            "/api",
            "https://api.example#x",
            "https://API.example/",
            "https://api.example/a/../b",
            "https://u@api.example/",
            "https://api.example/ä",
            "https://api.example/a b",
            "https://api.example:443/",
            "https://api.example/?a=b",
            "urn:a\\b",
        ] {
            assert!(bad.parse::<Identifier>().is_err(), "{bad}");
        }
        assert!(format!("https://api.example/{}", "x".repeat(512)).parse::<Identifier>().is_err());
    }
}
