//! `doorward user`: registers the people who sign in. Owns what is asked and how the answer reads; the rules are
//! `core/manage/users`'.

mod create;
mod update;

use super::Common;
use super::answer::Answer;
use super::beside;
use super::page::{Page, Wanted};
use super::setup_link;
use super::sheet::{Sheet, Table};
use super::standard_input;
use crate::failure::Failure;
use clap::Subcommand;
use doorward_core::context::Context;
use doorward_core::identity::user::User;
use doorward_core::manage::call::Call;
use doorward_core::manage::{apis, groups, users};
use doorward_core::store::tx::filter::UserFilter;
use doorward_protocol::id::ClientId;
use doorward_protocol::words::UserStatus;
use doorward_web::api::resources::user::UserResource;

const SET_PASSWORD: &str = "\
The password comes from standard input; at a terminal it is asked for. Better still, let the person set it: `doorward user
setup-link` makes a link for that.

Example:
  doorward user set-password alice < password.txt";

#[derive(Subcommand)]
pub(super) enum Command {
    /// Register a user.
    Create(create::Arguments),
    /// List users, in the order of their ids (about that of registration).
    List(Wanted),
    /// Show one user.
    Show(Reference),
    /// Change a user.
    Update(update::Arguments),
    /// Disable a user. All their sessions and tokens are void at once, and stay so.
    Disable(Reference),
    /// Enable a user again. They have to sign in anew.
    Enable(Reference),
    /// Delete a user, with everything that is theirs. All their sessions and tokens are void at once.
    Delete(Reference),
    /// Give a user a password. All their sessions and tokens are void at once.
    #[command(after_help = SET_PASSWORD)]
    SetPassword(Reference),
    /// Print a one-time link by which a user sets their password.
    SetupLink(Reference),
    /// Void all sessions and tokens of a user, who may sign in again.
    RevokeAll(Reference),
}

/// Which user.
#[derive(clap::Args)]
pub(super) struct Reference {
    /// The user, by user name or id.
    #[arg(value_name = "USER")]
    user: String,
}

pub(super) fn run(command: &Command, common: &Common) -> Result<Answer, Failure> {
    let config = match command {
        // The link begins with the issuer.
        Command::SetupLink(_) => common.server_configuration(Vec::new()),
        _ => common.configuration(),
    };
    beside::act(&config?, async |installation| {
        let context = installation.server.context();
        match command {
            Command::Create(arguments) => create::run(arguments, &context).await,
            Command::List(wanted) => list(wanted, &context).await,
            Command::Show(one) => {
                shown("", &users::show(&one.user, &Call::by_operator(&context)?, &context).await?, &context)
                    .await
            }
            Command::Update(arguments) => update::run(arguments, &context).await,
            Command::Disable(one) => switch(one, UserStatus::Disabled, &context).await,
            Command::Enable(one) => switch(one, UserStatus::Active, &context).await,
            Command::Delete(one) => delete(one, &context).await,
            Command::SetPassword(one) => set_password(one, &context).await,
            Command::SetupLink(one) => link(one, &context).await,
            Command::RevokeAll(one) => revoke_all(one, &context).await,
        }
    })
}

async fn list(wanted: &Wanted, context: &Context<'_>) -> Result<Answer, Failure> {
    let users = users::list(
        &UserFilter::default(),
        wanted.after()?,
        wanted.limit + 1,
        &Call::by_operator(context)?,
        context,
    )
    .await?;
    let groups = groups::list(&Call::by_operator(context)?, context).await?;
    let mut items = Vec::with_capacity(users.len());
    for user in &users {
        items.push(UserResource::of(user, &groups, client_ids(user, context).await?));
    }
    let page = Page::of(items, wanted.limit, |user: &UserResource| user.id.to_string());
    if page.items.is_empty() {
        return Answer::new("No users. `doorward user create` registers one.", &page);
    }
    let mut table = Table::new(&["username", "name", "status", "email", "groups"]);
    for user in &page.items {
        table.row([
            user.username.clone(),
            user.name.clone(),
            user.status.to_string(),
            user.email.clone().unwrap_or_default(),
            user.groups.join(", "),
        ]);
    }
    Answer::new(table.text() + &page.rest(), &page)
}

async fn switch(one: &Reference, status: UserStatus, context: &Context<'_>) -> Result<Answer, Failure> {
    let user = users::set_status(&one.user, status, &Call::by_operator(context)?, context).await?;
    let text = format!("The user {} is {status}.", user.username);
    Answer::new(text, &resource(&user, context).await?)
}

async fn delete(one: &Reference, context: &Context<'_>) -> Result<Answer, Failure> {
    users::delete(&one.user, &Call::by_operator(context)?, context).await?;
    Ok(Answer::done(format!("The user {} is deleted, with everything that was theirs.", one.user)))
}

async fn set_password(one: &Reference, context: &Context<'_>) -> Result<Answer, Failure> {
    // Before anything is typed for nobody.
    users::show(&one.user, &Call::by_operator(context)?, context).await?;
    let password = standard_input::password()?;
    let user = users::set_password(&one.user, &password, &Call::by_operator(context)?, context).await?;
    let text = format!("{} has the new password. All their sessions and tokens are void.", user.username);
    Answer::new(text, &resource(&user, context).await?)
}

async fn link(one: &Reference, context: &Context<'_>) -> Result<Answer, Failure> {
    let user = users::show(&one.user, &Call::by_operator(context)?, context).await?;
    let first = format!("{} sets a password by this link:", user.username);
    setup_link::made(&first, resource(&user, context).await?, context).await
}

async fn revoke_all(one: &Reference, context: &Context<'_>) -> Result<Answer, Failure> {
    let user = users::revoke_all(&one.user, &Call::by_operator(context)?, context).await?;
    let text = format!("All sessions and tokens of {} are void.", user.username);
    Answer::new(text, &resource(&user, context).await?)
}

/// A user under a first line, if there is one.
async fn shown(first: &str, user: &User, context: &Context<'_>) -> Result<Answer, Failure> {
    let resource = resource(user, context).await?;
    Answer::sheet(first, &sheet(&resource), &resource)
}

/// A user in JSON, with the groups by their names.
pub(super) async fn resource(user: &User, context: &Context<'_>) -> Result<UserResource, Failure> {
    let groups = if user.groups.is_empty() {
        Vec::new()
    } else {
        groups::list(&Call::by_operator(context)?, context).await?
    };
    Ok(UserResource::of(user, &groups, client_ids(user, context).await?))
}

async fn client_ids(user: &User, context: &Context<'_>) -> Result<Vec<ClientId>, Failure> {
    Ok(apis::client_ids(&user.clients, &Call::by_operator(context)?, context).await?)
}

fn sheet(user: &UserResource) -> Sheet {
    Sheet::default()
        .with("user name", &user.username)
        .with("name", &user.name)
        .with_some("e-mail", user.email.as_ref())
        .with("status", user.status)
        .with_some("contact", user.contact.as_ref())
        .with_all("groups", &user.groups)
        .with_all("clients", &user.clients)
        .with_some("organization", user.organization_id)
        .with("id", user.id)
        .with("registered", user.created_at.0)
        .with("changed", user.updated_at.0)
}
