//! Moves bytes while somebody waits for an answer. tokio-postgres splits a session into a client that asks and a
//! connection that reads and writes; here both are polled by the same call, so that no task runs in the background and an
//! answer costs no switch between two.

use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use tokio_postgres::error::{DbError, Severity};
use tokio_postgres::{AsyncMessage, Connection, Error};

use crate::quiet::Quiet;
use crate::wire::{Transport, Watched};

/// The half of a session that reads and writes.
pub(crate) struct Driver {
    connection: Box<Connection<Box<dyn Transport>, Watched>>,
    end: Option<Option<Error>>,
    quiet: Arc<Quiet>,
    warned: bool,
}

/// How often the two halves hand each other something before the runtime has its turn.
const ROUNDS: usize = 8;

/// The server is gone; with its last words, if it had any.
pub(crate) struct Ended(pub(crate) Option<Error>);

impl Driver {
    /// Drives what tokio-postgres has connected.
    pub(crate) fn new(connection: Connection<Box<dyn Transport>, Watched>) -> Self {
        Self { connection: Box::new(connection), end: None, quiet: Quiet::new(), warned: false }
    }

    /// Waits for the work, which needs this session's bytes to move.
    pub(crate) async fn drive<T>(&mut self, work: impl Future<Output = T>) -> Result<T, Ended> {
        let mut work = pin!(work);
        poll_fn(|context| {
            self.quiet.begin(context);
            let waker = Waker::from(Arc::clone(&self.quiet));
            let done = self.rounds(&mut Context::from_waker(&waker), work.as_mut());
            self.quiet.end();
            done
        })
        .await
    }

    /// Polls both halves until neither has anything for the other. Not for ever: tokio makes a task that runs for long stop
    /// by waking it without end.
    fn rounds<T>(
        &mut self,
        context: &mut Context<'_>,
        mut work: Pin<&mut impl Future<Output = T>>,
    ) -> Poll<Result<T, Ended>> {
        for _ in 0..ROUNDS {
            if let Poll::Ready(done) = work.as_mut().poll(context) {
                return Poll::Ready(Ok(done));
            }
            self.quiet.clear();
            self.advance(context);
            if let Poll::Ready(done) = work.as_mut().poll(context) {
                return Poll::Ready(Ok(done));
            }
            if let Some(end) = &mut self.end {
                return Poll::Ready(Err(Ended(end.take())));
            }
            if !self.quiet.is_woken() {
                break;
            }
        }
        Poll::Pending
    }

    /// Reads and writes what it can without waiting. Notices and notifications are dropped, as in diesel's own connection; of
    /// warnings it is remembered that there was one.
    pub(crate) fn advance(&mut self, context: &mut Context<'_>) {
        while self.end.is_none() {
            match self.connection.poll_message(context) {
                Poll::Pending => return,
                Poll::Ready(Some(Ok(AsyncMessage::Notice(notice)))) => self.warned |= is_warning(&notice),
                Poll::Ready(Some(Ok(_))) => {}
                Poll::Ready(Some(Err(error))) => self.end = Some(Some(error)),
                Poll::Ready(None) => self.end = Some(None),
            }
        }
    }

    /// Whether the server has warned of anything since [`forget_warnings`](Self::forget_warnings).
    pub(crate) const fn was_warned(&self) -> bool {
        self.warned
    }

    pub(crate) const fn forget_warnings(&mut self) {
        self.warned = false;
    }

    /// Why the server is gone, if it is.
    pub(crate) fn ended(&mut self) -> Option<Ended> {
        self.end.as_mut().map(|end| Ended(end.take()))
    }
}

fn is_warning(notice: &DbError) -> bool {
    match notice.parsed_severity() {
        Some(severity) => severity == Severity::Warning,
        None => notice.severity() == "WARNING",
    }
}
