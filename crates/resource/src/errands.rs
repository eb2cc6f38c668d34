//! The thread on which the authorization server is asked: a small runtime of this crate's own, so that a worker of the host that
//! is held up keeps neither connections nor answers from the others, and whoever asks may do so under any executor. Owns that the
//! thread ends with the API, and how long a request waits; what is asked is said elsewhere.

use std::future::Future;
use std::io;
use std::thread;
use std::time::Duration;
use tokio::runtime::{Builder, Handle};
use tokio::sync::oneshot;
use tokio::task::{AbortHandle, JoinHandle};
use tokio::time::sleep;

/// Lookups of names, for each of which a thread waits, at a time.
const LOOKUPS: usize = 8;

pub(crate) struct Errands {
    runtime: Handle,
    patience: Duration,
    /// Dropped with this, which is what the thread waits for.
    _open: oneshot::Sender<()>,
}

/// Work that ends when nobody wants it any more.
pub(crate) struct Wanted(AbortHandle);

impl Errands {
    /// Starts the thread; a request then waits as long as this.
    pub(crate) fn start(patience: Duration) -> io::Result<Self> {
        let runtime = Builder::new_current_thread().enable_all().max_blocking_threads(LOOKUPS).build()?;
        let handle = runtime.handle().clone();
        let (open, closed) = oneshot::channel::<()>();
        thread::Builder::new().name("doorward-resource".to_owned()).spawn(move || {
            drop(runtime.block_on(closed));
            // A lookup that hangs is left to its own end.
            runtime.shutdown_background();
        })?;
        Ok(Self { runtime: handle, patience, _open: open })
    }

    /// Goes on whether or not somebody waits for it.
    pub(crate) fn spawn<T: Send + 'static>(
        &self,
        work: impl Future<Output = T> + Send + 'static,
    ) -> JoinHandle<T> {
        self.runtime.spawn(work)
    }

    /// What comes of the work, unless it takes longer than a request waits. What is there at once costs no timer.
    pub(crate) async fn in_time<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        tokio::select! {
            biased;
            done = work => Some(done),
            () = self.late() => None,
        }
    }

    async fn late(&self) {
        let patience = self.patience;
        // Timers are made where they run.
        let timer = self.spawn(async move { sleep(patience).await });
        let _wanted = Wanted::from(&timer);
        // A runtime that is gone has nothing more to wait for.
        drop(timer.await);
    }
}

impl<T> From<&JoinHandle<T>> for Wanted {
    fn from(work: &JoinHandle<T>) -> Self {
        Self(work.abort_handle())
    }
}

impl Drop for Wanted {
    fn drop(&mut self) {
        self.0.abort();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use doorward_testkit::block_on::block_on;
    use std::future::{pending, ready};
    use std::sync::mpsc;

    #[test]
    fn who_waits_in_vain_gives_up() {
        let errands = Errands::start(Duration::from_millis(1)).unwrap();
        assert_eq!(block_on(errands.in_time(pending::<()>())), None);
        assert_eq!(block_on(errands.in_time(ready(7))), Some(7));
    }

    #[tokio::test]
    async fn the_thread_ends_with_its_owner_whatever_is_under_way() {
        let errands = Errands::start(Duration::from_secs(60)).unwrap();
        let (held, gone) = mpsc::channel::<()>();
        drop(errands.spawn(async move {
            let _held = held;
            pending::<()>().await;
        }));
        drop(errands);
        assert_eq!(gone.recv(), Err(mpsc::RecvError), "dropped there, and nobody waited for it");
    }

    #[test]
    fn what_nobody_wants_any_more_ends() {
        let errands = Errands::start(Duration::from_secs(60)).unwrap();
        let (held, gone) = mpsc::channel::<()>();
        let work = errands.spawn(async move {
            let _held = held;
            pending::<()>().await;
        });
        drop(Wanted::from(&work));
        assert_eq!(gone.recv(), Err(mpsc::RecvError));
    }
}
