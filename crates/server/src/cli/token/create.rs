//! `doorward token create`.

use super::super::answer::Answer;
use super::super::words;
use super::Until;
use crate::failure::Failure;
use doorward_core::context::Context;
use doorward_core::manage::api_tokens::access::{ApplyToAll, Named, Reach};
use doorward_core::manage::api_tokens::{self, Members};
use doorward_core::manage::call::Call;
use doorward_protocol::words::Level;

const EXAMPLES: &str = "\
A level is none, read (to look: GET, HEAD and OPTIONS, where the API does not say otherwise) or full. An API that is not named is
closed to the token. `management` is the management API of this server.

Examples:
  A program of alice's that reads invoices, from one network:
    doorward token create --user alice --name backup --api https://api.example.com/invoices=read --allowed-ip 192.0.2.0/24

  The same, for a script that needs the value:
    doorward token create --user alice --name backup --api https://api.example.com/invoices=read --json | jq -r .token

  A program that is an API account:
    doorward token create --api-account k-5b0c7e1f94d2a8366e10 --name warehouse-1 --api https://api.example.com/invoices=read

  All APIs, those that are registered later too, until the end of May:
    doorward token create --user alice --name desk --all-apis full --include-future --expires-at 2027-05-31T23:59:59Z";

#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(in super::super) struct Arguments {
    #[command(flatten)]
    owner: super::Owned,
    /// What its owner calls it.
    #[arg(long)]
    name: String,
    /// What it is for.
    #[arg(long, default_value = "", hide_default_value = true)]
    description: String,
    #[command(flatten)]
    until: Until,
    /// Its level at an API, which is named by identifier, id or `management`; give it once for each.
    #[arg(long, value_name = "API=LEVEL", value_parser = words::api_level)]
    api: Vec<Named>,
    /// Its level at every API that there is now, but for the management API.
    #[arg(long, value_name = "LEVEL", value_parser = words::level(), conflicts_with = "api")]
    all_apis: Option<Level>,
    /// Let --all-apis hold at those that are registered later, too.
    #[arg(long, requires = "all_apis")]
    include_future: bool,
    /// Where it may be used from, an address or a network; give it once for each [default: everywhere].
    #[arg(long, value_name = "CIDR")]
    allowed_ip: Vec<String>,
}

pub(super) async fn run(arguments: &Arguments, context: &Context<'_>) -> Result<Answer, Failure> {
    let include_future = arguments.include_future;
    let reach = match arguments.all_apis {
        Some(level) => Reach::All(ApplyToAll { level, include_future }),
        None => Reach::Named(arguments.api.clone()),
    };
    let members = Members {
        description: arguments.description.clone(),
        reach,
        allowed_ips: arguments.allowed_ip.clone(),
        ..Members::named(&arguments.name)
    };
    let (expiry, call) = (arguments.until.expiry(), Call::by_operator(context)?);
    let issued = api_tokens::create(arguments.owner.whose()?, members, expiry, &call, context).await?;
    super::issued(&format!("Made the API token {}.", issued.shown.token.name), &issued)
}
