//! Whether the threads that answer requests still turn. Owns how they are asked, which costs nothing while nobody asks; what
//! follows from their silence is for whoever asks.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};
use tokio::sync::{Semaphore, oneshot};

/// The pulse of all workers of one server. A copy feels the same one.
#[derive(Clone)]
pub struct Pulse(Arc<Inner>);

struct Inner {
    workers: Mutex<Vec<UnboundedSender<oneshot::Sender<()>>>>,
    begun: Semaphore,
}

impl Default for Pulse {
    fn default() -> Self {
        Self(Arc::new(Inner { workers: Mutex::default(), begun: Semaphore::new(0) }))
    }
}

impl Pulse {
    /// Resolves once so many workers turn.
    pub async fn begun(&self, workers: usize) {
        // It is never closed.
        drop(self.0.begun.acquire_many(u32::try_from(workers).unwrap_or(u32::MAX)).await);
    }

    /// Resolves once every worker has had its turn. One that has ended is waited for no longer.
    pub async fn felt(&self) {
        for answer in self.ask() {
            drop(answer.await);
        }
    }

    fn ask(&self) -> Vec<oneshot::Receiver<()>> {
        let mut answers = vec![];
        self.0.workers.lock().unwrap_or_else(PoisonError::into_inner).retain(|worker| {
            let (answering, answer) = oneshot::channel();
            let alive = worker.send(answering).is_ok();
            answers.extend(alive.then_some(answer));
            alive
        });
        answers
    }

    /// Answers for the worker whose thread this is, for as long as it lives.
    pub(super) fn begin(&self) {
        let (worker, mut asked) = unbounded_channel::<oneshot::Sender<()>>();
        self.0.workers.lock().unwrap_or_else(PoisonError::into_inner).push(worker);
        let begun = Arc::downgrade(&self.0);
        actix_web::rt::spawn(async move {
            if let Some(inner) = begun.upgrade() {
                inner.begun.add_permits(1);
            }
            while let Some(answering) = asked.recv().await {
                // Whoever asked may have lost patience.
                let _ = answering.send(());
            }
        });
    }
}

impl fmt::Debug for Pulse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pulse").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc;
    use std::thread;

    #[test]
    fn a_worker_that_is_stuck_is_not_felt_and_one_that_has_ended_is_not_missed() {
        let (pulse, (free, held), (going, gone)) = (Pulse::default(), mpsc::channel(), mpsc::channel());
        let worker = pulse.clone();
        let thread = thread::spawn(move || {
            actix_web::rt::System::new().block_on(async move {
                worker.begin();
                worker.begun(1).await;
                going.send(()).unwrap();
                // As a worker that waits for a lock: its thread does not turn.
                held.recv().unwrap();
                worker.felt().await;
            });
        });
        gone.recv().unwrap();
        let asked = pulse.ask();
        assert_eq!(asked.len(), 1);
        let [mut answer] = <[_; 1]>::try_from(asked).unwrap();
        assert!(answer.try_recv().is_err(), "it is stuck");
        free.send(()).unwrap();
        thread.join().unwrap();
        assert!(answer.try_recv().is_ok(), "it went on");
        assert!(pulse.ask().is_empty(), "it has ended");
    }
}
