//! `doorward group`: makes the groups that users are in. Owns what is asked and how the answer reads; the rules are
//! `core/manage/groups`'.

use super::Common;
use super::answer::Answer;
use super::beside;
use super::page::Page;
use super::sheet::{Sheet, Table};
use crate::failure::Failure;
use clap::Subcommand;
use doorward_core::context::Context;
use doorward_core::identity::group::Group;
use doorward_core::manage::call::Call;
use doorward_core::manage::groups::{self, Members};
use doorward_web::api::resources::group::GroupResource;

const CREATE: &str = "\
Clients that ask for the scope `groups` learn which groups a person is in. The groups Administrators, Members and Auditors
are there without anybody making them.

Example:
  doorward group create --name Support
  doorward user update alice --group Support --group Members";

#[derive(Subcommand)]
pub(super) enum Command {
    /// Make a group.
    #[command(after_help = CREATE)]
    Create(Named),
    /// List all groups, in the order of their making.
    List,
    /// Show one group.
    Show(Reference),
    /// Give a group another name.
    Update(Renamed),
    /// Delete a group. Its members leave it.
    Delete(Reference),
}

/// Which group.
#[derive(clap::Args)]
pub(super) struct Reference {
    /// The group, by its name or its id.
    #[arg(value_name = "GROUP")]
    group: String,
}

/// What it is called.
#[derive(clap::Args)]
pub(super) struct Named {
    /// What people see, and what clients learn.
    #[arg(long)]
    name: String,
}

/// Which one, and what it is to be called.
#[derive(clap::Args)]
pub(super) struct Renamed {
    #[command(flatten)]
    group: Reference,
    #[command(flatten)]
    named: Named,
}

pub(super) fn run(command: &Command, common: &Common) -> Result<Answer, Failure> {
    beside::act(&common.configuration()?, async |installation| {
        let context = installation.server.context();
        match command {
            Command::Create(named) => create(named, &context).await,
            Command::List => list(&context).await,
            Command::Show(one) => {
                shown("", &groups::show(&one.group, &Call::by_operator(&context)?, &context).await?)
            }
            Command::Update(renamed) => rename(renamed, &context).await,
            Command::Delete(one) => delete(one, &context).await,
        }
    })
}

async fn create(named: &Named, context: &Context<'_>) -> Result<Answer, Failure> {
    let group = groups::create(Members::named(&named.name), &Call::by_operator(context)?, context).await?;
    shown(&format!("Made the group {}.", group.name), &group)
}

async fn list(context: &Context<'_>) -> Result<Answer, Failure> {
    let all = groups::list(&Call::by_operator(context)?, context).await?;
    let page = Page::whole(all.iter().map(GroupResource::from).collect());
    if page.items.is_empty() {
        return Answer::new("No groups yet. `doorward group create` makes one.", &page);
    }
    let mut table = Table::new(&["name", "id"]);
    page.items.iter().for_each(|group| table.row([group.name.clone(), group.id.to_string()]));
    Answer::new(table.text(), &page)
}

async fn rename(renamed: &Renamed, context: &Context<'_>) -> Result<Answer, Failure> {
    let (reference, name) = (&renamed.group.group, &renamed.named.name);
    let name = name.clone();
    let change = move |members: &mut Members| {
        members.name.clone_from(&name);
        Ok(())
    };
    let group = groups::update(reference, &Call::by_operator(context)?, context, change).await?;
    shown(&format!("Changed the group {}.", group.name), &group)
}

async fn delete(one: &Reference, context: &Context<'_>) -> Result<Answer, Failure> {
    groups::delete(&one.group, &Call::by_operator(context)?, context).await?;
    Ok(Answer::done(format!("The group {} is deleted.", one.group)))
}

/// A group under a first line, if there is one.
fn shown(first: &str, group: &Group) -> Result<Answer, Failure> {
    let resource = GroupResource::from(group);
    let sheet = Sheet::default()
        .with("name", &resource.name)
        .with("id", resource.id)
        .with("made", resource.created_at.0)
        .with("changed", resource.updated_at.0);
    Answer::sheet(first, &sheet, &resource)
}
