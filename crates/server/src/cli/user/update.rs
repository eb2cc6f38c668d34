//! `doorward user update`.

use super::super::answer::Answer;
use super::super::words;
use super::Reference;
use crate::failure::Failure;
use doorward_core::context::Context;
use doorward_core::manage::call::Call;
use doorward_core::manage::users::{self, Members};

const EXAMPLES: &str = "\
A list that is given replaces the whole list that was there; what is not given stays as it is.

Examples:
  Another name and address:
    doorward user update alice --name 'Alice Hargreaves' --email alice@example.org

  In these two groups, and in no others:
    doorward user update alice --group Members --group Auditors";

#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(in super::super) struct Arguments {
    #[command(flatten)]
    user: Reference,
    #[command(flatten)]
    changes: Option<Changes>,
}

/// What is to be another way.
#[derive(clap::Args, Clone)]
pub(in super::super) struct Changes {
    /// What they type to sign in.
    #[arg(long, value_name = "NAME")]
    username: Option<String>,
    /// The full name; empty for none.
    #[arg(long)]
    name: Option<String>,
    /// The e-mail address.
    #[arg(long)]
    email: Option<String>,
    /// Forget the e-mail address.
    #[arg(long, conflicts_with = "email")]
    no_email: bool,
    /// A group they are in, by its name or its id; give it once for each.
    #[arg(long)]
    group: Vec<String>,
    /// Take them out of all groups.
    #[arg(long, conflicts_with = "group")]
    no_groups: bool,
    /// A client they belong to, by its client_id or its id; give it once for each.
    #[arg(long)]
    client: Vec<String>,
    /// Take them away from all clients.
    #[arg(long, conflicts_with = "client")]
    no_clients: bool,
    /// Whom to ask about them, or how.
    #[arg(long)]
    contact: Option<String>,
    /// Forget whom to ask about them.
    #[arg(long, conflicts_with = "contact")]
    no_contact: bool,
    /// The organization they belong to, by its name or its id.
    #[arg(long, value_name = "ORGANIZATION")]
    organization: Option<String>,
    /// Take them out of their organization.
    #[arg(long, conflicts_with = "organization")]
    no_organization: bool,
}

pub(super) async fn run(arguments: &Arguments, context: &Context<'_>) -> Result<Answer, Failure> {
    let changes = words::some_change(arguments.changes.as_ref())?;
    let change = move |members: &mut Members| {
        *members = changed(members.clone(), &changes);
        Ok(())
    };
    let user = users::update(&arguments.user.user, &Call::by_operator(context)?, context, change).await?;
    super::shown(&format!("Changed the user {}.", user.username), &user, context).await
}

fn changed(before: Members, changes: &Changes) -> Members {
    Members {
        username: changes.username.clone().unwrap_or(before.username),
        name: changes.name.clone().unwrap_or(before.name),
        email: words::one(before.email, changes.email.as_ref(), changes.no_email),
        organization: words::one(before.organization, changes.organization.as_ref(), changes.no_organization),
        groups: words::replaced(before.groups, &changes.group, changes.no_groups),
        clients: words::replaced(before.clients, &changes.client, changes.no_clients),
        contact: words::one(before.contact, changes.contact.as_ref(), changes.no_contact),
        status: before.status,
    }
}
