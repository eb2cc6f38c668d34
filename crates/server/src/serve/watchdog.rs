//! The service manager's watchdog: it hears that the server lives while that is true, and starts another one when it has not
//! heard it for too long. Owns what living means: the main thread turns, every thread that answers has had its turn, and the
//! store's writer is there. What a new process would not mend (a database that is away, a full disk) is no death: `/readyz`
//! tells of that.

use super::notify::Notify;
use doorward_storage::database::Database;
use doorward_web::actix::pulse::Pulse;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{MissedTickBehavior, interval, timeout};

/// What is watched.
pub(super) struct Watched {
    pub(super) pulse: Pulse,
    pub(super) database: Arc<Database>,
}

/// Says from now on that the server lives, twice in each period that the service manager allows.
pub(super) fn start(period: Duration, watched: Watched, notify: Notify) {
    actix_web::rt::spawn(async move {
        let mut ticks = interval(period / 2);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            match watched.lives(period / 4).await {
                Ok(()) => notify.alive(),
                Err(why) => tracing::error!(why, "the watchdog is not told that the server lives"),
            }
        }
    });
}

impl Watched {
    async fn lives(&self, patience: Duration) -> Result<(), &'static str> {
        timeout(patience, self.pulse.felt()).await.map_err(|_| "a thread that answers requests is stuck")?;
        self.database.writer_is_alive().then_some(()).ok_or("the store takes no changes")
    }
}
