//! Every URL of the server in one table: where it stands, which methods it takes, who may read its answers, in which form
//! it refuses, and what answers. Owns the table and nothing that happens with a request.

use crate::api;
use crate::http::cors::Sharing;
use crate::http::method::Methods;
use crate::http::site::{self, Site};
use doorward_core::endpoint::metadata::{AUTHORIZE, INTROSPECT, JWKS, LOGOUT, REVOKE, TOKEN, USERINFO};
use doorward_core::endpoint::page;
use doorward_core::endpoint::verify::{EXT_AUTHZ, VERIFY};
use doorward_protocol::revocation;

/// What of the management API is no operation is counted under this name.
pub(crate) const API: &str = "api";

/// The URLs: name, place, methods, who may read the answers from a page, the form of refusals, handler.
#[rustfmt::skip]
pub(crate) const ROUTES: &[Route] = &[
    Route("authorize", At::Issuer(AUTHORIZE), Methods::ReadAndPost, Sharing::Nobody, Refusals::Page, Endpoint::Authorize),
    Route("token", At::Issuer(TOKEN), Methods::Post, Sharing::Everybody, Refusals::OAuth, Endpoint::Token),
    Route("introspect", At::Issuer(INTROSPECT), Methods::Post, Sharing::Nobody, Refusals::OAuth, Endpoint::Introspect),
    Route("revoke", At::Issuer(REVOKE), Methods::Post, Sharing::Everybody, Refusals::OAuth, Endpoint::Revoke),
    Route("userinfo", At::Issuer(USERINFO), Methods::ReadAndPost, Sharing::Everybody, Refusals::Bearer, Endpoint::UserInfo),
    Route("logout", At::Issuer(LOGOUT), Methods::ReadAndPost, Sharing::Nobody, Refusals::Page, Endpoint::EndSession),
    Route("jwks", At::Issuer(JWKS), Methods::Read, Sharing::Everybody, Refusals::Problem, Endpoint::Jwks),
    Route("revocations", At::Issuer(revocation::PATH), Methods::Read, Sharing::Nobody, Refusals::Problem, Endpoint::Revocations),
    Route("metadata", At::WellKnown, Methods::Read, Sharing::Everybody, Refusals::Problem, Endpoint::Metadata),
    Route("login", At::Pages(page::LOGIN), Methods::ReadAndPost, Sharing::Nobody, Refusals::Page, Endpoint::SignIn),
    Route("consent", At::Pages(page::CONSENT), Methods::Post, Sharing::Nobody, Refusals::Page, Endpoint::Consent),
    Route("setup", At::Pages(page::SETUP), Methods::ReadAndPost, Sharing::Nobody, Refusals::Page, Endpoint::Setup),
    Route("account", At::Pages(page::ACCOUNT), Methods::Read, Sharing::Nobody, Refusals::Page, Endpoint::Account),
    Route("password", At::Pages(page::PASSWORD), Methods::ReadAndPost, Sharing::Nobody, Refusals::Page, Endpoint::Password),
    Route("consents", At::Pages(page::CONSENTS), Methods::Post, Sharing::Nobody, Refusals::Page, Endpoint::RevokeConsent),
    Route("leaked_tokens", At::Issuer(page::LEAKED_TOKENS), Methods::ReadAndPost, Sharing::Nobody, Refusals::Page, Endpoint::LeakedTokens),
    Route("logged_out", At::Pages(page::LOGGED_OUT), Methods::Read, Sharing::Nobody, Refusals::Page, Endpoint::SignedOut),
    Route("style", At::Pages(site::STYLE), Methods::Read, Sharing::Nobody, Refusals::Problem, Endpoint::Style),
    Route("script", At::Pages(site::SCRIPT), Methods::Read, Sharing::Nobody, Refusals::Problem, Endpoint::Script),
    Route("icon", At::Pages(site::ICON), Methods::Read, Sharing::Nobody, Refusals::Problem, Endpoint::Icon),
    Route("openapi", At::Issuer(api::OPENAPI), Methods::Read, Sharing::Nobody, Refusals::Problem, Endpoint::OpenApi),
    Route("api_docs", At::Issuer(api::DOCS), Methods::Read, Sharing::Nobody, Refusals::Page, Endpoint::ApiDocs),
    Route("api_docs_moved", At::Issuer(api::DOCS_WITH_SLASH), Methods::Read, Sharing::Nobody, Refusals::Problem, Endpoint::ToApiDocs),
    Route("api_index", At::Issuer(api::PATH), Methods::Read, Sharing::Nobody, Refusals::Problem, Endpoint::ApiIndex),
    Route("api_root", At::Issuer(api::ROOT), Methods::Read, Sharing::Nobody, Refusals::Problem, Endpoint::ApiIndex),
    Route(API, At::Below(api::PATH), Methods::All, Sharing::Nobody, Refusals::Problem, Endpoint::Api),
    Route("verify", At::Proxies(VERIFY), Methods::All, Sharing::Nobody, Refusals::Verdict, Endpoint::Verify),
    Route("ext_authz", At::ProxiesBelow(EXT_AUTHZ), Methods::All, Sharing::Nobody, Refusals::Verdict, Endpoint::ExtAuthz),
    Route("healthz", At::AnyHost("/healthz"), Methods::Read, Sharing::Nobody, Refusals::Problem, Endpoint::Alive),
    Route("readyz", At::AnyHost("/readyz"), Methods::Read, Sharing::Nobody, Refusals::Problem, Endpoint::Ready),
    Route("metrics", At::AnyHost("/metrics"), Methods::Read, Sharing::Nobody, Refusals::Problem, Endpoint::Metrics),
];

/// One URL.
#[derive(Clone, Copy)]
pub(crate) struct Route(
    pub(crate) &'static str,
    pub(crate) At,
    pub(crate) Methods,
    pub(crate) Sharing,
    pub(crate) Refusals,
    pub(crate) Endpoint,
);

/// Where a URL stands.
#[derive(Clone, Copy)]
pub(crate) enum At {
    /// Below the issuer.
    Issuer(&'static str),
    /// Below the issuer, where its pages are.
    Pages(&'static str),
    /// Everywhere below a path below the issuer.
    Below(&'static str),
    /// Wherever clients look for metadata.
    WellKnown,
    /// At the root of every host by which we are reached: those who ask know an address, not the issuer.
    AnyHost(&'static str),
    /// Below the issuer's path, for proxies, which know an address, too.
    Proxies(&'static str),
    /// The same, everywhere below a path.
    ProxiesBelow(&'static str),
}

/// The form of refusals.
#[derive(Clone, Copy)]
pub(crate) enum Refusals {
    /// RFC 6749 §5.2.
    OAuth,
    /// RFC 6750 §3.
    Bearer,
    /// RFC 9457.
    Problem,
    /// For people.
    Page,
    /// For a proxy, which knows a few statuses.
    Verdict,
}

/// What answers.
#[derive(Clone, Copy)]
pub(crate) enum Endpoint {
    Authorize,
    Token,
    Introspect,
    Revoke,
    Revocations,
    UserInfo,
    EndSession,
    Jwks,
    Metadata,
    SignIn,
    Consent,
    Setup,
    Account,
    Password,
    RevokeConsent,
    Verify,
    ExtAuthz,
    SignedOut,
    LeakedTokens,
    Style,
    Script,
    Icon,
    OpenApi,
    ApiDocs,
    /// Where they stand, for whoever adds a slash.
    ToApiDocs,
    ApiIndex,
    Api,
    Alive,
    Ready,
    Metrics,
}

impl Route {
    /// The paths, from the host's root.
    pub(crate) fn paths(&self, site: &Site) -> Vec<String> {
        match self.1 {
            At::Below(_) | At::ProxiesBelow(_) => vec![],
            At::Issuer(path) | At::Proxies(path) => vec![site.endpoint(path)],
            At::Pages(path) => vec![site.page(path)],
            At::WellKnown => site.documents(),
            At::AnyHost(path) => vec![path.to_owned()],
        }
    }
    /// The path, from the host's root, below which everything is this route's.
    pub(crate) fn prefix(&self, site: &Site) -> Option<String> {
        match self.1 {
            At::Below(path) | At::ProxiesBelow(path) => Some(site.endpoint(path)),
            At::Issuer(_) | At::Pages(_) | At::WellKnown | At::AnyHost(_) | At::Proxies(_) => None,
        }
    }

    /// Whether it answers by whatever host it is asked.
    pub(crate) const fn is_at_any_host(&self) -> bool {
        matches!(self.1, At::AnyHost(_) | At::Proxies(_) | At::ProxiesBelow(_))
    }
}
