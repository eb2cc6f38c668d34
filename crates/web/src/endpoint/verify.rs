//! Forward-auth: where proxies ask about the requests of others. Owns that none but trusted ones are answered, and how a verdict looks:
//! a status, a challenge, and who makes the request, in headers that are always there, so that what a client sent under their names
//! never goes on.

use crate::http::answer::{self, NO_STORE};
use crate::http::bearer;
use crate::http::client_ip::Client;
use crate::http::exchange::Exchange;
use crate::http::forwarded::{self, Odd, Told};
use bytes::Bytes;
use doorward_core::endpoint::verify::{self, EXT_AUTHZ, Forwarded, Identity, Named, Verdict};
use doorward_protocol::error::{ErrorCode, OAuthError};
use doorward_protocol::params;
use doorward_protocol::scope::Scope;
use http::header::{CACHE_CONTROL, WWW_AUTHENTICATE};
use http::{HeaderName, HeaderValue, Response, StatusCode};
use std::borrow::Cow;
use std::net::IpAddr;

/// As long as an API's identifier may be.
const LONGEST_IDENTIFIER: usize = 512;

/// Subject, client, token, level, scope and organization.
const IDENTITY: [HeaderName; 6] = [
    HeaderName::from_static("x-auth-subject"),
    HeaderName::from_static("x-auth-client"),
    HeaderName::from_static("x-auth-token-id"),
    HeaderName::from_static("x-auth-level"),
    HeaderName::from_static("x-auth-scope"),
    HeaderName::from_static("x-auth-organization"),
];

/// Answers a proxy that tells of a request in headers.
pub(crate) async fn verify(exchange: &Exchange<'_>) -> Response<Bytes> {
    answer(exchange, told).await
}

/// Answers a proxy that sends the request itself, without its body, behind a path of ours: Envoy's HTTP `ext_authz`.
pub(crate) async fn ext_authz(exchange: &Exchange<'_>) -> Response<Bytes> {
    answer(exchange, sent).await
}

/// Answers a trusted proxy. To anybody else there is one answer, whatever they say. A fault is our trouble, and passes: whoever is
/// told 401 would throw a good token away.
async fn answer<'a>(
    exchange: &Exchange<'a>,
    read: impl Fn(&Exchange<'a>, Option<IpAddr>) -> Result<Forwarded<'a>, Odd>,
) -> Response<Bytes> {
    let client = exchange.clients.behind_trusted(exchange.peer, exchange.request.headers());
    let address = match client {
        None => return refusal(&untrusted()),
        Some(Client::At(address)) => Ok(Some(address)),
        Some(Client::Untold) => Ok(None),
        Some(Client::Unreadable) => Err(Odd("what is told of the client's address is no address")),
    };
    let request = match address.and_then(|address| read(exchange, address)) {
        Ok(request) => request,
        Err(Odd(what)) => return odd(what),
    };
    match exchange.server.verify(&request).await {
        Ok(verdict) => answered(verdict),
        Err(fault) => refusal(&exchange.fault(&fault)),
    }
}

fn told<'a>(exchange: &Exchange<'a>, address: Option<IpAddr>) -> Result<Forwarded<'a>, Odd> {
    let headers = exchange.request.headers();
    let Told { method, host, path, query } = Told::read(headers)?;
    // Some proxies ask with the query of their client's request where they are not told another one: it is nobody's word here.
    let asked = exchange.request.uri().query().filter(|asked| !asked.is_empty() && Some(*asked) != query);
    let api = match asked {
        Some(query) => Named::Identifier(named(query)?, host),
        None => {
            Named::Host(host.ok_or(Odd("neither the parameter 'api' nor X-Forwarded-Host names an API"))?)
        }
    };
    let (brought, is_preflight) = (forwarded::brought(headers)?, forwarded::is_preflight(method, headers)?);
    Ok(Forwarded { api, method, path, address, brought, is_preflight })
}

/// Method and path are the request's own, and what else is told of it is not looked at.
fn sent<'a>(exchange: &Exchange<'a>, address: Option<IpAddr>) -> Result<Forwarded<'a>, Odd> {
    let request = exchange.request;
    let (headers, method) = (request.headers(), request.method().as_str());
    let no_id = Odd("the path has to go on with the id of an API, and the request's own path");
    let rest = exchange.site.below(EXT_AUTHZ, request.uri().path()).ok_or(no_id)?;
    let (id, _) = rest.split_once('/').ok_or(no_id)?;
    let api = Named::Id(id.parse().map_err(|_| no_id)?);
    let path = forwarded::path(&rest[id.len()..])?;
    let (brought, is_preflight) = (forwarded::brought(headers)?, forwarded::is_preflight(method, headers)?);
    Ok(Forwarded { api, method, path, address, brought, is_preflight })
}

/// The API, by the one parameter that there is. A plus in it is one, as proxies write identifiers as they are.
fn named(query: &str) -> Result<Cow<'_, str>, Odd> {
    let odd = Odd("the one parameter here is 'api', an API's identifier");
    let identifier = query.strip_prefix("api=").filter(|text| !text.contains('&')).ok_or(odd)?;
    if !identifier.contains('%') {
        return Ok(Cow::Borrowed(identifier));
    }
    let escaped = identifier.replace('+', "%2B");
    let decoded = params::decode(escaped.as_bytes(), LONGEST_IDENTIFIER).map_err(|_| odd)?;
    Ok(Cow::Owned(decoded.into_owned()))
}

/// Whoever set the proxy up is told what about the request has no reading; its client hears of it only where the proxy says so.
fn odd(what: &str) -> Response<Bytes> {
    drop(verify::odd());
    refusal(&OAuthError::new(ErrorCode::AccessDenied, what.to_owned()))
}

fn answered(verdict: Verdict) -> Response<Bytes> {
    match verdict {
        Verdict::Allowed(identity) => allowed(&identity),
        Verdict::Preflight => nobody(answer::done()),
        Verdict::NoCredential => nobody(bearer::needed()),
        Verdict::InvalidToken => {
            refusal(&OAuthError::invalid_token("the token is not good here, or has ended"))
        }
        Verdict::InsufficientScope(scope) => insufficient(&scope),
        Verdict::Forbidden(reason) => refusal(&OAuthError::new(ErrorCode::AccessDenied, reason.to_string())),
    }
}

/// What would not be a header's value was never issued by us.
fn allowed(identity: &Identity) -> Response<Bytes> {
    let values = written(identity).map(HeaderValue::try_from);
    if values.iter().any(Result::is_err) {
        return refusal(&OAuthError::server_error());
    }
    let mut response = answer::done();
    for (name, value) in IDENTITY.into_iter().zip(values.into_iter().flatten()) {
        response.headers_mut().insert(name, value);
    }
    response
}

/// In the order of the headers; what there is not is empty.
fn written(identity: &Identity) -> [String; 6] {
    let client = identity.client.as_ref().map(|record| record.client.client_id.to_string());
    let organization = identity.organization.map(|id| id.to_string());
    [
        identity.subject.clone(),
        client.unwrap_or_default(),
        identity.token.to_string(),
        identity.level.to_string(),
        identity.scope.to_string(),
        organization.unwrap_or_default(),
    ]
}

/// An answer that names nobody, and says so: a proxy that copies these headers then empties them.
fn nobody(mut response: Response<Bytes>) -> Response<Bytes> {
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, NO_STORE);
    for name in IDENTITY {
        headers.insert(name, HeaderValue::from_static(""));
    }
    response
}

/// A refusal, with the challenge of RFC 6750 §3 where a token is to blame. Whatever is our trouble is 503: it passes, and whoever asks
/// may not take it for an answer about a token.
pub(crate) fn refusal(error: &OAuthError) -> Response<Bytes> {
    let unavailable = OAuthError::unavailable();
    let error =
        if error.status() < StatusCode::INTERNAL_SERVER_ERROR.as_u16() { error } else { &unavailable };
    nobody(answer::refusal(error, &challenge(&error.bearer_challenge())))
}

/// RFC 6750 §3: the scope that would do.
fn insufficient(scope: &Scope) -> Response<Bytes> {
    let error = OAuthError::insufficient_scope();
    let needed = if scope.is_empty() { String::new() } else { format!(", scope=\"{scope}\"") };
    let mut response = refusal(&error);
    response
        .headers_mut()
        .insert(WWW_AUTHENTICATE, challenge(&format!("{}{needed}", error.bearer_challenge())));
    response
}

/// RFC 6749 §3.3: a scope holds no quote and no backslash, and neither do our sentences.
fn challenge(text: &str) -> HeaderValue {
    HeaderValue::from_str(text).unwrap_or_else(|_| HeaderValue::from_static("Bearer"))
}

fn untrusted() -> OAuthError {
    OAuthError::new(ErrorCode::AccessDenied, "only a proxy that this server trusts may ask here")
}
