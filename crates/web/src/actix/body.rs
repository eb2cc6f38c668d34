//! Reading a request's body: bounded in size before and while it comes, and in time as a whole. Owns the deadline that
//! actix does not have: a body that drips would keep its connection for as long as it likes.

use crate::actix::neutral::BodyLength;
use crate::http::unread::Unread;
use actix_http::Payload;
use bytes::{Bytes, BytesMut};
use futures_core::Stream;
use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::time::{Sleep, sleep};

/// Reads a body to its end.
pub(super) async fn read(
    payload: &mut Payload,
    length: BodyLength,
    limit: usize,
    timeout: Duration,
) -> Result<Bytes, Unread> {
    match length {
        // Asking for a body that cannot come would wait for what a protocol switch might send.
        BodyLength::None | BodyLength::Known(0) => return Ok(Bytes::new()),
        BodyLength::Known(length) if usize::try_from(length).map_or(true, |length| length > limit) => {
            return Err(Unread::TooLarge);
        }
        BodyLength::Known(_) | BodyLength::Chunked => {}
    }
    let mut body = Gathered::default();
    // Set at the first wait, not before: what is there already needs no timer. Actix shows a body only after the handler
    // was polled once, so a form in the packet of its headers still costs one, of about 0.1 µs; to go by "the second
    // poll" would leave a pipelined request without a deadline.
    let mut deadline = pin!(None::<Sleep>);
    poll_fn(|cx| match gather(payload, &mut body, limit, cx) {
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
    payload: &mut Payload,
    body: &mut Gathered,
    limit: usize,
    cx: &mut Context<'_>,
) -> Poll<Result<(), Unread>> {
    while let Some(chunk) = ready!(Pin::new(&mut *payload).poll_next(cx)) {
        let Ok(chunk) = chunk else { return Poll::Ready(Err(Unread::Broken)) };
        if body.length() + chunk.len() > limit {
            return Poll::Ready(Err(Unread::TooLarge));
        }
        body.add(chunk);
    }
    Poll::Ready(Ok(()))
}

/// What has come so far: nearly always one piece, which is then not copied.
#[derive(Default)]
struct Gathered {
    first: Bytes,
    all: BytesMut,
}

impl Gathered {
    fn length(&self) -> usize {
        self.first.len() + self.all.len()
    }

    fn add(&mut self, chunk: Bytes) {
        if self.length() == 0 {
            self.first = chunk;
        } else {
            let first = std::mem::take(&mut self.first);
            self.all.extend_from_slice(&first);
            self.all.extend_from_slice(&chunk);
        }
    }

    fn finish(&mut self) -> Bytes {
        if self.all.is_empty() { std::mem::take(&mut self.first) } else { self.all.split().freeze() }
    }
}
