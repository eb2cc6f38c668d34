//! The bridge for programs that are written against oxide-auth: its `Registrar`, `Authorizer` and `Issuer` over a server of
//! ours, so that such a program keeps its pages and its flows, and has our clients, codes and tokens in place of maps in
//! memory. Owns the translation; what may be issued, and to whom, is decided by the same grants that answer at our own token
//! endpoint, which therefore knows these tokens, and the other way round.
//!
//! oxide-auth's traits are synchronous: each call blocks its thread until the store has answered. That is safe on any
//! thread, a runtime's own included, because the store's threads complete what is waited for; but a change waits for the
//! disk (about a millisecond), so call flows where blocking is allowed, such as in `actix_web::web::block`.
//!
//! ```
//! use doorward_core::authorization_server::AuthorizationServer;
//! use doorward_core::bridge::Bridge;
//! use oxide_auth::endpoint::Endpoint;
//! use oxide_auth::frontends::simple::endpoint::{Generic, Vacant};
//! use oxide_auth::frontends::simple::extensions::{AddonList, Extended};
//! use oxide_auth::frontends::simple::request::Request;
//! use std::sync::Arc;
//!
//! /// The endpoint of one request; a solicitor, the program's own, takes the first `Vacant`'s place.
//! fn endpoint(server: Arc<AuthorizationServer>) -> impl Endpoint<Request> {
//!     let bridge = Bridge::new(server).with_owners_of("intranet").at_api("https://orders.example");
//!     let mut addons = AddonList::new();
//!     addons.push_code(bridge.binding());
//!     let (registrar, authorizer, issuer) = (bridge.clone(), bridge.clone(), bridge);
//!     let (solicitor, scopes, response) = (Vacant, Vacant, Vacant);
//!     Extended::extend_with(Generic { registrar, authorizer, issuer, solicitor, scopes, response }, addons)
//! }
//! ```
//!
//! What these traits cannot say, a bridge remembers: after a flow has ended in an error without words, [`Bridge::refusal`] is
//! what the client of a token endpoint should be told.

pub mod binding;

mod approval;
mod authorizer;
mod issuer;
mod registrar;
mod wait;

use crate::authorization_server::AuthorizationServer;
use crate::bridge::binding::Binding;
use crate::client::ClientRecord;
use crate::context::Context;
use crate::identity::user::User;
use crate::store::fault::Stop;
use chrono::{DateTime, Utc};
use doorward_protocol::error::{ErrorCode, OAuthError};
use doorward_protocol::id::ClientId;
use doorward_protocol::openid;
use doorward_protocol::scope::Scope;
use doorward_protocol::time::Seconds;
use oxide_auth::primitives::grant::{Extensions, Value};
use std::sync::{Arc, Mutex, PoisonError};

/// The name by which extensions of ours are kept in a grant of oxide-auth's.
const IDENTIFIER: &str = "doorward";

/// A place to send people back to that nobody has: oxide-auth wants one for grants that have none.
const NOWHERE: &str = "urn:doorward:no-redirect";

/// A server of ours as oxide-auth's primitives: for each request one of its own, cloned for each primitive.
#[derive(Clone)]
pub struct Bridge {
    server: Arc<AuthorizationServer>,
    source: String,
    api: Option<String>,
    refusal: Arc<Mutex<Option<OAuthError>>>,
}

impl Bridge {
    /// Over this server. Owners are the people of the server's own [`crate::sign_in::SignIn`].
    #[must_use]
    pub fn new(server: Arc<AuthorizationServer>) -> Self {
        let source = server.people().source().to_owned();
        Self { server, source, api: None, refusal: Arc::default() }
    }

    /// Owners are the program's own people: an `owner_id` names one of them for good, is never given to another, and is
    /// kept under this source, at its first approval. The built-in directory's people are not made so: they have to exist.
    #[must_use]
    pub fn with_owners_of(mut self, source: &str) -> Self {
        source.clone_into(&mut self.source);
        self
    }

    /// The API that the program itself is, by its identifier: `recover_token` knows tokens for that audience alone, and
    /// without it, none. oxide-auth compares scopes, and another API's scope may have the same name.
    #[must_use]
    pub fn at_api(mut self, identifier: &str) -> Self {
        self.api = Some(identifier.to_owned());
        self
    }

    /// The extension that ties a code to whoever began the request (RFC 7636); it takes the place of oxide-auth's `Pkce`.
    /// Without it no code is issued or redeemed.
    #[must_use]
    pub fn binding(&self) -> Binding {
        Binding::new(Arc::clone(&self.server))
    }

    /// The same for one request: with its clones it shares what was refused, and with nobody else.
    #[must_use]
    pub fn for_request(&self) -> Self {
        Self { refusal: Arc::default(), ..self.clone() }
    }

    /// Why this request was refused last, where oxide-auth has no words for it: what a token endpoint answers in place of a
    /// primitive error, or of silence.
    #[must_use]
    pub fn refusal(&self) -> Option<OAuthError> {
        self.refusal.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Keeps what cannot be said, and tells whether it is trouble of ours.
    fn keep(&self, stop: Stop<OAuthError>) -> Ours {
        let refusal = refusal(stop);
        let ours = match refusal.code() {
            ErrorCode::ServerError | ErrorCode::TemporarilyUnavailable => Ours::Trouble,
            _ => Ours::Refusal,
        };
        *self.refusal.lock().unwrap_or_else(PoisonError::into_inner) = Some(refusal);
        ours
    }

    fn told<T>(&self, outcome: Result<T, Stop<OAuthError>>) -> Result<T, ()> {
        outcome.map_err(|stop| {
            self.keep(stop);
        })
    }

    /// Whether the program's people are kept by us at first sight.
    fn is_own_source(&self) -> bool {
        self.source != crate::identity::user::DIRECTORY
    }

    /// The owner's name in the program; none for the people of others, who may be called the same there.
    fn owner(&self, user: &User) -> Option<String> {
        (user.source == self.source).then(|| user.external_id.clone())
    }
}

/// Whether something is refused, or we cannot tell.
enum Ours {
    Refusal,
    Trouble,
}

/// A refusal is an answer; a fault is our trouble, which the log is told of.
fn refusal(stop: Stop<OAuthError>) -> OAuthError {
    match stop {
        Stop::Refuse(refusal) | Stop::RefuseAndCommit(refusal) => refusal,
        Stop::Fault(fault) => {
            tracing::error!(%fault, "the bridge could not answer");
            OAuthError::server_error()
        }
    }
}

/// The client of this name, if it takes part and this node hears what others change.
async fn client(client_id: &str, context: &Context<'_>) -> Result<Arc<ClientRecord>, Stop<OAuthError>> {
    if context.cache.is_behind() {
        return Err(Stop::Refuse(OAuthError::unavailable()));
    }
    let record = match client_id.parse::<ClientId>() {
        Ok(client_id) => context.cache.client_taking_part(&client_id).await?,
        Err(_) => None,
    };
    record.ok_or_else(|| Stop::Refuse(OAuthError::invalid_client()))
}

/// What our extension has left in a grant.
fn left_by_us(extensions: &Extensions) -> Option<String> {
    let mut ours = extensions.private().filter(|(name, _)| *name == IDENTIFIER);
    ours.next()?.1.map(str::to_owned)
}

fn extensions(ours: Option<String>) -> Extensions {
    let mut extensions = Extensions::new();
    if ours.is_some() {
        extensions.set_raw(IDENTIFIER.to_owned(), Value::private(ours));
    }
    extensions
}

/// An instant in oxide-auth's words; one that no calendar has is over.
fn instant(seconds: Seconds) -> DateTime<Utc> {
    DateTime::from_timestamp(seconds.0, 0).unwrap_or_default()
}

/// What was allowed at our own endpoints together with OpenID's scopes is redeemed there: an ID token goes with it, for which
/// a host may be asked, and nobody may wait for a host on its own thread.
fn speaks_openid(scope: &Scope) -> bool {
    !scope.within(openid::scope()).is_empty()
}
