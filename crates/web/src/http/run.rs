//! One request's run: under its name, and with its panics kept in. Owns what happens when a handler panics (the request
//! fails, the worker and its connection do not); the words of the panic are for the process's hook.

use crate::http::request_id::{self, RequestId};
use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::task::Poll;

/// The handler panicked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Panicked;

/// Runs a handler to its end. That it is unwind-safe is the handler's promise to everybody, not only here: what requests
/// share sits behind locks that outlive a panic or in atomics, and the future itself is not polled again.
pub(crate) async fn run<T>(id: RequestId, handler: impl Future<Output = T>) -> Result<T, Panicked> {
    let mut handler = pin!(handler);
    poll_fn(move |cx| {
        let _current = request_id::enter(id);
        match catch_unwind(AssertUnwindSafe(|| handler.as_mut().poll(cx))) {
            Ok(polled) => polled.map(Ok),
            Err(_) => Poll::Ready(Err(Panicked)),
        }
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::request_id::RequestIds;
    use doorward_core::random::SystemRandom;

    fn id() -> RequestId {
        RequestIds::new(&SystemRandom::default()).unwrap().next()
    }

    #[tokio::test]
    async fn a_panic_ends_the_request_and_nothing_else() {
        let outcome: Result<(), _> = run(id(), async { panic!("a handler's bug") }).await;
        assert_eq!(outcome, Err(Panicked));
        assert_eq!(request_id::current(), None);
    }

    #[tokio::test]
    async fn a_request_is_current_at_each_of_its_steps() {
        let id = id();
        let seen = run(id, async {
            let first = request_id::current();
            tokio::task::yield_now().await;
            (first, request_id::current())
        });
        assert_eq!(seen.await, Ok((Some(id), Some(id))));
        assert_eq!(request_id::current(), None);
    }
}
