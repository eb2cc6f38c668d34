//! Records with plain defaults, for tests that care about one field of them. Each is a valid record as it stands; what a
//! test cares about it sets, so that a reader sees what matters. Owns those that tokens for programs take.

pub mod authorizations;
pub mod credentials;
pub mod people;
pub mod vault;

use crate::frozen_clock::START;
use doorward_core::access::api::{Api, ApiScope};
use doorward_core::client::redirect::RedirectUri;
use doorward_core::client::{AccountOwner, Client, ClientSecret};
use doorward_core::keys::pepper::PepperVersion;
use doorward_core::keys::signing_key::SigningKeyRecord;
use doorward_core::token::{OpaqueToken, Person, RevokedJwt};
use doorward_protocol::access::level::{Access, Levels};
use doorward_protocol::id::Id;
use doorward_protocol::jose::Algorithm;
use doorward_protocol::scope::Scope;
use doorward_protocol::secret::Digest;
use doorward_protocol::time::{Lifetime, Seconds};
use doorward_protocol::words::{AuthMethod, GrantType, Level, Status, TokenFormat};

/// The identifier with this number; higher numbers come later.
#[must_use]
pub fn id(number: u32) -> Id {
    Id::from_parts(START.0.unsigned_abs() * 1000, u128::from(number))
}

/// The digest with this number: what is looked up, not what any secret has.
#[must_use]
pub fn digest(number: u32) -> Digest {
    let mut bytes = [0xd1; 32];
    bytes[..4].copy_from_slice(&number.to_be_bytes());
    Digest(bytes)
}

/// A scope, written as in a request.
///
/// # Panics
/// When the text is none.
#[must_use]
pub fn scope(text: &str) -> Scope {
    text.parse().expect("a test writes scopes as RFC 6749 §3.3 has them")
}

/// A confidential client that may use client credentials, named after its number.
#[must_use]
pub fn client(number: u32) -> ClientBuilder {
    let client_id = format!("client-{number}").parse().expect("letters, a hyphen and digits");
    ClientBuilder(Client {
        name: format!("Client {number}"),
        grant_types: vec![GrantType::ClientCredentials],
        scopes: scope("read write"),
        default_scopes: scope("read"),
        ..Client::blank(id(number), client_id, START)
    })
}

/// A client under construction.
#[derive(Clone, Debug)]
pub struct ClientBuilder(Client);

impl ClientBuilder {
    /// Somebody's API account, and no application.
    #[must_use]
    pub const fn for_account_of(mut self, owner: AccountOwner) -> Self {
        if let AccountOwner::Organization(organization) = owner {
            self.0.organization = Some(organization);
        }
        self.0.account_of = Some(owner);
        self
    }

    /// Its public name.
    ///
    /// # Panics
    /// When the text cannot be one.
    #[must_use]
    pub fn with_client_id(mut self, client_id: &str) -> Self {
        self.0.client_id = client_id.parse().expect("a test writes client ids as they may be");
        self
    }

    /// What it may ask for, and what it gets without asking.
    #[must_use]
    pub fn with_scopes(mut self, scopes: &str, default_scopes: &str) -> Self {
        (self.0.scopes, self.0.default_scopes) = (scope(scopes), scope(default_scopes));
        self
    }

    /// How it authenticates.
    #[must_use]
    pub fn with_auth_method(mut self, auth_method: AuthMethod) -> Self {
        self.0.auth_method = auth_method;
        self
    }

    /// The grants it may use.
    #[must_use]
    pub fn with_grant_types(mut self, grant_types: &[GrantType]) -> Self {
        self.0.grant_types = grant_types.to_vec();
        self
    }

    /// Where it may send people back to.
    ///
    /// # Panics
    /// When a text cannot be registered by any client.
    #[must_use]
    pub fn with_redirect_uris(mut self, uris: &[&str]) -> Self {
        let parse =
            |uri: &&str| RedirectUri::parse(uri, true).expect("a test writes redirect URIs as they may be");
        self.0.redirect_uris = uris.iter().map(parse).collect();
        self
    }

    /// Whether it takes part.
    #[must_use]
    pub fn with_status(mut self, status: Status) -> Self {
        self.0.status = status;
        self
    }

    /// The organization it belongs to.
    #[must_use]
    pub fn with_organization(mut self, organization: Id) -> Self {
        self.0.organization = Some(organization);
        self
    }

    /// The groups it is in, in the order of their identifiers.
    #[must_use]
    pub fn with_groups(mut self, groups: &[Id]) -> Self {
        self.0.groups = groups.to_vec();
        self
    }

    /// Where it may be used from.
    ///
    /// # Panics
    /// When a text is no network.
    #[must_use]
    pub fn with_allowed_ips(mut self, networks: &[&str]) -> Self {
        self.0.allowed_ips = credentials::networks(networks);
        self
    }

    /// The most it may do at single APIs.
    #[must_use]
    pub fn with_access(mut self, access: &[(Id, Level)]) -> Self {
        self.0.access = access.iter().map(|&(api, level)| Access { api, level }).collect();
        self
    }

    /// When it ends.
    #[must_use]
    pub fn with_expires_at(mut self, expires_at: Seconds) -> Self {
        self.0.expires_at = Some(expires_at);
        self
    }

    /// How long its access tokens live.
    #[must_use]
    pub fn with_access_token_lifetime(mut self, lifetime: Lifetime) -> Self {
        self.0.access_token_lifetime = Some(lifetime);
        self
    }

    /// The client.
    #[must_use]
    pub fn build(self) -> Client {
        self.0
    }
}

/// A secret of a client's, under the first pepper.
#[must_use]
pub fn client_secret(number: u32, client: Id) -> ClientSecret {
    ClientSecret {
        id: id(number),
        client,
        digest: digest(number),
        pepper: PepperVersion(1),
        last_four: String::from("wxyz"),
        created_at: START,
        expires_at: None,
        inactive_reason: None,
    }
}

/// An API with the scopes `read` and `write`, whose tokens are JWTs, named after its number.
#[must_use]
pub fn api(number: u32) -> ApiBuilder {
    let identifier = format!("https://api-{number}.example").parse().expect("an absolute URI in normal form");
    let builder =
        ApiBuilder(Api { name: format!("API {number}"), ..Api::blank(id(number), identifier, START) });
    builder.with_scopes(&["read", "write"])
}

/// An API under construction.
#[derive(Clone, Debug)]
pub struct ApiBuilder(Api);

impl ApiBuilder {
    /// Its URI.
    ///
    /// # Panics
    /// When the text cannot be one.
    #[must_use]
    pub fn with_identifier(mut self, identifier: &str) -> Self {
        self.0.identifier = identifier.parse().expect("a test writes identifiers as they may be");
        self
    }

    /// What it understands.
    #[must_use]
    pub fn with_scopes(mut self, names: &[&str]) -> Self {
        let scope = |name: &&str| ApiScope { name: (*name).to_owned(), description: format!("may {name}") };
        self.0.scopes = names.iter().map(scope).collect();
        self
    }

    /// The form of its tokens.
    #[must_use]
    pub fn with_token_format(mut self, format: TokenFormat) -> Self {
        self.0.token_format = format;
        self
    }

    /// What its levels let through.
    #[must_use]
    pub fn with_levels(mut self, levels: Levels) -> Self {
        self.0.levels = levels;
        self
    }

    /// What its JWTs are signed with.
    #[must_use]
    pub fn with_signing_algorithm(mut self, algorithm: Algorithm) -> Self {
        self.0.signing_algorithm = Some(algorithm);
        self
    }

    /// Who may introspect its tokens.
    #[must_use]
    pub fn with_introspection_clients(mut self, clients: &[Id]) -> Self {
        self.0.introspection_clients = clients.to_vec();
        self
    }

    /// Whether it takes part.
    #[must_use]
    pub fn with_status(mut self, status: Status) -> Self {
        self.0.status = status;
        self
    }

    /// The API.
    #[must_use]
    pub fn build(self) -> Api {
        self.0
    }
}

/// An opaque token for the client with number 1 that lives for ten minutes.
#[must_use]
pub fn opaque_token(number: u32) -> OpaqueTokenBuilder {
    OpaqueTokenBuilder(OpaqueToken {
        digest: digest(number),
        pepper: PepperVersion(1),
        jti: id(number),
        client: id(1),
        client_generation: 0,
        person: None,
        api: None,
        scope: scope("read"),
        issued_at: START,
        expires_at: START + Lifetime::minutes(10),
        revoked_at: None,
    })
}

/// An opaque token under construction.
#[derive(Clone, Debug)]
pub struct OpaqueTokenBuilder(OpaqueToken);

impl OpaqueTokenBuilder {
    /// On whose behalf, in the generation 0: a user, and the family it belongs to.
    #[must_use]
    pub fn with_person(mut self, user: Id, family: Id) -> Self {
        self.0.person = Some(Person { user, user_generation: 0, family });
        self
    }

    /// The API it is for.
    #[must_use]
    pub fn with_api(mut self, api: Id) -> Self {
        self.0.api = Some(api);
        self
    }

    /// What it may do there.
    #[must_use]
    pub fn with_scope(mut self, text: &str) -> Self {
        self.0.scope = scope(text);
        self
    }

    /// When it ends.
    #[must_use]
    pub fn with_expires_at(mut self, expires_at: Seconds) -> Self {
        self.0.expires_at = expires_at;
        self
    }

    /// The pepper its digest was made with.
    #[must_use]
    pub fn with_pepper(mut self, version: i32) -> Self {
        self.0.pepper = PepperVersion(version);
        self
    }

    /// The token.
    #[must_use]
    pub fn build(self) -> OpaqueToken {
        self.0
    }
}

/// A signed token that was taken back, ten minutes before its end.
#[must_use]
pub fn revoked_jwt(number: u32) -> RevokedJwt {
    RevokedJwt { jti: id(number), expires_at: START + Lifetime::minutes(10) }
}

/// A signing key that signs from the beginning; its halves are texts that no provider would take for keys.
#[must_use]
pub fn signing_key(number: u32) -> SigningKeyBuilder {
    SigningKeyBuilder(SigningKeyRecord {
        kid: format!("kid-{number}"),
        algorithm: Algorithm::ES256,
        public_jwk: format!("{{\"kid\":\"kid-{number}\"}}"),
        sealed_private_key: number.to_be_bytes().to_vec(),
        created_at: START,
        activates_at: START,
        expires_at: None,
        revoked_at: None,
    })
}

/// A signing key under construction.
#[derive(Clone, Debug)]
pub struct SigningKeyBuilder(SigningKeyRecord);

impl SigningKeyBuilder {
    /// What it signs with.
    #[must_use]
    pub fn with_algorithm(mut self, algorithm: Algorithm) -> Self {
        self.0.algorithm = algorithm;
        self
    }

    /// When it begins to sign.
    #[must_use]
    pub fn with_activates_at(mut self, activates_at: Seconds) -> Self {
        self.0.activates_at = activates_at;
        self
    }

    /// When it leaves the published set.
    #[must_use]
    pub fn with_expires_at(mut self, expires_at: Seconds) -> Self {
        self.0.expires_at = Some(expires_at);
        self
    }

    /// The key.
    #[must_use]
    pub fn build(self) -> SigningKeyRecord {
        self.0
    }
}
