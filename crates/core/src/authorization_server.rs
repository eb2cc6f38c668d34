//! The authorization server: one method per endpoint, over a store. Owns the parts that requests share; this is what an embedder
//! holds, and what the HTTP floor calls. How it is put together stands in [`builder`].

pub mod builder;

use crate::audit::event_ids::EventIds;
use crate::audit::seen::Seen;
use crate::authorization_server::builder::Builder;
use crate::cache::Cache;
use crate::client::attempts::Attempts;
use crate::clock::Clock;
use crate::context::{Caller, Context, FormRequest, PageRequest};
use crate::endpoint;
use crate::endpoint::management::{Admitted, NotAdmitted};
use crate::endpoint::page::Turn;
use crate::endpoint::revocations::{AskedFeed, SignedAnswers, Told};
use crate::endpoint::verify::{Forwarded, Verdict};
use crate::identity::hashing::HashingPool;
use crate::issuer::Issuer;
use crate::keys::audit::AuditKeys;
use crate::keys::master::MasterKey;
use crate::keys::pepper::Peppers;
use crate::keys::seal::Sealer;
use crate::random::Random;
use crate::settings::Settings;
use crate::sign_in::SignIn;
use crate::store::Store;
use crate::store::fault::{Fault, Stop};
use crate::token::recognise::SeenTokens;
use crate::uses::Uses;
use doorward_protocol::error::OAuthError;
use doorward_protocol::id::Id;
use doorward_protocol::introspection::Introspection;
use doorward_protocol::jose::claims::UserInfo;
use doorward_protocol::token::TokenResponse;
use std::sync::Arc;

/// An OAuth 2.1 authorization server over a store.
pub struct AuthorizationServer {
    settings: Arc<Settings>,
    cache: Cache,
    peppers: Arc<Peppers>,
    audit: Arc<AuditKeys>,
    event_ids: EventIds,
    sealer: Sealer,
    interactions: Sealer,
    answers: Sealer,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
    node: Id,
    attempts: Attempts,
    hashing: HashingPool,
    sign_in: Arc<dyn SignIn>,
    seen: SeenTokens,
    uses: Uses,
    trail: Seen,
    signed_answers: SignedAnswers,
    metadata: String,
}

impl AuthorizationServer {
    /// Begins with an issuer, a store that is migrated, and the master key of its installation.
    #[must_use]
    pub fn builder(issuer: Issuer, store: Arc<dyn Store>, master: MasterKey) -> Builder {
        Builder::new(issuer, store, master)
    }

    /// The token endpoint (RFC 6749 §3.2).
    ///
    /// # Errors
    /// A refusal in the form of RFC 6749 §5.2, or a fault.
    pub async fn token(&self, request: &FormRequest<'_>) -> Result<TokenResponse, Stop<OAuthError>> {
        endpoint::token::token(request, &self.context(), &*self.sign_in).await
    }

    /// The authorization endpoint (RFC 6749 §3.1), and every step back to it from a page.
    ///
    /// # Errors
    /// What cannot go back to the client, for a page; a fault.
    pub async fn authorize(&self, request: &PageRequest<'_>) -> Result<Turn, Stop<OAuthError>> {
        endpoint::authorize::authorize(request, &self.context(), &*self.sign_in).await
    }

    /// The sign-in page, for somebody who comes by themselves.
    ///
    /// # Errors
    /// A fault.
    pub async fn sign_in_page(&self, request: &PageRequest<'_>) -> Result<Turn, Stop<OAuthError>> {
        endpoint::sign_in::page(request, &self.context(), &*self.sign_in).await
    }

    /// Takes a person's proof, or the account they choose.
    ///
    /// # Errors
    /// A refusal for a page; a fault.
    pub async fn sign_in(&self, request: &PageRequest<'_>) -> Result<Turn, Stop<OAuthError>> {
        endpoint::sign_in::sign_in(request, &self.context(), &*self.sign_in).await
    }

    /// Takes a person's answer to the question for consent.
    ///
    /// # Errors
    /// A refusal for a page; a fault.
    pub async fn decide_consent(&self, request: &PageRequest<'_>) -> Result<Turn, Stop<OAuthError>> {
        endpoint::consent::decide(request, &self.context()).await
    }

    /// The page behind a set-up link.
    ///
    /// # Errors
    /// A refusal for a page; a fault.
    pub async fn setup_page(&self, request: &PageRequest<'_>) -> Result<Turn, Stop<OAuthError>> {
        endpoint::setup::page(request, &self.context()).await
    }

    /// Takes a first password.
    ///
    /// # Errors
    /// A refusal for a page; a fault.
    pub async fn setup(&self, request: &PageRequest<'_>) -> Result<Turn, Stop<OAuthError>> {
        endpoint::setup::setup(request, &self.context()).await
    }

    /// A person's own page.
    ///
    /// # Errors
    /// A fault.
    pub async fn account(&self, request: &PageRequest<'_>) -> Result<Turn, Stop<OAuthError>> {
        endpoint::account::account(request, &self.context(), &*self.sign_in).await
    }

    /// Takes a consent back.
    ///
    /// # Errors
    /// A refusal for a page; a fault.
    pub async fn revoke_consent(&self, request: &PageRequest<'_>) -> Result<Turn, Stop<OAuthError>> {
        endpoint::account::revoke_consent(request, &self.context(), &*self.sign_in).await
    }

    /// The page on which a person changes their password.
    ///
    /// # Errors
    /// A refusal for a page; a fault.
    pub async fn password_page(&self, request: &PageRequest<'_>) -> Result<Turn, Stop<OAuthError>> {
        endpoint::account::password_page(request, &self.context(), &*self.sign_in).await
    }

    /// Takes a new password.
    ///
    /// # Errors
    /// A refusal for a page; a fault.
    pub async fn change_password(&self, request: &PageRequest<'_>) -> Result<Turn, Stop<OAuthError>> {
        endpoint::account::change_password(request, &self.context(), &*self.sign_in).await
    }

    /// The page on which leaked tokens are taken back.
    #[must_use]
    pub fn leaked_tokens_page(&self) -> Turn {
        endpoint::leaked_tokens::page()
    }

    /// Takes back a leaked token that was presented on the page.
    ///
    /// # Errors
    /// A refusal for a page; a fault.
    pub async fn leaked_tokens(&self, request: &PageRequest<'_>) -> Result<Turn, Stop<OAuthError>> {
        endpoint::leaked_tokens::posted(request, &self.context()).await
    }

    /// Takes back a leaked token that a program has found.
    ///
    /// # Errors
    /// A fault.
    pub async fn take_back_leaked(&self, token: &str, caller: Caller) -> Result<(), Fault> {
        endpoint::leaked_tokens::take_back(token, caller, &self.context()).await
    }

    /// Signs out (OpenID Connect RP-Initiated Logout §2), or asks whether to.
    ///
    /// # Errors
    /// A refusal for a page; a fault.
    pub async fn end_session(&self, request: &PageRequest<'_>) -> Result<Turn, Stop<OAuthError>> {
        endpoint::end_session::end_session(request, &self.context()).await
    }

    /// The userinfo endpoint (OpenID Connect Core §5.3).
    ///
    /// # Errors
    /// A refusal in the words of RFC 6750 §3.1, or a fault.
    pub async fn userinfo(&self, token: &str, caller: Caller) -> Result<UserInfo, Stop<OAuthError>> {
        endpoint::userinfo::userinfo(token, caller, &self.context(), &*self.sign_in).await
    }

    /// The introspection endpoint (RFC 7662 §2).
    ///
    /// # Errors
    /// A refusal in the form of RFC 6749 §5.2, or a fault.
    pub async fn introspect(&self, request: &FormRequest<'_>) -> Result<Introspection, Stop<OAuthError>> {
        endpoint::introspect::introspect(request, &self.context()).await
    }

    /// Tells a proxy whether it may let a request through to an API.
    ///
    /// # Errors
    /// A fault.
    pub async fn verify(&self, request: &Forwarded<'_>) -> Result<Verdict, Fault> {
        endpoint::verify::verify(request, &self.context()).await
    }

    /// The revocation endpoint (RFC 7009 §2).
    ///
    /// # Errors
    /// A refusal in the form of RFC 6749 §5.2, or a fault.
    pub async fn revoke(&self, request: &FormRequest<'_>) -> Result<(), Stop<OAuthError>> {
        endpoint::revoke::revoke(request, &self.context()).await
    }

    /// What the feed of revocations has to tell.
    ///
    /// # Errors
    /// A fault.
    pub async fn revocations(&self, asked: &AskedFeed) -> Result<Told, Fault> {
        endpoint::revocations::told(asked, &self.context()).await
    }

    /// What the feed tells, signed.
    ///
    /// # Errors
    /// A fault.
    pub fn sign_revocations(&self, told: &Told, asked: &AskedFeed) -> Result<String, Fault> {
        endpoint::revocations::signed(told, asked, &self.signed_answers, &self.context())
    }

    /// Lets somebody use the management API by the credential that they bring; `reads` tells whether they only want to look.
    ///
    /// # Errors
    /// [`NotAdmitted`], or a fault.
    pub async fn admit(
        &self,
        credential: &str,
        caller: Caller,
        reads: bool,
    ) -> Result<Admitted, Stop<NotAdmitted>> {
        endpoint::management::admit(credential, caller, reads, &self.context()).await
    }

    /// The metadata document (RFC 8414 §3.2), in JSON; it does not change while the server runs.
    #[must_use]
    pub fn metadata(&self) -> &str {
        &self.metadata
    }

    /// The published key set (RFC 7517 §5), in JSON.
    #[must_use]
    pub fn jwks(&self) -> String {
        self.cache.keyring().jwks().to_owned()
    }

    /// Which of the nodes on one database this is, until it ends: drawn at its start.
    #[must_use]
    pub const fn node(&self) -> Id {
        self.node
    }

    /// What the operator has set.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The store and what was read from it.
    #[must_use]
    pub const fn cache(&self) -> &Cache {
        &self.cache
    }

    /// Writes down which credentials were used since the last time: now and then, and before the server ends.
    ///
    /// # Errors
    /// A fault of the store; what could not be written is kept for the next time.
    pub async fn record_uses(&self) -> Result<(), Fault> {
        self.uses.flush(self.cache.store()).await
    }

    /// What private keys are sealed with.
    #[must_use]
    pub const fn sealer(&self) -> &Sealer {
        &self.sealer
    }

    /// What answers are sealed with that are kept for whoever asks again.
    #[must_use]
    pub const fn answers(&self) -> &Sealer {
        &self.answers
    }

    /// How people sign in.
    #[must_use]
    pub fn people(&self) -> &dyn SignIn {
        &*self.sign_in
    }

    /// One request's view of the server, with the instant at which it came.
    #[must_use]
    pub fn context(&self) -> Context<'_> {
        Context {
            now: self.clock.now(),
            revision: self.cache.applied(),
            settings: &self.settings,
            cache: &self.cache,
            peppers: &self.peppers,
            audit: &self.audit,
            event_ids: &self.event_ids,
            interactions: &self.interactions,
            random: &*self.random,
            attempts: &self.attempts,
            hashing: &self.hashing,
            seen: &self.seen,
            uses: &self.uses,
            trail: &self.trail,
        }
    }
}
