//! The feed of revocations: what an API that verifies signed tokens by itself has to know beside their signatures. Owns what an answer
//! says, and that one that many wait for is signed once; how long anybody waits is for the web floor.
//!
//! Anybody may ask. What is told are identifiers, which whoever does not hold the tokens can do nothing with, and how an API that is
//! named maps its levels.

use crate::access::api::{Api, Identifier};
use crate::cache::remembered::{Cursor, Recalled};
use crate::context::Context;
use crate::store::fault::Fault;
use doorward_protocol::error::OAuthError;
use doorward_protocol::jose::jws::Typ;
use doorward_protocol::params::Params;
use doorward_protocol::revocation::api::EnforcedApi;
use doorward_protocol::revocation::{GOOD_FOR, LONGEST_WAIT, Revocations};
use doorward_protocol::time::{Lifetime, Seconds};
use moka::sync::Cache as Bounded;
use std::sync::Arc;

/// A longer text is no cursor, and would only be said back.
const LONGEST_CURSOR: usize = 64;
/// Bytes of signed answers that are kept.
const KEPT: u64 = 8 << 20;
/// A kept answer is given to others for so long: it says when it was signed.
const KEPT_FOR: Lifetime = Lifetime::seconds(5);

/// What is asked for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct AskedFeed {
    /// Up to where the caller knows everything.
    pub since: Option<String>,
    /// How long news are waited for where there are none.
    pub wait: Lifetime,
    /// The API that the caller is.
    pub api: Option<Identifier>,
}

/// What is to be told, not signed yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    recalled: Recalled,
    next: String,
    api: Option<EnforcedApi>,
}

/// The signed answers that were given a moment ago.
pub struct SignedAnswers(Bounded<Question, Arc<Signed>>);

type Question = (AskedFeed, String, i64);

struct Signed {
    at: Seconds,
    text: String,
}

impl AskedFeed {
    /// Reads the query.
    ///
    /// # Errors
    /// `invalid_request` for what is no question: something unknown, too, as what it was to ask for is not known either.
    pub fn read(params: &Params<'_>) -> Result<Self, OAuthError> {
        if let Some((name, _)) = params.pairs().find(|(name, _)| !matches!(*name, "since" | "wait" | "api")) {
            let name: String = name.chars().take(64).collect();
            return Err(OAuthError::invalid_request(format!("'{name}' is not a parameter of the feed")));
        }
        let since = params.value("since");
        if since.is_some_and(|since| since.len() > LONGEST_CURSOR) {
            return Err(OAuthError::invalid_request("'since' is the 'next' of an answer"));
        }
        let api = params.value("api").map(str::parse).transpose();
        Ok(Self {
            since: since.map(str::to_owned),
            wait: params.value("wait").map_or(Ok(Lifetime::default()), wait)?,
            api: api.map_err(|_| OAuthError::invalid_request("'api' is the identifier of an API"))?,
        })
    }
}

fn wait(text: &str) -> Result<Lifetime, OAuthError> {
    let seconds = text.parse().ok().map(Lifetime).filter(|wait| (Lifetime(0)..=LONGEST_WAIT).contains(wait));
    let longest = LONGEST_WAIT.0;
    seconds.ok_or_else(|| {
        OAuthError::invalid_request(format!("'wait' is a number of seconds, of at most {longest}"))
    })
}

/// What there is to tell.
///
/// # Errors
/// [`Fault`] where this node cannot know what others have changed: an old answer would hide it.
pub async fn told(asked: &AskedFeed, context: &Context<'_>) -> Result<Told, Fault> {
    // What is no cursor of ours may be one of another release: it is from elsewhere.
    let since = asked.since.as_ref().map(|since| since.parse().unwrap_or_else(|_| Cursor::elsewhere()));
    let recalled = context.cache.recall(since.as_ref()).await.map_err(Fault::unavailable)?;
    let apis = context.cache.apis();
    let api = asked.api.as_ref().and_then(|api| apis.by_identifier(api.as_str()));
    Ok(Told { next: recalled.next.to_string(), recalled, api: api.map(|api| enforced(api, context)) })
}

impl Told {
    /// Whether the caller's cursor is the newest, and there is nothing to tell them.
    #[must_use]
    pub fn is_nothing(&self, asked: &AskedFeed) -> bool {
        asked.since.as_deref() == Some(&self.next) && self.says_nothing()
    }

    /// Whether something was taken back since, or the API is not what it was then.
    #[must_use]
    pub fn is_news_after(&self, before: &Self) -> bool {
        !self.says_nothing() || self.api != before.api
    }

    const fn says_nothing(&self) -> bool {
        self.recalled.revoked.is_empty() && !self.recalled.reset
    }

    /// The cursor that comes next, by which answers are told apart, too.
    #[must_use]
    pub fn next(&self) -> &str {
        &self.next
    }
}

/// RFC 7515 §3.1: the answer, signed as tokens are, under a type of its own.
///
/// # Errors
/// [`Fault`] where no key signs.
pub fn signed(
    told: &Told,
    asked: &AskedFeed,
    kept: &SignedAnswers,
    context: &Context<'_>,
) -> Result<String, Fault> {
    let keyring = context.cache.keyring();
    let question = (AskedFeed { wait: Lifetime(0), ..asked.clone() }, told.next.clone(), keyring.serial());
    let good = |signed: &Arc<Signed>| (Lifetime(0)..KEPT_FOR).contains(&(context.now - signed.at));
    if let Some(signed) = kept.0.get(&question).filter(good) {
        return Ok(signed.text.clone());
    }
    let key = keyring.signing(context.settings.signing_algorithm, context.now);
    let key = key.ok_or_else(|| Fault::broken("there is no key that signs"))?;
    let text = key.sign(&claims(told, asked, context), Typ::Revocations).map_err(Fault::broken)?;
    // Whoever comes from elsewhere comes with a cursor of their own, and a part of more ends where it does, whatever the API is then.
    if !told.recalled.reset && !told.recalled.more {
        kept.0.insert(question, Arc::new(Signed { at: context.now, text: text.clone() }));
    }
    Ok(text)
}

fn claims(told: &Told, asked: &AskedFeed, context: &Context<'_>) -> Revocations {
    let issuer = context.settings.issuer.as_str();
    Revocations {
        iss: issuer.to_owned(),
        iat: context.now,
        exp: context.now + GOOD_FOR,
        aud: Revocations::audience(issuer),
        about: asked.api.as_ref().map(Identifier::to_string),
        since: asked.since.clone(),
        next: told.next.clone(),
        reset: told.recalled.reset,
        more: told.recalled.more,
        revoked: told.recalled.revoked.clone(),
        api: told.api.clone(),
    }
}

fn enforced(api: &Api, context: &Context<'_>) -> EnforcedApi {
    EnforcedApi {
        id: api.id,
        identifier: api.identifier.to_string(),
        status: api.status,
        created_at: api.created_at,
        levels: api.levels.clone(),
        preflight: api.preflight,
        management: api.is_management(&context.settings.issuer),
    }
}

impl Default for SignedAnswers {
    fn default() -> Self {
        let weigh =
            |_: &Question, signed: &Arc<Signed>| u32::try_from(signed.text.len() + 512).unwrap_or(u32::MAX);
        Self(Bounded::builder().weigher(weigh).max_capacity(KEPT).build())
    }
}
