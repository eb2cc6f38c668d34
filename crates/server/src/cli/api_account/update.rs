//! `doorward api-account update`.

use super::super::answer::Answer;
use super::super::words;
use super::Reference;
use crate::failure::Failure;
use doorward_core::context::Context;
use doorward_core::manage::api_accounts::{self, Members};
use doorward_core::manage::call::Call;
use doorward_protocol::time::Seconds;
use doorward_protocol::words::Level;

const EXAMPLES: &str = "\
A list that is given replaces the whole list that was there; what is not given stays as it is.

Examples:
  This level, and none elsewhere:
    doorward api-account update k-5b0c7e1f94d2a8366e10 --api https://api.example.com/invoices=read

  Usable from everywhere again:
    doorward api-account update k-5b0c7e1f94d2a8366e10 --no-allowed-ips";

#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(in super::super) struct Arguments {
    #[command(flatten)]
    account: Reference,
    #[command(flatten)]
    changes: Option<Changes>,
}

/// What is to be another way.
#[derive(clap::Args, Clone)]
struct Changes {
    /// What its owner calls it.
    #[arg(long)]
    name: Option<String>,
    /// What it is for; empty for nothing.
    #[arg(long)]
    description: Option<String>,
    /// What it may do at most at an API, its tokens included; give it once for each.
    #[arg(long, value_name = "API=LEVEL", value_parser = words::access)]
    api: Vec<(String, Level)>,
    /// Close all APIs to it.
    #[arg(long, conflicts_with = "api")]
    no_apis: bool,
    /// An address or a network that it may be used from; give it once for each.
    #[arg(long, value_name = "CIDR")]
    allowed_ip: Vec<String>,
    /// Let it be used from everywhere.
    #[arg(long, conflicts_with = "allowed_ip")]
    no_allowed_ips: bool,
    /// A group it is in, by its name or its id; give it once for each.
    #[arg(long)]
    group: Vec<String>,
    /// Take it out of all groups.
    #[arg(long, conflicts_with = "group")]
    no_groups: bool,
    /// When it ends by itself, such as 2027-01-31T12:00:00Z.
    #[arg(long, value_name = "INSTANT", value_parser = words::instant)]
    expires_at: Option<Seconds>,
    /// Let it go on without an end.
    #[arg(long, conflicts_with = "expires_at")]
    no_expires_at: bool,
}

pub(super) async fn run(arguments: &Arguments, context: &Context<'_>) -> Result<Answer, Failure> {
    let changes = words::some_change(arguments.changes.as_ref())?;
    let change = move |members: &mut Members| {
        *members = changed(members.clone(), &changes);
        Ok(())
    };
    let call = Call::by_operator(context)?;
    let account = api_accounts::update(&arguments.account.account, &call, context, change).await?;
    super::told(&format!("Changed the API account {}.", account.name), &account, context).await
}

fn changed(before: Members, changes: &Changes) -> Members {
    Members {
        name: changes.name.clone().unwrap_or(before.name),
        description: changes.description.clone().unwrap_or(before.description),
        groups: words::replaced(before.groups, &changes.group, changes.no_groups),
        allowed_ips: words::replaced(before.allowed_ips, &changes.allowed_ip, changes.no_allowed_ips),
        access: words::replaced(before.access, &changes.api, changes.no_apis),
        expires_at: words::one(before.expires_at, changes.expires_at.as_ref(), changes.no_expires_at),
        status: before.status,
    }
}
