//! `doorward serve`: starts the server.

use super::Common;
use super::answer::{self, Answer};
use crate::config::surroundings::Surroundings;
use crate::dev::Trial;
use crate::failure::Failure;
use crate::serve;
use crate::telemetry::traces::spans::Traces;
use crate::telemetry::{logs, panics};

const EXAMPLES: &str = "\
The server runs until it gets SIGTERM or SIGINT; it then finishes what is under way (at most server.shutdown_grace) and
exits with 0. A second signal ends it at once. Where it speaks https itself, SIGHUP has it read its certificate again. Events
are written to standard error.

Examples:
  Try it out, with demo users, clients and an API, in the current folder:
    doorward serve --dev

  Behind a proxy that speaks https (with server.tls_terminated_by_proxy = true in the configuration):
    doorward serve --issuer https://id.example.com --listen 127.0.0.1:8080

  Speaking https itself (with server.tls.certificate and server.tls.key in the configuration):
    doorward serve --issuer https://id.example.com --listen '[::]:443'";

#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Arguments {
    /// The address to listen on [default: 127.0.0.1:8080].
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<String>,
    /// The URL under which clients know this server: the `iss` of every token.
    #[arg(long, value_name = "URL")]
    issuer: Option<String>,
}

pub(super) fn run(arguments: &Arguments, common: &Common) -> Result<Answer, Failure> {
    let listen = arguments.listen.clone().map(|address| ("server.listen", address));
    let issuer = arguments.issuer.clone().map(|url| ("server.issuer", url));
    let config = common.server_configuration(listen.into_iter().chain(issuer).collect())?;
    let surroundings = Surroundings::of_process();
    let traces = Traces::begin(&surroundings).map_err(Failure::refused)?;
    logs::install(&config.log.level, config.log.format, &traces).map_err(Failure::refused)?;
    panics::install();
    traces.announce(&surroundings);
    let ended = serve::run(&config, &surroundings, |trial| show(trial, common.json()));
    traces.end();
    ended.map(|()| Answer::silent())
}

/// Shows what was seeded. The server runs all the same when nobody reads it.
fn show(trial: &Trial, json: bool) {
    let text = if json { answer::pretty(&trial.json()) } else { trial.to_string() };
    if let Err(error) = answer::say(&text) {
        tracing::warn!(%error, "standard output is closed");
    }
}
