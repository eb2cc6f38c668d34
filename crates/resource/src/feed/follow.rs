//! How the feed is followed: one question after another, each from where the last answer has led, each waited for until there is
//! something to say. Owns the pace of it; what an answer means is `heard`'s part. The API is held by nobody here while the server
//! thinks: it ends when its owner lets it go.

use crate::authorization_server::{AuthorizationServer, Known};
use crate::clock::Clock;
use crate::feed::Feed;
use crate::fetch::{Fetch, Poll, Reply, Unanswered};
use doorward_protocol::jose::verifier::Unverified;
use doorward_protocol::revocation::verifier::AskedFeed;
use doorward_protocol::revocation::{Revocations, What};
use doorward_protocol::time::{Lifetime, Seconds};
use http::{HeaderValue, StatusCode};
use std::future::Future;
use std::sync::{Arc, Weak};
use std::time::Duration;
use tokio::sync::Notify;
use tokio::time::sleep;
use url::Url;

/// The time between two questions where there was nothing to say, whatever the server does; and the first pause after a failure.
const PACE: Duration = Duration::from_secs(1);
/// The time between an answer and the next question, where there was.
const SHORT_PACE: Duration = Duration::from_millis(200);
/// The longest pause after failures.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

pub(super) struct Follower {
    feed: Weak<Feed>,
    server: Weak<AuthorizationServer>,
    clock: Arc<dyn Clock>,
    fetch: Arc<Fetch>,
    nudge: Arc<Notify>,
    /// Where the last answer has led.
    since: Option<String>,
    /// That answer itself, as long as it may be brought again.
    last: Option<Signed>,
    /// How long the server may think about the next question.
    wait: Lifetime,
    pause: Duration,
}

/// A signed answer, by the name that it has; one without a name cannot be asked about.
struct Signed {
    etag: HeaderValue,
    exp: Seconds,
}

/// What came of one question.
enum Turn {
    /// There was something to say, and there is more.
    More,
    News,
    Nothing,
    /// Somebody could not wait for it.
    Hurried,
    Failed,
}

/// Why nothing was heard. For the log.
#[derive(Debug, thiserror::Error)]
pub(super) enum Unheard {
    #[error("the authorization server's metadata name no feed of revocations")]
    NoFeed,
    #[error("nothing was ever read from the authorization server")]
    Unreachable,
    #[error(transparent)]
    Unanswered(#[from] Unanswered),
    #[error("answered with status {0}")]
    Status(StatusCode),
    #[error("the answer is not to be believed: {0}")]
    Unverified(#[from] Unverified),
}

impl Unheard {
    /// Whether there is nothing to be heard at this server.
    pub(super) const fn is_lasting(&self) -> bool {
        matches!(self, Self::NoFeed)
    }
}

impl Follower {
    pub(super) fn new(feed: &Arc<Feed>, server: &Arc<AuthorizationServer>, clock: &Arc<dyn Clock>) -> Self {
        Self {
            feed: Arc::downgrade(feed),
            server: Arc::downgrade(server),
            clock: Arc::clone(clock),
            fetch: Arc::clone(&server.fetch),
            nudge: Arc::clone(&feed.nudge),
            since: None,
            last: None,
            wait: Lifetime::default(),
            pause: PACE,
        }
    }

    /// Until the API is gone.
    pub(super) async fn run(mut self) {
        loop {
            let pace = sleep(PACE);
            let Some(turn) = self.turn().await else { return };
            match turn {
                Turn::Failed => {
                    self.patiently(sleep(self.pause)).await;
                    self.pause = (self.pause * 2).min(LONGEST_PAUSE);
                    // That it is over is to be known at once, news or not.
                    self.wait = Lifetime::default();
                    continue;
                }
                Turn::News => self.patiently(sleep(SHORT_PACE)).await,
                Turn::Nothing => self.patiently(pace).await,
                Turn::More => self.wait = Lifetime::default(),
                Turn::Hurried => continue,
            }
            self.pause = PACE;
        }
    }

    /// Waits, and lets the server think about the next question; unless somebody cannot wait.
    async fn patiently(&mut self, wait: impl Future<Output = ()>) {
        self.wait = self.feed.upgrade().map_or_else(Lifetime::default, |feed| feed.stale.wait());
        tokio::select! {
            () = wait => {}
            () = self.nudge.notified() => self.wait = Lifetime::default(),
        }
    }

    /// One question, and what came of it; `None` once the API is gone.
    async fn turn(&mut self) -> Option<Turn> {
        let outcome = match self.question().await? {
            Ok(url) => self.ask(&url).await,
            Err(unheard) => Some(Err(unheard)),
        };
        let Some(outcome) = outcome else { return Some(Turn::Hurried) };
        let (feed, now) = (self.feed.upgrade()?, self.clock.now());
        Some(match outcome {
            Ok(answer) => {
                let turn = Turn::of(answer.as_ref());
                feed.change(|state| state.take(answer, &feed.audience, now));
                turn
            }
            Err(unheard) => {
                feed.change(|state| state.fail(&unheard, now));
                Turn::Failed
            }
        })
    }

    async fn question(&self) -> Option<Result<Url, Unheard>> {
        let (feed, server) = self.feed.upgrade().zip(self.server.upgrade())?;
        let Some(known) = server.at_hand(self.clock.now()).await else {
            return Some(Err(Unheard::Unreachable));
        };
        let Some(mut url) = known.revocations_endpoint.clone() else { return Some(Err(Unheard::NoFeed)) };
        let wait = self.wait.0.to_string();
        url.query_pairs_mut().append_pair("api", &feed.audience).append_pair("wait", &wait);
        if let Some(since) = &self.since {
            url.query_pairs_mut().append_pair("since", since);
        }
        Some(Ok(url))
    }

    /// What the server says; nothing, where it has nothing new to say. `None` where somebody cannot wait for it.
    async fn ask(&mut self, url: &Url) -> Option<Result<Option<Revocations>, Unheard>> {
        let fetch = Arc::clone(&self.fetch);
        let poll = Poll { url, etag: self.etag(), wait: self.wait.into() };
        let reply = tokio::select! {
            biased;
            reply = fetch.poll(poll) => reply,
            // Who waits for an answer that comes at once is not to be hurried.
            () = self.nudge.notified(), if self.wait > Lifetime::default() => {
                self.wait = Lifetime::default();
                return None;
            }
        };
        Some(match reply {
            Ok(reply) => self.read(&reply).await,
            Err(unanswered) => Err(unanswered.into()),
        })
    }

    /// RFC 9110 §13.1.2: the name of the last answer, where what comes of the question comes before that one has ended.
    fn etag(&self) -> Option<&HeaderValue> {
        let longest = i64::try_from(self.fetch.longest(self.wait.into()).as_secs()).unwrap_or(i64::MAX);
        let latest = self.clock.now() + Lifetime(longest.saturating_add(1));
        self.last.as_ref().filter(|last| latest < last.exp).map(|last| &last.etag)
    }

    /// RFC 9110 §15.4.5: that nothing is new is signed by nobody. It counts for no longer than the answer that it is about could be
    /// brought once more: whoever ends TLS on the way hides nothing for longer by the one than by the other.
    fn is_to_be_believed_unsigned(&self) -> bool {
        self.last.as_ref().is_some_and(|last| self.clock.now() < last.exp)
    }

    async fn read(&mut self, reply: &Reply) -> Result<Option<Revocations>, Unheard> {
        match reply.status {
            StatusCode::OK => {}
            StatusCode::NOT_MODIFIED if self.is_to_be_believed_unsigned() => return Ok(None),
            status => return Err(Unheard::Status(status)),
        }
        let (server, now) = (self.server.upgrade().ok_or(Unheard::Unreachable)?, self.clock.now());
        let known = server.at_hand(now).await.ok_or(Unheard::Unreachable)?;
        let mut verified = self.verified(reply, &known);
        if matches!(verified, Err(Unheard::Unverified(Unverified::UnknownKey))) {
            let renewed = server.renewed(&known, now).await.map_err(|_| Unheard::Unreachable)?;
            verified = self.verified(reply, &renewed);
        }
        let revocations = verified?;
        server.distrust(revocations.revoked.iter().filter_map(|entry| match &entry.what {
            What::Key(kid) => Some(kid.clone()),
            _ => None,
        }));
        if revocations.revoked.iter().any(|entry| matches!(entry.what, What::All(_))) {
            // It may be about a key that was stolen: what is signed with it from now on is in no entry.
            server.read_again(now).await.map_err(|_| Unheard::Unreachable)?;
        }
        self.since = Some(revocations.next.clone());
        let exp = revocations.exp;
        self.last = reply.etag.clone().map(|etag| Signed { etag, exp });
        Ok(Some(revocations))
    }

    fn verified(&self, reply: &Reply, known: &Known) -> Result<Revocations, Unheard> {
        let feed = self.feed.upgrade();
        let asked =
            AskedFeed { since: self.since.as_deref(), api: feed.as_ref().map(|feed| feed.audience.as_str()) };
        let text = std::str::from_utf8(&reply.body).map_err(|_| Unverified::NotCompact)?;
        Ok(known.revocations.verify(text.trim_ascii_end(), asked, self.clock.now())?)
    }
}

impl Turn {
    fn of(answer: Option<&Revocations>) -> Self {
        match answer {
            Some(answer) if answer.more => Self::More,
            Some(answer) if !answer.revoked.is_empty() || answer.since.is_none() => Self::News,
            Some(_) | None => Self::Nothing,
        }
    }
}
