//! `doorward api`: registers the resource servers that tokens are for. Owns what is asked and how the answer reads; the
//! rules are `core/manage/apis`'.

mod create;
mod level_list;
mod update;

use super::Common;
use super::answer::Answer;
use super::beside;
use super::page::Page;
use super::sheet::{Sheet, Table};
use crate::failure::Failure;
use clap::Subcommand;
use doorward_core::access::api::Api;
use doorward_core::context::Context;
use doorward_core::manage::apis;
use doorward_core::manage::call::Call;
use doorward_protocol::words::Status;
use doorward_web::api::resources::api::{ApiResource, RuleResource};

#[derive(Subcommand)]
pub(super) enum Command {
    /// Register an API.
    Create(create::Arguments),
    /// List all APIs, in the order of their ids (about that of registration).
    List,
    /// Show one API.
    Show(Reference),
    /// Change an API.
    Update(update::Arguments),
    /// Switch an API off. No tokens are made for it, and none is good at it, until it is switched on again.
    Disable(Reference),
    /// Switch an API on again.
    Enable(Reference),
    /// Delete an API. All tokens for it are void at once.
    Delete(Reference),
}

/// Which API.
#[derive(clap::Args)]
pub(super) struct Reference {
    /// The API, by its identifier or its id.
    #[arg(value_name = "API")]
    api: String,
}

pub(super) fn run(command: &Command, common: &Common) -> Result<Answer, Failure> {
    // Whether an identifier may be registered depends on who the server is.
    let config = match command {
        Command::Create(_) => common.server_configuration(Vec::new()),
        _ => common.configuration(),
    };
    beside::act(&config?, async |installation| {
        let context = installation.server.context();
        match command {
            Command::Create(arguments) => create::run(arguments, &context).await,
            Command::List => list(&context).await,
            Command::Show(reference) => {
                shown(
                    "",
                    &apis::show(&reference.api, &Call::by_operator(&context)?, &context).await?,
                    &context,
                )
                .await
            }
            Command::Update(arguments) => update::run(arguments, &context).await,
            Command::Disable(reference) => switch(reference, Status::Inactive, &context).await,
            Command::Enable(reference) => switch(reference, Status::Active, &context).await,
            Command::Delete(reference) => delete(reference, &context).await,
        }
    })
}

async fn list(context: &Context<'_>) -> Result<Answer, Failure> {
    let mut items = Vec::new();
    for api in apis::list(&Call::by_operator(context)?, context).await? {
        items.push(resource(&api, context).await?);
    }
    let page = Page::whole(items);
    if page.items.is_empty() {
        return Answer::new("No APIs. `doorward api create` registers one.", &page);
    }
    let mut table = Table::new(&["identifier", "name", "status", "tokens", "scopes"]);
    for api in &page.items {
        let scopes = api.scopes.iter().map(|scope| scope.name.as_str()).collect::<Vec<_>>();
        let (status, format) = (api.status.to_string(), api.token_format.to_string());
        table.row([api.identifier.clone(), api.name.clone(), status, format, scopes.join(" ")]);
    }
    Answer::new(table.text(), &page)
}

async fn switch(reference: &Reference, status: Status, context: &Context<'_>) -> Result<Answer, Failure> {
    let api = apis::set_status(&reference.api, status, &Call::by_operator(context)?, context).await?;
    let text = format!("The API {} is {status}.", api.identifier.as_str());
    Answer::new(text, &resource(&api, context).await?)
}

async fn delete(reference: &Reference, context: &Context<'_>) -> Result<Answer, Failure> {
    apis::delete(&reference.api, &Call::by_operator(context)?, context).await?;
    Ok(Answer::done(format!("The API {} is deleted, and all tokens for it are void.", reference.api)))
}

/// An API under a first line, if there is one.
async fn shown(first: &str, api: &Api, context: &Context<'_>) -> Result<Answer, Failure> {
    let resource = resource(api, context).await?;
    Answer::sheet(first, &sheet(&resource), &resource)
}

async fn resource(api: &Api, context: &Context<'_>) -> Result<ApiResource, Failure> {
    Ok(ApiResource::of(
        api,
        apis::client_ids(&api.introspection_clients, &Call::by_operator(context)?, context).await?,
    ))
}

fn sheet(api: &ApiResource) -> Sheet {
    let widest = api.scopes.iter().map(|scope| scope.name.len()).max().unwrap_or(0);
    let scope =
        |(name, description): (&str, &str)| format!("{name:<widest$}  {description}").trim_end().to_owned();
    Sheet::default()
        .with("identifier", &api.identifier)
        .with("name", &api.name)
        .with("description", &api.description)
        .with_some("documentation", api.documentation_url.as_ref())
        .with("status", api.status)
        .with_all("scopes", api.scopes.iter().map(|s| scope((&s.name, &s.description))))
        .with("tokens", api.token_format)
        .with_some("signed with", api.signing_algorithm)
        .with_some("token lifetime", api.access_token_lifetime)
        .with_some("longest API token", api.max_token_lifetime)
        .with_all("read", rule(&api.levels.read))
        .with_all("full", rule(&api.levels.full))
        .with("preflight", api.preflight)
        .with_all("tokens by", &api.credentials)
        .with_all("reached at", &api.locations)
        .with_all("may introspect", &api.introspection_clients)
        .with("id", api.id)
        .with("registered", api.created_at.0)
        .with("changed", api.updated_at.0)
}

/// What a level lets through, a line for each list that says something.
fn rule(rule: &RuleResource) -> Vec<String> {
    let lists = [("methods", &rule.methods), ("paths", &rule.paths), ("scopes", &rule.scopes)];
    let said = lists.iter().filter(|(_, list)| !list.is_empty());
    said.map(|(name, list)| format!("{name} {}", list.join(" "))).collect()
}
