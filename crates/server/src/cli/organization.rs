//! `doorward organization`: makes the companies that users and clients belong to. Owns what is asked and how the answer
//! reads; the rules are `core/manage/organizations`'.

use super::Common;
use super::answer::Answer;
use super::beside;
use super::page::Page;
use super::sheet::{Sheet, Table};
use super::words;
use crate::failure::Failure;
use clap::Subcommand;
use doorward_core::context::Context;
use doorward_core::identity::organization::Organization;
use doorward_core::manage::call::Call;
use doorward_core::manage::organizations::{self, Members};
use doorward_protocol::words::{ApiAccess, Status};
use doorward_web::api::resources::organization::OrganizationResource;

const CREATE: &str = "\
Example:
  doorward organization create --name 'Acme Corp.'
  doorward user update alice --organization 'Acme Corp.'";

#[derive(Subcommand)]
pub(super) enum Command {
    /// Make an organization.
    #[command(after_help = CREATE)]
    Create(Named),
    /// List all organizations, in the order of their making.
    List,
    /// Show one organization.
    Show(Reference),
    /// Change an organization.
    Update(Changed),
    /// Switch an organization off. Its users and clients get nothing, and nothing they hold is good, until it is switched
    /// on again.
    Disable(Reference),
    /// Switch an organization on again.
    Enable(Reference),
    /// Delete an organization that nobody belongs to.
    Delete(Reference),
}

/// Which organization.
#[derive(clap::Args)]
pub(super) struct Reference {
    /// The organization, by its name or its id.
    #[arg(value_name = "ORGANIZATION")]
    organization: String,
}

/// What it is called.
#[derive(clap::Args)]
pub(super) struct Named {
    /// What people see.
    #[arg(long)]
    name: String,
}

/// Which one, and what is to be another way.
#[derive(clap::Args)]
pub(super) struct Changed {
    #[command(flatten)]
    organization: Reference,
    #[command(flatten)]
    changes: Option<Changes>,
}

/// What is to be another way.
#[derive(Clone, clap::Args)]
pub(super) struct Changes {
    /// What people see.
    #[arg(long)]
    name: Option<String>,
    /// Whether its people have API access.
    #[arg(long, value_name = "WORD", value_parser = words::api_access())]
    api_access: Option<ApiAccess>,
}

pub(super) fn run(command: &Command, common: &Common) -> Result<Answer, Failure> {
    beside::act(&common.configuration()?, async |installation| {
        let context = installation.server.context();
        match command {
            Command::Create(named) => create(named, &context).await,
            Command::List => list(&context).await,
            Command::Show(one) => shown(
                "",
                &organizations::show(&one.organization, &Call::by_operator(&context)?, &context).await?,
            ),
            Command::Update(changed) => update(changed, &context).await,
            Command::Disable(one) => switch(one, Status::Inactive, &context).await,
            Command::Enable(one) => switch(one, Status::Active, &context).await,
            Command::Delete(one) => delete(one, &context).await,
        }
    })
}

async fn create(named: &Named, context: &Context<'_>) -> Result<Answer, Failure> {
    let organization =
        organizations::create(Members::named(&named.name), &Call::by_operator(context)?, context).await?;
    shown(&format!("Made the organization {}.", organization.name), &organization)
}

async fn list(context: &Context<'_>) -> Result<Answer, Failure> {
    let all = organizations::list(&Call::by_operator(context)?, context).await?;
    let page = Page::whole(all.iter().map(OrganizationResource::from).collect());
    if page.items.is_empty() {
        return Answer::new("No organizations. `doorward organization create` makes one.", &page);
    }
    let mut table = Table::new(&["name", "status", "id"]);
    for organization in &page.items {
        let (status, id) = (organization.status.to_string(), organization.id.to_string());
        table.row([organization.name.clone(), status, id]);
    }
    Answer::new(table.text(), &page)
}

async fn update(changed: &Changed, context: &Context<'_>) -> Result<Answer, Failure> {
    let changes = words::some_change(changed.changes.as_ref())?;
    let change = move |members: &mut Members| {
        members.name = changes.name.clone().unwrap_or(members.name.clone());
        members.api_access = changes.api_access.unwrap_or(members.api_access);
        // Whoever says so means it, where it is off already, too.
        members.api_access_shut |= changes.api_access == Some(ApiAccess::Disabled);
        Ok(())
    };
    let (reference, call) = (&changed.organization.organization, Call::by_operator(context)?);
    let organization = organizations::update(reference, &call, context, change).await?;
    shown(&format!("Changed the organization {}.", organization.name), &organization)
}

async fn switch(one: &Reference, status: Status, context: &Context<'_>) -> Result<Answer, Failure> {
    let organization =
        organizations::set_status(&one.organization, status, &Call::by_operator(context)?, context).await?;
    let text = format!("The organization {} is {status}.", organization.name);
    Answer::new(text, &OrganizationResource::from(&organization))
}

async fn delete(one: &Reference, context: &Context<'_>) -> Result<Answer, Failure> {
    organizations::delete(&one.organization, &Call::by_operator(context)?, context).await?;
    Ok(Answer::done(format!("The organization {} is deleted.", one.organization)))
}

/// An organization under a first line, if there is one.
fn shown(first: &str, organization: &Organization) -> Result<Answer, Failure> {
    let resource = OrganizationResource::from(organization);
    let sheet = Sheet::default()
        .with("name", &resource.name)
        .with("status", resource.status)
        .with("API access", api_access(&resource))
        .with("id", resource.id)
        .with("made", resource.created_at.0)
        .with("changed", resource.updated_at.0);
    Answer::sheet(first, &sheet, &resource)
}

fn api_access(resource: &OrganizationResource) -> String {
    let shut = if resource.api_access_shut { ", switched off by hand" } else { "" };
    format!("{}{shut}", resource.api_access)
}
