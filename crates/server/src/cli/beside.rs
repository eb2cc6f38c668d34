//! Doing something to an installation from the command line, beside a server that may be running: open, act, close. What
//! is done is the command's business; that a server sees it is the changes feed's.

use crate::config::Config;
use crate::dev;
use crate::failure::Failure;
use crate::installation::{self, Installation, Visitor};

/// Stands for the issuer where none is configured: the name is in no token and leaves this process nowhere, since a
/// command issues nothing. What does depend on the issuer asks for the configuration of a server.
const NO_ISSUER: &str = "https://issuer.invalid";

/// Opens the installation, acts on it, and closes it whatever came of that.
pub(super) fn act<T>(
    config: &Config,
    act: impl AsyncFnOnce(&Installation) -> Result<T, Failure>,
) -> Result<T, Failure> {
    opened_by(Visitor::Command, config, act)
}

/// The same, and leaves everything as it is.
pub(super) fn look<T>(
    config: &Config,
    look: impl AsyncFnOnce(&Installation) -> Result<T, Failure>,
) -> Result<T, Failure> {
    opened_by(Visitor::Onlooker, config, look)
}

fn opened_by<T>(
    visitor: Visitor,
    config: &Config,
    act: impl AsyncFnOnce(&Installation) -> Result<T, Failure>,
) -> Result<T, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    runtime.map_err(Failure::unreachable)?.block_on(async {
        let issuer = installation::issuer(&issuer(config))?;
        let installation = Installation::open(config, issuer, visitor).await?;
        let done = act(&installation).await;
        installation.database.close();
        done
    })
}

/// The issuer; that of a trial is the one of its last start, whose port the system may have chosen.
fn issuer(config: &Config) -> String {
    let noted = if config.dev { dev::noted(config).ok() } else { None };
    noted.map_or_else(|| config.issuer().unwrap_or(NO_ISSUER).to_owned(), |trial| trial.issuer)
}
