//! What a server does by itself, now and then: learns of changes made elsewhere, sweeps, chains events, writes down uses, makes keys
//! that are due. Owns when,
//! on tokio; what each job does is core's part. A server without them goes stale: it never hears of what another node or a
//! command has changed, and in the end has no key to sign with. A job that panics has failed, and has its next turn.

mod audit;
mod rewrapping;
mod signing_keys;

use doorward_core::authorization_server::AuthorizationServer;
use doorward_core::store::fault::Fault;
use doorward_core::trail::checkpoint;
use doorward_core::{lease, sweep};
use std::future::{Future, poll_fn};
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
const USES: Duration = Duration::from_secs(5);
/// An event has its number within a second.
const AUDIT: Duration = Duration::from_millis(500);
const KEYS: Duration = Duration::from_secs(60);
const REWRAPPING: Duration = Duration::from_secs(60);

/// The jobs of a server, which end when this is dropped.
#[must_use = "the jobs end when this is dropped"]
pub struct Jobs {
    running: Vec<JoinHandle<()>>,
    server: Arc<AuthorizationServer>,
}

impl Jobs {
    /// Makes the first signing keys, without which nothing can be issued, and starts the jobs in the tokio runtime that this is
    /// called in. The first run of each follows at once. One call for each [`AuthorizationServer`], however many threads answer
    /// its requests.
    ///
    /// # Errors
    /// A fault of the store, or a key that cannot be made.
    pub async fn start(server: &Arc<AuthorizationServer>) -> Result<Self, Fault> {
        signing_keys::rewrap(server).await?;
        signing_keys::make_the_first(server).await?;
        let mut jobs = Self { running: vec![], server: Arc::clone(server) };
        jobs.add(CATCH_UP, "changes made elsewhere", of(server, catch_up));
        jobs.add(USES, "last uses", of(server, record_uses));
        jobs.add(AUDIT, "audit trail", of(server, chain));
        jobs.add(SWEEP, "sweep", of(server, sweep));
        jobs.add(KEYS, "signing keys", of(server, make_due_keys));
        jobs.add(REWRAPPING, "sealing under the newest master key", of(server, rewrap));
        Ok(jobs)
    }

    /// One more job, done at once and then again and again, this long after each other. When it is late it does not hurry to
    /// make up for it. That it fails is logged when it begins to, and when it ends.
    pub fn add<F>(&mut self, period: Duration, name: &'static str, job: impl FnMut() -> F + Send + 'static)
    where
        F: Future<Output = Result<(), String>> + Send + 'static,
    {
        self.running.push(tokio::spawn(again_and_again(period, name, job)));
    }
}

impl Jobs {
    /// Ends the jobs, and writes down what has been noted and would be forgotten. A server that only drops them loses when
    /// credentials were last used, of some seconds.
    pub async fn stop(mut self) {
        for job in std::mem::take(&mut self.running) {
            job.abort();
            // That it was ended is no news.
            drop(job.await);
        }
        if let Err(fault) = self.server.record_uses().await {
            tracing::warn!(%fault, "the last uses of credentials could not be written down");
        }
    }
}

impl Drop for Jobs {
    fn drop(&mut self) {
        self.running.iter().for_each(JoinHandle::abort);
    }
}

fn of<F>(
    server: &Arc<AuthorizationServer>,
    job: fn(Arc<AuthorizationServer>) -> F,
) -> impl FnMut() -> F + use<F> {
    let server = Arc::clone(server);
    move || job(Arc::clone(&server))
}

async fn catch_up(server: Arc<AuthorizationServer>) -> Result<(), String> {
    server.cache().catch_up().await.map_err(|error| error.to_string())
}

async fn record_uses(server: Arc<AuthorizationServer>) -> Result<(), String> {
    server.record_uses().await.map_err(|fault| fault.to_string())
}

async fn chain(server: Arc<AuthorizationServer>) -> Result<(), String> {
    audit::chain(&server).await.map_err(|fault| fault.to_string())
}

/// Removes what has ended, batch by batch, and lets others have their turn between two batches. Of several nodes one does.
async fn sweep(server: Arc<AuthorizationServer>) -> Result<(), String> {
    sweep::forget(&server.context());
    let is_ours = lease::SWEEPS.take(server.node(), &server.context()).await;
    if !is_ours.map_err(|fault| fault.to_string())? {
        return Ok(());
    }
    while sweep::sweep(&server.context()).await.map_err(|fault| fault.to_string())? {
        tokio::task::yield_now().await;
    }
    while checkpoint::cut(&server.context()).await.map_err(|fault| fault.to_string())? {
        tokio::task::yield_now().await;
    }
    Ok(())
}

async fn make_due_keys(server: Arc<AuthorizationServer>) -> Result<(), String> {
    signing_keys::make_due(&server).await.map_err(|fault| fault.to_string())
}

async fn rewrap(server: Arc<AuthorizationServer>) -> Result<(), String> {
    rewrapping::rewrap(&server).await
}

async fn again_and_again<F>(period: Duration, name: &'static str, mut job: impl FnMut() -> F)
where
    F: Future<Output = Result<(), String>>,
{
    let mut ticks = interval(period);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut episode = Episode::default();
    loop {
        ticks.tick().await;
        match episode.turn(contained(job()).await) {
            Turn::Begins(reason) => tracing::error!(job = name, reason, "a background job fails"),
            Turn::Ends => tracing::info!(job = name, "the background job works again"),
            Turn::Unchanged => {}
        }
    }
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
