//! The answer to a body that was not read to its end. Owns keeping the rest of that body unread until the answer is
//! written: actix then closes the connection, after a moment in which the client can read why.
//!
//! Dropped, a chunked body would be read on and thrown away for as long as its sender likes, without any deadline.

use actix_http::Payload;
use actix_http::body::{BodySize, BoxBody, MessageBody};
use bytes::Bytes;
use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

struct Refused {
    answer: Bytes,
    _rest: Payload,
}

pub(super) fn body(answer: Bytes, rest: Payload) -> BoxBody {
    BoxBody::new(Refused { answer, _rest: rest })
}

impl MessageBody for Refused {
    type Error = Infallible;

    fn size(&self) -> BodySize {
        BodySize::Sized(self.answer.len() as u64)
    }

    fn poll_next(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Bytes, Infallible>>> {
        let answer = std::mem::take(&mut self.get_mut().answer);
        Poll::Ready((!answer.is_empty()).then_some(Ok(answer)))
    }
}
