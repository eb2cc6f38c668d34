//! What there is to try out: an API with two scopes, and a service that calls it and may ask about its tokens. Owns names
//! and scopes; each is made as an administrator would make it.

use super::note::{Note, NotedApi, NotedClient};
use crate::failure::Failure;
use doorward_core::access::api::ApiScope;
use doorward_core::client::ClientSecret;
use doorward_core::context::Context;
use doorward_core::manage::{Refused, apis, clients};
use doorward_core::store::fault::Stop;
use doorward_protocol::scope::Scope;

/// `.example` belongs to nobody (RFC 2606 §2), and the API's address does not matter as long as nobody calls it.
const API: &str = "https://api.demo.example";
const CLIENT: &str = "demo-service";
const SCOPES: [(&str, &str); 2] = [("read", "Look at things"), ("write", "Change things")];

/// Makes everything, and notes it.
pub(super) async fn seed(context: &Context<'_>) -> Result<Note, Failure> {
    let scopes = Scope::of(SCOPES.map(|(name, _)| name)).map_err(Failure::refused)?;
    let members = clients::Members {
        scopes: scopes.clone(),
        default_scopes: scopes,
        ..clients::Members::named("Demo service")
    };
    let registered = clients::create(Some(CLIENT), members, context).await?;
    let scopes = SCOPES.map(|(name, text)| ApiScope { name: name.to_owned(), description: text.to_owned() });
    let members = apis::Members {
        description: "Made by `doorward serve --dev`".to_owned(),
        scopes: scopes.to_vec(),
        introspection_clients: vec![CLIENT.to_owned()],
        ..apis::Members::named("Demo API")
    };
    let api = apis::create(API, members, context).await?;
    let client = &registered.client;
    Ok(Note {
        issuer: context.settings.issuer.as_str().to_owned(),
        users: Vec::new(),
        clients: vec![NotedClient {
            name: client.name.clone(),
            client_id: client.client_id.to_string(),
            client_secret: registered.secret.map(|secret| secret.expose().to_owned()),
            redirect_uris: Vec::new(),
            token_endpoint_auth_method: client.auth_method.to_string(),
        }],
        apis: vec![NotedApi {
            identifier: api.identifier.as_str().to_owned(),
            scopes: api.scopes.into_iter().map(|scope| scope.name).collect(),
        }],
    })
}

/// Whether the database holds the clients of a note, with the secrets it has for them.
pub(super) async fn holds(note: &Note, context: &Context<'_>) -> Result<bool, Failure> {
    for noted in &note.clients {
        let record = match clients::show(&noted.client_id, context).await {
            Ok(record) => record,
            Err(Stop::Refuse(Refused::NotFound { .. })) => return Ok(false),
            Err(stop) => return Err(stop.into()),
        };
        let secret = noted.client_secret.as_deref().unwrap_or_default();
        let known =
            |stored: &ClientSecret| context.peppers.digest_with(stored.pepper, secret) == Some(stored.digest);
        if noted.client_secret.is_some() && !record.secrets.iter().any(known) {
            return Ok(false);
        }
    }
    Ok(true)
}
