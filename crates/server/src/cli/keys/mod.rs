//! `doorward keys`: the master key, and the keys that sign tokens. Owns what is asked and how the answer reads.

mod init;
mod rotate;
mod status;

use super::Common;
use super::answer::Answer;
use super::beside;
use super::page::Page;
use super::sheet::Table;
use crate::failure::Failure;
use clap::Subcommand;
use doorward_core::context::Context;
use doorward_core::keys::signing_key::{SigningKeyRecord, State};
use doorward_core::manage::call::Call;
use doorward_core::manage::signing_keys;
use doorward_web::api::resources::signing_key::SigningKeyResource;
use serde_json::{Value, json};

#[derive(Subcommand)]
pub(super) enum Command {
    /// Make the master key, in a new file.
    Init(init::Arguments),
    /// Show the versions of the master key and what still hangs on each, and the keys that sign.
    Status,
    /// List the signing keys and where each stands in its life.
    List,
    /// Follow the signing keys by new ones, before the schedule does.
    Rotate(rotate::Arguments),
    /// Print the public signing keys as a JWK set (RFC 7517), as the server publishes it.
    ExportPublic,
}

pub(super) fn run(command: &Command, common: &Common) -> Result<Answer, Failure> {
    let config = common.configuration()?;
    if let Command::Init(arguments) = command {
        return init::run(arguments, &config);
    }
    beside::act(&config, async |installation| {
        let context = installation.server.context();
        match command {
            Command::Init(arguments) => init::run(arguments, &config),
            Command::Status => status::run(&config, &installation.server).await,
            Command::List => list(&context).await,
            Command::Rotate(arguments) => rotate::run(arguments, &config, &installation.server).await,
            Command::ExportPublic => export(&context).await,
        }
    })
}

async fn list(context: &Context<'_>) -> Result<Answer, Failure> {
    let all = signing_keys::list(&Call::by_operator(context)?, context).await?;
    let page = Page::whole(all.iter().map(|key| SigningKeyResource::of(key, context.now, &all)).collect());
    if page.items.is_empty() {
        return Answer::new("No signing keys. The server makes them when it starts.", &page);
    }
    Answer::new(table(&page.items), &page)
}

async fn export(context: &Context<'_>) -> Result<Answer, Failure> {
    let keys = signing_keys::list(&Call::by_operator(context)?, context).await?;
    let published = keys.iter().filter(|key| key.verifies(context.now));
    let keys: Vec<Value> = published.filter_map(|key| serde_json::from_str(&key.public_jwk).ok()).collect();
    let set = json!({"keys": keys});
    Answer::new(super::answer::pretty(&set), &set)
}

fn table(keys: &[SigningKeyResource]) -> String {
    let mut table = Table::new(&["kid", "algorithm", "status", "signs from", "published until"]);
    for key in keys {
        let until = match (key.revoked_at, key.expires_at) {
            (Some(revoked), _) => format!("{} (revoked)", revoked.0),
            (None, Some(end)) => end.0.to_string(),
            (None, None) => "a successor takes over".to_owned(),
        };
        let row = [
            key.kid.clone(),
            key.algorithm.to_string(),
            word(key.status),
            key.activates_at.0.to_string(),
            until,
        ];
        table.row(row);
    }
    table.text()
}

/// The state as JSON spells it.
fn word(state: State) -> String {
    serde_json::to_value(state).ok().and_then(|word| word.as_str().map(str::to_owned)).unwrap_or_default()
}

/// The key that signs with each algorithm, if any does.
fn signing(all: &[SigningKeyRecord], context: &Context<'_>) -> Vec<SigningKeyResource> {
    let active = |key: &&SigningKeyRecord| key.state(context.now, all) == State::Active;
    all.iter().filter(active).map(|key| SigningKeyResource::of(key, context.now, all)).collect()
}
