//! Doorward below the program: its store, and what is registered in it at the first start.

use doorward_core::access::api::ApiScope;
use doorward_core::authorization_server::AuthorizationServer;
use doorward_core::keys::master::MasterKey;
use doorward_core::manage::call::Call;
use doorward_core::manage::{apis, clients};
use doorward_core::random::SystemRandom;
use doorward_core::store::Store;
use doorward_core::store::fault::Stop;
use doorward_protocol::words::{GrantType, TokenFormat};
use doorward_storage::database::{Database, Options};
use doorward_storage::url::DatabaseUrl;
use std::error::Error;
use std::fs;
use std::io::ErrorKind;
use std::path::Path;
use std::sync::Arc;

/// The API that the program is.
pub(crate) const API: &str = "https://orders.example";

/// Where the one client is sent back to.
const BACK: &str = "http://127.0.0.1:8091/back";

/// A server over a database and a key in this folder; both are made at the first start.
pub(crate) async fn server(folder: &Path, issuer: &str) -> Result<Arc<AuthorizationServer>, Box<dyn Error>> {
    let database = DatabaseUrl::sqlite(folder.join("orders.db"));
    let store: Arc<dyn Store> = Database::open(&database, Options::default())?;
    let builder =
        AuthorizationServer::builder(issuer.parse()?, store, master_key(&folder.join("orders.key"))?);
    let server = Arc::new(builder.build().await?);
    register(&server).await?;
    Ok(server)
}

/// What protects all digests and keys in the database. Whoever runs this in earnest keeps it elsewhere.
fn master_key(file: &Path) -> Result<MasterKey, Box<dyn Error>> {
    match fs::read_to_string(file) {
        Ok(text) => Ok(MasterKey::parse(text.trim())?),
        Err(error) if error.kind() == ErrorKind::NotFound => {
            let key = MasterKey::generate(&SystemRandom::default())?;
            fs::write(file, key.to_text().expose())?;
            Ok(key)
        }
        Err(error) => Err(error.into()),
    }
}

/// The program's API, and a client that may use all three grants. Its secret is shown once, and kept as a digest.
async fn register(server: &AuthorizationServer) -> Result<(), Box<dyn Error>> {
    let context = server.context();
    if apis::show(API, &Call::by_operator(&context)?, &context).await.is_ok() {
        return Ok(());
    }
    let scope = |name: &str| ApiScope { name: name.to_owned(), description: format!("May {name}") };
    let members = apis::Members {
        scopes: vec![scope("orders:read"), scope("orders:write")],
        // Known by their digest alone, and gone the moment they are revoked.
        token_format: TokenFormat::Opaque,
        ..apis::Members::named("Orders")
    };
    apis::create(API, members, &Call::by_operator(&context)?, &context).await.map_err(told)?;
    let members = clients::Members {
        grant_types: vec![
            GrantType::AuthorizationCode,
            GrantType::RefreshToken,
            GrantType::ClientCredentials,
        ],
        redirect_uris: vec![BACK.to_owned()],
        scopes: "orders:read orders:write".parse()?,
        default_scopes: "orders:read".parse()?,
        ..clients::Members::named("Shop")
    };
    let shop = clients::create(Some("shop"), members, &Call::by_operator(&context)?, &context)
        .await
        .map_err(told)?;
    let secret = shop.secret.ok_or("a confidential client has a secret")?;
    println!("registered client {} with secret {}", shop.client.client_id, secret.expose());
    Ok(())
}

fn told<R: std::fmt::Debug>(stop: Stop<R>) -> String {
    match stop {
        Stop::Refuse(refusal) | Stop::RefuseAndCommit(refusal) => format!("{refusal:?}"),
        Stop::Fault(fault) => fault.to_string(),
    }
}
