//! A running server: from a configuration to a socket that answers, and back. Owns the order of starting and stopping:
//! nothing is answered before everything stands, and nothing that was answered is lost at the end.

mod doorstep;
mod https;
mod notify;
mod numbers;
mod signals;
mod watchdog;

use self::https::Https;
use self::notify::Notify;
use self::watchdog::Watched;
use crate::config::Config;
use crate::config::sections::Metrics;
use crate::config::surroundings::Surroundings;
use crate::dev::{self, Trial};
use crate::failure::Failure;
use crate::installation::{self, Installation, Visitor};
use crate::master_key;
use crate::telemetry::metrics::Numbers;
use crate::telemetry::traces::spans;
use doorward_core::authorization_server::builder::BuildError;
use doorward_core::issuer::Issuer;
use doorward_storage::database::Database;
use doorward_web::actix;
use doorward_web::actix::pulse::Pulse;
use doorward_web::app::App;
use doorward_web::jobs::Jobs;
use doorward_web::settings::{ReadyCheck, WebSettings};
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Serves until a signal says stop.
pub(crate) fn run(
    config: &Config,
    surroundings: &Surroundings,
    announce: impl FnOnce(&Trial),
) -> Result<(), Failure> {
    actix_web::rt::System::new().block_on(serve(config, surroundings, announce))
}

async fn serve(
    config: &Config,
    surroundings: &Surroundings,
    announce: impl FnOnce(&Trial),
) -> Result<(), Failure> {
    let notify = Notify::find(surroundings);
    let starting = notify.starting();
    let numbers = match config.metrics {
        Metrics::Off => None,
        Metrics::Listener(_) | Metrics::Server => Some(Numbers::install().map_err(Failure::refused)?),
    };
    let door = doorstep::find(config)?;
    let https = config.server.tls.as_ref().map(|files| Https::start(files, &door.issuer)).transpose()?;
    let trial = if config.dev { Some(dev::prepare(config)?) } else { None };
    let Installation { database, server } = open(config, door.issuer.clone()).await?;
    // From here on a signal is obeyed in order. Until now it ends the process by itself: a database that is waited for, or a
    // migration, may take long, and loses nothing.
    let signals = signals::Signals::listen()?;
    let server = Arc::new(server);
    let mut jobs = Jobs::start(&server).await?;
    let trial = match trial {
        Some(trial) => Some(trial.settle(config, &server).await?),
        None => None,
    };
    let leaving = Arc::new(AtomicBool::new(false));
    let settings = web_settings(config, &door.issuer, &database, numbers.as_ref(), &leaving);
    let settings = WebSettings { trace_parent: spans::continued(surroundings), ..settings };
    let app = App::new(Arc::clone(&server), settings);
    let app = Arc::new(app.map_err(Failure::unreachable)?);
    let options = door.options(config, https.as_ref().map(|https| https.tls.clone()));
    let (pulse, threads) = (options.pulse.clone(), options.workers * options.listen.len());
    let (listener, handle, addresses) = actix::server(&app, options).map_err(|error| door.taken(&error))?;
    let numbers_listener = numbers::listen(config, numbers.as_ref())?;
    for address in &addresses {
        tracing::info!(%address, issuer = server.settings().issuer.as_str(), "listening");
    }
    if !config.server.knows_its_clients(&door.issuer) {
        tracing::warn!(
            "the addresses of clients are not known behind the proxy, so failed sign-ins are limited per account alone: set \
             server.trusted_proxies to the proxy's address"
        );
    }
    trial.as_ref().inspect(|trial| announce(trial));
    https.into_iter().for_each(Https::watch);
    numbers::keep(numbers, &database, &mut jobs);
    let numbers_handle = numbers_listener.map(|listener| {
        let handle = listener.handle();
        actix_web::rt::spawn(listener);
        handle
    });
    let status = format!("listening on {} as {}", listed(&addresses), server.settings().issuer);
    // A thread that does not come up now never will.
    drop(starting);
    tell_when_ready(&notify, pulse.clone(), threads, status);
    if let Some(period) = surroundings.watchdog() {
        watchdog::start(period, Watched { pulse, database: Arc::clone(&database) }, notify.clone());
    }
    let ways = signals::Ways { drain: config.server.drain, grace: config.server.shutdown_grace };
    signals.stop(handle, leaving, ways, notify);
    listener.await.map_err(Failure::unreachable)?;
    jobs.stop().await;
    if let Some(handle) = numbers_handle {
        handle.stop(false).await;
    }
    database.close();
    tracing::info!("stopped");
    Ok(())
}

async fn open(config: &Config, issuer: Issuer) -> Result<Installation, Failure> {
    let master = master_key::read(&config.keys.master_key)?;
    let database = installation::open_database(config, Visitor::Server)?;
    Installation::build(config, issuer, database, master, Visitor::Server).await.map_err(
        |error| match error {
            BuildError::MasterKey(_) if config.dev => Failure::from(error).advise(dev::start_over(config)),
            error => error.into(),
        },
    )
}

fn web_settings(
    config: &Config,
    issuer: &Issuer,
    database: &Arc<Database>,
    numbers: Option<&Numbers>,
    leaving: &Arc<AtomicBool>,
) -> WebSettings {
    let here = numbers.filter(|_| config.metrics == Metrics::Server).cloned();
    let (writing, room, leaving) = (Arc::clone(database), Arc::clone(database), Arc::clone(leaving));
    WebSettings {
        body_limit: config.server.body_limit,
        body_timeout: config.server.body_timeout.into(),
        header_limit: config.server.header_limit,
        trusted_proxies: config.server.trusted_proxies.clone(),
        ext_authz: config.server.ext_authz,
        client_address_header: config.server.client_address_header,
        redirected_hosts: if config.dev { dev::other_names(issuer) } else { Vec::new() },
        metrics: here.map(|numbers| Arc::new(move || numbers.render()) as _),
        ready: vec![
            ReadyCheck {
                reason: "the store takes no changes",
                holds: Arc::new(move || writing.writer_is_alive()),
            },
            ReadyCheck {
                reason: "the disk is full",
                holds: Arc::new(move || !room.counters().is_short_of_space()),
            },
            ReadyCheck {
                reason: "the server is stopping",
                holds: Arc::new(move || !leaving.load(Ordering::Relaxed)),
            },
        ],
        ..WebSettings::default()
    }
}

/// Says that requests are answered as soon as every thread that does so turns.
fn tell_when_ready(notify: &Notify, pulse: Pulse, threads: usize, status: String) {
    let notify = notify.clone();
    actix_web::rt::spawn(async move {
        pulse.begun(threads).await;
        notify.ready(status);
    });
}

fn listed(addresses: &[SocketAddr]) -> String {
    addresses.iter().map(SocketAddr::to_string).collect::<Vec<_>>().join(", ")
}
