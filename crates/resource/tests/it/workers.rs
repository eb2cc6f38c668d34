//! Hosts with several workers, each a runtime on a thread of its own, as under actix-web: one that is held up, by a handler that
//! blocks, holds up itself alone.

use crate::server::{OPAQUE, SIGNED, Server};
use crate::signed::status;
use doorward_resource::protected_api::ProtectedApi;
use std::future::{Future, poll_fn};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::task::Poll;
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// Longer than a request may wait, so that no test passes because a worker was let go on.
const HELD: Duration = Duration::from_secs(20);

/// A worker that is held up until it is released.
struct Held {
    release: Sender<()>,
    thread: JoinHandle<()>,
}

impl Held {
    /// One that has verified a token, and so has a connection open.
    fn after(token: &str, api: &ProtectedApi) -> Self {
        let (token, api) = (token.to_owned(), api.clone());
        Self::once(async move { assert_eq!(status(&token, &api).await, 200) })
    }

    /// One that has begun to verify a token, and no more.
    fn amid(token: &str, api: &ProtectedApi) -> Self {
        let (token, api) = (token.to_owned(), api.clone());
        Self::once(async move {
            let mut asking = Box::pin(async move { status(&token, &api).await });
            let begun = poll_fn(|cx| Poll::Ready(asking.as_mut().poll(cx))).await;
            assert!(begun.is_pending());
            [asking]
        })
    }

    /// What was begun stays where it is, as in a worker that goes on with another request.
    fn once<T>(begun: impl Future<Output = T> + Send + 'static) -> Self {
        let ((tell, told), (release, released)) = (mpsc::channel(), mpsc::channel());
        let thread = thread::spawn(move || {
            alone(async move {
                let _begun = begun.await;
                tell.send(()).unwrap();
                assert_ne!(
                    released.recv_timeout(HELD),
                    Err(RecvTimeoutError::Timeout),
                    "held up for too long"
                );
            });
        });
        told.recv().unwrap();
        Self { release, thread }
    }

    fn release(self) {
        drop(self.release);
        self.thread.join().unwrap();
    }
}

/// On a runtime of its own.
fn alone<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(work)
}

/// A connection that one worker has opened serves the others while that one is held up.
#[test]
fn a_worker_that_is_held_up_keeps_no_connection() {
    let server = Server::new();
    let (api, tokens) = (server.api(OPAQUE), [(); 2].map(|()| server.token(OPAQUE, "read")));
    let held = Held::after(&tokens[0], &api);
    assert_eq!(alone(status(&tokens[1], &api)), 200);
    held.release();
}

/// Keys that one worker has begun to read are there for the others while that one is held up.
#[test]
fn a_worker_that_is_held_up_keeps_no_keys_from_the_others() {
    let server = Server::new();
    let (api, token) = (server.api(SIGNED), server.token(SIGNED, "read"));
    let held = Held::amid(&token, &api);
    assert_eq!(alone(status(&token, &api)), 200);
    assert_eq!(server.asked("/oauth2/jwks"), 1);
    held.release();
}

/// What one worker has begun to ask is answered to the others while that one is held up.
#[test]
fn a_worker_that_is_held_up_keeps_no_answer_from_the_others() {
    let server = Server::new();
    let (api, token) = (server.api(OPAQUE), server.token(OPAQUE, "read"));
    let held = Held::amid(&token, &api);
    assert_eq!(alone(status(&token, &api)), 200);
    assert_eq!(server.asked("/oauth2/introspect"), 1);
    held.release();
}

/// A program that awaits under another executor than tokio's is answered all the same.
#[test]
fn who_asks_needs_no_runtime() {
    let server = Server::new();
    for resource in [SIGNED, OPAQUE] {
        let (api, token) = (server.api(resource), server.token(resource, "read"));
        assert_eq!(doorward_testkit::block_on::block_on(status(&token, &api)), 200);
    }
}
