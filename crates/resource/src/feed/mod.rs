//! The feed of revocations, followed: what was taken back before its time, and how the API maps levels. Owns how fresh that has to
//! be for a request, and who waits for it; what was heard is [`heard`]'s, asking is [`follow`]'s.

mod follow;
pub(crate) mod heard;

use crate::access::Token;
use crate::authorization_server::AuthorizationServer;
use crate::clock::Clock;
use crate::feed::follow::{Follower, Unheard};
use crate::feed::heard::{Heard, Moment, Standing};
use crate::settings::{PAUSE, Settings, Stale};
use doorward_protocol::revocation::Revocations;
use doorward_protocol::revocation::api::EnforcedApi;
use doorward_protocol::time::Seconds;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};
use tokio::sync::{Notify, watch};

pub(crate) struct Feed {
    audience: String,
    stale: Stale,
    state: RwLock<State>,
    is_followed: AtomicBool,
    /// Answers and failures so far, for those who wait for the next.
    turns: watch::Sender<u64>,
    /// Somebody needs to know now.
    nudge: Arc<Notify>,
}

#[derive(Default)]
struct State {
    heard: Heard,
    /// When the server last said all that there was.
    confirmed_at: Option<Seconds>,
    /// When it last did not.
    failed_at: Option<Seconds>,
}

/// Nobody can say what was revoked since, or how the API maps levels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct OutOfTouch;

impl Feed {
    pub(crate) fn new(audience: &str, settings: &Settings) -> Self {
        Self {
            audience: audience.to_owned(),
            stale: settings.stale,
            state: RwLock::default(),
            is_followed: AtomicBool::new(false),
            turns: watch::Sender::default(),
            nudge: Arc::default(),
        }
    }

    /// Follows it from the first request on, for as long as the API lives.
    pub(crate) fn follow(self: &Arc<Self>, server: &Arc<AuthorizationServer>, clock: &Arc<dyn Clock>) {
        if self.is_followed.load(Ordering::Relaxed) || self.is_followed.swap(true, Ordering::Relaxed) {
            return;
        }
        drop(server.errands.spawn(Follower::new(self, server, clock).run()));
    }

    /// What the feed says of a token, as far as it was heard.
    pub(crate) fn standing(&self, token: &Token) -> Standing {
        self.state().heard.standing(token)
    }

    /// When something was heard last by which what was said of such a token may be true no longer; of a bad one, where none is named.
    pub(crate) fn last_doubt(&self, token: Option<&Token>) -> Option<Moment> {
        self.state().heard.last_doubt(token)
    }

    /// The moment, for a question that is asked then.
    pub(crate) fn moment(&self, now: Seconds) -> Moment {
        self.state().heard.moment(now)
    }

    /// The API as it is registered, if it is; `None` where that was not heard yet.
    pub(crate) fn registered(&self) -> Option<Option<Arc<EnforcedApi>>> {
        let state = self.state();
        state.confirmed_at.map(|_| state.heard.api.clone())
    }

    /// Returns once what was heard is as fresh as the settings ask for. A request waits only where it is not, and where there is hope
    /// for better.
    pub(crate) async fn in_touch(&self, clock: &dyn Clock) -> Result<(), OutOfTouch> {
        if self.state().is_fresh(self.stale, clock.now()) {
            return Ok(());
        }
        let mut turns = self.turns.subscribe();
        loop {
            if self.state().is_fresh(self.stale, clock.now()) {
                return Ok(());
            }
            if self.state().has_just_failed(clock.now()) {
                return Err(OutOfTouch);
            }
            self.nudge.notify_one();
            turns.changed().await.map_err(|_| OutOfTouch)?;
        }
    }

    fn state(&self) -> RwLockReadGuard<'_, State> {
        // Whoever writes it leaves it whole at every step: an entry more or less.
        self.state.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn change(&self, change: impl FnOnce(&mut State)) {
        change(&mut self.state.write().unwrap_or_else(PoisonError::into_inner));
        self.turns.send_modify(|turns| *turns += 1);
    }
}

impl State {
    fn take(&mut self, answer: Option<Revocations>, audience: &str, now: Seconds) {
        let is_all = answer.as_ref().is_none_or(|answer| !answer.more);
        if let Some(answer) = answer {
            // After a reset, too, nothing is forgotten before its time: that the server forgot a refusal is no reason to let it in.
            self.heard.take(&answer.revoked, audience, (answer.iat, now));
            // What manages everything else is the server itself.
            self.heard.api = answer.api.filter(|api| !api.management).map(Arc::new);
        }
        if is_all {
            self.confirmed_at = Some(now);
        }
        if self.failed_at.take().is_some() {
            tracing::info!("the feed of revocations is heard again");
        }
    }

    fn fail(&mut self, unheard: &Unheard, now: Seconds) {
        let is_new = self.failed_at.replace(now).is_none();
        if is_new && unheard.is_lasting() {
            tracing::debug!(reason = %unheard, "the feed of revocations cannot be followed");
        } else if is_new {
            tracing::error!(reason = %unheard, "the feed of revocations cannot be followed");
        }
    }

    fn is_fresh(&self, stale: Stale, now: Seconds) -> bool {
        // A clock that was set back tells nothing about the age of what was heard before.
        let Some(confirmed) = self.confirmed_at.filter(|confirmed| *confirmed <= now) else { return false };
        let is_failing = self.failed_at.is_some();
        now - confirmed <= stale.longest() && !(is_failing && stale == Stale::Refuse)
    }

    /// Who asks a server in vain that has just failed to answer need not wait.
    fn has_just_failed(&self, now: Seconds) -> bool {
        self.failed_at.is_some_and(|failed| failed <= now && now - failed < PAUSE)
    }
}
