//! Finds a server: host after host, address after address, each within its time, until one will do. Owns what a session
//! begins with; what may be said in it is `session.rs`'s.

use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::task::spawn_blocking;
use tokio::time::timeout_at;
use tokio_postgres::config::{SslMode as Negotiated, SslNegotiation};
use tokio_postgres::{Client, SimpleQueryMessage};

use crate::config::host::{Host, is_localhost};
use crate::config::{Config, Roots, SslMode, Target};
use crate::driver::{Driver, Ended};
use crate::failure::in_words;
use crate::socket::{self, Address};
use crate::tls::Connector;
use crate::wire::Wire;

/// A session that has begun.
pub(crate) struct Dialled {
    pub(crate) client: Client,
    pub(crate) driver: Driver,
    pub(crate) wire: Arc<Wire>,
}

/// Why a host will not do, and whether the others need not be asked.
struct Trouble {
    why: String,
    last: bool,
}

/// How long one attempt to connect to one host may take, from the look-up of its name to the end of authentication, where nobody
/// says otherwise.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(1);

/// diesel's time stamps without a zone are in UTC.
const SETTLE: &str = "SET TIME ZONE 'UTC'";

/// A standby's transactions are read-only, and so are those of a server that was set so.
const SETTLE_AND_ASK: &str = "SET TIME ZONE 'UTC'; SHOW transaction_read_only";

/// Begins a session on the first host that will do. The error tells of each host that was tried.
pub(crate) async fn dial(config: &Config, deadline: Option<Instant>) -> Result<Dialled, String> {
    let mut told = Vec::new();
    for (place, host) in config.hosts.iter().enumerate() {
        let end = end(config, config.hosts.len() - place, deadline);
        let trouble = match timeout_at(end.into(), attempt(host, config, end)).await {
            Ok(Ok(dialled)) => return Ok(dialled),
            Ok(Err(trouble)) => trouble,
            Err(_) => Trouble::from("no session before the time ran out".to_owned()),
        };
        told.push(format!("{host}: {}", trouble.why));
        if trouble.last || deadline.is_some_and(|deadline| deadline <= now()) {
            break;
        }
    }
    Err(told.join("; "))
}

/// When a host has had its time: as much as the configuration says, else its share of what is left until the deadline, and a
/// second at least. Where a server is too busy to begin a session within a second, giving up each one in the middle and asking for
/// another keeps it so.
fn end(config: &Config, hosts: usize, deadline: Option<Instant>) -> Instant {
    let (now, said) = (now(), config.connect_timeout);
    let usual = now + said.unwrap_or(CONNECT_TIMEOUT);
    let Some(deadline) = deadline else { return usual };
    let share = now + deadline.saturating_duration_since(now) / u32::try_from(hosts).unwrap_or(u32::MAX);
    let end = if said.is_some() { usual } else { usual.max(share) };
    end.min(deadline)
}

#[expect(clippy::disallowed_methods, reason = "deadlines end here, at the edge")]
pub(crate) fn now() -> Instant {
    Instant::now()
}

/// Tries all addresses of a host. None may take the time of those after it.
async fn attempt(host: &Host, config: &Config, end: Instant) -> Result<Dialled, Trouble> {
    let addresses = addresses(host, config).await.map_err(|error| error.to_string())?;
    let mut trouble = Trouble::from("the name has no address that may be used".to_owned());
    for (place, address) in addresses.iter().enumerate() {
        let left = end.saturating_duration_since(now());
        let share = left / u32::try_from(addresses.len() - place).unwrap_or(u32::MAX);
        trouble = match timeout_at((now() + share).into(), begin(host, address, config)).await {
            Ok(Ok(dialled)) => return Ok(dialled),
            Ok(Err(trouble)) => trouble,
            Err(_) => Trouble::from(format!("no session within {}", in_seconds(share))),
        };
        if trouble.last {
            break;
        }
    }
    Err(trouble)
}

fn in_seconds(time: Duration) -> String {
    format!("{:.1} s", time.as_secs_f64())
}

/// What goes without TLS because it is called localhost has to be local.
async fn addresses(host: &Host, config: &Config) -> io::Result<Vec<Address>> {
    let (name, port) = match host {
        Host::Unix { folder, port } => return Ok(vec![Address::Unix(socket::unix_path(folder, *port))]),
        Host::Tcp { name, port } => (name, *port),
    };
    let trusting =
        is_localhost(name) && config.ssl_mode.is_none() && config.ssl_mode(host) == SslMode::Disable;
    let found = tokio::net::lookup_host((name.as_str(), port)).await?;
    Ok(found.filter(|address| !trusting || address.ip().is_loopback()).map(Address::Tcp).collect())
}

async fn begin(host: &Host, address: &Address, config: &Config) -> Result<Dialled, Trouble> {
    let socket = socket::open(address, &config.keep_alive).await.map_err(|error| error.to_string())?;
    let connector = connector(config.ssl_mode(host), config.roots().clone(), host.clone()).await?;
    let settings = settings(config, &connector);
    let wire = Arc::new(Wire::new());
    let (client, connection) = settings.connect_raw(socket, connector.watched_by(&wire)).await?;
    let mut dialled = Dialled { client, driver: Driver::new(connection), wire };
    settle(&mut dialled, config.target()).await?;
    Ok(dialled)
}

/// Reads the roots, where there are any, on a thread of their own: a file may be on a disk that hangs.
async fn connector(mode: SslMode, roots: Roots, host: Host) -> Result<Connector, String> {
    if mode == SslMode::Disable {
        return Connector::new(mode, &roots, &host).map_err(|error| error.to_string());
    }
    let made = spawn_blocking(move || Connector::new(mode, &roots, &host)).await;
    made.map_err(|error| error.to_string())?.map_err(|error| error.to_string())
}

/// tokio-postgres never decides about TLS: either it must ask for it, or it is told that the stream has it already.
fn settings(config: &Config, connector: &Connector) -> tokio_postgres::Config {
    let mut settings = tokio_postgres::Config::new();
    settings.ssl_mode(Negotiated::Require).ssl_negotiation(match connector {
        Connector::Plain(_) => SslNegotiation::Direct,
        Connector::Tls { .. } => SslNegotiation::Postgres,
    });
    config.user.as_ref().map(|user| settings.user(user));
    config.password.as_ref().map(|password| settings.password(password));
    config.dbname.as_ref().map(|name| settings.dbname(name));
    config.application_name.as_ref().map(|name| settings.application_name(name));
    config.options.as_ref().map(|options| settings.options(options));
    settings
}

async fn settle(dialled: &mut Dialled, target: Target) -> Result<(), Trouble> {
    let sql = if target == Target::ReadWrite { SETTLE_AND_ASK } else { SETTLE };
    let answer = dialled.driver.drive(dialled.client.simple_query(sql)).await;
    let answer = answer.map_err(|Ended(error)| {
        error.map_or_else(|| Trouble::from("the server closed the connection".to_owned()), Trouble::from)
    })??;
    let read_only = answer.iter().any(|message| match message {
        SimpleQueryMessage::Row(row) => row.get(0) == Some("on"),
        _ => false,
    });
    if read_only {
        Err(Trouble::from("takes no writes (a standby, or read-only)".to_owned()))
    } else {
        Ok(())
    }
}

impl From<String> for Trouble {
    fn from(why: String) -> Self {
        Self { why, last: false }
    }
}

/// Who is not let in by one host is not let in by the next, and need not show the password around. (libpq stops there,
/// too.) Class 28 is authentication.
impl From<tokio_postgres::Error> for Trouble {
    fn from(error: tokio_postgres::Error) -> Self {
        match error.as_db_error() {
            Some(told) => {
                let code = told.code().code();
                Self { why: format!("{} ({code})", told.message()), last: code.starts_with("28") }
            }
            None => Self::from(in_words(&error)),
        }
    }
}
