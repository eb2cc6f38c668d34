//! `doorward audit`: what happened, and the proof that nobody has changed the record of it. Owns what is asked and how the answer
//! reads; what is looked at is core's.

mod tail;
mod verify;

use super::Common;
use super::answer::{self, Answer};
use super::beside;
use crate::failure::Failure;
use clap::Subcommand;
use serde_json::json;

#[derive(Subcommand)]
pub(super) enum Command {
    /// Look the whole trail through, beside a running server: says which events were edited, deleted, moved, put in or cut off.
    Verify(verify::Arguments),
    /// Show the last events.
    Tail(tail::Arguments),
    /// Print the public keys that sign checkpoints, as a JWK set (RFC 7517): by them anybody checks checkpoints kept elsewhere.
    ExportKey,
}

pub(super) fn run(command: &Command, common: &Common) -> Result<Answer, Failure> {
    let config = common.configuration()?;
    beside::look(&config, async |installation| {
        let context = installation.server.context();
        match command {
            Command::Verify(arguments) => verify::run(arguments, &context).await,
            Command::Tail(arguments) => tail::run(arguments, common.json(), &context).await,
            Command::ExportKey => {
                let set = json!({"keys": context.audit.public()});
                Answer::new(answer::pretty(&set), &set)
            }
        }
    })
}
