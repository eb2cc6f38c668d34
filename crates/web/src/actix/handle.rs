//! How a server is stopped. Owns that connections know of it before anybody else can: whoever sees that nobody listens any
//! more is answered as by a server that is leaving.

use crate::app::App;
use actix_web::dev::ServerHandle;
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Stops a server.
#[derive(Clone)]
pub struct Handle {
    server: ServerHandle,
    leaving: Arc<AtomicBool>,
    app: Arc<App>,
}

impl Handle {
    pub(super) fn new(server: ServerHandle, leaving: Arc<AtomicBool>, app: Arc<App>) -> Self {
        Self { server, leaving, app }
    }

    /// Stops the server: gracefully, what is under way is finished, and each answer is the last on its connection; else
    /// everything is cut off. Whoever waits for news is answered that there are none. It is told at once; the future resolves when it has stopped.
    pub fn stop(&self, graceful: bool) -> impl Future<Output = ()> + use<> {
        self.leaving.store(true, Ordering::Release);
        self.app.end_waiting();
        self.server.stop(graceful)
    }
}
