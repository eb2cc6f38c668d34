//! `doorward admin`: the way into a fresh server. There is no default account; whoever holds the machine makes one, and its
//! owner sets a password that nobody else has seen.

use super::Common;
use super::answer::Answer;
use super::beside;
use super::setup_link;
use super::user;
use crate::failure::Failure;
use clap::Subcommand;
use doorward_core::context::Context;
use doorward_core::identity::user::User;
use doorward_core::manage::call::Call;
use doorward_core::manage::groups::ADMINISTRATORS;
use doorward_core::manage::users::{self, Members};
use doorward_core::manage::{Refused, groups, setup_links};
use doorward_core::store::fault::Stop;

const EXAMPLES: &str = "\
The link is good for 15 minutes, and once. For a new one, run the command again.

Example:
  doorward admin create --username ada --email ada@example.com";

#[derive(Subcommand)]
pub(super) enum Command {
    /// Make somebody an administrator, and print a one-time link by which they set their password.
    Create(Arguments),
}

#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Arguments {
    /// What they type to sign in. Somebody who is there already keeps everything else they have.
    #[arg(long, value_name = "NAME")]
    username: String,
    /// Their e-mail address.
    #[arg(long)]
    email: Option<String>,
}

pub(super) fn run(command: &Command, common: &Common) -> Result<Answer, Failure> {
    let Command::Create(arguments) = command;
    // The link begins with the issuer.
    beside::act(&common.server_configuration(Vec::new())?, async |installation| {
        let context = installation.server.context();
        let user = promoted(arguments, &context).await?;
        let first = format!("{} is an administrator, and sets a password by this link:", user.username);
        setup_link::made(&first, user::resource(&user, &context).await?, &context).await
    })
}

/// The user, in the group that may do everything. Whether they can have a link is asked first.
async fn promoted(arguments: &Arguments, context: &Context<'_>) -> Result<User, Failure> {
    let known = known(&arguments.username, context).await?;
    if let Some(user) = &known {
        setup_links::may_have_one(user)?;
    }
    let administrators =
        groups::ensure(ADMINISTRATORS, &Call::by_operator(context)?, context).await?.id.to_string();
    let email = arguments.email.clone();
    let Some(known) = known else {
        let members = Members { email, groups: vec![administrators], ..Members::named(&arguments.username) };
        return Ok(users::create(members, None, &Call::by_operator(context)?, context).await?);
    };
    let change = move |members: &mut Members| {
        members.groups.push(administrators.clone());
        members.email = email.clone().or(members.email.take());
        Ok(())
    };
    Ok(users::update(&known.id.to_string(), &Call::by_operator(context)?, context, change).await?)
}

async fn known(username: &str, context: &Context<'_>) -> Result<Option<User>, Failure> {
    match users::show(username, &Call::by_operator(context)?, context).await {
        Ok(user) => Ok(Some(user)),
        Err(Stop::Refuse(Refused::NotFound { .. })) => Ok(None),
        Err(stop) => Err(stop.into()),
    }
}
