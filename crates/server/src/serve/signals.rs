//! How a server is told to stop. Owns the two ways: politely, by the first signal, and at once, by the second.

use crate::failure::Failure;
use actix_web::dev::ServerHandle;
use doorward_protocol::time::Lifetime;

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

    /// Lets the first signal stop the server, which then takes no new connections and finishes what is under way; the
    /// second one ends the process.
    pub(super) fn stop(mut self, server: ServerHandle, grace: Lifetime) {
        actix_web::rt::spawn(async move {
            let signal = self.next().await;
            tracing::info!(signal, grace = grace.0, "stopping");
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
