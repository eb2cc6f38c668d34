//! `doorward keys init`: makes the master key.

use super::super::answer::Answer;
use crate::config::Config;
use crate::config::sections::MasterKey as Place;
use crate::failure::Failure;
use crate::master_key;
use serde_json::json;

const EXAMPLES: &str = "\
The master key protects everything secret in the database: without it the database cannot be used, and nobody can make
another that fits. It is written to keys.master_key_file, readable by you alone. An existing file is never overwritten.

Examples:
  The first key of a new installation:
    doorward keys init

  A newer version, because the key may be known to somebody, or is old:
    doorward keys init --next-version
    (then restart every server; `doorward keys status` shows when nothing hangs on the old version any more, and its
    line can be taken out of the file)";

#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(in super::super) struct Arguments {
    /// Add a newer version to the key that is there. What exists stays readable by the older versions.
    #[arg(long)]
    next_version: bool,
}

pub(super) fn run(arguments: &Arguments, config: &Config) -> Result<Answer, Failure> {
    let Place::File(path) = &config.keys.master_key else {
        return Err(Failure::refused("the master key is given by keys.master_key, which is not a file")
            .advise("Leave that out, and set keys.master_key_file to the file that is to be made."));
    };
    let key = if arguments.next_version { master_key::append(path)? } else { master_key::create(path)? };
    let at = path.display();
    let text = if arguments.next_version {
        format!(
            "Added version {} to the master key in {at}.\nRestart every server, so that it is used.",
            key.newest()
        )
    } else {
        format!(
            "Made a master key in {at}, readable by you alone.\n\
             Keep a copy in another place than the database's backups: neither is of use without the other."
        )
    };
    let versions: Vec<_> = key.versions().collect();
    Answer::new(text, &json!({"file": at.to_string(), "newest": key.newest(), "versions": versions}))
}
