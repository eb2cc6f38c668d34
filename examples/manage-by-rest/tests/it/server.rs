//! A real Doorward on a real socket, with an administrator and their token for the management API: what an operator makes at the
//! command line before anything can be done over REST.

use axum::extract::ConnectInfo;
use doorward_core::authorization_server::AuthorizationServer;
use doorward_core::keys::master::MasterKey;
use doorward_core::manage::api_tokens::access::{Named, Reach};
use doorward_core::manage::api_tokens::{self, expiry::Expiry};
use doorward_core::manage::{groups, users};
use doorward_core::random::SystemRandom;
use doorward_core::settings::Settings;
use doorward_protocol::jose::Algorithm;
use doorward_protocol::words::Level;
use doorward_storage::database::{Database, Options};
use doorward_testkit::block_on::block_on;
use doorward_testkit::calls::by_operator;
use doorward_testkit::databases::FreshDatabase;
use doorward_testkit::ports::free_port;
use doorward_web::app::App;
use doorward_web::jobs::Jobs;
use doorward_web::settings::WebSettings;
use std::net::SocketAddr;
use std::sync::{Arc, mpsc};
use std::thread;
use tokio::net::TcpListener;

const ADMIN: &str = "admin";

pub(crate) struct Server {
    pub(crate) issuer: String,
    pub(crate) token: String,
    _at: FreshDatabase,
}

impl Server {
    pub(crate) fn new() -> Self {
        let (at, port) = (FreshDatabase::new(), free_port());
        let issuer = format!("http://127.0.0.1:{port}");
        let store = Database::open(&at.url().parse().unwrap(), Options::default()).unwrap();
        let master = MasterKey::generate(&SystemRandom::default()).unwrap();
        let settings =
            Settings { algorithms: vec![Algorithm::ES256], ..Settings::new(issuer.parse().unwrap()) };
        let builder = AuthorizationServer::builder(issuer.parse().unwrap(), store, master);
        let core = Arc::new(block_on(builder.settings(settings).build()).unwrap());
        let token = management_token(&core);
        listen(port, core);
        Self { issuer, token, _at: at }
    }
}

/// Listens for as long as the test runs.
fn listen(port: u16, core: Arc<AuthorizationServer>) {
    let app = Arc::new(App::new(Arc::clone(&core), WebSettings::default()).unwrap());
    let service = doorward_web::tower::service(&app, |parts| Some(parts.get::<ConnectInfo<SocketAddr>>()?.0));
    let (tell, told) = mpsc::channel();
    thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async move {
            let _jobs = Jobs::start(&core).await.unwrap();
            let listener = TcpListener::bind(("127.0.0.1", port)).await.unwrap();
            tell.send(()).unwrap();
            let router = axum::Router::new().fallback_service(service);
            axum::serve(listener, router.into_make_service_with_connect_info::<SocketAddr>()).await.unwrap();
        });
    });
    told.recv().unwrap();
}

/// `doorward token create --user admin --name ops --api management=full`.
fn management_token(server: &AuthorizationServer) -> String {
    let context = server.context();
    let admin =
        users::Members { groups: vec![groups::ADMINISTRATORS.to_owned()], ..users::Members::named(ADMIN) };
    assert!(block_on(users::create(admin, None, &by_operator(&context), &context)).is_ok());
    let full = Named { api: "management".to_owned(), level: Level::Full };
    let members =
        api_tokens::Members { reach: Reach::Named(vec![full]), ..api_tokens::Members::named("ops") };
    let issued =
        block_on(api_tokens::create(ADMIN, members, Expiry::default(), &by_operator(&context), &context));
    let issued = issued.unwrap_or_else(|stop| panic!("the token is not made: {stop:?}"));
    issued.value.expose().to_owned()
}
