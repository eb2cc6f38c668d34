//! One connection, watched over. Owns the rule that a connection without a request under way moves on or ends: a head that
//! does not get complete, an answer that nobody reads, and idleness are each cut off.
//!
//! Actix counts the time of a connection's first head only. After that a single byte would stop its keep-alive timer and
//! hold the connection for good, and a few thousand of those would shut everybody out.
//!
//! There is one timer per connection, looked at once per tick, instead of one per request: what is late is cut off between
//! one and two ticks after it began.
//!
//! Where free places become few, connections that are idle are let go much sooner: a handful of clients that keep theirs would
//! otherwise shut everybody else out for as long as idleness is allowed.

use std::cell::{Cell, RefCell};
use std::future::{Future, poll_fn};
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Sleep, sleep};

/// How long an idle connection is kept, and how long a tick is, while free places are few.
const WHILE_CROWDED: Duration = Duration::from_secs(1);

thread_local! {
    /// The connections of this worker, each of which has a thread of its own.
    static OPEN: Cell<usize> = const { Cell::new(0) };
}

/// What a connection is given.
#[derive(Clone, Copy, Debug)]
pub(super) struct Patience {
    /// For a head to get complete, and for an answer to be read.
    pub(super) head: Duration,
    /// For idleness.
    pub(super) keep_alive: Duration,
    /// From how many connections of a worker on free places are few.
    pub(super) crowded_from: usize,
}

impl Patience {
    fn is_crowded(&self) -> bool {
        OPEN.get() >= self.crowded_from
    }
}

/// What the two ends of a connection, socket and handler, know of each other.
#[derive(Default)]
pub(super) struct Progress {
    under_way: Cell<u32>,
    served: Cell<u64>,
    /// Bytes came that no request has been made of yet.
    arrived: Cell<bool>,
    /// The peer did not take what was written.
    blocked: Cell<bool>,
    /// The peer sends nothing more, and who is to know it.
    hung_up: Cell<bool>,
    told: RefCell<Option<Waker>>,
}

/// A request under way, until it is dropped.
pub(super) struct UnderWay(Rc<Progress>);

impl Progress {
    pub(super) fn begin(self: &Rc<Self>) -> UnderWay {
        self.arrived.set(false);
        self.under_way.set(self.under_way.get() + 1);
        UnderWay(Rc::clone(self))
    }

    /// Whether nothing is under way, and nothing has come that a request could be made of.
    pub(super) fn is_idle(&self) -> bool {
        self.under_way.get() == 0 && !self.arrived.get()
    }

    /// Nothing more comes from the peer.
    pub(super) fn hang_up(&self) {
        self.hung_up.set(true);
        if let Some(told) = self.told.take() {
            told.wake();
        }
    }

    /// Resolves when the peer has hung up. One request at a time is under way, and may wait for it.
    pub(super) async fn peer_hung_up(&self) {
        poll_fn(|cx| {
            if self.hung_up.get() {
                return Poll::Ready(());
            }
            self.told.replace(Some(cx.waker().clone()));
            Poll::Pending
        })
        .await;
    }

    fn moment(&self) -> Moment {
        let Self { under_way, served, arrived, blocked, .. } = self;
        Moment {
            under_way: under_way.get() > 0,
            served: served.get(),
            arrived: arrived.get(),
            blocked: blocked.get(),
        }
    }
}

/// A connection as it stands at a tick.
#[derive(Clone, Copy, Default)]
struct Moment {
    under_way: bool,
    served: u64,
    arrived: bool,
    blocked: bool,
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.under_way.set(self.0.under_way.get() - 1);
        self.0.served.set(self.0.served.get().wrapping_add(1));
    }
}

/// The socket of a connection.
pub(super) struct Connection<T> {
    io: T,
    progress: Rc<Progress>,
    patience: Patience,
    tick: Pin<Box<Sleep>>,
    /// How long this tick is.
    period: Duration,
    last: Moment,
    /// For how long it has been idle, its head incomplete, its answer unread.
    idle: Duration,
    waited: Duration,
    unread: Duration,
    _counted: Counted,
}

/// One of the connections of this worker.
struct Counted;

impl Counted {
    fn new() -> Self {
        OPEN.set(OPEN.get() + 1);
        metrics::gauge!("doorward_connections").increment(1.0);
        Self
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        OPEN.set(OPEN.get() - 1);
        metrics::gauge!("doorward_connections").decrement(1.0);
    }
}

impl<T> Connection<T> {
    pub(super) fn new(io: T, patience: Patience) -> Self {
        Self {
            io,
            progress: Rc::default(),
            patience,
            tick: Box::pin(sleep(patience.head)),
            period: patience.head,
            last: Moment::default(),
            idle: Duration::ZERO,
            waited: Duration::ZERO,
            unread: Duration::ZERO,
            _counted: Counted::new(),
        }
    }

    pub(super) fn progress(&self) -> Rc<Progress> {
        Rc::clone(&self.progress)
    }

    /// Instead of waiting on: an error, if this connection has been given all its time.
    fn pending<R>(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<R>> {
        while self.tick.as_mut().poll(cx).is_ready() {
            if self.is_late() {
                return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
            }
            let head = self.patience.head;
            self.period = if self.patience.is_crowded() { head.min(WHILE_CROWDED) } else { head };
            self.tick.set(sleep(self.period));
        }
        Poll::Pending
    }

    fn written(&mut self, polled: Poll<io::Result<usize>>, cx: &mut Context<'_>) -> Poll<io::Result<usize>> {
        self.progress.blocked.set(polled.is_pending());
        if polled.is_pending() { self.pending(cx) } else { polled }
    }

    /// Once per tick.
    fn is_late(&mut self) -> bool {
        let now = self.progress.moment();
        let last = std::mem::replace(&mut self.last, now);
        let moved = now.under_way || now.served != last.served;
        let period = self.period;
        let longer = |time: Duration, still: bool| if still { time + period } else { Duration::ZERO };
        self.idle = longer(self.idle, !moved);
        self.waited = longer(self.waited, !moved && last.arrived && now.arrived);
        self.unread = longer(self.unread, last.blocked && now.blocked);
        let Patience { head, keep_alive, .. } = self.patience;
        // An incomplete head has its own time, however many would like to be in its place.
        let hurried = self.patience.is_crowded() && !now.arrived && !now.blocked;
        let keep_alive = if hurried { keep_alive.min(WHILE_CROWDED) } else { keep_alive };
        self.waited >= head || self.unread >= head || self.idle >= keep_alive
    }
}

impl<T: AsyncRead + Unpin> AsyncRead for Connection<T> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = into.filled().len();
        let polled = Pin::new(&mut self.io).poll_read(cx, into);
        if polled.is_pending() {
            return self.pending(cx);
        }
        if into.filled().len() > before && self.progress.under_way.get() == 0 {
            self.progress.arrived.set(true);
        }
        polled
    }
}

impl<T: AsyncWrite + Unpin> AsyncWrite for Connection<T> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.io).poll_write(cx, bytes);
        self.written(polled, cx)
    }

    /// TLS has several records to write in a handshake.
    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.io).poll_write_vectored(cx, slices);
        self.written(polled, cx)
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TICK: Duration = Duration::from_secs(5);

    /// Whether the connection is late at each of these ticks, before each of which something happens to it.
    fn lateness<const N: usize>(steps: [fn(&Rc<Progress>); N]) -> [bool; N] {
        lateness_among(usize::MAX, steps)
    }

    /// The same, where free places are few from so many on.
    fn lateness_among<const N: usize>(crowded_from: usize, steps: [fn(&Rc<Progress>); N]) -> [bool; N] {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        let _entered = runtime.enter();
        let patience = Patience { head: TICK, keep_alive: 4 * TICK, crowded_from };
        let mut connection = Connection::new((), patience);
        steps.map(|step| {
            step(&connection.progress);
            connection.is_late()
        })
    }

    fn nothing(_: &Rc<Progress>) {}

    fn bytes(progress: &Rc<Progress>) {
        progress.arrived.set(true);
    }

    fn request(progress: &Rc<Progress>) {
        bytes(progress);
        drop(progress.begin());
    }

    #[test]
    fn a_head_has_until_the_second_tick() {
        assert_eq!(lateness([bytes, nothing]), [false, true]);
        assert_eq!(lateness([bytes, bytes]), [false, true], "more of it changes nothing");
        assert_eq!(lateness([request, bytes, nothing]), [false, false, true]);
        assert_eq!(lateness([bytes, request, nothing]), [false; 3]);
    }

    #[test]
    fn a_connection_is_idle_from_its_last_request_on() {
        assert_eq!(lateness([nothing; 4]), [false, false, false, true]);
        assert_eq!(lateness([nothing, nothing, nothing, request, nothing, nothing, nothing]), [false; 7]);
    }

    #[test]
    fn an_idle_connection_goes_at_the_next_tick_where_free_places_are_few() {
        assert_eq!(lateness_among(1, [request, request, nothing]), [false, false, true]);
        assert_eq!(lateness_among(2, [request, nothing, nothing]), [false; 3], "it is the only one");
        assert_eq!(lateness_among(1, [request, bytes, nothing]), [false, false, true], "a head has its time");
        assert_eq!(OPEN.get(), 0, "a connection that is gone does not count");
    }

    #[test]
    fn a_request_under_way_is_never_idle() {
        assert_eq!(
            lateness([|progress| std::mem::forget(progress.begin()), nothing, nothing, nothing, nothing]),
            [false; 5]
        );
    }

    #[test]
    fn an_answer_that_nobody_reads_is_given_up_even_behind_other_requests() {
        fn blocked(progress: &Rc<Progress>) {
            progress.blocked.set(true);
            request(progress);
        }
        assert_eq!(lateness([blocked, blocked]), [false, true]);
        assert_eq!(lateness([blocked, |progress| progress.blocked.set(false), blocked]), [false; 3]);
    }
}
