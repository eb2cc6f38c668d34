//! What there is to try out: an administrator, an organization with a user, an API with two scopes, a service that calls
//! it and may ask about its tokens, and an app that people sign in to. Owns names and scopes; each is made as an
//! administrator would make it.

use super::note::{Note, NotedApi, NotedClient, NotedUser};
use crate::failure::Failure;
use doorward_core::access::api::ApiScope;
use doorward_core::client::ClientSecret;
use doorward_core::context::Context;
use doorward_core::manage::apis::{LevelMembers, RuleMembers};
use doorward_core::manage::call::Call;
use doorward_core::manage::groups::{ADMINISTRATORS, MEMBERS};
use doorward_core::manage::{Refused, apis, clients, organizations, users};
use doorward_core::store::fault::Stop;
use doorward_protocol::openid;
use doorward_protocol::scope::Scope;
use doorward_protocol::secret::Secret;
use doorward_protocol::words::{AuthMethod, GrantType};

const ORGANIZATION: &str = "Demo organization";
/// User name, full name, group, and whether they belong to the organization: whoever does manages nothing outside of it.
const USERS: [(&str, &str, &str, bool); 2] =
    [("admin", "Ada Admin", ADMINISTRATORS, false), ("alice", "Alice Example", MEMBERS, true)];
/// `.example` belongs to nobody (RFC 2606 §2), and the API's address does not matter as long as nobody calls it.
const API: &str = "https://api.demo.example";
const READ: &str = "read";
const WRITE: &str = "write";
const SCOPES: [(&str, &str); 2] = [(READ, "Look at things"), (WRITE, "Change things")];
const SERVICE: &str = "demo-service";
const APP: &str = "demo-app";
/// Where people are sent back to: RFC 8252 §7.3, whatever port somebody listens on.
const CALLBACK: &str = "http://127.0.0.1/callback";
const AFTER_SIGN_OUT: &str = "http://127.0.0.1/";

/// Makes everything, and notes it.
pub(super) async fn seed(context: &Context<'_>) -> Result<Note, Failure> {
    let members = organizations::Members::named(ORGANIZATION);
    let organization = organizations::create(members, &Call::by_operator(context)?, context).await?;
    let organization = organization.id.to_string();
    let mut noted = Vec::with_capacity(USERS.len());
    for (username, name, group, belongs) in USERS {
        let organization = belongs.then(|| organization.clone());
        noted.push(user(username, name, group, organization, context).await?);
    }
    let service = client(SERVICE, service(&organization)?, context).await?;
    let api = api(context).await?;
    let app = client(APP, app(&organization)?, context).await?;
    let issuer = context.settings.issuer.as_str().to_owned();
    Ok(Note { issuer, users: noted, clients: vec![service, app], apis: vec![api] })
}

async fn user(
    username: &str,
    name: &str,
    group: &str,
    organization: Option<String>,
    context: &Context<'_>,
) -> Result<NotedUser, Failure> {
    let password = password(context)?;
    let members = users::Members {
        name: name.to_owned(),
        email: Some(format!("{username}@demo.example")),
        organization,
        groups: vec![group.to_owned()],
        ..users::Members::named(username)
    };
    users::create(members, Some(&password), &Call::by_operator(context)?, context).await?;
    Ok(NotedUser {
        username: username.to_owned(),
        password: password.expose().to_owned(),
        groups: vec![group.to_owned()],
    })
}

/// Four groups of five letters that nobody takes for one another: 80 random bits that are quick to type.
fn password(context: &Context<'_>) -> Result<Secret, Failure> {
    const LETTERS: &[u8; 16] = b"bcdfghjkmnpqrtvx";
    let mut random = [0; 20];
    context.random.fill(&mut random).map_err(Failure::unreachable)?;
    let mut text = String::with_capacity(23);
    for (position, byte) in random.iter().enumerate() {
        if position > 0 && position % 5 == 0 {
            text.push('-');
        }
        text.push(char::from(LETTERS[usize::from(byte & 15)]));
    }
    Ok(Secret::new(text))
}

async fn client(
    client_id: &str,
    members: clients::Members,
    context: &Context<'_>,
) -> Result<NotedClient, Failure> {
    let registered = clients::create(Some(client_id), members, &Call::by_operator(context)?, context).await?;
    let client = &registered.client;
    Ok(NotedClient {
        name: client.name.clone(),
        client_id: client.client_id.to_string(),
        client_secret: registered.secret.map(|secret| secret.expose().to_owned()),
        redirect_uris: client.redirect_uris.iter().map(ToString::to_string).collect(),
        token_endpoint_auth_method: client.auth_method.to_string(),
    })
}

/// A service that calls the API for itself, and a web application that people sign in to.
fn service(organization: &str) -> Result<clients::Members, Failure> {
    Ok(clients::Members {
        grant_types: vec![
            GrantType::ClientCredentials,
            GrantType::AuthorizationCode,
            GrantType::RefreshToken,
        ],
        default_scopes: api_scope()?,
        post_logout_redirect_uris: vec![AFTER_SIGN_OUT.to_owned()],
        ..signs_people_in("Demo service", organization)?
    })
}

/// A native application, which keeps no secret.
fn app(organization: &str) -> Result<clients::Members, Failure> {
    Ok(clients::Members { auth_method: AuthMethod::None, ..signs_people_in("Demo app", organization)? })
}

fn signs_people_in(name: &str, organization: &str) -> Result<clients::Members, Failure> {
    Ok(clients::Members {
        grant_types: vec![GrantType::AuthorizationCode, GrantType::RefreshToken],
        redirect_uris: vec![CALLBACK.to_owned()],
        scopes: openid::scope().union(&api_scope()?),
        default_scopes: openid::usual(),
        organization: Some(organization.to_owned()),
        ..clients::Members::named(name)
    })
}

fn api_scope() -> Result<Scope, Failure> {
    Scope::of(SCOPES.map(|(name, _)| name)).map_err(Failure::refused)
}

async fn api(context: &Context<'_>) -> Result<NotedApi, Failure> {
    let scopes = SCOPES.map(|(name, text)| ApiScope { name: name.to_owned(), description: text.to_owned() });
    let members = apis::Members {
        description: "Made by `doorward serve --dev`".to_owned(),
        scopes: scopes.to_vec(),
        introspection_clients: vec![SERVICE.to_owned()],
        levels: levels(),
        ..apis::Members::named("Demo API")
    };
    let api = apis::create(API, members, &Call::by_operator(context)?, context).await?;
    Ok(NotedApi {
        identifier: api.identifier.as_str().to_owned(),
        scopes: api.scopes.into_iter().map(|scope| scope.name).collect(),
    })
}

/// What an API without wishes of its own has, and a scope for either level: whoever has the scope to change things has that level.
fn levels() -> LevelMembers {
    let rule = |methods: &[&str], scope: &str| RuleMembers {
        methods: methods.iter().map(|method| (*method).to_owned()).collect(),
        paths: vec![],
        scopes: vec![scope.to_owned()],
    };
    LevelMembers { read: rule(&["GET", "HEAD", "OPTIONS"], READ), full: rule(&[], WRITE) }
}

/// Whether the database holds the clients of a note, with the secrets it has for them. Users are not asked about: whoever
/// tries things out gives them other passwords, or deletes them.
pub(super) async fn holds(note: &Note, context: &Context<'_>) -> Result<bool, Failure> {
    for noted in &note.clients {
        let record = match clients::show(&noted.client_id, &Call::by_operator(context)?, context).await {
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
