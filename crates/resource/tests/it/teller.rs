//! A feed of revocations in the place of the server's own, signed by its key: for what a real one would not say, or not when a test
//! wants it to.

use crate::server::TestClock;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use doorward_core::authorization_server::AuthorizationServer;
use doorward_protocol::jose::jws::Typ;
use doorward_protocol::jose::key::SigningKey;
use doorward_protocol::revocation::api::EnforcedApi;
use doorward_protocol::revocation::{GOOD_FOR, MEDIA_TYPE, Revocations, Revoked, What};
use doorward_protocol::time::Lifetime;
use doorward_resource::clock::Clock;
use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::watch;

#[derive(Clone)]
pub(crate) struct Teller(Arc<Inner>);

struct Inner {
    core: Arc<AuthorizationServer>,
    clock: Arc<TestClock>,
    told: Mutex<Told>,
    /// Changes whenever there is something to say.
    turns: watch::Sender<u64>,
}

#[derive(Default)]
struct Told {
    is_on: bool,
    entries: Vec<Revoked>,
    /// As many entries as stand in one answer.
    page: usize,
    changed: Option<Describe>,
    signed: Option<Sign>,
    /// A status instead of an answer.
    status: Option<StatusCode>,
    /// The published keys, as of some time before.
    keys: Option<String>,
}

/// How an API is said to be that is registered otherwise.
pub(crate) type Describe = fn(EnforcedApi) -> EnforcedApi;

/// How an answer is signed that is not to be believed.
pub(crate) type Sign = fn(Revocations, &SigningKey) -> String;

impl Teller {
    pub(crate) fn new(core: &Arc<AuthorizationServer>, clock: &Arc<TestClock>) -> Self {
        let told = Mutex::new(Told { page: 1_000, ..Told::default() });
        Self(Arc::new(Inner {
            core: Arc::clone(core),
            clock: Arc::clone(clock),
            told,
            turns: watch::Sender::default(),
        }))
    }

    /// From now on, it speaks.
    pub(crate) fn begin(&self) {
        self.change(|told| told.is_on = true);
    }

    pub(crate) fn is_on(&self) -> bool {
        self.0.told.lock().unwrap().is_on
    }

    pub(crate) fn say(&self, what: impl IntoIterator<Item = What>) {
        let exp = Clock::now(&*self.0.clock) + Lifetime::minutes(10);
        self.change(|told| told.entries.extend(what.into_iter().map(|what| Revoked { what, exp })));
    }

    pub(crate) fn in_pages_of(&self, page: usize) {
        self.change(|told| told.page = page);
    }

    /// The API is another one from now on.
    pub(crate) fn describe(&self, changed: Describe) {
        self.change(|told| told.changed = Some(changed));
    }

    /// Answers are signed like this from now on.
    pub(crate) fn sign(&self, sign: Sign) {
        self.change(|told| told.signed = Some(sign));
    }

    pub(crate) fn answer_with(&self, status: Option<StatusCode>) {
        self.change(|told| told.status = status);
    }

    /// The keys of now are those that are published from now on, as by a cache on the way.
    pub(crate) fn keep_keys(&self) {
        let keys = self.0.core.cache().keyring().jwks().to_owned();
        self.change(|told| told.keys = Some(keys));
    }

    pub(crate) fn kept_keys(&self) -> Option<String> {
        self.0.told.lock().unwrap().keys.clone()
    }

    /// What was said is not said again.
    pub(crate) fn forget(&self) {
        self.change(|told| told.entries.clear());
    }

    fn change(&self, change: impl FnOnce(&mut Told)) {
        change(&mut self.0.told.lock().unwrap());
        self.0.turns.send_modify(|turns| *turns += 1);
    }

    /// Answers one question.
    pub(crate) async fn answer(self, query: HashMap<String, String>, headers: HeaderMap) -> Response {
        let mut turns = self.0.turns.subscribe();
        let known = headers.get("if-none-match").map(|etag| etag.to_str().unwrap().to_owned());
        let is_at_the_end = || query.get("since").is_some_and(|since| *since == self.end());
        if known.is_some_and(|known| known == self.etag()) && is_at_the_end() {
            let wait = Duration::from_secs(query["wait"].parse().unwrap());
            if tokio::time::timeout(wait, turns.changed()).await.is_err() {
                return StatusCode::NOT_MODIFIED.into_response();
            }
        }
        let etag = self.etag();
        let told = self.0.told.lock().unwrap();
        if let Some(status) = told.status {
            return status.into_response();
        }
        let (answer, keyring) = (self.revocations(&told, &query), self.0.core.cache().keyring());
        let key = keyring.signing(self.0.core.settings().signing_algorithm, answer.iat).unwrap();
        let text = match told.signed {
            Some(sign) => sign(answer, key),
            None => key.sign(&answer, Typ::Revocations).unwrap(),
        };
        ([("content-type", MEDIA_TYPE.to_owned()), ("etag", etag)], text).into_response()
    }

    /// The newest cursor.
    fn end(&self) -> String {
        self.0.told.lock().unwrap().entries.len().to_string()
    }

    fn etag(&self) -> String {
        format!("\"{}\"", *self.0.turns.borrow())
    }

    fn revocations(&self, told: &Told, query: &HashMap<String, String>) -> Revocations {
        let (iat, issuer) = (Clock::now(&*self.0.clock), self.0.core.settings().issuer.as_str());
        let since = query.get("since").cloned();
        let from = since.as_ref().map_or(0, |since| since.parse().unwrap()).min(told.entries.len());
        let next = told.entries.len().min(from + told.page);
        Revocations {
            iss: issuer.to_owned(),
            iat,
            exp: iat + GOOD_FOR,
            aud: Revocations::audience(issuer),
            about: query.get("api").cloned(),
            since,
            next: next.to_string(),
            reset: false,
            more: next < told.entries.len(),
            revoked: told.entries[from..next].to_vec(),
            api: self
                .api(&query["api"])
                .map(|api| told.changed.map_or_else(|| api.clone(), |change| change(api.clone()))),
        }
    }

    fn api(&self, identifier: &str) -> Option<EnforcedApi> {
        let apis = self.0.core.cache().apis();
        let api = apis.by_identifier(identifier)?;
        Some(EnforcedApi {
            id: api.id,
            identifier: identifier.to_owned(),
            status: api.status,
            created_at: api.created_at,
            levels: api.levels.clone(),
            preflight: api.preflight,
            management: false,
        })
    }
}
