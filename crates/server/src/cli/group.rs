//! `doorward group`: makes the groups that users are in. Owns what is asked and how the answer reads; the rules are
//! `core/manage/groups`'.

use super::Common;
use super::answer::Answer;
use super::beside;
use super::page::Page;
use super::sheet::{Sheet, Table};
use super::words;
use crate::failure::Failure;
use clap::Subcommand;
use doorward_core::context::Context;
use doorward_core::identity::group::Group;
use doorward_core::manage::call::Call;
use doorward_core::manage::groups::{self, Members};
use doorward_protocol::permission::Permission;
use doorward_web::api::resources::group::GroupResource;

const CREATE: &str = "\
Clients that ask for the scope `groups` learn which groups a person is in. The groups Administrators, Members and Auditors
are there without anybody making them.

Example:
  doorward group create --name Support --permission users:read --permission users:write
  doorward user update alice --group Support --group Members";

#[derive(Subcommand)]
pub(super) enum Command {
    /// Make a group.
    #[command(after_help = CREATE)]
    Create(Made),
    /// List all groups, in the order of their making.
    List,
    /// Show one group.
    Show(Reference),
    /// Change a group.
    Update(Changed),
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

/// What it is.
#[derive(clap::Args)]
pub(super) struct Made {
    /// What people see, and what clients learn.
    #[arg(long)]
    name: String,
    /// What its members may do at the management API; give it once for each.
    #[arg(long, value_parser = words::permission())]
    permission: Vec<Permission>,
    /// The organization it belongs to, by its name or its id: it takes only who belongs there.
    #[arg(long, value_name = "ORGANIZATION")]
    organization: Option<String>,
}

/// Which one, and what is to be another way.
#[derive(clap::Args)]
pub(super) struct Changed {
    #[command(flatten)]
    group: Reference,
    #[command(flatten)]
    changes: Option<Changes>,
}

/// What is to be another way.
#[derive(Clone, clap::Args)]
pub(super) struct Changes {
    /// What people see, and what clients learn.
    #[arg(long)]
    name: Option<String>,
    /// What its members may do at the management API, in place of what they may; give it once for each.
    #[arg(long, value_parser = words::permission())]
    permission: Vec<Permission>,
    /// Let its members do nothing there.
    #[arg(long, conflicts_with = "permission")]
    no_permissions: bool,
    /// The organization it belongs to, by its name or its id; only while nobody is in the group.
    #[arg(long, value_name = "ORGANIZATION")]
    organization: Option<String>,
    /// Take it out of its organization.
    #[arg(long, conflicts_with = "organization")]
    no_organization: bool,
}

pub(super) fn run(command: &Command, common: &Common) -> Result<Answer, Failure> {
    beside::act(&common.configuration()?, async |installation| {
        let context = installation.server.context();
        match command {
            Command::Create(made) => create(made, &context).await,
            Command::List => list(&context).await,
            Command::Show(one) => {
                shown("", &groups::show(&one.group, &Call::by_operator(&context)?, &context).await?)
            }
            Command::Update(changed) => update(changed, &context).await,
            Command::Delete(one) => delete(one, &context).await,
        }
    })
}

async fn create(made: &Made, context: &Context<'_>) -> Result<Answer, Failure> {
    let members = Members {
        organization: made.organization.clone(),
        permissions: made.permission.iter().copied().collect(),
        ..Members::named(&made.name)
    };
    let group = groups::create(members, &Call::by_operator(context)?, context).await?;
    shown(&format!("Made the group {}.", group.name), &group)
}

async fn list(context: &Context<'_>) -> Result<Answer, Failure> {
    let all = groups::list(&Call::by_operator(context)?, context).await?;
    let page = Page::whole(all.iter().map(GroupResource::from).collect());
    if page.items.is_empty() {
        return Answer::new("No groups yet. `doorward group create` makes one.", &page);
    }
    let mut table = Table::new(&["name", "permissions", "id"]);
    for group in &page.items {
        let permissions = group.permissions.iter().map(ToString::to_string).collect::<Vec<_>>();
        table.row([group.name.clone(), permissions.join(" "), group.id.to_string()]);
    }
    Answer::new(table.text(), &page)
}

async fn update(changed: &Changed, context: &Context<'_>) -> Result<Answer, Failure> {
    let changes = words::some_change(changed.changes.as_ref())?;
    let change = move |members: &mut Members| {
        *members = changed_by(members.clone(), &changes);
        Ok(())
    };
    let group = groups::update(&changed.group.group, &Call::by_operator(context)?, context, change).await?;
    shown(&format!("Changed the group {}.", group.name), &group)
}

fn changed_by(before: Members, changes: &Changes) -> Members {
    let permissions = before.permissions.iter().collect();
    let permissions = words::replaced(permissions, &changes.permission, changes.no_permissions);
    Members {
        name: changes.name.clone().unwrap_or(before.name),
        organization: words::one(before.organization, changes.organization.as_ref(), changes.no_organization),
        permissions: permissions.into_iter().collect(),
    }
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
        .with_all("permissions", &resource.permissions)
        .with_some("organization", resource.organization_id)
        .with("id", resource.id)
        .with("made", resource.created_at.0)
        .with("changed", resource.updated_at.0);
    Answer::sheet(first, &sheet, &resource)
}
