//! One installation of Doorward, opened: its configuration, its database, its master key, and the rules over them. Both a
//! server and a command beside it begin here; what they then do is their own business.

use crate::config::Config;
use crate::failure::Failure;
use crate::{files, master_key};
use doorward_core::authorization_server::AuthorizationServer;
use doorward_core::authorization_server::builder::BuildError;
use doorward_core::issuer::Issuer;
use doorward_core::keys::master::MasterKey;
use doorward_core::keys::signing_key::Schedule;
use doorward_core::settings::{Settings, SignIn};
use doorward_core::store::Store;
use doorward_storage::database::{Database, Options};
use doorward_storage::url::DatabaseUrl;
use std::path::Path;
use std::sync::Arc;

/// Argon2 counts memory in these.
const KIB: u32 = 1024;

/// An installation that is open.
pub(crate) struct Installation {
    /// The database; closing it makes what waits durable.
    pub(crate) database: Arc<Database>,
    /// The rules over it.
    pub(crate) server: AuthorizationServer,
}

/// Who opens it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Visitor {
    /// The server itself, which may make and migrate the database.
    Server,
    /// A command, perhaps beside a server: it changes no schema and makes no database.
    Command,
    /// The same of one that only looks, and leaves everything as it is.
    Onlooker,
}

impl Installation {
    /// Reads the key, opens the database and proves that they belong together.
    pub(crate) async fn open(config: &Config, issuer: Issuer, visitor: Visitor) -> Result<Self, Failure> {
        if visitor != Visitor::Server {
            // Whoever names another place than they mean hears of that first, and not of the key that lies there neither.
            must_exist(&config.database.url)?;
        }
        let master = master_key::read(&config.keys.master_key)?;
        let database = open_database(config, visitor)?;
        Ok(Self::build(config, issuer, database, master, visitor).await?)
    }

    /// Puts the rules over a database that is open already.
    pub(crate) async fn build(
        config: &Config,
        issuer: Issuer,
        database: Arc<Database>,
        master: MasterKey,
        visitor: Visitor,
    ) -> Result<Self, BuildError> {
        let store: Arc<dyn Store> = Arc::clone(&database) as _;
        let settings = settings(config, issuer.clone());
        let builder = AuthorizationServer::builder(issuer, store, master).settings(settings);
        let builder = if visitor == Visitor::Onlooker { builder.only_looking() } else { builder };
        let server = builder.build().await?;
        Ok(Self { database, server })
    }
}

/// Opens the database as this visitor may.
pub(crate) fn open_database(config: &Config, visitor: Visitor) -> Result<Arc<Database>, Failure> {
    let url = &config.database.url;
    let options = match visitor {
        Visitor::Server => {
            make_database_folder(url)?;
            let migrate = config.database.migrate_on_start;
            Options {
                migrate,
                ballast: Some(Options::BALLAST),
                connections: config.database.connections,
                ..Options::default()
            }
        }
        Visitor::Command | Visitor::Onlooker => {
            must_exist(url)?;
            // One thing at a time.
            Options { migrate: false, connections: 2, ..Options::default() }
        }
    };
    Database::open(url, options).map_err(|error| Failure::from(error).naming(url))
}

/// Makes the folder that the database is to lie in.
pub(crate) fn make_database_folder(url: &DatabaseUrl) -> Result<(), Failure> {
    let Some(file) = url.file() else { return Ok(()) };
    files::make_folder_of(file)
        .map_err(|error| Failure::unreachable(format!("{url}: its folder cannot be made: {error}")))
}

/// Who this server is. The configuration has checked the text by the same rules already.
pub(crate) fn issuer(text: &str) -> Result<Issuer, Failure> {
    text.parse().map_err(|error| Failure::refused(format!("server.issuer: {error}")))
}

/// What the operator has set, as the rules need it.
fn settings(config: &Config, issuer: Issuer) -> Settings {
    let known = config.server.knows_its_clients(&issuer);
    Settings {
        issuer,
        algorithms: config.keys.algorithms.clone(),
        signing_algorithm: config.tokens.signing_algorithm,
        access_token_lifetime: config.tokens.access_token_lifetime,
        jwks_max_age: config.tokens.jwks_max_age,
        keys: Schedule {
            publish_before_use: config.keys.publish_before_use,
            retire_after: config.keys.retire_after,
            rotate_after: config.keys.rotate_after,
        },
        failed_authentications_per_minute: config.limits.failed_authentications_per_minute,
        id_token_lifetime: config.tokens.id_token_lifetime,
        refresh: config.tokens.refresh,
        session_idle: config.sessions.idle,
        session_absolute: config.sessions.absolute,
        sign_in: SignIn {
            attempts_per_account: config.limits.sign_ins_per_account,
            // Behind a proxy that nobody is told of, all people share its address, and one could shut out all others.
            attempts_per_address: if known { config.limits.sign_ins_per_address } else { u32::MAX },
            hashing_threads: config.passwords.hashing_threads,
            hashing_memory: config.passwords.hashing_memory / KIB,
            hashing_passes: config.passwords.hashing_passes,
        },
        memory: config.memory,
        pages_prefix: config.server.pages_prefix.clone(),
        audit_retention: config.audit.retention,
        checkpoint_file: config.audit.checkpoint_file.clone(),
    }
}

fn must_exist(url: &DatabaseUrl) -> Result<(), Failure> {
    // A server is asked when it is opened.
    if url.file().is_none_or(Path::exists) {
        return Ok(());
    }
    Err(Failure::unreachable(format!("there is no database at {url}"))
        .advise("Make it with `doorward migrate up`, or start the server once. If it lies elsewhere, name it by --database."))
}

#[cfg(test)]
#[cfg(feature = "sqlite")]
mod tests {
    use crate::config::surroundings::Surroundings;
    use crate::config::{self, Overrides};
    use std::path::PathBuf;

    /// Behind a proxy everybody has one address: a limit on it would let anybody shut out all others.
    #[test]
    fn sign_ins_of_one_address_are_limited_only_where_addresses_are_known() {
        let limit = |settings: &[(&str, &str)]| {
            let home = ("HOME".into(), "/nowhere".into());
            let variable =
                |(name, text): &(&str, &str)| (format!("DOORWARD__SERVER__{name}").into(), (*text).into());
            let variables = settings.iter().map(variable).chain([home]);
            let surroundings = Surroundings::new(variables, PathBuf::from("/nowhere"));
            let config = config::load(&Overrides::default(), &surroundings).unwrap();
            let settings = super::settings(&config, config.issuer().unwrap().parse().unwrap()).sign_in;
            assert_eq!(settings.attempts_per_account, config.limits.sign_ins_per_account);
            (
                settings.attempts_per_address == config.limits.sign_ins_per_address,
                settings.attempts_per_address,
            )
        };
        let (plain, https) = (("ISSUER", "http://127.0.0.1:8080"), ("ISSUER", "https://as.example"));
        let [proxy, trusted] = [("TLS_TERMINATED_BY_PROXY", "true"), ("TRUSTED_PROXIES", "10.0.0.0/8")];
        let [certificate, key] = [("TLS__CERTIFICATE", "/a.crt"), ("TLS__KEY", "/a.key")];
        for known in [&[plain][..], &[https, proxy, trusted], &[https, certificate, key]] {
            assert!(limit(known).0, "{known:?}");
        }
        for unknown in [&[https, proxy][..], &[https, proxy, certificate, key]] {
            assert_eq!(limit(unknown), (false, u32::MAX), "{unknown:?}");
        }
    }
}
