//! Forward-auth: a proxy before an API asks whether it may let a request through. Owns the order in which that is found out, and who
//! is said to have made the request; how the proxy tells of it is HTTP's business, and the decision itself is `bearer`'s.

use crate::access::api::Api;
use crate::bearer::brought::{Brought, Two};
use crate::bearer::judged::{Refusal, count_refusal};
use crate::bearer::{self, Bearer};
use crate::client::ClientRecord;
use crate::context::Context;
use crate::store::fault::Fault;
use doorward_protocol::access::decision::{Allowed, Asked, Origin, Reason, is_method};
use doorward_protocol::access::path::Path;
use doorward_protocol::id::Id;
use doorward_protocol::scope::Scope;
use doorward_protocol::words::{Level, Preflight};
use std::borrow::Cow;
use std::net::IpAddr;
use std::sync::Arc;

/// Where proxies ask, below the issuer.
pub const VERIFY: &str = "/verify";

/// Where those ask that send the request itself, behind the id of its API.
pub const EXT_AUTHZ: &str = "/ext-authz";

/// A request to an API, as the proxy before it tells of it: in one normal form, whatever form it was told in.
pub struct Forwarded<'a> {
    /// The API.
    pub api: Named<'a>,
    /// RFC 9110 §9.1: its method.
    pub method: &'a str,
    /// RFC 9110 §4.2.3: its path.
    pub path: Path<'a>,
    /// Where it came from; nobody knows is nowhere.
    pub address: Option<IpAddr>,
    /// Where its token may stand.
    pub brought: Brought<'a>,
    /// Fetch §3.2.2: whether a browser asks by it for leave to make another one.
    pub is_preflight: bool,
}

/// How the API is told.
pub enum Named<'a> {
    /// By its identifier, and perhaps the host that the request was made to, too.
    Identifier(Cow<'a, str>, Option<&'a str>),
    /// By its id.
    Id(Id),
    /// By the host that the request was made to, and its path.
    Host(&'a str),
}

/// What the proxy is told.
pub enum Verdict {
    /// It may let the request through, which this one makes.
    Allowed(Identity),
    /// It may let the request through, which nobody makes.
    Preflight,
    /// RFC 6750 §3.1: the request brings no token that the API takes.
    NoCredential,
    /// RFC 6750 §3.1 `invalid_token`.
    InvalidToken,
    /// RFC 6750 §3.1 `insufficient_scope`, with the scope that would do.
    InsufficientScope(Scope),
    /// No token would help.
    Forbidden(Reason),
}

/// Who makes a request, as the API behind is told.
pub struct Identity {
    /// Whom the token speaks for.
    pub subject: String,
    /// The client that it came through.
    pub client: Option<Arc<ClientRecord>>,
    /// The token's own name.
    pub token: Id,
    /// The level by which the request was let through.
    pub level: Level,
    /// What it may do at the API.
    pub scope: Scope,
    /// The organization it belongs to: the person's, else the client's.
    pub organization: Option<Id>,
}

/// Answers a proxy.
///
/// # Errors
/// [`Fault`] when the store does not answer.
pub async fn verify(request: &Forwarded<'_>, context: &Context<'_>) -> Result<Verdict, Fault> {
    if !is_method(request.method) {
        return Ok(odd());
    }
    let api = match place(request, context) {
        Ok(api) => api,
        Err(reason) => return Ok(forbidden(reason)),
    };
    if request.is_preflight && api.preflight == Preflight::Allow {
        return Ok(Verdict::Preflight);
    }
    let token = match request.brought.token(&api.credentials) {
        Ok(Some(token)) => token,
        Ok(None) => return Ok(Verdict::NoCredential),
        Err(Two) => return Ok(odd()),
    };
    let bearer = bearer::presented(&token, context).await?;
    let Some(bearer) = bearer.filter(|bearer| bearer.is_for(&api)) else { return Ok(Verdict::InvalidToken) };
    Ok(match bearer.decide(&api, &request.asked(), context) {
        Ok(Allowed { level }) => {
            bearer.was_used(&api, request.address, context);
            Verdict::Allowed(identity(bearer, &api, level))
        }
        Err(reason) => match bearer.was_refused(reason, &api, request.address, context) {
            Refusal::NotGood => Verdict::InvalidToken,
            Refusal::TooSmall(scope) => Verdict::InsufficientScope(scope),
            Refusal::Denied(reason) => Verdict::Forbidden(reason),
        },
    })
}

/// The API that the request goes to. What manages everything else stands behind no proxy that asks here.
fn place(request: &Forwarded<'_>, context: &Context<'_>) -> Result<Arc<Api>, Reason> {
    let apis = context.cache.apis();
    let api = match &request.api {
        Named::Identifier(identifier, host) => {
            // A name that a client got into its proxy's question does not lead from the API that it reaches to another.
            let reached = host.and_then(|host| apis.by_location(host, request.path));
            apis.by_identifier(identifier).filter(|api| reached.is_none_or(|reached| reached.id == api.id))
        }
        Named::Id(id) => apis.by_id(*id),
        Named::Host(host) => apis.by_location(host, request.path),
    };
    let api = api.filter(|api| !api.is_management(&context.settings.issuer)).ok_or(Reason::UnknownApi)?;
    if api.is_active() { Ok(Arc::clone(api)) } else { Err(Reason::InactiveApi) }
}

/// What is said of a request that has no one reading: it is never repaired.
#[must_use]
pub fn odd() -> Verdict {
    forbidden(Reason::OddRequest)
}

/// A refusal that no token would have changed.
fn forbidden(reason: Reason) -> Verdict {
    count_refusal(reason);
    Verdict::Forbidden(reason)
}

fn identity(bearer: Bearer, api: &Api, level: Level) -> Identity {
    let scope = bearer.scope(api, level);
    let own = bearer.user.as_ref().and_then(|user| user.organization);
    let through = bearer.client.as_ref().and_then(|record| record.client.organization);
    let Bearer { subject, client, jti, .. } = bearer;
    Identity { subject, client, token: jti, level, scope, organization: own.or(through) }
}

impl<'a> Forwarded<'a> {
    /// Nobody else judges where it came from: where that is not known, it is in none of the networks.
    fn asked(&self) -> Asked<'a> {
        let origin = self.address.map_or(Origin::Unknown, Origin::At);
        Asked { method: Some(self.method), path: Some(self.path.as_str()), origin }
    }
}
