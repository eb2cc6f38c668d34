//! A server with a store, a key and two clients, and the means to ask it something.

use crate::logs;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use doorward_core::access::api::ApiScope;
use doorward_core::authorization_server::AuthorizationServer;
use doorward_core::context::Caller;
use doorward_core::keys::master::MasterKey;
use doorward_core::manage::signing_keys::{self, Occasion};
use doorward_core::manage::{apis, clients};
use doorward_core::random::SystemRandom;
use doorward_core::settings::Settings;
use doorward_core::store::fault::Fault;
use doorward_core::store::{Job, Mode, Running, Store, sealed};
use doorward_protocol::jose::Algorithm;
use doorward_storage::database::{Database, Options};
use doorward_testkit::block_on::block_on;
use doorward_testkit::builders::scope;
use doorward_testkit::calls::by_operator;
use doorward_testkit::databases::FreshDatabase;
use doorward_web::app::App;
use doorward_web::settings::WebSettings;
use http::{HeaderName, Method, Request, Response, StatusCode};
use serde_json::Value;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

pub(crate) const ISSUER: &str = "https://as.example";
pub(crate) const TOKEN: &str = "/oauth2/token";
pub(crate) const INTROSPECT: &str = "/oauth2/introspect";
pub(crate) const REVOKE: &str = "/oauth2/revoke";
pub(crate) const JWKS: &str = "/oauth2/jwks";
pub(crate) const METADATA: &str = "/.well-known/oauth-authorization-server";
pub(crate) const FORM: &str = "application/x-www-form-urlencoded";
pub(crate) const GRANT: &str = "grant_type=client_credentials";
/// The endpoints that take a form.
pub(crate) const FORM_ENDPOINTS: [&str; 3] = [TOKEN, INTROSPECT, REVOKE];

pub(crate) struct TestApp {
    pub(crate) app: Arc<App>,
    pub(crate) server: Arc<AuthorizationServer>,
    pub(crate) store: Arc<Switch>,
    /// What `shop`, a confidential client, puts into its `Authorization` header.
    pub(crate) basic: String,
    /// Its secret alone.
    pub(crate) secret: String,
    _at: FreshDatabase,
}

impl TestApp {
    pub(crate) fn new() -> Self {
        Self::with(ISSUER, WebSettings::default())
    }

    pub(crate) fn with(issuer: &str, web: WebSettings) -> Self {
        Self::set(Settings::new(issuer.parse().unwrap()), web)
    }

    pub(crate) fn set(settings: Settings, web: WebSettings) -> Self {
        logs::install();
        let at = FreshDatabase::new();
        let url = at.url().parse().unwrap();
        let store = Arc::new(Switch {
            store: Database::open(&url, Options::default()).unwrap(),
            off: AtomicBool::new(false),
        });
        let settings = Settings { algorithms: vec![Algorithm::ES256], ..settings };
        let issuer = settings.issuer.clone();
        let master = MasterKey::generate(&SystemRandom::default()).unwrap();
        let builder = AuthorizationServer::builder(issuer, store.clone(), master).settings(settings);
        let server = Arc::new(block_on(builder.build()).unwrap());
        rotate(&server);
        let secret = register("shop", &server);
        open_api(&server);
        let basic = format!("Basic {}", STANDARD.encode(format!("shop:{secret}")));
        let app = Arc::new(App::new(Arc::clone(&server), web).unwrap());
        Self { app, server, store, basic, secret, _at: at }
    }

    pub(crate) fn send(&self, request: Request<Bytes>) -> Response<Bytes> {
        block_on(self.app.respond(request, Caller::default()))
    }

    /// A form, as a well-behaved client sends it.
    pub(crate) fn form(&self, path: &str, body: &str) -> Request<Bytes> {
        let request = Request::post(path).header("host", "as.example").header("content-type", FORM);
        request.header("authorization", &self.basic).body(Bytes::copy_from_slice(body.as_bytes())).unwrap()
    }

    pub(crate) fn post(&self, path: &str, body: &str) -> Response<Bytes> {
        self.send(self.form(path, body))
    }

    pub(crate) fn get(&self, path: &str) -> Response<Bytes> {
        self.send(request(Method::GET, path))
    }

    /// An access token of `shop`'s.
    pub(crate) fn access_token(&self) -> String {
        let answer = self.post(TOKEN, GRANT);
        assert_eq!(answer.status(), StatusCode::OK, "{answer:?}");
        json(&answer)["access_token"].as_str().unwrap().to_owned()
    }
}

pub(crate) fn request(method: Method, path: &str) -> Request<Bytes> {
    Request::builder().method(method).uri(path).header("host", "as.example").body(Bytes::new()).unwrap()
}

/// Replaces a header; with nothing, takes it away.
pub(crate) fn set(mut request: Request<Bytes>, name: &'static str, value: &str) -> Request<Bytes> {
    let name = HeaderName::from_static(name);
    request.headers_mut().remove(&name);
    if !value.is_empty() {
        request.headers_mut().insert(name, value.parse().unwrap());
    }
    request
}

pub(crate) fn header<'a>(answer: &'a Response<Bytes>, name: &str) -> &'a str {
    answer.headers().get(name).map_or("", |value| value.to_str().unwrap())
}

pub(crate) fn json(answer: &Response<Bytes>) -> Value {
    serde_json::from_slice(answer.body()).unwrap_or(Value::Null)
}

/// Status and error word, as a client sees them.
pub(crate) fn refusal(answer: &Response<Bytes>) -> (u16, String) {
    (answer.status().as_u16(), json(answer)["error"].as_str().unwrap_or_default().to_owned())
}

pub(crate) fn invalid_request() -> (u16, String) {
    (400, "invalid_request".to_owned())
}

/// A new signing key, in use at once.
pub(crate) fn rotate(server: &AuthorizationServer) {
    let context = server.context();
    let key = signing_keys::prepare(Algorithm::ES256, server.sealer(), &context).unwrap();
    assert!(
        block_on(signing_keys::rotate(key, Occasion::Requested, &by_operator(&context), &context))
            .is_ok_and(|recorded| recorded)
    );
}

/// A confidential client that may use client credentials; gives its secret.
fn register(client_id: &str, server: &AuthorizationServer) -> String {
    let (scopes, default_scopes) = (scope("read"), scope("read"));
    let members = clients::Members { scopes, default_scopes, ..clients::Members::named(client_id) };
    match block_on(clients::create(
        Some(client_id),
        members,
        &by_operator(&server.context()),
        &server.context(),
    )) {
        Ok(registered) => registered.secret.map(|secret| secret.expose().to_owned()).unwrap(),
        Err(stop) => panic!("{client_id}: {stop:?}"),
    }
}

/// An API for the scope that `shop` has.
fn open_api(server: &AuthorizationServer) {
    let scopes = vec![ApiScope { name: "read".to_owned(), description: String::new() }];
    let members = apis::Members { scopes, ..apis::Members::named("Orders") };
    if let Err(stop) = block_on(apis::create(
        "https://api.example",
        members,
        &by_operator(&server.context()),
        &server.context(),
    )) {
        panic!("{stop:?}");
    }
}

/// A store that can be switched off.
pub(crate) struct Switch {
    store: Arc<Database>,
    off: AtomicBool,
}

impl Switch {
    pub(crate) fn turn_off(&self) {
        self.off.store(true, Ordering::SeqCst);
    }
}

impl sealed::Sealed for Switch {}

impl Store for Switch {
    fn run(&self, mode: Mode, job: Job) -> Running {
        if self.off.load(Ordering::SeqCst) {
            return Box::pin(async {
                Err(Fault::unavailable("the disk behind /var/lib/secret-path is gone"))
            });
        }
        self.store.run(mode, job)
    }
}
