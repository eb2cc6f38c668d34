//! The way of a request through the table of URLs: read at all, host, path, preflight, method, handler. Owns that order,
//! and the form in which each endpoint refuses; knows nothing of sockets, and leaves what a request means to `endpoint`.

use crate::api;
use crate::api::docs::{self, Chapter};
use crate::api::openapi;
use crate::api::operation::Operation;
use crate::api::operations::OPERATIONS;
use crate::api::router::{self, Found};
use crate::endpoint::jwks::Jwks;
use crate::endpoint::{
    account, authorize, consent, end_session, health, introspect, leaked_tokens, revocations, revoke, setup,
    sign_in, token, userinfo, verify,
};
#[cfg(any(feature = "actix", feature = "tower"))]
use crate::http::budget::Budget;
use crate::http::client_ip::ClientIp;
use crate::http::cors::{self, Sharing};
use crate::http::document::Document;
use crate::http::exchange::Exchange;
use crate::http::host::{Hosts, Target};
use crate::http::request_id::{RequestId, RequestIds};
use crate::http::run::{self, Panicked};
use crate::http::site::Site;
use crate::http::trace;
use crate::http::unread::Unread;
use crate::http::{answer, bearer, problem};
use crate::metrics::EndpointMetrics;
use crate::pages::{self, assets};
use crate::routes::{Endpoint, ROUTES, Refusals, Route};
use crate::settings::WebSettings;
use bytes::Bytes;
use doorward_core::authorization_server::AuthorizationServer;
use doorward_core::context::Caller;
use doorward_core::endpoint::page::Turn;
#[cfg(any(feature = "actix", feature = "tower"))]
use doorward_core::endpoint::verify::{EXT_AUTHZ, VERIFY};
use doorward_core::issuer::Issuer;
use doorward_core::random::NoRandomness;
use doorward_core::store::fault::Stop;
use doorward_protocol::error::OAuthError;
use doorward_protocol::time::Lifetime;
use http::header::{ALLOW, LOCATION};
use http::{HeaderName, HeaderValue, Method, Request, Response, StatusCode};
use std::collections::HashMap;
use std::sync::{Arc, OnceLock};
use std::time::Instant;
use tracing::{Instrument, Span};

/// Requests to no path of ours are counted under this name.
const UNKNOWN: &str = "unknown";

/// How long the metadata documents are kept: they change with an upgrade or a setting, so an hour would be too long to
/// wait, and nothing is gained beyond a few minutes.
const METADATA_MAX_AGE: Lifetime = Lifetime::minutes(5);

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Answers HTTP requests with the help of an authorization server.
pub struct App {
    server: Arc<AuthorizationServer>,
    settings: WebSettings,
    paths: HashMap<String, usize>,
    /// Below these, everything is one route's.
    prefixes: Vec<(String, usize)>,
    hosts: Hosts,
    site: Site,
    clients: ClientIp,
    ids: RequestIds,
    /// One per route, one for everything else, then one per operation of the management API.
    metrics: Vec<EndpointMetrics>,
    metadata: Document,
    /// Made when somebody asks for it first.
    openapi: OnceLock<Document>,
    chapters: OnceLock<Vec<Chapter>>,
    jwks: Jwks,
    #[cfg(any(feature = "actix", feature = "tower"))]
    verify: String,
    challenge: HeaderValue,
    #[cfg(any(feature = "actix", feature = "tower"))]
    bodies: Budget,
}

impl App {
    /// Resolves the table of URLs for the server's issuer.
    ///
    /// # Errors
    /// [`NoRandomness`]: request ids need some.
    pub fn new(server: Arc<AuthorizationServer>, settings: WebSettings) -> Result<Self, NoRandomness> {
        let issuer = &server.settings().issuer;
        let site = Site::new(server.settings(), settings.stylesheet.clone());
        let served = |route: &Route| match route.5 {
            Endpoint::Metrics => settings.metrics.is_some(),
            Endpoint::Alive | Endpoint::Ready => settings.probes,
            Endpoint::ExtAuthz => settings.ext_authz,
            _ => true,
        };
        let routes = || ROUTES.iter().enumerate().filter(|(_, route)| served(route));
        let operations = OPERATIONS.iter().map(Operation::name);
        let names = ROUTES.iter().map(|route| route.0).chain([UNKNOWN]).chain(operations);
        let prefix = |(at, route): (usize, &Route)| Some((route.prefix(&site)?, at));
        Ok(Self {
            paths: routes()
                .flat_map(|(at, route)| route.paths(&site).into_iter().map(move |path| (path, at)))
                .collect(),
            prefixes: routes().filter_map(prefix).collect(),
            #[cfg(any(feature = "actix", feature = "tower"))]
            verify: site.endpoint(VERIFY),
            hosts: Hosts::new(issuer, settings.redirected_hosts.clone()),
            site,
            clients: ClientIp::new(&settings),
            ids: RequestIds::new(server.context().random)?,
            metrics: names.map(EndpointMetrics::new).collect(),
            metadata: Document::json(server.metadata(), METADATA_MAX_AGE),
            openapi: OnceLock::new(),
            chapters: OnceLock::new(),
            jwks: Jwks::new(server.settings().jwks_max_age),
            challenge: challenge(issuer),
            #[cfg(any(feature = "actix", feature = "tower"))]
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

    /// The header that says whose request it is, besides its peer: a shim that leaves others away carries it all the same.
    #[cfg(feature = "actix")]
    pub(crate) fn address_header(&self) -> Option<&HeaderName> {
        self.clients.header()
    }

    /// Whether proxies ask there about the requests of others: in headers that nobody else reads, and beside a body that is not for us.
    #[cfg(any(feature = "actix", feature = "tower"))]
    pub(crate) fn is_for_proxies(&self, path: &str) -> bool {
        path == self.verify || (self.settings.ext_authz && self.site.below(EXT_AUTHZ, path).is_some())
    }

    /// Whether somebody may be kept waiting there until there are news.
    #[cfg(feature = "actix")]
    pub(crate) fn keeps_waiting(&self, path: &str) -> bool {
        self.paths.get(path).is_some_and(|at| matches!(ROUTES[*at].5, Endpoint::Revocations))
    }

    /// What the bodies of all requests together may take up.
    #[cfg(any(feature = "actix", feature = "tower"))]
    pub(crate) const fn bodies(&self) -> &Budget {
        &self.bodies
    }

    /// Every path that is answered, from the host's root, but for what is below the [prefixes](App::prefixes).
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.paths.keys().map(String::as_str)
    }

    /// The paths, from the host's root, below which everything is answered.
    pub fn prefixes(&self) -> impl Iterator<Item = &str> {
        self.prefixes.iter().map(|(prefix, _)| prefix.as_str())
    }

    /// The route of a path, and what of the management API stands there.
    fn find(&self, path: &str) -> (Option<usize>, Option<Found>) {
        if let Some(at) = self.paths.get(path) {
            return (Some(*at), None);
        }
        let below = |(prefix, at): &(String, usize)| {
            let rest = path.strip_prefix(prefix)?;
            (rest.is_empty() || rest.starts_with('/')).then_some((*at, rest))
        };
        let Some((at, rest)) = self.prefixes.iter().find_map(below) else { return (None, None) };
        let found = matches!(ROUTES[at].5, Endpoint::Api).then(|| router::find(rest)).flatten();
        (Some(at), found)
    }

    /// Answers those who wait for news that there are none, now and from now on: for whoever stops the server, who would wait for
    /// them.
    pub fn end_waiting(&self) {
        self.server.cache().end_waiting();
    }

    /// Answers a request. The caller's address is that of the peer, as the socket knows it: what a trusted proxy says about the
    /// client behind it is read here. The answer to HEAD has the body that GET would have, for its length: whoever writes it to the
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
        let (at, found) = self.find(request.uri().path());
        let route = at.map(|at| &ROUTES[at]);
        let operation = found.as_ref().and_then(|found| found.operation(request.method()));
        let counted = operation.map(|operation| ROUTES.len() + 1 + operation);
        let metrics = &self.metrics[counted.or(at).unwrap_or(ROUTES.len())];
        let (server, site, challenge) = (&*self.server, &self.site, &self.challenge);
        let (peer, clients) = (caller.address, &self.clients);
        let caller = Caller { address: clients.of(peer, request.headers()) };
        let exchange = Exchange { server, request, caller, peer, clients, id, site, challenge, metrics };
        let span = self.span(request, route, &id);
        let answered = run::run(id, self.answer(&exchange, route, found.as_ref(), unread))
            .instrument(span.clone())
            .await;
        let mut response =
            answered.unwrap_or_else(|Panicked| refused(&exchange, route, &OAuthError::server_error()));
        finish(&mut response, route, &id);
        let took = now().saturating_duration_since(started);
        metrics.answered(response.status(), took);
        trace::answered(&span, response.status());
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

    /// What is asked every few seconds, by those who watch over us, is in no trace; nor is what proxies ask for each request of theirs.
    fn span(&self, request: &Request<Bytes>, route: Option<&Route>, id: &RequestId) -> Span {
        match route {
            Some(route) if route.is_at_any_host() => Span::none(),
            _ => trace::span(request, route.is_some(), id, self.settings.trace_parent),
        }
    }

    async fn answer(
        &self,
        exchange: &Exchange<'_>,
        route: Option<&Route>,
        found: Option<&Found>,
        unread: Option<Unread>,
    ) -> Response<Bytes> {
        if let Some(unread) = unread {
            return refused(exchange, route, &unread.refusal());
        }
        if !route.is_some_and(Route::is_at_any_host)
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
        let outcome = self.endpoint(*endpoint, found, exchange).await;
        outcome.unwrap_or_else(|stop| refused(exchange, Some(route), &exchange.refusal(stop)))
    }

    async fn endpoint(
        &self,
        endpoint: Endpoint,
        found: Option<&Found>,
        exchange: &Exchange<'_>,
    ) -> Result<Response<Bytes>, Stop<OAuthError>> {
        // Each in a place of its own: a request would carry room for the largest of them through every layer, and copy it at each.
        match endpoint {
            Endpoint::Authorize => self.page(Box::pin(authorize::authorize(exchange)).await),
            Endpoint::Token => Box::pin(token::token(exchange)).await,
            Endpoint::Introspect => Box::pin(introspect::introspect(exchange)).await,
            Endpoint::Revoke => Box::pin(revoke::revoke(exchange)).await,
            Endpoint::Revocations => Box::pin(revocations::revocations(exchange)).await,
            Endpoint::UserInfo => Box::pin(userinfo::userinfo(exchange)).await,
            Endpoint::EndSession => self.page(Box::pin(end_session::end_session(exchange)).await),
            Endpoint::SignIn => self.page(Box::pin(sign_in::sign_in(exchange)).await),
            Endpoint::Consent => self.page(Box::pin(consent::decide(exchange)).await),
            Endpoint::Setup => self.page(Box::pin(setup::setup(exchange)).await),
            Endpoint::Account => self.page(Box::pin(account::account(exchange)).await),
            Endpoint::Password => self.page(Box::pin(account::password(exchange)).await),
            Endpoint::RevokeConsent => self.page(Box::pin(account::revoke_consent(exchange)).await),
            Endpoint::SignedOut => self.page(Ok(end_session::signed_out())),
            Endpoint::LeakedTokens => match Box::pin(leaked_tokens::leaked_tokens(exchange)).await? {
                leaked_tokens::Answer::Page(turn) => self.page(Ok(turn)),
                leaked_tokens::Answer::Program(answer) => Ok(answer),
            },
            Endpoint::Jwks => Ok(self.jwks.document(&self.server.cache().keyring()).answer(exchange.request)),
            Endpoint::Metadata => Ok(self.metadata.answer(exchange.request)),
            Endpoint::Style => Ok(assets::STYLE.answer(exchange.request)),
            Endpoint::Script => Ok(assets::SCRIPT.answer(exchange.request)),
            Endpoint::Icon => Ok(assets::ICON.answer(exchange.request)),
            Endpoint::OpenApi => Ok(self.openapi().answer(exchange.request)),
            Endpoint::ApiDocs => Ok(pages::api::docs(self.chapters(), &self.site)?),
            Endpoint::ToApiDocs => Ok(moved(&self.site.endpoint(api::DOCS))),
            Endpoint::ApiIndex => Ok(api::index(self.server.settings().issuer.as_str())),
            Endpoint::Verify => Ok(Box::pin(verify::verify(exchange)).await),
            Endpoint::ExtAuthz => Ok(Box::pin(verify::ext_authz(exchange)).await),
            Endpoint::Api => Ok(Box::pin(api::respond(exchange, found)).await),
            Endpoint::Alive => Ok(health::alive()),
            Endpoint::Ready => Ok(health::ready(&self.server, &self.settings.ready).await),
            Endpoint::Metrics => Ok(self.metrics()),
        }
    }

    fn openapi(&self) -> &Document {
        let issuer = self.server.settings().issuer.as_str();
        self.openapi.get_or_init(|| Document::json(&openapi::document(issuer).to_string(), METADATA_MAX_AGE))
    }

    /// What people read about the management API: made once, as it takes the schema of every operation.
    fn chapters(&self) -> &[Chapter] {
        self.chapters.get_or_init(|| docs::chapters(self.server.settings().issuer.as_str(), &self.site))
    }

    fn metrics(&self) -> Response<Bytes> {
        health::metrics(self.settings.metrics.as_ref().map(|numbers| numbers()).unwrap_or_default())
    }

    fn page(&self, turn: Result<Turn, Stop<OAuthError>>) -> Result<Response<Bytes>, Stop<OAuthError>> {
        Ok(pages::answer(turn?, &self.site)?)
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

/// A refusal in the form of the endpoint. It is counted where somebody asked for something that may be refused.
fn refused(exchange: &Exchange<'_>, route: Option<&Route>, refusal: &OAuthError) -> Response<Bytes> {
    let form = route.map_or(Refusals::Problem, |route| route.4);
    if !matches!(form, Refusals::Problem) {
        exchange.metrics.refused(refusal.code());
    }
    match form {
        Refusals::OAuth => answer::refusal(refusal, exchange.challenge),
        Refusals::Bearer => bearer::refusal(refusal),
        Refusals::Verdict => verify::refusal(refusal),
        Refusals::Page => pages::refused::refused(refusal, &exchange.id, exchange.site),
        Refusals::Problem => problem::problem(answer::status(refusal), refusal.description(), &exchange.id),
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
