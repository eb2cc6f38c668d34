//! Every URL of the server in one table, and the way of a request through it: read at all, host, path,
//! preflight, method, handler. Owns
//! that order; knows nothing of sockets, and leaves what a request means to `endpoint`.

use crate::endpoint::jwks::Jwks;
use crate::endpoint::{health, introspect, revoke, token};
use crate::http::budget::Budget;
use crate::http::cors::{self, Sharing};
use crate::http::document::Document;
use crate::http::exchange::Exchange;
use crate::http::host::{Hosts, Target};
use crate::http::method::Methods;
use crate::http::request_id::{RequestId, RequestIds};
use crate::http::run::{self, Panicked};
use crate::http::unread::Unread;
use crate::http::{answer, problem};
use crate::metrics::EndpointMetrics;
use crate::settings::WebSettings;
use bytes::Bytes;
use doorward_core::authorization_server::AuthorizationServer;
use doorward_core::context::Caller;
use doorward_core::endpoint::metadata::{self, INTROSPECT, JWKS, REVOKE, TOKEN};
use doorward_core::issuer::Issuer;
use doorward_core::random::NoRandomness;
use doorward_protocol::error::OAuthError;
use doorward_protocol::time::Lifetime;
use http::header::{ALLOW, LOCATION};
use http::{HeaderName, HeaderValue, Method, Request, Response, StatusCode};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Instant;

/// The URLs: name, place, methods, who may read the answers from a page, the form of refusals, handler.
#[rustfmt::skip]
const ROUTES: &[Route] = &[
    Route("token", At::Issuer(TOKEN), Methods::Post, Sharing::Everybody, Refusals::OAuth, Endpoint::Token),
    Route("introspect", At::Issuer(INTROSPECT), Methods::Post, Sharing::Nobody, Refusals::OAuth, Endpoint::Introspect),
    Route("revoke", At::Issuer(REVOKE), Methods::Post, Sharing::Everybody, Refusals::OAuth, Endpoint::Revoke),
    Route("jwks", At::Issuer(JWKS), Methods::Read, Sharing::Everybody, Refusals::Problem, Endpoint::Jwks),
    Route("metadata", At::WellKnown, Methods::Read, Sharing::Everybody, Refusals::Problem, Endpoint::Metadata),
    Route("healthz", At::AnyHost("/healthz"), Methods::Read, Sharing::Nobody, Refusals::Problem, Endpoint::Alive),
    Route("readyz", At::AnyHost("/readyz"), Methods::Read, Sharing::Nobody, Refusals::Problem, Endpoint::Ready),
    Route("metrics", At::AnyHost("/metrics"), Methods::Read, Sharing::Nobody, Refusals::Problem, Endpoint::Metrics),
];

/// Requests to no path of ours are counted under this name.
const UNKNOWN: &str = "unknown";

/// How long the metadata documents are kept: they change with an upgrade or a setting, so an hour would be too long to
/// wait, and nothing is gained beyond a few minutes.
const METADATA_MAX_AGE: Lifetime = Lifetime::minutes(5);

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

#[derive(Clone, Copy)]
struct Route(&'static str, At, Methods, Sharing, Refusals, Endpoint);

/// Where a URL stands.
#[derive(Clone, Copy)]
enum At {
    /// Below the issuer.
    Issuer(&'static str),
    /// Wherever clients look for metadata.
    WellKnown,
    /// At the root of every host by which we are reached: those who ask know an address, not the issuer.
    AnyHost(&'static str),
}

/// The form of refusals.
#[derive(Clone, Copy)]
enum Refusals {
    /// RFC 6749 §5.2.
    OAuth,
    /// RFC 9457.
    Problem,
}

#[derive(Clone, Copy)]
enum Endpoint {
    Token,
    Introspect,
    Revoke,
    Jwks,
    Metadata,
    Alive,
    Ready,
    Metrics,
}

impl Route {
    fn paths(&self, issuer: &Issuer) -> Vec<String> {
        match self.1 {
            At::Issuer(path) => vec![format!("{}{path}", issuer.path())],
            At::WellKnown => metadata::document_paths(issuer),
            At::AnyHost(path) => vec![path.to_owned()],
        }
    }
}

/// Answers HTTP requests with the help of an authorization server.
pub struct App {
    server: Arc<AuthorizationServer>,
    settings: WebSettings,
    paths: HashMap<String, usize>,
    hosts: Hosts,
    ids: RequestIds,
    /// One per route, then one for everything else.
    metrics: Vec<EndpointMetrics>,
    metadata: Document,
    jwks: Jwks,
    challenge: HeaderValue,
    bodies: Budget,
}

impl App {
    /// Resolves the table of URLs for the server's issuer.
    ///
    /// # Errors
    /// [`NoRandomness`]: request ids need some.
    pub fn new(server: Arc<AuthorizationServer>, settings: WebSettings) -> Result<Self, NoRandomness> {
        let issuer = &server.settings().issuer;
        let served = |route: &Route| !matches!(route.5, Endpoint::Metrics) || settings.metrics.is_some();
        let routes = ROUTES.iter().enumerate().filter(|(_, route)| served(route));
        let names = ROUTES.iter().map(|route| route.0).chain([UNKNOWN]);
        Ok(Self {
            paths: routes
                .flat_map(|(at, route)| route.paths(issuer).into_iter().map(move |path| (path, at)))
                .collect(),
            hosts: Hosts::new(issuer, settings.redirected_hosts.clone()),
            ids: RequestIds::new(server.context().random)?,
            metrics: names.map(EndpointMetrics::new).collect(),
            metadata: Document::new(server.metadata(), METADATA_MAX_AGE),
            jwks: Jwks::new(server.settings().jwks_max_age),
            challenge: challenge(issuer),
            // A budget that no single body fits into would refuse what the limit allows.
            bodies: Budget::new(settings.body_budget.max(settings.body_limit)),
            settings,
            server,
        })
    }

    /// What was set.
    #[must_use]
    pub const fn settings(&self) -> &WebSettings {
        &self.settings
    }

    /// What the bodies of all requests together may take up.
    pub(crate) const fn bodies(&self) -> &Budget {
        &self.bodies
    }

    /// Every path that is answered, from the host's root.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.paths.keys().map(String::as_str)
    }

    /// Answers a request. The answer to HEAD has the body that GET would have, for its length: whoever writes it to the
    /// network leaves it out, as HTTP libraries do.
    pub async fn respond(&self, request: Request<Bytes>, caller: Caller) -> Response<Bytes> {
        let unread = (request.body().len() > self.settings.body_limit).then_some(Unread::TooLarge);
        self.run(&request, caller, unread).await
    }

    /// Answers a request that was not read to its end; what is in its body does not count.
    pub async fn refuse(&self, request: Request<Bytes>, caller: Caller, unread: Unread) -> Response<Bytes> {
        self.run(&request, caller, Some(unread)).await
    }

    async fn run(&self, request: &Request<Bytes>, caller: Caller, unread: Option<Unread>) -> Response<Bytes> {
        let started = now();
        let id = self.ids.next();
        let at = self.paths.get(request.uri().path()).copied();
        let route = at.map(|at| &ROUTES[at]);
        let metrics = &self.metrics[at.unwrap_or(ROUTES.len())];
        let exchange =
            Exchange { server: &self.server, request, caller, id, challenge: &self.challenge, metrics };
        let answered = run::run(id, self.answer(&exchange, route, unread)).await;
        let mut response =
            answered.unwrap_or_else(|Panicked| refused(&exchange, route, &OAuthError::server_error()));
        finish(&mut response, route, &id);
        let took = now().saturating_duration_since(started);
        metrics.answered(response.status(), took);
        // The endpoint, not the URL: anywhere in one may stand what somebody should not have put there.
        tracing::debug!(
            request_id = id.as_str(),
            method = request.method().as_str(),
            endpoint = metrics.name(),
            status = response.status().as_u16(),
            microseconds = u64::try_from(took.as_micros()).unwrap_or(u64::MAX),
            "answered"
        );
        response
    }

    async fn answer(
        &self,
        exchange: &Exchange<'_>,
        route: Option<&Route>,
        unread: Option<Unread>,
    ) -> Response<Bytes> {
        if let Some(unread) = unread {
            return refused(exchange, route, &unread.refusal());
        }
        if !matches!(route, Some(Route(_, At::AnyHost(_), ..)))
            && let Some(elsewhere) = self.elsewhere(exchange)
        {
            return elsewhere;
        }
        let Some(route @ Route(_, _, methods, sharing, _, endpoint)) = route else {
            return problem::problem(StatusCode::NOT_FOUND, "there is nothing at this path", &exchange.id);
        };
        let method = exchange.request.method();
        if *sharing == Sharing::Everybody && *method == Method::OPTIONS {
            return cors::preflight(*methods);
        }
        if !methods.include(method) {
            let mut refusal = refused(exchange, Some(route), &OAuthError::method_not_allowed());
            refusal.headers_mut().insert(ALLOW, methods.listed());
            return refusal;
        }
        self.endpoint(*endpoint, exchange).await
    }

    async fn endpoint(&self, endpoint: Endpoint, exchange: &Exchange<'_>) -> Response<Bytes> {
        match endpoint {
            Endpoint::Token => exchange.answer(token::token(exchange).await),
            Endpoint::Introspect => exchange.answer(introspect::introspect(exchange).await),
            Endpoint::Revoke => exchange.answer(revoke::revoke(exchange).await),
            Endpoint::Jwks => self.jwks.document(&self.server.cache().keyring()).answer(exchange.request),
            Endpoint::Metadata => self.metadata.answer(exchange.request),
            Endpoint::Alive => health::alive(),
            Endpoint::Ready => health::ready(&self.server, &self.settings.ready).await,
            Endpoint::Metrics => {
                health::metrics(self.settings.metrics.as_ref().map(|numbers| numbers()).unwrap_or_default())
            }
        }
    }

    /// The answer to a request that is not for this host.
    fn elsewhere(&self, exchange: &Exchange<'_>) -> Option<Response<Bytes>> {
        let (status, detail) = match self.hosts.target(exchange.request) {
            Target::Ours => return None,
            Target::Moved(to) => return Some(moved(&to)),
            Target::Misdirected => {
                (StatusCode::MISDIRECTED_REQUEST, "this server answers for its issuer's host only")
            }
            Target::Unclear => (StatusCode::BAD_REQUEST, "a request names exactly one host"),
        };
        Some(problem::problem(status, detail, &exchange.id))
    }
}

/// A refusal in the form of the endpoint.
fn refused(exchange: &Exchange<'_>, route: Option<&Route>, refusal: &OAuthError) -> Response<Bytes> {
    match route {
        Some(Route(.., Refusals::OAuth, _)) => exchange.refuse(refusal),
        _ => problem::problem(answer::status(refusal), refusal.description(), &exchange.id),
    }
}

/// RFC 9110 §15.4.9: elsewhere, by the same method.
fn moved(to: &str) -> Response<Bytes> {
    let mut response = answer::empty(StatusCode::PERMANENT_REDIRECT);
    // A request target that was parsed is a header's value too; without it the status still says what happened.
    if let Ok(to) = HeaderValue::from_str(to) {
        response.headers_mut().insert(LOCATION, to);
    }
    response
}

/// What every answer carries, however it came about.
fn finish(response: &mut Response<Bytes>, route: Option<&Route>, id: &RequestId) {
    let headers = response.headers_mut();
    if matches!(route, Some(Route(_, _, _, Sharing::Everybody, ..))) {
        cors::share(headers);
    }
    // Digits and letters are always a header's value.
    if let Ok(id) = HeaderValue::from_bytes(id.as_str().as_bytes()) {
        headers.insert(REQUEST_ID, id);
    }
}

/// RFC 6749 §5.2: the scheme in which clients authenticate, with the issuer as realm (RFC 7617 §2). A URL in normal form
/// holds no quote and nothing but ASCII.
fn challenge(issuer: &Issuer) -> HeaderValue {
    let challenge = HeaderValue::from_str(&format!("Basic realm=\"{issuer}\""));
    challenge.unwrap_or_else(|_| HeaderValue::from_static("Basic"))
}

#[expect(clippy::disallowed_methods, reason = "how long an answer took is measured, and decides nothing")]
fn now() -> Instant {
    Instant::now()
}
