//! `doorward api-account create`.

use super::super::answer::Answer;
use super::super::words;
use crate::failure::Failure;
use doorward_core::context::Context;
use doorward_core::manage::api_accounts::{self, Members, Owner};
use doorward_core::manage::call::Call;
use doorward_protocol::time::Seconds;
use doorward_protocol::words::Level;

const EXAMPLES: &str = "\
Examples:
  A program of alice's that reads invoices, and a token for it:
    doorward api-account create --user alice --name Warehouse --api https://api.example.com/invoices=read --json | jq -r .client_id
    doorward token create --api-account k-5b0c7e1f94d2a8366e10 --name warehouse-1 --api https://api.example.com/invoices=read

  One of an organization's, from one network:
    doorward api-account create --organization acme --name Till --api https://api.example.com/orders=full --allowed-ip 192.0.2.0/24";

#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(in super::super) struct Arguments {
    #[command(flatten)]
    owner: Owned,
    /// What its owner calls it.
    #[arg(long)]
    name: String,
    /// What it is for.
    #[arg(long, default_value = "", hide_default_value = true)]
    description: String,
    /// What it may do at most at an API, which is named by identifier, id or `management`, its tokens included; give it once for
    /// each. At the others it may do nothing.
    #[arg(long, value_name = "API=LEVEL", value_parser = words::access)]
    api: Vec<(String, Level)>,
    /// An address or a network that it may be used from; give it once for each [default: from everywhere].
    #[arg(long, value_name = "CIDR")]
    allowed_ip: Vec<String>,
    /// A group it is in, by its name or its id: what it may do at the management API; give it once for each.
    #[arg(long)]
    group: Vec<String>,
    /// When it ends by itself, such as 2027-01-31T12:00:00Z.
    #[arg(long, value_name = "INSTANT", value_parser = words::instant)]
    expires_at: Option<Seconds>,
}

/// Whose it is.
#[derive(clap::Args)]
#[group(required = true, multiple = false)]
struct Owned {
    /// The user whose it is, by user name or id.
    #[arg(long, value_name = "USER")]
    user: Option<String>,
    /// The organization whose it is, by name or id.
    #[arg(long, value_name = "ORGANIZATION")]
    organization: Option<String>,
}

pub(super) async fn run(arguments: &Arguments, context: &Context<'_>) -> Result<Answer, Failure> {
    let members = Members {
        description: arguments.description.clone(),
        groups: arguments.group.clone(),
        allowed_ips: arguments.allowed_ip.clone(),
        access: arguments.api.clone(),
        expires_at: arguments.expires_at,
        ..Members::named(&arguments.name)
    };
    let owner = arguments.owner.owner()?;
    let made = api_accounts::create(owner, members, &Call::by_operator(context)?, context).await?;
    super::told(&format!("Made the API account {}.", made.name), &made, context).await
}

impl Owned {
    fn owner(&self) -> Result<Owner, Failure> {
        match (&self.user, &self.organization) {
            (Some(user), _) => Ok(Owner::User(user.clone())),
            (None, Some(organization)) => Ok(Owner::Organization(organization.clone())),
            (None, None) => Err(Failure::usage("say whose it is: --user or --organization")),
        }
    }
}
