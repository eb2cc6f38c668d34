//! A real authorization server on a real socket, that counts what it is asked, can be stopped and started, and whose clock is
//! also the API's. Registers an API for each form of token and a client that may ask for theirs.

use crate::teller::Teller;
use axum::extract::{Request, State};
use axum::middleware::{self, Next};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use doorward_core::access::api::ApiScope;
use doorward_core::authorization_server::AuthorizationServer;
use doorward_core::context::Caller;
use doorward_core::keys::master::MasterKey;
use doorward_core::manage::api_tokens::access::{Named, Reach};
use doorward_core::manage::api_tokens::expiry::Expiry;
use doorward_core::manage::apis::{LevelMembers, RuleMembers};
use doorward_core::manage::signing_keys::{self, Occasion};
use doorward_core::manage::{api_tokens, apis, clients, users};
use doorward_core::random::SystemRandom;
use doorward_core::settings::Settings;
use doorward_protocol::id::Id;
use doorward_protocol::jose::Algorithm;
use doorward_protocol::jose::claims::AccessTokenClaims;
use doorward_protocol::jose::jws::Typ;
use doorward_protocol::jose::key::SigningKey;
use doorward_protocol::time::{Lifetime, Seconds};
use doorward_protocol::words::{Level, TokenFormat};
use doorward_resource::builder::Builder;
use doorward_resource::clock::Clock;
use doorward_resource::protected_api::ProtectedApi;
use doorward_storage::database::{Database, Options};
use doorward_testkit::block_on::block_on;
use doorward_testkit::builders::scope;
use doorward_testkit::calls::by_operator;
use doorward_testkit::databases::FreshDatabase;
use doorward_testkit::frozen_clock::FrozenClock;
use doorward_testkit::ports::free_port;
use doorward_web::app::App;
use doorward_web::settings::WebSettings;
use http::Request as Ask;
use serde_json::Value;
use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, mpsc};
use std::thread::{self, JoinHandle};
use url::form_urlencoded;

/// APIs, by the form of their tokens, each with the scopes `read` and `write`.
pub(crate) const SIGNED: &str = "https://orders.example";
pub(crate) const OPAQUE: &str = "https://billing.example";
/// An API whose tokens are good nowhere else.
pub(crate) const OTHER: &str = "https://other.example";
pub(crate) const OTHER_OPAQUE: &str = "https://other-opaque.example";

pub(crate) const CLIENT: &str = "shop";
/// Whose API tokens are.
const PERSON: &str = "alice";

pub(crate) struct Server {
    pub(crate) core: Arc<AuthorizationServer>,
    pub(crate) clock: Arc<TestClock>,
    pub(crate) teller: Teller,
    secret: String,
    app: Arc<App>,
    port: u16,
    counts: Counts,
    running: Option<Running>,
    _at: FreshDatabase,
}

/// Requests by path.
type Counts = Arc<Mutex<HashMap<String, usize>>>;

/// The clock of server and API.
pub(crate) struct TestClock(FrozenClock);

impl Clock for TestClock {
    fn now(&self) -> Seconds {
        doorward_core::clock::Clock::now(&self.0)
    }
}

impl doorward_core::clock::Clock for TestClock {
    fn now(&self) -> Seconds {
        doorward_core::clock::Clock::now(&self.0)
    }
}

impl Server {
    /// A server that listens, with one ES256 key.
    pub(crate) fn new() -> Self {
        Self::signing_with(Algorithm::ES256)
    }

    pub(crate) fn signing_with(algorithm: Algorithm) -> Self {
        let (at, port) = (FreshDatabase::new(), free_port());
        let issuer: doorward_core::issuer::Issuer = format!("http://127.0.0.1:{port}").parse().unwrap();
        let settings = Settings {
            algorithms: vec![algorithm],
            signing_algorithm: algorithm,
            ..Settings::new(issuer.clone())
        };
        let clock = Arc::new(TestClock(FrozenClock::default()));
        let store = Database::open(&at.url().parse().unwrap(), Options::default()).unwrap();
        let master = MasterKey::generate(&SystemRandom::default()).unwrap();
        let builder = AuthorizationServer::builder(issuer, store, master).settings(settings);
        let core = Arc::new(block_on(builder.clock(clock.clone()).build()).unwrap());
        rotate(algorithm, Occasion::Requested, &core);
        let secret = register(&core);
        let app = Arc::new(App::new(Arc::clone(&core), WebSettings::default()).unwrap());
        let counts = Counts::default();
        let teller = Teller::new(&core, &clock);
        let mut server = Self { core, clock, teller, secret, app, port, counts, running: None, _at: at };
        server.start();
        server
    }

    pub(crate) fn issuer(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// An API that trusts this server, set up as its documentation says.
    pub(crate) fn api(&self, resource: &str) -> ProtectedApi {
        self.builder(resource).build().unwrap()
    }

    pub(crate) fn builder(&self, resource: &str) -> Builder {
        let builder = ProtectedApi::builder(self.issuer(), resource).clock(self.clock.clone());
        builder.introspect_as(CLIENT, self.secret.as_str())
    }

    /// A token for this API, from the token endpoint.
    pub(crate) fn token(&self, resource: &str, scope: &str) -> String {
        let form = format!("grant_type=client_credentials&resource={resource}&scope={scope}");
        let answer = self.post("/oauth2/token", form);
        answer["access_token"].as_str().unwrap_or_else(|| panic!("{answer}")).to_owned()
    }

    /// An API token of the person's with these levels: its identifier and its value.
    pub(crate) fn api_token(&self, levels: &[(&str, Level)]) -> (Id, String) {
        let context = self.core.context();
        let named = |(api, level): &(&str, Level)| Named { api: (*api).to_owned(), level: *level };
        let reach = Reach::Named(levels.iter().map(named).collect());
        let members = api_tokens::Members { reach, ..api_tokens::Members::named("A token") };
        let call = by_operator(&context);
        let made = api_tokens::create(PERSON, members, Expiry::default(), &call, &context);
        let Ok(issued) = block_on(made) else { panic!("no API token") };
        (issued.shown.token.id, issued.value.expose().to_owned())
    }

    pub(crate) fn revoke_api_token(&self, id: Id) {
        let context = self.core.context();
        let (id, call) = (id.to_string(), by_operator(&context));
        assert!(block_on(api_tokens::revoke(&id, None, &call, &context)).is_ok());
    }

    pub(crate) fn revoke(&self, token: &str) {
        assert_eq!(self.post("/oauth2/revoke", format!("token={token}")), Value::Null);
    }

    fn post(&self, path: &str, form: String) -> Value {
        let basic = STANDARD.encode(format!("{CLIENT}:{}", self.secret));
        let request = Ask::post(path)
            .header("host", format!("127.0.0.1:{}", self.port))
            .header("content-type", "application/x-www-form-urlencoded")
            .header("authorization", format!("Basic {basic}"));
        let request = request.body(Bytes::from(form)).unwrap();
        let answer = block_on(self.app.respond(request, Caller::default()));
        serde_json::from_slice(answer.body()).unwrap_or(Value::Null)
    }

    /// The key that signs now.
    pub(crate) fn signing_key(&self) -> Arc<SigningKey> {
        self.signing_key_of(self.core.settings().signing_algorithm)
    }

    pub(crate) fn signing_key_of(&self, algorithm: Algorithm) -> Arc<SigningKey> {
        let keyring = self.core.cache().keyring();
        Arc::clone(keyring.signing(algorithm, Clock::now(&*self.clock)).unwrap())
    }

    /// A token as this server would issue it, were it this issuer.
    pub(crate) fn signed_by(&self, issuer: &str) -> String {
        self.signing_key().sign(&self.claims(issuer), Typ::AccessToken).unwrap()
    }

    /// What such a token says.
    pub(crate) fn claims(&self, issuer: &str) -> AccessTokenClaims {
        let now = Clock::now(&*self.clock);
        AccessTokenClaims {
            iss: issuer.to_owned(),
            sub: CLIENT.to_owned(),
            aud: SIGNED.to_owned(),
            client_id: CLIENT.parse().unwrap(),
            exp: now + Lifetime::minutes(10),
            iat: now,
            jti: Id::from_parts(0, 1),
            scope: "read".to_owned(),
            generation: 0,
            access: vec![],
            allowed_ips: vec![],
            person: None,
            exchanged: None,
        }
    }

    /// A new key, at once; those before are void.
    pub(crate) fn replace_keys(&self) {
        rotate(self.core.settings().signing_algorithm, Occasion::Compromise, &self.core);
    }

    pub(crate) fn advance(&self, seconds: i64) {
        self.clock.0.advance(Lifetime::seconds(seconds));
    }

    /// How often this path was asked for over the network.
    pub(crate) fn asked(&self, path: &str) -> usize {
        self.counts.lock().unwrap().get(path).copied().unwrap_or(0)
    }

    pub(crate) fn start(&mut self) {
        let counts = Arc::clone(&self.counts);
        let service = doorward_web::tower::service(&self.app, |_| None);
        let router = axum::Router::new().fallback_service(service);
        let router = router.layer(middleware::from_fn_with_state(self.teller.clone(), tell));
        let router = router.layer(middleware::from_fn_with_state(counts, count));
        self.running = Some(Running::serve(SocketAddr::from(([127, 0, 0, 1], self.port)), router));
    }

    /// Stops to listen, and closes what is open.
    pub(crate) fn stop(&mut self) {
        drop(self.running.take());
    }
}

async fn count(State(counts): State<Counts>, request: Request, next: Next) -> axum::response::Response {
    *counts.lock().unwrap().entry(request.uri().path().to_owned()).or_default() += 1;
    next.run(request).await
}

/// Where the teller speaks, it does so in the place of the server's own feed.
async fn tell(State(teller): State<Teller>, request: Request, next: Next) -> axum::response::Response {
    if teller.is_on() && request.uri().path() == "/revocations" {
        let query = form_urlencoded::parse(request.uri().query().unwrap_or_default().as_bytes());
        let query = query.into_owned().collect();
        return teller.answer(query, request.headers().clone()).await;
    }
    if let Some(keys) = teller.kept_keys().filter(|_| request.uri().path() == "/oauth2/jwks") {
        return axum::response::Response::new(keys.into());
    }
    let is_metadata = request.uri().path() == "/.well-known/oauth-authorization-server";
    let answer = next.run(request).await;
    if !(teller.is_on() && is_metadata) {
        return answer;
    }
    let body = axum::body::to_bytes(answer.into_body(), usize::MAX).await.unwrap();
    let mut metadata: Value = serde_json::from_slice(&body).unwrap();
    metadata["revocations_endpoint"] = format!("{}/revocations", metadata["issuer"].as_str().unwrap()).into();
    axum::response::Response::new(metadata.to_string().into())
}

/// A router that listens until it is dropped.
pub(crate) struct Running {
    pub(crate) address: SocketAddr,
    stop: Option<tokio::sync::oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Running {
    pub(crate) fn serve(at: SocketAddr, router: axum::Router) -> Self {
        let ((tell, told), (stop, stopped)) = (mpsc::channel(), tokio::sync::oneshot::channel());
        let thread = thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async move {
                let listener = tokio::net::TcpListener::bind(at).await.unwrap();
                tell.send(listener.local_addr().unwrap()).unwrap();
                let service = router.into_make_service_with_connect_info::<SocketAddr>();
                tokio::select! {
                    served = axum::serve(listener, service) => served.unwrap(),
                    _ = stopped => {}
                }
            });
        });
        Self { address: told.recv().unwrap(), stop: Some(stop), thread: Some(thread) }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            drop(thread.join());
        }
    }
}

pub(crate) fn rotate(algorithm: Algorithm, occasion: Occasion, server: &AuthorizationServer) {
    let context = server.context();
    let key = signing_keys::prepare(algorithm, server.sealer(), &context).unwrap();
    assert!(
        block_on(signing_keys::rotate(key, occasion, &by_operator(&context), &context))
            .is_ok_and(|recorded| recorded)
    );
}

/// The client, the person and the APIs; gives the client's secret.
fn register(server: &AuthorizationServer) -> String {
    let person = users::Members::named(PERSON);
    assert!(
        block_on(users::create(person, None, &by_operator(&server.context()), &server.context())).is_ok()
    );
    let members = clients::Members { scopes: scope("read write"), ..clients::Members::named(CLIENT) };
    let secret = match block_on(clients::create(
        Some(CLIENT),
        members,
        &by_operator(&server.context()),
        &server.context(),
    )) {
        Ok(registered) => registered.secret.map(|secret| secret.expose().to_owned()).unwrap(),
        Err(stop) => panic!("{stop:?}"),
    };
    for identifier in [SIGNED, OTHER] {
        open(identifier, TokenFormat::Jwt, server);
    }
    for identifier in [OPAQUE, OTHER_OPAQUE] {
        open(identifier, TokenFormat::Opaque, server);
    }
    secret
}

fn open(identifier: &str, token_format: TokenFormat, server: &AuthorizationServer) {
    let named = |name: &str| ApiScope { name: name.to_owned(), description: String::new() };
    let members = apis::Members {
        scopes: vec![named("read"), named("write")],
        token_format,
        introspection_clients: vec![CLIENT.to_owned()],
        levels: LevelMembers {
            read: RuleMembers { methods: methods(&["GET", "HEAD", "OPTIONS"]), ..reached_by("read") },
            full: reached_by("write"),
        },
        ..apis::Members::named(identifier)
    };
    if let Err(stop) =
        block_on(apis::create(identifier, members, &by_operator(&server.context()), &server.context()))
    {
        panic!("{stop:?}");
    }
}

fn methods(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

fn reached_by(scope: &str) -> RuleMembers {
    RuleMembers { scopes: vec![scope.to_owned()], ..RuleMembers::default() }
}
