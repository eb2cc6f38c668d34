//! The configuration as the rest of the binary uses it: one type a section, plain fields in types that carry their unit.
//! Owns the way from settled values to these types; what the fields may hold is said in `settings`.

use super::settled::Settled;
use crate::telemetry::logs::Format;
use doorward_core::issuer::Issuer;
use doorward_core::settings::{Memory, Refresh};
use doorward_protocol::client_address::AddressHeader;
use doorward_protocol::jose::Algorithm;
use doorward_protocol::network::Network;
use doorward_protocol::secret::Secret;
use doorward_protocol::time::Lifetime;
use doorward_storage::url::DatabaseUrl;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

/// `[server]`
#[derive(Clone)]
pub(crate) struct Server {
    pub(super) issuer: Option<String>,
    /// Where to listen.
    pub(crate) listen: SocketAddr,
    /// What https is spoken with, where it is spoken here.
    pub(crate) tls: Option<TlsFiles>,
    /// Whether a proxy stands between here and the clients.
    pub(crate) tls_terminated_by_proxy: bool,
    /// Whose word on a client's address counts.
    pub(crate) trusted_proxies: Vec<Network>,
    /// In which header.
    pub(crate) client_address_header: AddressHeader,
    /// Whether Envoy may ask by sending requests on.
    pub(crate) ext_authz: bool,
    /// Threads that answer requests.
    pub(crate) workers: usize,
    /// Connections open at a time.
    pub(crate) max_connections: usize,
    /// Bytes of a request body.
    pub(crate) body_limit: usize,
    /// Time for a whole request body.
    pub(crate) body_timeout: Lifetime,
    /// Bytes of request line and headers.
    pub(crate) header_limit: usize,
    /// Time for requests in flight after SIGTERM.
    pub(crate) shutdown_grace: Lifetime,
    /// Time for proxies to hear that the server is leaving.
    pub(crate) drain: Lifetime,
    /// Where the pages stand below the issuer.
    pub(crate) pages_prefix: String,
}

/// `[server.tls]`
#[derive(Clone)]
pub(crate) struct TlsFiles {
    /// The certificate and those that lead to its authority.
    pub(crate) certificate: PathBuf,
    /// The private key, whose owner and mode are to be checked.
    pub(crate) key: PathBuf,
}

/// `[database]`
#[derive(Clone)]
pub(crate) struct Database {
    /// Which database.
    pub(crate) url: DatabaseUrl,
    /// Connections to a server, at most.
    pub(crate) connections: usize,
    /// Whether `serve` migrates.
    pub(crate) migrate_on_start: bool,
}

/// `[keys]`
#[derive(Clone)]
pub(crate) struct Keys {
    /// Where the master key is.
    pub(crate) master_key: MasterKey,
    /// Algorithms with a signing key.
    pub(crate) algorithms: Vec<Algorithm>,
    /// Age at which a key is followed by a new one.
    pub(crate) rotate_after: Lifetime,
    /// Time between publication and first signature.
    pub(crate) publish_before_use: Lifetime,
    /// Time between last signature and withdrawal.
    pub(crate) retire_after: Lifetime,
}

/// Where the master key is.
#[derive(Clone)]
pub(crate) enum MasterKey {
    /// In this file, whose owner and mode are to be checked.
    File(PathBuf),
    /// Here, in the format of the file.
    Text(Secret),
}

/// `[tokens]`
#[derive(Clone)]
pub(crate) struct Tokens {
    /// Lifetime of an access token where the API does not say.
    pub(crate) access_token_lifetime: Lifetime,
    /// The algorithm of access tokens; one of [`Keys::algorithms`].
    pub(crate) signing_algorithm: Algorithm,
    /// How long the key set may be cached.
    pub(crate) jwks_max_age: Lifetime,
    /// Lifetime of an ID token.
    pub(crate) id_token_lifetime: Lifetime,
    /// How refresh tokens live.
    pub(crate) refresh: Refresh,
}

/// `[sessions]`
#[derive(Clone)]
pub(crate) struct Sessions {
    /// How long one lasts unused.
    pub(crate) idle: Lifetime,
    /// How long one lasts at most.
    pub(crate) absolute: Lifetime,
}

/// `[passwords]`
#[derive(Clone)]
pub(crate) struct Passwords {
    /// Threads that hash.
    pub(crate) hashing_threads: usize,
    /// Bytes of memory for each hash.
    pub(crate) hashing_memory: u32,
    /// Passes over that memory.
    pub(crate) hashing_passes: u32,
}

/// `[limits]`
#[derive(Clone)]
pub(crate) struct Limits {
    /// For each pair of client and address.
    pub(crate) failed_authentications_per_minute: u32,
    /// Failed ones in 15 minutes.
    pub(crate) sign_ins_per_account: u32,
    /// Failed ones in 15 minutes.
    pub(crate) sign_ins_per_address: u32,
}

/// `[audit]`
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Audit {
    /// How long events are kept, if not for ever.
    pub(crate) retention: Option<Lifetime>,
    /// Where checkpoints are appended.
    pub(crate) checkpoint_file: Option<PathBuf>,
}

/// `[metrics]`: where `/metrics` is served.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Metrics {
    /// Nowhere; no numbers are kept.
    Off,
    /// On a listener of its own.
    Listener(SocketAddr),
    /// On the server's own address, under `--dev`.
    Server,
}

/// `[log]`
#[derive(Clone)]
pub(crate) struct Log {
    /// Which events, in the syntax of `telemetry::logs::filter`.
    pub(crate) level: String,
    /// In which form.
    pub(crate) format: Format,
}

impl Server {
    pub(super) fn of(settled: &Settled, dev: bool) -> Option<Self> {
        let path = |key| settled.path(key).map(Path::to_owned);
        let (certificate, key) = (path("server.tls.certificate"), path("server.tls.key"));
        Some(Self {
            issuer: settled.text("server.issuer").map(str::to_owned),
            listen: settled.address("server.listen")??,
            // A trial speaks plain http, whatever somebody configured for earnest.
            tls: certificate
                .zip(key)
                .filter(|_| !dev)
                .map(|(certificate, key)| TlsFiles { certificate, key }),
            tls_terminated_by_proxy: settled.is("server.tls_terminated_by_proxy")?,
            trusted_proxies: settled.networks("server.trusted_proxies")?.to_vec(),
            client_address_header: address_header(settled.text("server.client_address_header")?),
            ext_authz: settled.is("server.ext_authz")?,
            workers: settled.number("server.workers")?,
            max_connections: settled.number("server.max_connections")?,
            body_limit: settled.number("server.body_limit")?,
            body_timeout: settled.lifetime("server.body_timeout")?,
            header_limit: settled.number("server.header_limit")?,
            drain: settled.lifetime("server.drain")?,
            shutdown_grace: settled.lifetime("server.shutdown_grace")?,
            pages_prefix: settled.text("server.pages_prefix")?.to_owned(),
        })
    }
}

impl Server {
    /// Whether the address that a request comes from is its client's, or the client's is known all the same.
    pub(crate) fn knows_its_clients(&self, issuer: &Issuer) -> bool {
        let nobody_between = !issuer.uses_tls() || (self.tls.is_some() && !self.tls_terminated_by_proxy);
        nobody_between || !self.trusted_proxies.is_empty()
    }
}

fn address_header(name: &str) -> AddressHeader {
    match name {
        "Forwarded" => AddressHeader::Forwarded,
        "X-Real-IP" => AddressHeader::XRealIp,
        _ => AddressHeader::XForwardedFor,
    }
}

impl Database {
    pub(super) fn of(settled: &Settled) -> Option<Self> {
        Some(Self {
            url: settled.database("database.url")?.clone(),
            connections: settled.number("database.connections")?,
            migrate_on_start: settled.is("database.migrate_on_start")?,
        })
    }
}

impl Keys {
    pub(super) fn of(settled: &Settled) -> Option<Self> {
        Some(Self {
            master_key: MasterKey::of(settled)?,
            algorithms: settled
                .words("keys.algorithms")?
                .iter()
                .map(|name| name.parse().ok())
                .collect::<Option<_>>()?,
            rotate_after: settled.lifetime("keys.rotate_after")?,
            publish_before_use: settled.lifetime("keys.publish_before_use")?,
            retire_after: settled.lifetime("keys.retire_after")?,
        })
    }
}

impl MasterKey {
    /// Of key and file, the one from the higher layer; `checks` has seen to it that they are not from the same.
    pub(super) fn of(settled: &Settled) -> Option<Self> {
        let rank = |key| settled.effective(key).map_or(usize::MAX, |effective| effective.rank);
        if rank("keys.master_key") < rank("keys.master_key_file") {
            settled.secret("keys.master_key").cloned().map(Self::Text)
        } else {
            settled.path("keys.master_key_file").map(|path| Self::File(path.to_owned()))
        }
    }
}

impl Tokens {
    pub(super) fn of(settled: &Settled) -> Option<Self> {
        Some(Self {
            access_token_lifetime: settled.lifetime("tokens.access_token_lifetime")?,
            signing_algorithm: settled.text("tokens.signing_algorithm")?.parse().ok()?,
            jwks_max_age: settled.lifetime("tokens.jwks_max_age")?,
            id_token_lifetime: settled.lifetime("tokens.id_token_lifetime")?,
            refresh: Refresh {
                idle: settled.lifetime("tokens.refresh_idle")?,
                absolute: settled.lifetime("tokens.refresh_absolute")?,
                grace: settled.lifetime("tokens.refresh_grace")?,
            },
        })
    }
}

impl Sessions {
    pub(super) fn of(settled: &Settled) -> Option<Self> {
        Some(Self {
            idle: settled.lifetime("sessions.idle")?,
            absolute: settled.lifetime("sessions.absolute")?,
        })
    }
}

impl Passwords {
    pub(super) fn of(settled: &Settled) -> Option<Self> {
        Some(Self {
            hashing_threads: settled.number("passwords.hashing_threads")?,
            hashing_memory: settled.number("passwords.hashing_memory")?,
            hashing_passes: settled.number("passwords.hashing_passes")?,
        })
    }
}

pub(super) fn memory(settled: &Settled) -> Option<Memory> {
    Some(Memory {
        clients: settled.number("memory.clients")?,
        users: settled.number("memory.users")?,
        tokens: settled.number("memory.tokens")?,
        api_tokens: settled.number("memory.api_tokens")?,
    })
}

impl Limits {
    pub(super) fn of(settled: &Settled) -> Option<Self> {
        Some(Self {
            failed_authentications_per_minute: settled.number("limits.failed_authentications_per_minute")?,
            sign_ins_per_account: settled.number("limits.sign_ins_per_account")?,
            sign_ins_per_address: settled.number("limits.sign_ins_per_address")?,
        })
    }
}

impl Audit {
    pub(super) fn of(settled: &Settled) -> Self {
        Self {
            retention: settled.number("audit.retention_days").map(Lifetime::days),
            checkpoint_file: settled.path("audit.checkpoint_file").map(Path::to_path_buf),
        }
    }
}

impl Metrics {
    pub(super) fn of(settled: &Settled, dev: bool) -> Option<Self> {
        Some(match (settled.is("metrics.enabled")?, settled.address("metrics.listen")?, dev) {
            (true, Some(address), _) => Self::Listener(address),
            (true, None, true) => Self::Server,
            (false, ..) | (true, None, false) => Self::Off,
        })
    }
}

impl Log {
    pub(super) fn of(settled: &Settled) -> Option<Self> {
        Some(Self {
            level: settled.text("log.level")?.to_owned(),
            format: Format::named(settled.text("log.format")?)?,
        })
    }
}
