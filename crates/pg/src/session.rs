//! One session with a server: asks and waits, until a deadline if there is one. Owns the private runtime and knows whether
//! the session is still good. What is asked stands in `connection.rs`.

use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use tokio::runtime::{Builder, Handle, Runtime};
use tokio::time::timeout_at;
use tokio_postgres::{Client, Error};

use crate::config::Config;
use crate::dial::{Dialled, dial, now};
use crate::driver::{Driver, Ended};
use crate::failure::{Failure, is_fatal};
use crate::wire::{Status, Wire};

/// A session that is open, or was.
pub(crate) struct Session {
    /// Both are there until the session is dropped.
    runtime: Option<Runtime>,
    client: Option<Client>,
    driver: Driver,
    wire: Arc<Wire>,
    /// Why nothing may be asked any more.
    broken: Option<String>,
    /// An answer is waited for. Where that was left by a panic, nobody knows what still comes.
    asking: bool,
}

impl Session {
    /// Opens a session on the first of the hosts that will do.
    pub(crate) fn open(config: &Config, deadline: Option<Instant>) -> Result<Self, String> {
        // Threads that looked up a name, or read a file, have no more to do for this connection.
        let runtime =
            Builder::new_current_thread().enable_io().enable_time().thread_keep_alive(Duration::ZERO).build();
        let runtime = runtime.map_err(|error| format!("no runtime for the connection: {error}"))?;
        if !may_block(&runtime) {
            runtime.shutdown_background();
            return Err(Failure::Misplaced.to_string());
        }
        match runtime.block_on(dial(config, deadline)) {
            Ok(Dialled { client, driver, wire }) => Ok(Self {
                runtime: Some(runtime),
                client: Some(client),
                driver,
                wire,
                broken: None,
                asking: false,
            }),
            Err(why) => {
                // A look-up that hangs keeps its thread; it must not keep us.
                runtime.shutdown_background();
                Err(why)
            }
        }
    }

    /// Asks and waits for the whole answer. A session whose deadline passed is broken: the answer may still come, and
    /// would be taken for the next one's.
    pub(crate) fn ask<T>(
        &mut self,
        deadline: Option<Instant>,
        question: impl AsyncFnOnce(&Client) -> Result<T, Error>,
    ) -> Result<T, Failure> {
        if self.asking {
            self.broken
                .get_or_insert_with(|| "the connection is broken: waiting for an answer panicked".to_owned());
        }
        let (None, Some(runtime), Some(client)) = (&self.broken, &self.runtime, &self.client) else {
            return Err(Failure::Gone(self.broken.clone().unwrap_or_default()));
        };
        if !may_block(runtime) {
            return Err(Failure::Misplaced);
        }
        // The first poll would send it.
        if deadline.is_some_and(|deadline| deadline <= now()) {
            return Err(Failure::Late);
        }
        self.asking = true;
        self.driver.forget_warnings();
        let answer = self.driver.drive(settled(&self.wire, question(client)));
        let outcome = runtime.block_on(async {
            match deadline {
                None => Ok(answer.await),
                Some(deadline) => timeout_at(deadline.into(), answer).await,
            }
        });
        self.asking = false;
        let outcome = match outcome {
            Ok(Ok(outcome)) => outcome.map_err(|error| self.told(&error)),
            Ok(Err(ended)) => Err(Failure::ended(ended)),
            Err(_) => Err(Failure::broken("the deadline passed before the server answered")),
        };
        outcome.inspect_err(|failure| {
            if failure.breaks() {
                self.broken = Some(failure.to_string());
            }
        })
    }

    /// Whether the server warned while it answered the last question.
    pub(crate) const fn was_warned(&self) -> bool {
        self.driver.was_warned()
    }

    /// Why the session is broken, if it is.
    pub(crate) fn broken(&self) -> Option<&str> {
        self.broken.as_deref()
    }

    /// The transaction's status after the last answer.
    pub(crate) fn status(&self) -> Status {
        self.wire.status()
    }

    /// What an error means. The connection's own end says more than what a request learns of it.
    fn told(&mut self, error: &Error) -> Failure {
        if error.as_db_error().is_some() {
            return Failure::told(error);
        }
        match self.driver.ended() {
            Some(Ended(Some(last))) => Failure::ended(Ended(Some(last))),
            _ => Failure::told(error),
        }
    }
}

/// Waits until the server has said all it has to say, also after an error: only then is the transaction's status known.
async fn settled<T>(wire: &Wire, answer: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
    let answer = answer.await;
    if answer.as_ref().is_err_and(|error| error.as_db_error().is_some_and(|error| !is_fatal(error))) {
        // No waker: the driver is polled by the same task, and polls this again whenever it has moved.
        poll_fn(|_| if wire.is_settled() { Poll::Ready(()) } else { Poll::Pending }).await;
    }
    answer
}

/// Whether this thread may wait. Inside an asynchronous task it may not: tokio would panic, and rightly, since everything
/// else on that thread would stand still. Threads of `spawn_blocking` know a runtime, too, and may; tokio tells the two
/// apart by that panic alone, so it is provoked where there is a runtime, and caught.
fn may_block(runtime: &Runtime) -> bool {
    Handle::try_current().is_err() || catch_unwind(AssertUnwindSafe(|| runtime.block_on(async {}))).is_ok()
}

/// Says good-bye without waiting: one attempt to write it, which is enough unless the socket is full. Neither this nor
/// letting go of the runtime blocks, so it may happen anywhere, inside another runtime, too.
impl Drop for Session {
    fn drop(&mut self) {
        drop(self.client.take());
        if self.broken.is_none() {
            self.driver.advance(&mut Context::from_waker(Waker::noop()));
        }
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}
