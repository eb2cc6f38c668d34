//! `doorward config`: what the configuration says, and what is wrong with it.

use super::Common;
use super::answer::Answer;
use crate::failure::Failure;
use clap::Subcommand;

#[derive(Subcommand)]
pub(super) enum Command {
    /// Check whether a server could start with this configuration. Opens neither database nor key.
    Check,
    /// Show every effective value and where it comes from; secrets are masked. What is printed can be read back.
    Show,
}

pub(super) fn run(command: &Command, common: &Common) -> Result<Answer, Failure> {
    match command {
        Command::Check => {
            let config = common.server_configuration(Vec::new())?;
            let file = config.file().map(|path| path.display().to_string());
            let read = file.unwrap_or_else(|| "no configuration file".to_owned());
            Answer::new(format!("The configuration is sound ({read})."), &config.report())
        }
        Command::Show => {
            let report = common.configuration()?.report();
            Answer::new(report.to_string(), &report)
        }
    }
}
