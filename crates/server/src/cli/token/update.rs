//! `doorward token update`.

use super::super::answer::Answer;
use super::super::words;
use super::Reference;
use crate::failure::Failure;
use doorward_core::context::Context;
use doorward_core::manage::api_tokens::access::{ApplyToAll, Named, Reach};
use doorward_core::manage::api_tokens::{self, Members};
use doorward_core::manage::call::Call;
use doorward_protocol::words::Level;

const EXAMPLES: &str = "\
A list that is given replaces the whole list that was there; what is not given stays as it is. Its end comes later only with
another value: `doorward token regenerate`.

Examples:
  These levels, and none elsewhere:
    doorward token update 01KB2EXAMPLE0000000000000A --api https://api.example.com/invoices=full --api management=read

  Usable from everywhere again:
    doorward token update 01KB2EXAMPLE0000000000000A --no-allowed-ips";

#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(in super::super) struct Arguments {
    #[command(flatten)]
    token: Reference,
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
    /// Its level at an API, which is named by identifier, id or `management`; give it once for each.
    #[arg(long, value_name = "API=LEVEL", value_parser = words::api_level)]
    api: Vec<Named>,
    /// Its level at every API that there is now, but for the management API.
    #[arg(long, value_name = "LEVEL", value_parser = words::level(), conflicts_with = "api")]
    all_apis: Option<Level>,
    /// Let --all-apis hold at those that are registered later, too.
    #[arg(long, requires = "all_apis")]
    include_future: bool,
    /// Close all APIs to it.
    #[arg(long, conflicts_with_all = ["api", "all_apis"])]
    no_apis: bool,
    /// Where it may be used from, an address or a network; give it once for each.
    #[arg(long, value_name = "CIDR")]
    allowed_ip: Vec<String>,
    /// Let it be used from everywhere.
    #[arg(long, conflicts_with = "allowed_ip")]
    no_allowed_ips: bool,
}

pub(super) async fn run(arguments: &Arguments, context: &Context<'_>) -> Result<Answer, Failure> {
    let changes = words::some_change(arguments.changes.as_ref())?;
    let change = move |members: &mut Members| {
        *members = changed(members.clone(), &changes);
        Ok(())
    };
    let call = Call::by_operator(context)?;
    let shown = api_tokens::update(&arguments.token.token, &call, context, change).await?;
    super::told(&format!("Changed the API token {}.", shown.token.name), &shown)
}

fn changed(before: Members, changes: &Changes) -> Members {
    Members {
        name: changes.name.clone().unwrap_or(before.name),
        description: changes.description.clone().unwrap_or(before.description),
        reach: reach(before.reach, changes),
        allowed_ips: words::replaced(before.allowed_ips, &changes.allowed_ip, changes.no_allowed_ips),
    }
}

fn reach(before: Reach, changes: &Changes) -> Reach {
    let include_future = changes.include_future;
    match (changes.all_apis, changes.api.as_slice()) {
        (Some(level), _) => Reach::All(ApplyToAll { level, include_future }),
        (None, []) if changes.no_apis => Reach::Named(vec![]),
        (None, []) => before,
        (None, named) => Reach::Named(named.to_vec()),
    }
}
