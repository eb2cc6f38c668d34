//! Doorward, put together. The master key comes from the environment, where the library's host keeps its secrets.

use crate::Failed;
use crate::sign_in::Library;
use doorward_core::authorization_server::AuthorizationServer;
use doorward_core::keys::master::MasterKey;
use doorward_core::manage::call::Call;
use doorward_core::manage::clients::{self, Members};
use doorward_storage::database::{Database, Options};
use doorward_web::app::App;
use doorward_web::jobs::Jobs;
use doorward_web::settings::WebSettings;
use std::sync::Arc;

/// What runs inside the library: what answers, and what is done meanwhile, which ends when it is dropped.
pub(crate) struct Door {
    pub(crate) app: Arc<App>,
    _jobs: Jobs,
}

/// Opens it.
pub(crate) async fn open(issuer: &str, people: Library) -> Result<Door, Failed> {
    let master = std::env::var("MASTER_KEY")
        .map_err(|_| "MASTER_KEY is not set: `v1:` and 32 random bytes in base64")?;
    let url = std::env::var("DATABASE_URL").unwrap_or_else(|_| "sqlite:doorward.db".to_owned());
    let database = Database::open(&url.parse()?, Options::default())?;
    let builder = AuthorizationServer::builder(issuer.parse()?, database, MasterKey::parse(&master)?);
    let server = Arc::new(builder.sign_in(Arc::new(people)).build().await?);
    let jobs = Jobs::start(&server).await?;
    register(&server).await?;
    Ok(Door { app: Arc::new(App::new(server, WebSettings::embedded())?), _jobs: jobs })
}

/// An application that readers may sign in to, with a secret; it is told on the first start.
async fn register(server: &AuthorizationServer) -> Result<(), Failed> {
    let context = server.context();
    if clients::show("reading-list", &Call::by_operator(&context)?, &context).await.is_ok() {
        return Ok(());
    }
    let list = Members::signing_in("Reading list", "http://127.0.0.1/callback");
    let registered =
        clients::create(Some("reading-list"), list, &Call::by_operator(&context)?, &context).await?;
    println!(
        "client: reading-list, secret: {}",
        registered.secret.as_ref().map_or("none", |secret| secret.expose())
    );
    Ok(())
}
