//! A real Doorward on a real socket, set up as `doorward serve --dev` sets up a trial: the API, a client that may use it, and
//! one more whose token may only read.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use doorward_core::access::api::ApiScope;
use doorward_core::authorization_server::AuthorizationServer;
use doorward_core::keys::master::MasterKey;
use doorward_core::manage::api_tokens::access::{Named, Reach};
use doorward_core::manage::api_tokens::expiry::Expiry;
use doorward_core::manage::apis::{LevelMembers, RuleMembers};
use doorward_core::manage::{api_tokens, apis, clients, users};
use doorward_core::random::SystemRandom;
use doorward_core::settings::Settings;
use doorward_protocol::jose::Algorithm;
use doorward_protocol::words::{Level, TokenFormat};
use doorward_storage::database::{Database, Options};
use doorward_testkit::block_on::block_on;
use doorward_testkit::builders::scope;
use doorward_testkit::calls::by_operator;
use doorward_testkit::databases::FreshDatabase;
use doorward_testkit::ports::free_port;
use doorward_web::app::App;
use doorward_web::jobs::Jobs;
use doorward_web::settings::WebSettings;
use serde_json::Value;
use std::sync::{Arc, mpsc};
use std::thread;
use tokio::net::TcpListener;

pub(crate) const API: &str = "https://api.demo.example";
pub(crate) const CLIENT: &str = "demo-service";
/// Whose API tokens are.
const PERSON: &str = "alice";

pub(crate) struct Server {
    pub(crate) issuer: String,
    pub(crate) secret: String,
    core: Arc<AuthorizationServer>,
    app: Arc<App>,
    _at: FreshDatabase,
}

impl Server {
    pub(crate) fn new(token_format: TokenFormat) -> Self {
        let (at, port) = (FreshDatabase::new(), free_port());
        let issuer = format!("http://127.0.0.1:{port}");
        let store = Database::open(&at.url().parse().unwrap(), Options::default()).unwrap();
        let master = MasterKey::generate(&SystemRandom::default()).unwrap();
        let settings =
            Settings { algorithms: vec![Algorithm::ES256], ..Settings::new(issuer.parse().unwrap()) };
        let builder = AuthorizationServer::builder(issuer.parse().unwrap(), store, master);
        let core = Arc::new(block_on(builder.settings(settings).build()).unwrap());
        let secret = register(token_format, &core);
        let app = Arc::new(App::new(Arc::clone(&core), WebSettings::default()).unwrap());
        listen(port, Arc::clone(&core), &app);
        Self { issuer, secret, core, app, _at: at }
    }

    /// An API token of the person's with this level at the API.
    pub(crate) fn api_token(&self, level: Level) -> String {
        let (context, call) = (self.core.context(), by_operator(&self.core.context()));
        let reach = Reach::Named(vec![Named { api: API.to_owned(), level }]);
        let members = api_tokens::Members { reach, ..api_tokens::Members::named("orders") };
        let made = block_on(api_tokens::create(PERSON, members, Expiry::default(), &call, &context));
        made.ok().map(|issued| issued.value.expose().to_owned()).unwrap()
    }

    pub(crate) fn token(&self, scope: &str) -> String {
        let basic = STANDARD.encode(format!("{CLIENT}:{}", self.secret));
        let request = http::Request::post("/oauth2/token")
            .header("host", self.issuer.trim_start_matches("http://"))
            .header("content-type", "application/x-www-form-urlencoded")
            .header("authorization", format!("Basic {basic}"));
        let form = format!("grant_type=client_credentials&scope={scope}");
        let request = request.body(Bytes::from(form)).unwrap();
        let answer = block_on(self.app.respond(request, doorward_core::context::Caller::default()));
        let answer: Value = serde_json::from_slice(answer.body()).unwrap();
        answer["access_token"].as_str().unwrap_or_else(|| panic!("{answer}")).to_owned()
    }
}

/// Listens for as long as the test runs.
fn listen(port: u16, core: Arc<AuthorizationServer>, app: &Arc<App>) {
    let service = doorward_web::tower::service(app, |_| None);
    let (tell, told) = mpsc::channel();
    thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async move {
            let _jobs = Jobs::start(&core).await.unwrap();
            let listener = TcpListener::bind(("127.0.0.1", port)).await.unwrap();
            tell.send(()).unwrap();
            axum::serve(listener, axum::Router::new().fallback_service(service)).await.unwrap();
        });
    });
    told.recv().unwrap();
}

fn register(token_format: TokenFormat, server: &AuthorizationServer) -> String {
    let person = users::Members::named(PERSON);
    assert!(
        block_on(users::create(person, None, &by_operator(&server.context()), &server.context())).is_ok()
    );
    let members = clients::Members { scopes: scope("read write"), ..clients::Members::named(CLIENT) };
    let Ok(registered) =
        block_on(clients::create(Some(CLIENT), members, &by_operator(&server.context()), &server.context()))
    else {
        panic!("the client is not registered");
    };
    let named = |name: &str| ApiScope { name: name.to_owned(), description: String::new() };
    let members = apis::Members {
        scopes: vec![named("read"), named("write")],
        token_format,
        introspection_clients: vec![CLIENT.to_owned()],
        levels: LevelMembers {
            read: RuleMembers { methods: vec!["GET".to_owned()], ..reached_by("read") },
            full: reached_by("write"),
        },
        ..apis::Members::named("Demo API")
    };
    assert!(block_on(apis::create(API, members, &by_operator(&server.context()), &server.context())).is_ok());
    registered.secret.map(|secret| secret.expose().to_owned()).unwrap()
}

fn reached_by(scope: &str) -> RuleMembers {
    RuleMembers { scopes: vec![scope.to_owned()], ..RuleMembers::default() }
}
