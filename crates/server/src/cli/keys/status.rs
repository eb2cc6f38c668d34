//! `doorward keys status`: what hangs on which key.

use super::super::answer::Answer;
use super::super::sheet::Table;
use crate::config::Config;
use crate::failure::Failure;
use crate::master_key;
use doorward_core::authorization_server::AuthorizationServer;
use doorward_core::keys::seal::Sealer;
use doorward_core::manage::call::Call;
use doorward_core::manage::{rewrapping, signing_keys};
use doorward_web::api::resources::signing_key::SigningKeyResource;
use serde::Serialize;
use std::collections::BTreeMap;

#[derive(Serialize)]
struct Status {
    master_key: MasterKeyStatus,
    signing_keys: Vec<SigningKeyResource>,
}

#[derive(Serialize)]
struct MasterKeyStatus {
    from: String,
    newest: u32,
    versions: Vec<Version>,
}

/// What hangs on one version of the master key.
#[derive(Default, Serialize)]
struct Version {
    version: u32,
    /// Whether it stands in the master key; what hangs on one that does not is lost.
    present: bool,
    /// Hashed secrets and tokens: a secret is hashed anew, under the newest version, at its next use; a token ends by
    /// itself.
    digests: i64,
    /// Sealed private keys: the server seals them anew when it starts.
    signing_keys: i64,
    /// Registered auths with secrets: the server seals them anew while it runs.
    registered_auths: i64,
}

pub(super) async fn run(config: &Config, server: &AuthorizationServer) -> Result<Answer, Failure> {
    let context = server.context();
    let all = signing_keys::list(&Call::by_operator(&context)?, &context).await?;
    let mut versions: BTreeMap<u32, Version> = BTreeMap::new();
    for version in master_key::read(&config.keys.master_key)?.versions() {
        versions.entry(version).or_default().present = true;
    }
    for (pepper, count) in context.cache.store().read(|tx| tx.digests_by_pepper()).await? {
        versions.entry(u32::try_from(pepper.0).unwrap_or(0)).or_default().digests += count;
    }
    for key in &all {
        let version = Sealer::version_of(&key.sealed_private_key).unwrap_or(0);
        versions.entry(version).or_default().signing_keys += 1;
    }
    for (version, count) in rewrapping::waiting(&Call::by_operator(&context)?, &context).await? {
        versions.entry(version).or_default().registered_auths += count;
    }
    let status = Status {
        master_key: MasterKeyStatus {
            from: master_key::describe(&config.keys.master_key),
            newest: server.sealer().newest(),
            versions: versions
                .into_iter()
                .rev()
                .map(|(version, found)| Version { version, ..found })
                .collect(),
        },
        signing_keys: super::signing(&all, &context),
    };
    Answer::new(text(&status), &status)
}

fn text(status: &Status) -> String {
    let mut versions = Table::new(&["version", "secrets and tokens", "signing keys", "registered auths", ""]);
    for version in &status.master_key.versions {
        let note = match (version.present, version.version == status.master_key.newest) {
            (false, _) => "missing in the master key: what hangs on it is lost",
            (true, true) => "newest",
            (true, false) if version.digests + version.signing_keys + version.registered_auths == 0 => {
                "can be taken out"
            }
            (true, false) => "still needed",
        };
        versions.row([
            version.version.to_string(),
            version.digests.to_string(),
            version.signing_keys.to_string(),
            version.registered_auths.to_string(),
            note.to_owned(),
        ]);
    }
    let signing = match status.signing_keys.as_slice() {
        [] => "No signing keys yet. The server makes them when it starts.\n".to_owned(),
        keys => format!("Keys that sign:\n\n{}", super::table(keys)),
    };
    format!("Master key in {}:\n\n{}\n{signing}", status.master_key.from, versions.text())
}
