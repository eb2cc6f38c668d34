//! `doorward api-account`: the programs that people and organizations run. Owns what is asked and how the answer reads; the rules are
//! `core/manage/api_accounts`'. Secrets are not among it: they are revealed to people who have just signed in.

mod create;
mod update;

use super::Common;
use super::answer::Answer;
use super::beside;
use super::page::{Page, Wanted};
use super::sheet::{Sheet, Table};
use super::words;
use crate::failure::Failure;
use clap::Subcommand;
use doorward_core::client::Client;
use doorward_core::context::Context;
use doorward_core::manage::api_accounts::{self, Filter, Owner, activity};
use doorward_core::manage::call::Call;
use doorward_core::manage::groups;
use doorward_protocol::id::Id;
use doorward_protocol::words::Status;
use doorward_web::api::resources::access::AccessResource;
use doorward_web::api::resources::activity::ActivityResource;
use doorward_web::api::resources::api_account::ApiAccountResource;

#[derive(Subcommand)]
pub(super) enum Command {
    /// Make an API account for a user or an organization. Its secret is revealed over the REST API, to somebody who has signed in.
    Create(create::Arguments),
    /// List API accounts, in the order of their ids (about that of their making).
    List(Listed),
    /// Show one API account.
    Show(Reference),
    /// Change an API account; it counts from the next request on, for its tokens, too.
    Update(update::Arguments),
    /// Switch an API account off. All its tokens are void at once, and stay so.
    Disable(Reference),
    /// Switch an API account on again. It needs new tokens.
    Enable(Reference),
    /// Delete an API account, with its secrets and tokens; its client_id is never given to another.
    Delete(Reference),
    /// See how often an API account was used at which API on which day, and from where last.
    Activity(Asked),
}

/// Which accounts.
#[derive(clap::Args)]
pub(super) struct Listed {
    /// Those of this user, by user name or id.
    #[arg(long, value_name = "USER")]
    user: Option<String>,
    /// Those of this organization, and of its people, by id.
    #[arg(long, value_name = "ID")]
    organization_id: Option<Id>,
    /// Those with this status.
    #[arg(long, value_parser = words::status())]
    status: Option<Status>,
    #[command(flatten)]
    wanted: Wanted,
}

/// Which account.
#[derive(clap::Args)]
pub(super) struct Reference {
    /// The API account, by its client_id or its id.
    #[arg(value_name = "API_ACCOUNT")]
    account: String,
}

/// Which one, and for how long.
#[derive(clap::Args)]
pub(super) struct Asked {
    #[command(flatten)]
    one: Reference,
    /// So many days before today, and today.
    #[arg(long, value_name = "DAYS", default_value_t = 30, value_parser = clap::value_parser!(u32).range(..=36_500))]
    days: u32,
}

pub(super) fn run(command: &Command, common: &Common) -> Result<Answer, Failure> {
    // Which API is the management API follows from who the server is.
    beside::act(&common.server_configuration(Vec::new())?, async |installation| {
        let context = installation.server.context();
        match command {
            Command::Create(arguments) => create::run(arguments, &context).await,
            Command::List(listed) => list(listed, &context).await,
            Command::Show(one) => {
                let account =
                    api_accounts::show(&one.account, &Call::by_operator(&context)?, &context).await?;
                told("", &account, &context).await
            }
            Command::Update(arguments) => update::run(arguments, &context).await,
            Command::Disable(one) => switch(one, Status::Inactive, &context).await,
            Command::Enable(one) => switch(one, Status::Active, &context).await,
            Command::Delete(one) => delete(one, &context).await,
            Command::Activity(asked) => done(asked, &context).await,
        }
    })
}

async fn list(listed: &Listed, context: &Context<'_>) -> Result<Answer, Failure> {
    let filter = Filter {
        owner: listed.user.clone().map(Owner::User),
        organization: listed.organization_id,
        status: listed.status,
        ..Filter::default()
    };
    let (wanted, call) = (&listed.wanted, Call::by_operator(context)?);
    let found = api_accounts::list(filter, wanted.after()?, wanted.limit + 1, &call, context).await?;
    let mut items = Vec::with_capacity(found.len());
    for account in &found {
        items.push(resource(account, context).await?);
    }
    let page = Page::of(items, wanted.limit, |account| account.id.to_string());
    if page.items.is_empty() {
        return Answer::new("No API accounts. `doorward api-account create` makes one.", &page);
    }
    let mut table = Table::new(&["client_id", "name", "owner", "status", "access"]);
    for account in &page.items {
        table.row([
            account.client_id.to_string(),
            account.name.clone(),
            owner(account, context).await?,
            account.status.to_string(),
            account.access.iter().map(level).collect::<Vec<_>>().join(" "),
        ]);
    }
    Answer::new(table.text() + &page.rest(), &page)
}

async fn switch(one: &Reference, status: Status, context: &Context<'_>) -> Result<Answer, Failure> {
    let call = Call::by_operator(context)?;
    let account = api_accounts::set_status(&one.account, status, &call, context).await?;
    let text = format!("The API account {} is {status}.", account.name);
    Answer::new(text, &resource(&account, context).await?)
}

async fn delete(one: &Reference, context: &Context<'_>) -> Result<Answer, Failure> {
    api_accounts::delete(&one.account, &Call::by_operator(context)?, context).await?;
    Ok(Answer::done(format!("The API account {} is deleted, and all its tokens are void.", one.account)))
}

async fn done(asked: &Asked, context: &Context<'_>) -> Result<Answer, Failure> {
    let call = Call::by_operator(context)?;
    let activity = activity::show(&asked.one.account, asked.days, &call, context).await?;
    let resource = ActivityResource::of(&activity, &context.cache.apis());
    if resource.days.is_empty() && resource.addresses.is_empty() {
        return Answer::new("It was not used, as far as the server was asked about its tokens.", &resource);
    }
    let mut days = Table::new(&["date", "API", "uses"]);
    for day in &resource.days {
        days.row([day.date.clone(), day.api.clone(), day.uses.to_string()]);
    }
    let mut addresses = Table::new(&["address", "last used"]);
    for one in &resource.addresses {
        addresses.row([one.address.clone(), one.last_used_at.0.to_string()]);
    }
    Answer::new(format!("{}\n{}", days.text(), addresses.text()), &resource)
}

/// An account under a first line, if there is one.
async fn told(first: &str, account: &Client, context: &Context<'_>) -> Result<Answer, Failure> {
    let resource = resource(account, context).await?;
    let sheet = Sheet::default()
        .with("name", &resource.name)
        .with("description", &resource.description)
        .with("status", resource.status)
        .with("owner", owner(&resource, context).await?)
        .with_all("access", resource.access.iter().map(level))
        .with("scopes", resource.scopes.join(" "))
        .with_all("only from", &resource.allowed_ips)
        .with_all("groups", &resource.groups)
        .with_some("organization", resource.organization_id)
        .with_some("ends", resource.expires_at.map(|at| at.0))
        .with("client_id", &resource.client_id)
        .with("id", resource.id)
        .with("made", resource.created_at.0)
        .with("changed", resource.updated_at.0);
    Answer::sheet(first, &sheet, &resource)
}

async fn resource(account: &Client, context: &Context<'_>) -> Result<ApiAccountResource, Failure> {
    let call = Call::by_operator(context)?;
    let mut groups = if account.groups.is_empty() { vec![] } else { groups::list(&call, context).await? };
    groups.retain(|group| account.groups.contains(&group.id));
    Ok(ApiAccountResource::of(account, &groups, &context.cache.apis()))
}

/// The owner by name, where it is a user.
async fn owner(account: &ApiAccountResource, context: &Context<'_>) -> Result<String, Failure> {
    let Some(owner) = &account.owner else { return Ok(String::new()) };
    let user = if owner.kind == "user" { context.cache.user(owner.id).await? } else { None };
    Ok(user.map_or_else(|| owner.id.to_string(), |user| user.username.to_string()))
}

fn level(access: &AccessResource) -> String {
    format!("{}={}", access.api, access.level)
}
