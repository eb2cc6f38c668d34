//! An interaction as its steps see it: found by the text that a page or a URL carries, bound to this browser, moved on by
//! what a person does. Owns that text, the token against foreign sites, and the turn from a sealed text to a row.

use crate::context::{Browser, Context, PageRequest};
use crate::endpoint::browser::SignedInUser;
use crate::endpoint::metadata::{AUTHORIZE, LOGOUT};
use crate::endpoint::page::Hidden;
use crate::store::fault::{Fault, Stop};
use crate::store::tx::Tx;
use crate::ticket::interaction::{self, Goal, Interaction, Progress, StoredInteraction};
use crate::token::mint;
use doorward_protocol::error::OAuthError;
use doorward_protocol::secret::{Digest, Secret};
use doorward_protocol::token_text::{self, TokenType};
use url::form_urlencoded;

/// An interaction under way in a browser.
pub(super) struct UnderWay {
    pub(super) interaction: Interaction,
    /// What pages and URLs carry; none while it begins.
    name: Option<String>,
    /// Its row, once there is one.
    row: Option<Digest>,
    /// The browser's secret.
    pub(super) browser: Secret,
    /// Whether that secret is a new one, to be set as a cookie.
    pub(super) is_new_browser: bool,
}

/// A step of an interaction that is about to be recorded: a new row, or how far the one there is has come.
pub(super) enum Move {
    Insert(StoredInteraction),
    Update(Digest, Progress),
}

impl UnderWay {
    /// One that begins now.
    pub(super) fn begin(goal: Goal, browser: &Browser<'_>, context: &Context<'_>) -> Result<Self, Fault> {
        let known = browser.secret.filter(|secret| token_text::read(secret) == Ok(TokenType::Browser));
        let secret = match known {
            Some(secret) => Secret::new(secret.to_owned()),
            None => {
                let random = context.random.secret().map_err(Fault::broken)?;
                token_text::write(TokenType::Browser, &random)
            }
        };
        Ok(Self {
            interaction: Interaction::new(goal, context.now),
            name: None,
            row: None,
            browser: secret,
            is_new_browser: known.is_none(),
        })
    }

    /// The one that a form or a URL names, if it is this browser's and there is still time.
    ///
    /// # Errors
    /// `invalid_request` for any other; a fault of the store.
    pub(super) async fn resume(
        request: &PageRequest<'_>,
        context: &Context<'_>,
    ) -> Result<Self, Stop<OAuthError>> {
        let found = match (request.params.value("interaction"), request.browser.secret) {
            (Some(name), Some(browser)) => find(name, browser, context).await?,
            _ => None,
        };
        found.filter(|found| found.interaction.is_open(context.now)).ok_or_else(expired)
    }

    /// Where a request begins anew whose interaction, one of this browser's, has grown old: what it wanted is still known.
    pub(super) async fn grown_old(
        request: &PageRequest<'_>,
        context: &Context<'_>,
    ) -> Result<Option<String>, Fault> {
        let found = match (request.params.value("interaction"), request.browser.secret) {
            (Some(name), Some(browser)) => find(name, browser, context).await?,
            _ => None,
        };
        let old = found.filter(|found| !found.interaction.is_open(context.now));
        Ok(old.map(|found| found.begins_at()))
    }

    /// Where it goes on without anything having been done: the next page is decided anew.
    pub(super) fn goes_on_at(&self) -> String {
        match (&self.row, &self.name) {
            (Some(_), Some(name)) => resumed_at(name),
            _ => self.begins_at(),
        }
    }

    fn begins_at(&self) -> String {
        match &self.interaction.goal {
            Goal::Authorize(pairs) => format!("{AUTHORIZE}?{}", query(pairs)),
            Goal::SignOut(pairs) => format!("{LOGOUT}?{}", query(pairs)),
            Goal::Page(path) => path.clone(),
        }
    }

    /// The same, of a form that was posted: it also knows what another site cannot.
    ///
    /// # Errors
    /// `invalid_request`; a fault of the store.
    pub(super) async fn posted(
        request: &PageRequest<'_>,
        page: &str,
        context: &Context<'_>,
    ) -> Result<Self, Stop<OAuthError>> {
        let resumed = Self::resume(request, context).await?;
        let csrf = request.params.value("csrf").unwrap_or_default();
        let name = resumed.name.as_deref().unwrap_or_default();
        let good = context.peppers.is_seal_of("csrf", &[page, resumed.browser.expose(), name], csrf);
        if good { Ok(resumed) } else { Err(expired()) }
    }

    /// What the form of a page carries.
    pub(super) fn hidden(&self, page: &str, context: &Context<'_>) -> Result<Hidden, Fault> {
        let name = match &self.name {
            Some(name) => name.clone(),
            None => interaction::seal(
                &self.interaction,
                self.browser.expose(),
                context.interactions,
                context.random,
            )
            .map_err(Fault::broken)?,
        };
        let csrf = context.peppers.seal_of("csrf", &[page, self.browser.expose(), &name]);
        Ok(Hidden { interaction: name, csrf })
    }

    /// The move to this progress, and the path at which it goes on.
    pub(super) fn moved_to(
        &self,
        progress: Progress,
        context: &Context<'_>,
    ) -> Result<(Move, String), Fault> {
        if let (Some(digest), Some(name)) = (self.row, &self.name) {
            return Ok((Move::Update(digest, progress), resumed_at(name)));
        }
        let random = context.random.secret().map_err(Fault::broken)?;
        let (name, pepper, digest) = mint::secret(TokenType::Interaction, &random, context.peppers);
        let stored = StoredInteraction {
            digest,
            pepper,
            browser: browser_digest(self.browser.expose(), context),
            interaction: Interaction { progress, ..self.interaction.clone() },
        };
        Ok((Move::Insert(stored), resumed_at(name.expose())))
    }

    /// Its row, which ends with the answer.
    pub(super) const fn row(&self) -> Option<Digest> {
        self.row
    }
}

impl Move {
    /// Records the step.
    ///
    /// # Errors
    /// `invalid_request` for an interaction that has ended in the meantime.
    pub(super) fn record(&self, tx: &mut dyn Tx) -> Result<(), Stop<OAuthError>> {
        match self {
            Self::Insert(stored) => Ok(tx.insert_interaction(stored)?),
            Self::Update(digest, progress) if tx.update_interaction(digest, progress)? => Ok(()),
            Self::Update(..) => Err(expired()),
        }
    }
}

async fn find(name: &str, browser: &str, context: &Context<'_>) -> Result<Option<UnderWay>, Fault> {
    let under_way = |interaction, row| UnderWay {
        interaction,
        name: Some(name.to_owned()),
        row,
        browser: Secret::new(browser.to_owned()),
        is_new_browser: false,
    };
    if token_text::read(name) != Ok(TokenType::Interaction) {
        let opened = interaction::open(name, browser, context.interactions);
        return Ok(opened.map(|interaction| under_way(interaction, None)));
    }
    for digest in context.peppers.digests(name) {
        let found = context.cache.store().read(move |tx| tx.interaction(&digest)).await?;
        if let Some(stored) = found {
            let text = browser_text(browser);
            let same = context.peppers.digests(&text).any(|digest| digest == stored.browser);
            return Ok(same.then(|| under_way(stored.interaction, Some(stored.digest))));
        }
    }
    Ok(None)
}

fn browser_digest(browser: &str, context: &Context<'_>) -> Digest {
    context.peppers.digest(&browser_text(browser)).1
}

/// A label of its own, so that what is stored of a browser is no look-up key of anything.
fn browser_text(browser: &str) -> String {
    format!("browser {browser}")
}

fn query(pairs: &[(String, String)]) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
}

/// Where an interaction goes on: all steps come back to one place, which decides anew.
fn resumed_at(name: &str) -> String {
    format!("{AUTHORIZE}?interaction={name}")
}

/// One answer for an interaction that is unknown, another browser's, over or used up.
pub(super) fn expired() -> Stop<OAuthError> {
    Stop::Refuse(OAuthError::invalid_request(
        "this page is too old, or was opened in another browser: go back to the application and begin again",
    ))
}

/// A page's own seal against foreign sites, where it belongs to no interaction: bound to the session.
pub(super) fn session_csrf(page: &str, person: &SignedInUser, context: &Context<'_>) -> String {
    context.peppers.seal_of("csrf", &[page, person.secret.expose(), &person.session.id.to_string()])
}

/// Whether a form carries [`session_csrf`] of its page.
pub(super) fn is_session_csrf(page: &str, person: &SignedInUser, shown: &str, context: &Context<'_>) -> bool {
    let parts = [page, person.secret.expose(), &person.session.id.to_string()];
    context.peppers.is_seal_of("csrf", &parts, shown)
}
