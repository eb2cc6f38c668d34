//! Reading a request's body: bounded in size before and while it comes, in time as a whole, and in memory together with
//! all others. Owns the deadline that servers do not have: a body that drips would keep its connection for as long as it
//! likes. In which form a server hands out the pieces is its shim's business.

use crate::http::budget::{Budget, Share};
use crate::http::unread::Unread;
use crate::settings::WebSettings;
use bytes::{Bytes, BytesMut};
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::time::{Sleep, sleep};

/// What the head says about the body (RFC 9112 §6.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BodyLength {
    /// There is none.
    None,
    /// It has so many bytes.
    Known(u64),
    /// It ends when it says so.
    Chunked,
}

impl BodyLength {
    /// Whether something may come.
    #[cfg(feature = "actix")]
    pub(crate) const fn is_some(self) -> bool {
        !matches!(self, Self::None | Self::Known(0))
    }
}

/// The body broke off, or its framing is malformed.
#[derive(Debug)]
pub(crate) struct Broken;

/// What gives a body piece by piece, until there is none left.
pub(crate) trait Pieces {
    fn poll_piece(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, Broken>>>;
}

/// A body that was read, and its share in the memory for bodies.
pub(crate) struct Body<'a> {
    pub(crate) bytes: Bytes,
    pub(crate) share: Share<'a>,
}

/// Reads a body to its end.
pub(crate) async fn read<'a>(
    pieces: &mut impl Pieces,
    length: BodyLength,
    budget: &'a Budget,
    settings: &WebSettings,
) -> Result<Body<'a>, Unread> {
    let (limit, timeout) = (settings.body_limit, settings.body_timeout);
    let length = match length {
        BodyLength::None => Some(0),
        BodyLength::Known(length) => Some(usize::try_from(length).map_err(|_| Unread::TooLarge)?),
        BodyLength::Chunked => None,
    };
    if length.is_some_and(|length| length > limit) {
        return Err(Unread::TooLarge);
    }
    // What says nothing of its length may grow to the limit.
    let share = budget.take(length.unwrap_or(limit)).ok_or(Unread::NoRoom)?;
    // Asking for a body that cannot come would wait for what a protocol switch might send.
    let bytes =
        if length == Some(0) { Bytes::new() } else { arrival(pieces, length, limit, timeout).await? };
    Ok(Body { bytes, share })
}

async fn arrival(
    pieces: &mut impl Pieces,
    length: Option<usize>,
    limit: usize,
    timeout: Duration,
) -> Result<Bytes, Unread> {
    let mut body = Gathered { length, ..Gathered::default() };
    // Set at the first wait, not before: what is there already needs no timer. Actix shows a body only after the handler
    // was polled once, so a form in the packet of its headers still costs one, of about 0.1 µs; to go by "the second
    // poll" would leave a pipelined request without a deadline.
    let mut deadline = pin!(None::<Sleep>);
    poll_fn(|cx| match gather(pieces, &mut body, limit, cx) {
        Poll::Ready(outcome) => Poll::Ready(outcome.map(|()| body.finish())),
        Poll::Pending => {
            if deadline.is_none() {
                deadline.set(Some(sleep(timeout)));
            }
            deadline
                .as_mut()
                .as_pin_mut()
                .map_or(Poll::Pending, |late| late.poll(cx))
                .map(|()| Err(Unread::TooLate))
        }
    })
    .await
}

fn gather(
    pieces: &mut impl Pieces,
    body: &mut Gathered,
    limit: usize,
    cx: &mut Context<'_>,
) -> Poll<Result<(), Unread>> {
    while let Some(chunk) = ready!(pieces.poll_piece(cx)) {
        let Ok(chunk) = chunk else { return Poll::Ready(Err(Unread::Broken)) };
        if body.so_far() + chunk.len() > limit {
            return Poll::Ready(Err(Unread::TooLarge));
        }
        body.add(chunk);
    }
    Poll::Ready(Ok(()))
}

/// What has come so far: nearly always one piece, which is then not copied. Of a body in pieces none is kept, because a
/// piece keeps alive the buffer that the connection is read into.
#[derive(Default)]
struct Gathered {
    length: Option<usize>,
    whole: Bytes,
    pieces: BytesMut,
}

impl Gathered {
    fn so_far(&self) -> usize {
        self.whole.len() + self.pieces.len()
    }

    fn add(&mut self, chunk: Bytes) {
        if self.length == Some(chunk.len()) {
            self.whole = chunk;
            return;
        }
        if self.pieces.is_empty() {
            // Once and for all: a buffer that grows as it fills ends at up to twice what is needed.
            self.pieces.reserve(self.length.unwrap_or(0));
        }
        self.pieces.extend_from_slice(&chunk);
    }

    fn finish(&mut self) -> Bytes {
        if self.pieces.is_empty() { std::mem::take(&mut self.whole) } else { self.pieces.split().freeze() }
    }
}
