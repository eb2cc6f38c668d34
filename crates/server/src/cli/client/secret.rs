//! `doorward client secret`: a client changes from one secret to another. Owns what is asked and how the answer reads; the rules are
//! `core/manage/clients/secrets`'.

use super::super::answer::Answer;
use super::super::page::Page;
use super::super::sheet::{Sheet, Table};
use super::super::words;
use super::Reference;
use crate::failure::Failure;
use clap::Subcommand;
use doorward_core::context::Context;
use doorward_core::manage::call::Call;
use doorward_core::manage::clients::secrets::{self, Made};
use doorward_protocol::id::Id;
use doorward_protocol::time::Lifetime;
use doorward_web::api::resources::client_secret::ClientSecretResource;

const ROTATE: &str = "\
Example:
  A new secret, beside which the old one goes on for an hour:
    doorward client secret rotate billing --overlap-seconds 3600";

#[derive(Subcommand)]
pub(in super::super) enum Command {
    /// List the secrets of a client that are good, without what they say.
    List(Reference),
    /// Give a client another secret beside the one it has, and print it once.
    Create(Reference),
    /// Give a client another secret in place of those it has, and print it once.
    #[command(after_help = ROTATE)]
    Rotate(Rotate),
    /// Take a secret away from a client.
    Delete(Delete),
}

#[derive(clap::Args)]
pub(in super::super) struct Rotate {
    #[command(flatten)]
    client: Reference,
    /// How long the old secret goes on beside the new one; at once is 0, at most 30 days.
    #[arg(long, value_name = "SECONDS", default_value = "0", value_parser = words::overlap())]
    overlap_seconds: Lifetime,
}

#[derive(clap::Args)]
pub(in super::super) struct Delete {
    #[command(flatten)]
    client: Reference,
    /// The secret, by its id.
    #[arg(value_name = "SECRET")]
    id: Id,
}

pub(super) async fn run(command: &Command, context: &Context<'_>) -> Result<Answer, Failure> {
    let call = Call::by_operator(context)?;
    match command {
        Command::List(one) => list(one, &call, context).await,
        Command::Create(one) => made(&secrets::create(&one.client, &call, context).await?),
        Command::Rotate(Rotate { client, overlap_seconds }) => {
            made(&secrets::rotate(&client.client, *overlap_seconds, &call, context).await?)
        }
        Command::Delete(Delete { client, id }) => {
            secrets::delete(&client.client, *id, &call, context).await?;
            Ok(Answer::done(format!("The secret {id} is good no more.")))
        }
    }
}

async fn list(one: &Reference, call: &Call, context: &Context<'_>) -> Result<Answer, Failure> {
    let known = secrets::list(&one.client, call, context).await?;
    let items = known.iter().map(|(secret, used)| ClientSecretResource::of(secret, used.as_ref()));
    let page = Page::whole(items.collect());
    if page.items.is_empty() {
        return Answer::new("No secrets. `doorward client secret create` makes one.", &page);
    }
    let mut table = Table::new(&["id", "last four", "made", "ends", "last used"]);
    for secret in &page.items {
        let said = |at: Option<doorward_web::api::resources::Instant>| at.map(|at| at.0.to_string());
        table.row([
            secret.id.to_string(),
            secret.last_four.clone(),
            secret.created_at.0.to_string(),
            ended(secret),
            said(secret.last_used_at).unwrap_or_default(),
        ]);
    }
    Answer::new(table.text(), &page)
}

/// When it ends, and why, where it was taken back.
fn ended(secret: &ClientSecretResource) -> String {
    let end = secret.expires_at.map(|end| end.0.to_string()).unwrap_or_default();
    secret.inactive_reason.as_ref().map_or(end.clone(), |reason| format!("{end} ({reason})"))
}

fn made(made: &Made) -> Result<Answer, Failure> {
    let mut resource = ClientSecretResource::of(&made.secret, None);
    resource.client_secret = Some(made.text.expose().to_owned());
    let sheet = Sheet::default().with("client_secret", made.text.expose()).with("id", resource.id);
    let warning =
        "The secret is shown only now, and cannot be read again: give it to the client, and to nobody else.";
    Answer::new(format!("{}\n{warning}", sheet.text()), &resource)
}
