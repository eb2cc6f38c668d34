//! What a server does by itself, now and then: learns of changes made elsewhere, sweeps, makes keys that are due, keeps
//! its numbers. Owns when; what each job does is core's part. Jobs run one after another on the main thread, which answers
//! no requests; whatever is slow goes to a thread of its own. A job that panics has failed, and has its next turn.

use crate::failure::{Failure, chain};
use crate::telemetry::metrics::Numbers;
use crate::{signing_keys, store_numbers};
use doorward_core::authorization_server::AuthorizationServer;
use doorward_core::{lease, sweep};
use doorward_storage::database::Database;
use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;
use tokio::task::JoinHandle;
use tokio::time::{MissedTickBehavior, interval};

/// A change made by another process is applied this long after it, at most: "at once" elsewhere means a second.
const CATCH_UP: Duration = Duration::from_millis(250);
const SWEEP: Duration = Duration::from_secs(5);
const KEYS: Duration = Duration::from_secs(60);
const UPKEEP: Duration = Duration::from_secs(5);

/// The jobs of a server, which end when this is dropped.
pub(crate) struct Jobs(Vec<JoinHandle<()>>);

impl Jobs {
    /// Starts them on this thread. The first of each runs at once.
    pub(crate) fn start(
        server: &Arc<AuthorizationServer>,
        database: &Arc<Database>,
        numbers: Option<Numbers>,
    ) -> Self {
        let mut jobs = vec![
            every(CATCH_UP, "changes made elsewhere", server, async |server| {
                server.cache().catch_up().await.map_err(|error| chain(&error))
            }),
            every(SWEEP, "sweep", server, sweep),
            every(KEYS, "signing keys", server, async |server| {
                signing_keys::make_due(server).await.map_err(|failure: Failure| failure.to_string())
            }),
        ];
        jobs.extend(numbers.map(|numbers| {
            let database = Arc::clone(database);
            every(UPKEEP, "numbers", server, async move |_| {
                store_numbers::publish(database.counters());
                numbers.upkeep();
                Ok(())
            })
        }));
        Self(jobs)
    }
}

impl Drop for Jobs {
    fn drop(&mut self) {
        self.0.iter().for_each(JoinHandle::abort);
    }
}

/// Removes what has ended, batch by batch, and lets others have their turn between two batches. Of several nodes one does.
async fn sweep(server: &Arc<AuthorizationServer>) -> Result<(), String> {
    sweep::forget(&server.context());
    if !lease::SWEEPS.take(server.node(), &server.context()).await.map_err(|fault| chain(&fault))? {
        return Ok(());
    }
    while sweep::sweep(&server.context()).await.map_err(|fault| chain(&fault))? {
        tokio::task::yield_now().await;
    }
    Ok(())
}

/// Runs a job again and again. When it is late it does not hurry to make up for it.
fn every(
    period: Duration,
    name: &'static str,
    server: &Arc<AuthorizationServer>,
    job: impl AsyncFn(&Arc<AuthorizationServer>) -> Result<(), String> + 'static,
) -> JoinHandle<()> {
    let server = Arc::clone(server);
    actix_web::rt::spawn(async move {
        let mut ticks = interval(period);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut episode = Episode::default();
        loop {
            ticks.tick().await;
            match episode.turn(contained(job(&server)).await) {
                Turn::Begins(reason) => tracing::error!(job = name, reason, "a background job fails"),
                Turn::Ends => tracing::info!(job = name, "the background job works again"),
                Turn::Unchanged => {}
            }
        }
    })
}

/// Makes a panic a failure. Its words are for nobody: they may quote a secret, and the process's hook has said where it
/// was. What jobs share sits behind locks that outlive a panic or in atomics, and the future itself is not polled again.
async fn contained(job: impl Future<Output = Result<(), String>>) -> Result<(), String> {
    let mut job = pin!(job);
    poll_fn(move |cx| {
        let polled = catch_unwind(AssertUnwindSafe(|| job.as_mut().poll(cx)));
        polled.unwrap_or_else(|_| Poll::Ready(Err("it panicked".to_owned())))
    })
    .await
}

/// A job that fails each time fails once in the log: when it begins to, and when it ends.
#[derive(Default)]
struct Episode {
    failing: bool,
}

#[derive(Debug, PartialEq)]
enum Turn {
    Begins(String),
    Ends,
    Unchanged,
}

impl Episode {
    fn turn(&mut self, result: Result<(), String>) -> Turn {
        let was_failing = std::mem::replace(&mut self.failing, result.is_err());
        match (was_failing, result) {
            (false, Err(reason)) => Turn::Begins(reason),
            (true, Ok(())) => Turn::Ends,
            _ => Turn::Unchanged,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_panic_is_a_failure_without_words() {
        let panics = async {
            tokio::task::yield_now().await;
            panic!("the secret is hunter2")
        };
        assert_eq!(contained(panics).await, Err("it panicked".to_owned()));
        assert_eq!(contained(async { Ok(()) }).await, Ok(()), "the next turn");
    }

    #[test]
    fn a_failure_is_told_when_it_begins_and_when_it_ends() {
        let mut episode = Episode::default();
        let failed = || Err("locked".to_owned());
        assert_eq!(episode.turn(Ok(())), Turn::Unchanged);
        assert_eq!(episode.turn(failed()), Turn::Begins("locked".to_owned()));
        assert_eq!(episode.turn(failed()), Turn::Unchanged);
        assert_eq!(episode.turn(Ok(())), Turn::Ends);
        assert_eq!(episode.turn(failed()), Turn::Begins("locked".to_owned()));
    }
}
