//! The numbers of a running server: kept up while it runs, and served at `/metrics` on a listener of their own, away from the
//! public address. Whoever may see them is decided by who can reach it.

use crate::config::Config;
use crate::config::sections::Metrics;
use crate::failure::Failure;
use crate::telemetry::metrics::Numbers;
use crate::{process_numbers, store_numbers};
use actix_web::dev::Server;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use actix_web::{App, HttpResponse, HttpServer, web};
use doorward_storage::database::Database;
use doorward_web::jobs::Jobs;
use std::sync::Arc;
use std::time::Duration;

/// How often what the store counts is read.
const UPKEEP: Duration = Duration::from_secs(5);

/// Keeps the numbers up, if there are any.
pub(super) fn keep(numbers: Option<Numbers>, database: &Arc<Database>, jobs: &mut Jobs) {
    let Some(numbers) = numbers else { return };
    let database = Arc::clone(database);
    jobs.add(UPKEEP, "numbers", move || {
        store_numbers::publish(database.counters());
        process_numbers::publish();
        numbers.upkeep();
        std::future::ready(Ok(()))
    });
}

/// Listens, where the configuration says so.
pub(super) fn listen(config: &Config, numbers: Option<&Numbers>) -> Result<Option<Server>, Failure> {
    let (Metrics::Listener(address), Some(numbers)) = (config.metrics, numbers) else { return Ok(None) };
    let numbers = numbers.clone();
    let server = HttpServer::new(move || {
        let numbers = numbers.clone();
        App::new().route("/metrics", web::get().to(move || std::future::ready(answer(&numbers))))
    });
    let server = server
        .workers(1)
        .max_connections(64)
        .disable_signals()
        .bind(address)
        .map_err(|error| Failure::refused(format!("cannot listen on {address} for /metrics: {error}")))?;
    for address in server.addrs() {
        tracing::info!(%address, "serving /metrics");
    }
    Ok(Some(server.run()))
}

fn answer(numbers: &Numbers) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8"))
        .insert_header((CACHE_CONTROL, "no-store"))
        .body(numbers.render())
}
