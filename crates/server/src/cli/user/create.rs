//! `doorward user create`.

use super::super::answer::Answer;
use super::super::standard_input;
use crate::failure::Failure;
use doorward_core::context::Context;
use doorward_core::manage::call::Call;
use doorward_core::manage::users::{self, Members};

const EXAMPLES: &str = "\
A user without a password cannot sign in until a link has given them one; `doorward user setup-link` makes it. A password
has at least 15 characters.

Examples:
  Somebody who sets a password by a link:
    doorward user create --username alice --name 'Alice Liddell' --email alice@example.com
    doorward user setup-link alice

  The same in a script, with a password:
    doorward user create --username alice --password-stdin --json < password.txt";

#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(in super::super) struct Arguments {
    /// What they type to sign in. Upper and lower case are the same.
    #[arg(long, value_name = "NAME")]
    username: String,
    /// The full name.
    #[arg(long, default_value = "", hide_default_value = true)]
    name: String,
    /// The e-mail address.
    #[arg(long)]
    email: Option<String>,
    /// Read the password from standard input: one line. At a terminal it is asked for.
    #[arg(long)]
    password_stdin: bool,
    /// A group they are in, by its name or its id; give it once for each.
    #[arg(long)]
    group: Vec<String>,
    /// A client they belong to, by its client_id or its id; give it once for each.
    #[arg(long)]
    client: Vec<String>,
    /// Whom to ask about them, or how.
    #[arg(long)]
    contact: Option<String>,
    /// The organization they belong to, by its name or its id.
    #[arg(long, value_name = "ORGANIZATION")]
    organization: Option<String>,
}

pub(super) async fn run(arguments: &Arguments, context: &Context<'_>) -> Result<Answer, Failure> {
    let password = arguments.password_stdin.then(standard_input::password).transpose()?;
    let members = Members {
        name: arguments.name.clone(),
        email: arguments.email.clone(),
        organization: arguments.organization.clone(),
        groups: arguments.group.clone(),
        clients: arguments.client.clone(),
        contact: arguments.contact.clone(),
        ..Members::named(&arguments.username)
    };
    let user = users::create(members, password.as_ref(), &Call::by_operator(context)?, context).await?;
    let first = format!("Registered the user {}.", user.username);
    let first = match password {
        Some(_) => first,
        None => format!("{first} `doorward user setup-link` makes a link to set a password by."),
    };
    super::shown(&first, &user, context).await
}
