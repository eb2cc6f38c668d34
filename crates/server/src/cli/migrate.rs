//! `doorward migrate`: the way of the database from one release to the next.

use super::Common;
use super::answer::Answer;
use super::sheet::Sheet;
use crate::failure::Failure;
use crate::installation;
use clap::Subcommand;
use doorward_storage::migrations;
use serde_json::json;

const EXAMPLES: &str = "\
`doorward serve` does the same at its start, unless database.migrate_on_start is false.

Examples:
  doorward migrate status
  doorward migrate up";

#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Arguments {
    #[command(subcommand)]
    action: Option<Action>,
}

#[derive(Subcommand)]
enum Action {
    /// Show which migrations the database has been through, and which are due. Changes nothing.
    Status,
    /// Run the migrations that are due, all or none. Makes the database if there is none. This is the default.
    Up,
}

pub(super) fn run(arguments: &Arguments, common: &Common) -> Result<Answer, Failure> {
    let url = common.configuration()?.database.url;
    let failed = |error| Failure::from(error).naming(&url);
    match arguments.action.as_ref().unwrap_or(&Action::Up) {
        Action::Status => {
            let status = migrations::status(&url).map_err(failed)?;
            let text = Sheet::default()
                .with("database", &url)
                .with_all("applied", &status.applied)
                .with_all("due", &status.pending)
                .text();
            let last = if status.pending.is_empty() {
                "\nNothing is due."
            } else {
                "\nRun `doorward migrate up`, or start the server."
            };
            let json = json!({"applied": status.applied, "pending": status.pending});
            Answer::new(text + last, &json)
        }
        Action::Up => {
            installation::make_database_folder(&url)?;
            let applied = migrations::up(&url).map_err(failed)?;
            let text = match applied.as_slice() {
                [] => format!("{url} is up to date."),
                names => {
                    format!("{url} is up to date now. Migrations that were run:\n  {}", names.join("\n  "))
                }
            };
            Answer::new(text, &json!({"applied": applied, "pending": []}))
        }
    }
}
