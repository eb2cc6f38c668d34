//! `doorward client`: registers the applications that ask for tokens. Owns what is asked and how the answer reads; the
//! rules are `core/manage/clients`'.

mod create;
mod secret;
mod update;

use super::Common;
use super::answer::Answer;
use super::beside;
use super::page::{Page, Wanted};
use super::sheet::{Sheet, Table};
use crate::failure::Failure;
use clap::Subcommand;
use doorward_core::access::api::Apis;
use doorward_core::client::Client;
use doorward_core::context::Context;
use doorward_core::manage::call::Call;
use doorward_core::manage::{apis, clients, groups};
use doorward_core::store::tx::filter::ClientFilter;
use doorward_protocol::words::{ConsentMode, GrantType, Status};
use doorward_web::api::resources::client::ClientResource;

#[derive(Subcommand)]
pub(super) enum Command {
    /// Register a client, and print its secret once.
    Create(create::Arguments),
    /// List clients, in the order of their ids (about that of registration).
    List(Wanted),
    /// Show one client.
    Show(Reference),
    /// Change a client.
    Update(update::Arguments),
    /// List, make, replace and take away the secrets of a client.
    #[command(subcommand)]
    Secret(secret::Command),
    /// Switch a client off. All its tokens are void at once, and stay so.
    Disable(Reference),
    /// Switch a client on again. It needs new tokens.
    Enable(Reference),
    /// Delete a client. All its tokens are void at once; its client_id is never given to another.
    Delete(Reference),
}

/// Which client.
#[derive(clap::Args)]
pub(super) struct Reference {
    /// The client, by its client_id or its id.
    #[arg(value_name = "CLIENT")]
    client: String,
}

pub(super) fn run(command: &Command, common: &Common) -> Result<Answer, Failure> {
    beside::act(&common.configuration()?, async |installation| {
        let context = installation.server.context();
        match command {
            Command::Create(arguments) => create::run(arguments, &context).await,
            Command::List(wanted) => list(wanted, &context).await,
            Command::Show(reference) => show(reference, &context).await,
            Command::Update(arguments) => update::run(arguments, &context).await,
            Command::Secret(command) => secret::run(command, &context).await,
            Command::Disable(reference) => switch(reference, Status::Inactive, &context).await,
            Command::Enable(reference) => switch(reference, Status::Active, &context).await,
            Command::Delete(reference) => delete(reference, &context).await,
        }
    })
}

async fn list(wanted: &Wanted, context: &Context<'_>) -> Result<Answer, Failure> {
    let clients = clients::list(
        &ClientFilter::default(),
        wanted.after()?,
        wanted.limit + 1,
        &Call::by_operator(context)?,
        context,
    )
    .await?;
    let mut items = Vec::with_capacity(clients.len());
    for client in &clients {
        items.push(resource(client, context).await?);
    }
    let page = Page::of(items, wanted.limit, |client| client.id.to_string());
    if page.items.is_empty() {
        return Answer::new("No clients. `doorward client create` registers one.", &page);
    }
    let mut table = Table::new(&["client_id", "name", "status", "grants", "scopes"]);
    for client in &page.items {
        let grants = client.grant_types.iter().map(ToString::to_string).collect::<Vec<_>>();
        let status = client.status.to_string();
        table.row([
            client.client_id.to_string(),
            client.name.clone(),
            status,
            grants.join(" "),
            client.scopes.join(" "),
        ]);
    }
    Answer::new(table.text() + &page.rest(), &page)
}

async fn show(reference: &Reference, context: &Context<'_>) -> Result<Answer, Failure> {
    let record = clients::show(&reference.client, &Call::by_operator(context)?, context).await?;
    shown("", &record.client, context).await
}

async fn switch(reference: &Reference, status: Status, context: &Context<'_>) -> Result<Answer, Failure> {
    let client =
        clients::set_status(&reference.client, status, &Call::by_operator(context)?, context).await?;
    let text = format!("The client {} is {status}.", client.client_id);
    Answer::new(text, &resource(&client, context).await?)
}

async fn delete(reference: &Reference, context: &Context<'_>) -> Result<Answer, Failure> {
    clients::delete(&reference.client, &Call::by_operator(context)?, context).await?;
    Ok(Answer::done(format!("The client {} is deleted, and all its tokens are void.", reference.client)))
}

/// A client under a first line, if there is one.
async fn shown(first: &str, client: &Client, context: &Context<'_>) -> Result<Answer, Failure> {
    let resource = resource(client, context).await?;
    Answer::sheet(first, &sheet(Sheet::default(), &resource), &resource)
}

/// A client in JSON, with groups and APIs by their names.
async fn resource(client: &Client, context: &Context<'_>) -> Result<ClientResource, Failure> {
    let call = Call::by_operator(context)?;
    let groups = if client.groups.is_empty() { Vec::new() } else { groups::list(&call, context).await? };
    let apis =
        Apis::new(if client.access.is_empty() { Vec::new() } else { apis::list(&call, context).await? });
    Ok(ClientResource::of(client, &groups, &apis))
}

/// All about a client, but for its secret, after what stands on the sheet already.
fn sheet(sheet: Sheet, client: &ClientResource) -> Sheet {
    sheet
        .with("name", &client.name)
        .with("description", &client.description)
        .with("status", client.status)
        .with("authentication", client.token_endpoint_auth_method)
        .with_all("grants", &client.grant_types)
        .with_all("redirect URIs", &client.redirect_uris)
        .with_all("after sign-out", &client.post_logout_redirect_uris)
        .with_some("PKCE", pkce(client))
        .with_some("consent", consent(client))
        .with("scopes", client.scopes.join(" "))
        .with("default scopes", client.default_scopes.join(" "))
        .with_some("token lifetime", client.access_token_lifetime)
        .with_some("refresh lifetime", client.refresh_token_lifetime)
        .with_some("ID tokens", id_tokens(client))
        .with_all("access", client.access.iter().map(|at| format!("{} at {}", at.level, at.api)))
        .with_all("only from", &client.allowed_ips)
        .with_some("public URL", client.public_url.as_ref())
        .with_all("groups", &client.groups)
        .with_some("organization", client.organization_id)
        .with_some("ends", client.expires_at.map(|at| at.0))
        .with("client_id", &client.client_id)
        .with("id", client.id)
        .with("registered", client.created_at.0)
        .with("changed", client.updated_at.0)
}

/// Whether people sign in for this client. What only matters then is not shown of others.
fn signs_people_in(client: &ClientResource) -> bool {
    client.grant_types.contains(&GrantType::AuthorizationCode)
}

fn pkce(client: &ClientResource) -> Option<&'static str> {
    let word = if client.require_pkce { "required" } else { "not required" };
    signs_people_in(client).then_some(word)
}

fn consent(client: &ClientResource) -> Option<&'static str> {
    let words = match client.consent {
        ConsentMode::Explicit => "people are asked",
        ConsentMode::Implicit => "people are not asked",
    };
    signs_people_in(client).then_some(words)
}

fn id_tokens(client: &ClientResource) -> Option<String> {
    let signed = client.id_token_signed_response_alg.map(|algorithm| format!("signed with {algorithm}"));
    let claims = client.id_token_claims.then(|| "with claims".to_owned());
    let words: Vec<_> = signed.into_iter().chain(claims).collect();
    (!words.is_empty()).then(|| words.join(", "))
}
