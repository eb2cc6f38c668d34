//! Doorward, put together: what any host needs is in `open`.

use crate::Failed;
use crate::sign_in::Shop;
use doorward_core::authorization_server::AuthorizationServer;
use doorward_core::keys::master::MasterKey;
use doorward_core::manage::call::Call;
use doorward_core::manage::clients::{self, Members};
use doorward_core::random::SystemRandom;
use doorward_protocol::words::AuthMethod;
use doorward_storage::database::{Database, Options};
use doorward_web::app::App;
use doorward_web::jobs::Jobs;
use doorward_web::settings::WebSettings;
use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write};
use std::sync::Arc;

/// What runs inside the shop: what answers, and what is done meanwhile, which ends when it is dropped.
pub(crate) struct Door {
    pub(crate) app: Arc<App>,
    pub(crate) jobs: Jobs,
}

/// Opens it, with a database of its own and a master key in a file beside it.
pub(crate) async fn open(issuer: &str, people: Shop) -> Result<Door, Failed> {
    let database = Database::open(&"sqlite:doorward.db".parse()?, Options::default())?;
    let builder = AuthorizationServer::builder(issuer.parse()?, database, master_key("doorward.key")?);
    let server = Arc::new(builder.sign_in(Arc::new(people)).build().await?);
    let jobs = Jobs::start(&server).await?;
    register(&server).await?;
    let settings = WebSettings { stylesheet: Some("/shop.css".to_owned()), ..WebSettings::embedded() };
    Ok(Door { app: Arc::new(App::new(server, settings)?), jobs })
}

/// The key that everything in the database is guarded by. A shop that is open for business reads it from where it keeps its
/// other secrets; without it the database is worth nothing, and beside it in one backup it guards nothing.
fn master_key(path: &str) -> Result<MasterKey, Failed> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(MasterKey::parse(&text)?),
        Err(error) if error.kind() == ErrorKind::NotFound => {
            let key = MasterKey::generate(&SystemRandom::default())?;
            let mut file = private(OpenOptions::new().write(true).create_new(true)).open(path)?;
            file.write_all(key.to_text().expose().as_bytes())?;
            file.sync_all()?;
            Ok(key)
        }
        Err(error) => Err(error.into()),
    }
}

/// For its owner's eyes alone.
fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
    options
}

/// An application that the shop's customers may sign in to, on their own machines: registered on the first start.
async fn register(server: &AuthorizationServer) -> Result<(), Failed> {
    let context = server.context();
    if clients::show("planner", &Call::by_operator(&context)?, &context).await.is_ok() {
        return Ok(());
    }
    let planner = Members::signing_in("Kettle planner", "http://127.0.0.1/callback");
    let planner = Members { auth_method: AuthMethod::None, ..planner };
    clients::create(Some("planner"), planner, &Call::by_operator(&context)?, &context).await?;
    Ok(())
}
