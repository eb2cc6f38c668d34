//! The management API over HTTP (REST). Owns the way of a request through it: operation, credential, permission, condition, what it
//! brings, handler; and the form of refusals. What there is to be done stands in one table (`operations`), the JSON of what is
//! managed, the command line's `--json` among it, in `resources`; what is managed, and who may, is decided in core's `manage`.

pub mod resources;

pub(crate) mod ask;
pub(crate) mod docs;
pub(crate) mod halt;
pub(crate) mod members;
pub(crate) mod merge;
pub(crate) mod openapi;
pub(crate) mod operation;
pub(crate) mod operations;
pub(crate) mod refusals;
pub(crate) mod reply;
pub(crate) mod router;
pub(crate) mod schema;
pub(crate) mod shape;

mod access_requests;
mod api_accounts;
mod api_tokens;
mod apis;
mod audit_events;
mod body;
mod client_secrets;
mod clients;
mod consents;
mod groups;
mod idempotency;
mod me;
mod organizations;
mod providers;
mod query;
mod registered_auths;
mod sessions;
mod signing_keys;
mod unchanged;
mod users;

use crate::api::ask::Ask;
use crate::api::halt::{Halt, Malformed};
use crate::api::operation::Operation;
use crate::api::operations::OPERATIONS;
use crate::api::reply::Reply;
use crate::api::router::Found;
use crate::http::exchange::Exchange;
use crate::http::{answer, bearer, precondition, problem};
use bytes::Bytes;
use doorward_core::endpoint::management::{Admitted, NotAdmitted};
use doorward_core::identity::session::STEP_UP;
use doorward_core::manage::Refused;
use doorward_core::manage::call::{Call, Tag};
use doorward_core::store::fault::{Fault, Stop};
use doorward_protocol::error::{ErrorCode, OAuthError};
use doorward_protocol::permission::Permission;
use doorward_protocol::words::Level;
use http::header::{ALLOW, IF_MATCH, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderValue, Response, StatusCode};
use serde_json::json;

/// Where the operations stand below the issuer.
pub(crate) const PATH: &str = "/api/v1";
/// Where they are described, for programs.
pub(crate) const OPENAPI: &str = "/api/openapi.json";
/// And for people.
pub(crate) const DOCS: &str = "/api/docs";
pub(crate) const DOCS_WITH_SLASH: &str = "/api/docs/";
/// Where whoever tries the address of the API alone finds out where they are described.
pub(crate) const ROOT: &str = "/api/v1/";

/// Where the API is described, for whoever begins at its address.
pub(crate) fn index(issuer: &str) -> Response<Bytes> {
    let index =
        json!({ "openapi": format!("{issuer}{OPENAPI}"), "documentation": format!("{issuer}{DOCS}") });
    answer::json(StatusCode::OK, index.to_string())
}

/// Answers a request to what stands at its path.
pub(crate) async fn respond(exchange: &Exchange<'_>, found: Option<&Found>) -> Response<Bytes> {
    let Some(found) = found else {
        return problem::problem(StatusCode::NOT_FOUND, "there is nothing at this path", &exchange.id);
    };
    let Some(at) = found.operation(exchange.request.method()) else { return other_method(exchange, found) };
    match answer(&OPERATIONS[at], at, found, exchange).await {
        Ok(reply) => reply.written(&exchange.site.endpoint(PATH)),
        Err(halt) => refused(halt, exchange),
    }
}

async fn answer(
    operation: &Operation,
    at: usize,
    found: &Found,
    exchange: &Exchange<'_>,
) -> Result<Reply, Halt> {
    let admitted = admitted(operation, exchange).await?;
    let answered = carried_out(operation, at, found, &admitted, exchange).await;
    answered.map_err(|halt| match halt {
        Halt::Refused(Refused::Forbidden { permission }) => {
            Halt::Scope(permission, lacking(permission, operation, &admitted))
        }
        other => other,
    })
}

/// What is missing for a permission: where the holder has it, the token is too small.
fn lacking(permission: Permission, operation: &Operation, admitted: &Admitted) -> String {
    let Admitted { token, holder, opened, .. } = admitted;
    if !holder.contains(permission) || opened.contains(permission) {
        return Refused::Forbidden { permission }.to_string();
    }
    match &token.scope {
        Some(scope) if !scope.contains(permission.as_str()) => {
            format!("the token's scope does not name {permission}")
        }
        _ => {
            let needed = if operation.reads() { Level::Read } else { Level::Full };
            format!("the token's level here is '{}', and this needs '{needed}'", token.level)
        }
    }
}

async fn carried_out(
    operation: &Operation,
    at: usize,
    found: &Found,
    admitted: &Admitted,
    exchange: &Exchange<'_>,
) -> Result<Reply, Halt> {
    // Asked for again where it is decided; who may nothing of this learns nothing of what their request is like.
    let needed = operation.permissions();
    let may_be_about_itself = operation.is_for_accounts() && admitted.is_account;
    if let Some(first) = needed.first()
        && !may_be_about_itself
        && !needed.iter().any(|permission| admitted.permit.permissions().contains(*permission))
    {
        // Of several that would do, the one that the caller has tells more: their token is too small for it.
        let theirs = needed.iter().find(|permission| admitted.holder.contains(**permission));
        return Err(Refused::Forbidden { permission: *theirs.unwrap_or(first) }.into());
    }
    let call = Call::by(admitted.permit, &exchange.server.context())?.through(admitted.api_token);
    let call =
        call.by_way_of(admitted.client).authenticated(admitted.authenticated).at_level(admitted.token.level);
    let call = call.expecting_one_of(condition(operation, exchange)?);
    // What is shown anew each time, with an event of its own, is not kept to be told again.
    let once = idempotency::key(operation.1, admitted, exchange)?.filter(|_| !operation.discloses());
    let mut ask = Ask::read(operation, at, &found.given, (call.once(once), admitted), exchange)?;
    let Some(once) = once else { return unchanged::answered(operation, &mut ask).await };
    if let Some(reply) = idempotency::earlier(once, exchange).await? {
        return Ok(reply);
    }
    match (operation.7)(&ask).await {
        Ok(reply) => {
            idempotency::keep(once, &reply, exchange).await;
            Ok(reply)
        }
        Err(halt @ Halt::Fault(Fault::Unavailable(_))) => Err(halt),
        // The same call may have come twice at once, and this one found the key taken, or a name, or the place of what it was to end.
        Err(halt) => idempotency::earlier(once, exchange).await?.ok_or(halt),
    }
}

/// The states in which the object of the call may be. A condition that nothing could meet or fail is no condition: whoever states one
/// means something else.
fn condition(operation: &Operation, exchange: &Exchange<'_>) -> Result<Option<Vec<Tag>>, Malformed> {
    let headers = exchange.request.headers();
    if operation.reads() || operation.has_a_condition() || !headers.contains_key(IF_MATCH) {
        return Ok(precondition::if_match(headers));
    }
    Err(ask::bad_parameter("if-match", "is for what changes an object, and this makes one"))
}

/// RFC 6750 §2.1: the credential stands in the header, and nowhere else.
async fn admitted(operation: &Operation, exchange: &Exchange<'_>) -> Result<Admitted, Halt> {
    let credential =
        bearer::of_header(exchange.request.headers()).map_err(|refusal| Halt::Credential(Some(refusal)))?;
    let credential = credential.ok_or(Halt::Credential(None))?;
    let admitted = exchange.server.admit(credential, exchange.caller, operation.reads()).await;
    admitted.map_err(|stop| match stop {
        Stop::Refuse(NotAdmitted::Credential(refusal))
        | Stop::RefuseAndCommit(NotAdmitted::Credential(refusal)) => Halt::Credential(Some(refusal)),
        Stop::Refuse(NotAdmitted::Elsewhere) | Stop::RefuseAndCommit(NotAdmitted::Elsewhere) => {
            Malformed::new(StatusCode::FORBIDDEN, "the token may not be used from this address").into()
        }
        Stop::Fault(fault) => Halt::Fault(fault),
    })
}

fn other_method(exchange: &Exchange<'_>, found: &Found) -> Response<Bytes> {
    let refusal = OAuthError::method_not_allowed();
    let mut response = problem::problem(answer::status(&refusal), refusal.description(), &exchange.id);
    if let Ok(allowed) = HeaderValue::from_str(&found.allowed()) {
        response.headers_mut().insert(ALLOW, allowed);
    }
    response
}

fn refused(halt: Halt, exchange: &Exchange<'_>) -> Response<Bytes> {
    let of = |status, detail: &str| problem::problem(status, detail, &exchange.id);
    match halt {
        Halt::Malformed(Malformed { status, detail, errors }) => {
            problem::of(status, &detail, &errors, &exchange.id)
        }
        // RFC 6750 §3.1: more than this token lets its holder do, and no one scope would do.
        Halt::Refused(refused @ (Refused::Exceeds | Refused::OutOfBounds)) => {
            insufficient(&refused.to_string(), None, exchange)
        }
        Halt::Refused(refused @ Refused::StaleAuthentication) => stale(&refused.to_string(), exchange),
        Halt::Refused(refused) => {
            let status = StatusCode::from_u16(refused.status()).unwrap_or(StatusCode::FORBIDDEN);
            of(status, &refused.to_string())
        }
        Halt::Scope(permission, detail) => insufficient(&detail, Some(permission), exchange),
        Halt::Credential(refusal) => unknown(refusal.as_ref(), exchange),
        Halt::Fault(fault) => {
            let refusal = exchange.refusal(Stop::Fault(fault));
            let mut response = of(answer::status(&refusal), refusal.description());
            if let Some(wait) = refusal.retry_after() {
                response.headers_mut().insert(RETRY_AFTER, wait.0.into());
            }
            response
        }
    }
}

/// RFC 6750 §3.1: whoever brings no credential learns nothing of an error, only that one is needed.
fn unknown(refusal: Option<&OAuthError>, exchange: &Exchange<'_>) -> Response<Bytes> {
    let (status, detail, challenge) = match refusal {
        None => (StatusCode::UNAUTHORIZED, "this needs an access token or an API token", "Bearer".to_owned()),
        Some(refusal) => (answer::status(refusal), refusal.description(), refusal.bearer_challenge()),
    };
    if let Some(refusal) = refusal {
        exchange.metrics.refused(refusal.code());
    }
    challenged(problem::problem(status, detail, &exchange.id), &challenge)
}

/// RFC 6750 §3, §3.1: the scope that it takes, where it is one.
fn insufficient(detail: &str, permission: Option<Permission>, exchange: &Exchange<'_>) -> Response<Bytes> {
    let refusal = OAuthError::new(ErrorCode::InsufficientScope, "the token does not let its holder do this");
    exchange.metrics.refused(refusal.code());
    let scope = permission.map_or_else(String::new, |permission| format!(", scope=\"{permission}\""));
    let challenge = format!("{}{scope}", refusal.bearer_challenge());
    challenged(problem::problem(StatusCode::FORBIDDEN, detail, &exchange.id), &challenge)
}

/// RFC 9470 §3: how long ago they may have signed in.
fn stale(detail: &str, exchange: &Exchange<'_>) -> Response<Bytes> {
    let description = "a more recent authentication is needed";
    let refusal = OAuthError::new(ErrorCode::InsufficientUserAuthentication, description);
    exchange.metrics.refused(refusal.code());
    let challenge = format!("{}, max_age=\"{}\"", refusal.bearer_challenge(), STEP_UP.0);
    challenged(problem::problem(answer::status(&refusal), detail, &exchange.id), &challenge)
}

fn challenged(mut response: Response<Bytes>, challenge: &str) -> Response<Bytes> {
    let challenge = HeaderValue::from_str(challenge).unwrap_or_else(|_| HeaderValue::from_static("Bearer"));
    response.headers_mut().insert(WWW_AUTHENTICATE, challenge);
    response
}
