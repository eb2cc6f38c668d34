//! A server on a database of its own, with the actors of the tests as values.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use doorward_core::access::api::{Api, ApiScope};
use doorward_core::authorization_server::AuthorizationServer;
use doorward_core::authorization_server::builder::BuildError;
use doorward_core::context::{Caller, FormRequest};
use doorward_core::keys::master::MasterKey;
use doorward_core::manage::signing_keys::{self, Occasion};
use doorward_core::manage::{apis, clients};
use doorward_core::random::SystemRandom;
use doorward_core::settings::Settings;
use doorward_core::store::Store;
use doorward_core::store::fault::Stop;
use doorward_protocol::error::OAuthError;
use doorward_protocol::introspection::Introspection;
use doorward_protocol::jose::Algorithm;
use doorward_protocol::params::Params;
use doorward_protocol::scope::Scope;
use doorward_protocol::time::{Lifetime, Seconds};
use doorward_protocol::token::TokenResponse;
use doorward_protocol::words::{AuthMethod, GrantType, TokenFormat};
use doorward_storage::database::{Database, Options};
use doorward_testkit::block_on::block_on;
use doorward_testkit::calls::by_operator;
use doorward_testkit::databases::FreshDatabase;
use doorward_testkit::frozen_clock::FrozenClock;
use std::sync::Arc;

pub(crate) const ISSUER: &str = "https://as.example";
pub(crate) const ORDERS: &str = "https://orders.example";
pub(crate) const STOCK: &str = "https://stock.example";

/// A server, its clock and its database.
pub(crate) struct House {
    pub(crate) server: Arc<AuthorizationServer>,
    pub(crate) clock: Arc<FrozenClock>,
    pub(crate) master: MasterKey,
    algorithms: Vec<Algorithm>,
    place: Arc<FreshDatabase>,
}

/// A registered client with its secret.
#[derive(Clone)]
pub(crate) struct Actor {
    pub(crate) client_id: String,
    pub(crate) secret: Option<String>,
}

impl Default for House {
    /// A server with an ES256 key, and two APIs: orders (`orders:read`, `orders:write`, `shared`) and stock
    /// (`stock:read`, `shared`).
    fn default() -> Self {
        Self::with_keys(vec![Algorithm::ES256])
    }
}

impl House {
    /// The same with keys of these algorithms, of which the first is the default.
    pub(crate) fn with_keys(algorithms: Vec<Algorithm>) -> Self {
        let place = Arc::new(FreshDatabase::new());
        let clock = Arc::new(FrozenClock::at(Seconds(1_800_000_000)));
        let master = MasterKey::generate(&SystemRandom::default()).unwrap();
        let house = Self::open(place, clock, master, algorithms, |_| ()).unwrap();
        house.make_keys();
        house.api(ORDERS, &["orders:read", "orders:write", "shared"], TokenFormat::Jwt);
        house.api(STOCK, &["stock:read", "shared"], TokenFormat::Opaque);
        house
    }

    /// Where its database is.
    pub(crate) fn url(&self) -> &str {
        self.place.url()
    }

    /// Another server on the same database, as after a restart or on a second node.
    pub(crate) fn another(&self) -> Self {
        self.another_with(self.master.to_text().expose()).unwrap()
    }

    /// The same with another master key.
    pub(crate) fn another_with(&self, master: &str) -> Result<Self, BuildError> {
        let master = MasterKey::parse(master).unwrap();
        let (place, clock) = (Arc::clone(&self.place), Arc::clone(&self.clock));
        Self::open(place, clock, master, self.algorithms.clone(), |_| ())
    }

    /// The same with other settings.
    pub(crate) fn another_set(&self, set: impl FnOnce(&mut Settings)) -> Self {
        let master = MasterKey::parse(self.master.to_text().expose()).unwrap();
        let (place, clock) = (Arc::clone(&self.place), Arc::clone(&self.clock));
        Self::open(place, clock, master, self.algorithms.clone(), set).unwrap()
    }

    /// A server without keys and APIs, on a database of its own behind what is put before it.
    pub(crate) fn behind(wrap: impl FnOnce(Arc<dyn Store>) -> Arc<dyn Store>) -> Self {
        let place = Arc::new(FreshDatabase::new());
        let clock = Arc::new(FrozenClock::at(Seconds(1_800_000_000)));
        let master = MasterKey::generate(&SystemRandom::default()).unwrap();
        let store = wrap(store(&place));
        Self::over(store, place, clock, master, vec![Algorithm::ES256], |_| ()).unwrap()
    }

    fn open(
        place: Arc<FreshDatabase>,
        clock: Arc<FrozenClock>,
        master: MasterKey,
        algorithms: Vec<Algorithm>,
        set: impl FnOnce(&mut Settings),
    ) -> Result<Self, BuildError> {
        Self::over(store(&place), place, clock, master, algorithms, set)
    }

    fn over(
        store: Arc<dyn Store>,
        place: Arc<FreshDatabase>,
        clock: Arc<FrozenClock>,
        master: MasterKey,
        algorithms: Vec<Algorithm>,
        set: impl FnOnce(&mut Settings),
    ) -> Result<Self, BuildError> {
        let mut settings = Settings::new(ISSUER.parse().unwrap());
        settings.algorithms = algorithms.clone();
        settings.signing_algorithm = algorithms[0];
        set(&mut settings);
        let kept = MasterKey::parse(master.to_text().expose()).unwrap();
        let builder = AuthorizationServer::builder(settings.issuer.clone(), store, master);
        let server = Arc::new(block_on(builder.settings(settings).clock(Arc::clone(&clock) as _).build())?);
        Ok(Self { server, clock, master: kept, algorithms, place })
    }

    pub(crate) fn make_keys(&self) {
        let context = self.server.context();
        for algorithm in signing_keys::due(&context) {
            let key = signing_keys::prepare(algorithm, self.server.sealer(), &context).unwrap();
            block_on(signing_keys::rotate(key, Occasion::Due, &by_operator(&context), &context)).unwrap();
        }
    }

    pub(crate) fn api(&self, identifier: &str, scopes: &[&str], token_format: TokenFormat) -> Api {
        let scope = |name: &&str| ApiScope { name: (*name).to_owned(), description: String::new() };
        let scopes = scopes.iter().map(scope).collect();
        let members = apis::Members { scopes, token_format, ..apis::Members::named("An API") };
        block_on(apis::create(
            identifier,
            members,
            &by_operator(&self.server.context()),
            &self.server.context(),
        ))
        .unwrap()
    }

    /// A confidential client that may ask for this scope, and gets all of it by default.
    pub(crate) fn client(&self, scope: &str) -> Actor {
        let scopes: Scope = scope.parse().unwrap();
        self.register(clients::Members {
            scopes: scopes.clone(),
            default_scopes: scopes,
            ..clients::Members::named("A client")
        })
    }

    pub(crate) fn public_client(&self) -> Actor {
        self.register(clients::Members {
            auth_method: AuthMethod::None,
            grant_types: Vec::<GrantType>::new(),
            ..clients::Members::named("A public client")
        })
    }

    pub(crate) fn register(&self, members: clients::Members) -> Actor {
        let registered = block_on(clients::create(
            None,
            members,
            &by_operator(&self.server.context()),
            &self.server.context(),
        ))
        .unwrap();
        Actor {
            client_id: registered.client.client_id.to_string(),
            secret: registered.secret.map(|secret| secret.expose().to_owned()),
        }
    }

    pub(crate) fn let_introspect(&self, api: &str, actor: &Actor) {
        let client_id = actor.client_id.clone();
        let change = move |members: &mut apis::Members| {
            members.introspection_clients.push(client_id.clone());
            Ok(())
        };
        block_on(apis::update(api, &by_operator(&self.server.context()), &self.server.context(), change))
            .unwrap();
    }

    /// A token request with these further parameters, by HTTP Basic.
    pub(crate) fn token(&self, actor: &Actor, form: &str) -> Result<TokenResponse, OAuthError> {
        let form = format!("grant_type=client_credentials&{form}");
        self.ask(actor, &form, |request| block_on(self.server.token(&request)))
    }

    pub(crate) fn access_token(&self, actor: &Actor, form: &str) -> String {
        self.token(actor, form)
            .unwrap_or_else(|refusal| panic!("{refusal:?}"))
            .access_token
            .expose()
            .to_owned()
    }

    pub(crate) fn introspect(&self, actor: &Actor, token: &str) -> Introspection {
        self.ask(actor, &format!("token={token}"), |request| block_on(self.server.introspect(&request)))
            .unwrap()
    }

    pub(crate) fn is_active(&self, actor: &Actor, token: &str) -> bool {
        matches!(self.introspect(actor, token), Introspection::Active(_))
    }

    pub(crate) fn revoke(&self, actor: &Actor, token: &str) -> Result<(), OAuthError> {
        self.ask(actor, &format!("token={token}"), |request| block_on(self.server.revoke(&request)))
    }

    /// Any request to an endpoint; a public client names itself in the body.
    pub(crate) fn ask<T>(
        &self,
        actor: &Actor,
        form: &str,
        endpoint: impl Fn(FormRequest<'_>) -> Result<T, Stop<OAuthError>>,
    ) -> Result<T, OAuthError> {
        let (form, basic) = match &actor.secret {
            Some(secret) => (form.to_owned(), Some(basic(&actor.client_id, secret))),
            None => (format!("{form}&client_id={}", actor.client_id), None),
        };
        let params = Params::parse(form.as_bytes())?;
        let address = Some("192.0.2.1".parse().unwrap());
        endpoint(FormRequest { params, authorization: basic.as_deref(), caller: Caller { address } }).map_err(
            |stop| match stop {
                Stop::Refuse(refusal) | Stop::RefuseAndCommit(refusal) => refusal,
                Stop::Fault(fault) => panic!("{fault}"),
            },
        )
    }

    pub(crate) fn advance(&self, lifetime: Lifetime) {
        self.clock.advance(lifetime);
    }
}

fn store(place: &FreshDatabase) -> Arc<dyn Store> {
    // A test has few questions at a time, and the server has many tests.
    Database::open(&place.url().parse().unwrap(), Options { connections: 3, ..Options::default() }).unwrap()
}

pub(crate) fn basic(client_id: &str, secret: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{client_id}:{secret}")))
}

/// The claims in a signed token, unverified.
pub(crate) fn claims(token: &str) -> serde_json::Value {
    let payload = URL_SAFE_NO_PAD.decode(token.split('.').nth(1).unwrap()).unwrap();
    serde_json::from_slice(&payload).unwrap()
}

/// The error word of a refused request.
pub(crate) fn word<T>(result: Result<T, OAuthError>) -> &'static str {
    result.err().map_or("granted", |refusal| refusal.code().as_str())
}

/// Waits for what happens in passing.
pub(crate) fn in_a_moment(what: &str, mut happened: impl FnMut() -> bool) {
    for _ in 0..10_000 {
        if happened() {
            return;
        }
        std::thread::park_timeout(std::time::Duration::from_millis(1));
    }
    panic!("{what} does not happen");
}
