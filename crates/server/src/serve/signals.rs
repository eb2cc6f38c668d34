//! How a server is told to stop. Owns the two ways: politely, by the first signal, and at once, by the second.

use super::notify::Notify;
use crate::failure::Failure;
use doorward_protocol::time::Lifetime;
use doorward_web::actix::handle::Handle;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// How long a server takes to stop.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ways {
    /// How long it goes on, while it says that it is not ready.
    pub(super) drain: Lifetime,
    /// How long what is under way may take after that.
    pub(super) grace: Lifetime,
}

/// The signals that stop a server.
pub(super) struct Signals {
    #[cfg(unix)]
    terminate: tokio::signal::unix::Signal,
    #[cfg(unix)]
    interrupt: tokio::signal::unix::Signal,
}

impl Signals {
    /// Takes them from the system: from here on they no longer end the process by themselves.
    pub(super) fn listen() -> Result<Self, Failure> {
        #[cfg(unix)]
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            #[cfg(unix)]
            terminate: signal(SignalKind::terminate()).map_err(Failure::unreachable)?,
            #[cfg(unix)]
            interrupt: signal(SignalKind::interrupt()).map_err(Failure::unreachable)?,
        })
    }

    /// Lets the first signal stop the server: it says that it is leaving, goes on for as long as others need to hear that, then
    /// takes no new connections and finishes what is under way. The second one ends the process.
    pub(super) fn stop(mut self, server: Handle, leaving: Arc<AtomicBool>, ways: Ways, notify: Notify) {
        actix_web::rt::spawn(async move {
            let signal = self.next().await;
            tracing::info!(signal, drain = ways.drain.0, grace = ways.grace.0, "stopping");
            leaving.store(true, Ordering::Relaxed);
            notify.stopping(Duration::from(ways.drain) + Duration::from(ways.grace));
            // Without a drain there is nothing to cut short: a second signal, however soon, is the one that ends.
            if ways.drain.0 > 0 {
                tokio::select! {
                    () = tokio::time::sleep(ways.drain.into()) => {}
                    _ = self.next() => tracing::info!("not waiting for others to hear of it"),
                }
            }
            let stopped = actix_web::rt::spawn(server.stop(true));
            self.next().await;
            tracing::warn!("stopping at once; requests under way are cut off");
            drop(stopped);
            end();
        });
    }

    #[cfg(unix)]
    async fn next(&mut self) -> &'static str {
        tokio::select! {
            _ = self.terminate.recv() => "SIGTERM",
            _ = self.interrupt.recv() => "SIGINT",
        }
    }

    #[cfg(not(unix))]
    async fn next(&mut self) -> &'static str {
        // Without a console there is nobody to interrupt us.
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
        "Ctrl-C"
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "asked for twice: nothing is waited for any more, and what was answered is on the disk"
)]
fn end() {
    std::process::exit(1);
}
