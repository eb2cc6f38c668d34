//! `doorward keys rotate`: follows signing keys by new ones.

use super::super::answer::Answer;
use super::super::page::Page;
use super::super::words;
use crate::config::Config;
use crate::failure::Failure;
use doorward_core::authorization_server::AuthorizationServer;
use doorward_core::keys::seal::Sealer;
use doorward_core::keys::signing_key::SigningKeyRecord;
use doorward_core::manage::call::Call;
use doorward_core::manage::signing_keys::{self, Occasion};
use doorward_protocol::jose::Algorithm;
use doorward_web::api::resources::signing_key::SigningKeyResource;

const EXAMPLES: &str = "\
In peace, a new key is published first and begins to sign after keys.publish_before_use; the old one is published until
the last token it signed has expired. Nobody notices.

Examples:
  All keys, in peace:
    doorward keys rotate

  A key that somebody may have stolen: it is withdrawn at once, and every token it signed is void.
    doorward keys rotate --algorithm ES256 --revoke-current";

#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(in super::super) struct Arguments {
    /// Rotate the key of this algorithm only; give it once for each [default: all of keys.algorithms].
    #[arg(long, value_parser = words::algorithm())]
    algorithm: Vec<Algorithm>,
    /// Withdraw the current keys at once: every token they signed is void, the new keys sign now.
    #[arg(long)]
    revoke_current: bool,
}

pub(super) async fn run(
    arguments: &Arguments,
    config: &Config,
    server: &AuthorizationServer,
) -> Result<Answer, Failure> {
    let context = server.context();
    let kept = &config.keys.algorithms;
    let algorithms = if arguments.algorithm.is_empty() { kept } else { &arguments.algorithm };
    if let Some(foreign) = algorithms.iter().find(|algorithm| !kept.contains(algorithm)) {
        return Err(Failure::refused(format!("no key is kept for {foreign}: it is not in keys.algorithms")));
    }
    refuse_before_its_time(server).await?;
    let occasion = if arguments.revoke_current { Occasion::Compromise } else { Occasion::Requested };
    // All are made before one is recorded: what cannot be made leaves everything as it was.
    let prepared: Result<Vec<_>, _> = algorithms
        .iter()
        .map(|algorithm| signing_keys::prepare(*algorithm, server.sealer(), &context))
        .collect();
    let prepared = prepared?;
    let kids: Vec<_> = prepared.iter().map(|key| key.kid.clone()).collect();
    for key in prepared {
        signing_keys::rotate(key, occasion, &Call::by_operator(&context)?, &context).await?;
    }
    let all = signing_keys::list(&Call::by_operator(&context)?, &context).await?;
    let new = all.iter().filter(|key| kids.contains(&key.kid));
    let page = Page::whole(new.map(|key| SigningKeyResource::of(key, context.now, &all)).collect());
    let first = if arguments.revoke_current {
        "The current keys are revoked, and every token they signed is void. These sign from now on:"
    } else {
        "These keys follow the current ones:"
    };
    Answer::new(format!("{first}\n\n{}", super::table(&page.items)), &page)
}

/// A server reads the master key when it starts, and seals its signing keys under the newest version. A key that is sealed
/// under a version it has not read yet could not sign there.
async fn refuse_before_its_time(server: &AuthorizationServer) -> Result<(), Failure> {
    let (context, newest) = (server.context(), server.sealer().newest());
    let keys = signing_keys::list(&Call::by_operator(&context)?, &context).await?;
    let behind = |key: &SigningKeyRecord| {
        Sealer::version_of(&key.sealed_private_key).is_ok_and(|version| version < newest)
    };
    if keys.iter().any(|key| key.verifies(context.now) && behind(key)) {
        let reason = format!("the server does not know version {newest} of the master key yet");
        return Err(Failure::refused(reason).advise("Restart it, then rotate."));
    }
    Ok(())
}
