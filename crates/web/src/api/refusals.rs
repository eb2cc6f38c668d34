//! How operations are refused, as the description tells it. Owns which statuses an operation may answer with, what each means, and an
//! example of it; the refusals themselves come from `halt`, and their words from where they are decided.

use crate::api::operation::Operation;
use crate::api::operations::OPERATIONS;
use crate::http::problem::Wrong;
use http::StatusCode;
use serde_json::{Value, json};

/// How a request may be refused: it follows from what it brings and what it is about.
pub(crate) fn of(operation: &Operation) -> Vec<StatusCode> {
    let changes = !operation.reads();
    let mut statuses = vec![StatusCode::BAD_REQUEST, StatusCode::UNAUTHORIZED, StatusCode::FORBIDDEN];
    statuses.extend(operation.names_an_object().then_some(StatusCode::NOT_FOUND));
    statuses.extend(changes.then_some(StatusCode::CONFLICT));
    statuses.extend(operation.has_a_condition().then_some(StatusCode::PRECONDITION_FAILED));
    if changes {
        statuses.extend([
            StatusCode::PAYLOAD_TOO_LARGE,
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            StatusCode::UNPROCESSABLE_ENTITY,
        ]);
    }
    statuses.push(StatusCode::SERVICE_UNAVAILABLE);
    statuses
}

/// Each way to be refused, once.
pub(crate) fn problems() -> Value {
    let mut statuses: Vec<_> = OPERATIONS.iter().flat_map(of).collect();
    statuses.sort_unstable();
    statuses.dedup();
    statuses.into_iter().map(|status| (status.as_u16().to_string(), problem(status))).collect()
}

fn problem(status: StatusCode) -> Value {
    let mut example = json!({
        "type": "about:blank",
        "title": status.canonical_reason(),
        "status": status.as_u16(),
        "detail": said(status),
        "request_id": "01J8Z5T2K4Q7M0001",
    });
    let errors = wrong(status);
    if !errors.is_empty() {
        example["errors"] = json!(errors);
    }
    let schema = json!({ "$ref": "#/components/schemas/Problem" });
    json!({
        "description": meaning(status),
        "content": { "application/problem+json": { "schema": schema, "example": example } },
    })
}

/// What a status means here.
pub(crate) fn meaning(status: StatusCode) -> &'static str {
    match status.as_u16() {
        400 => {
            "The request is not as it has to be: no JSON, a member or parameter that there is not, a value of another kind."
        }
        401 => "There is no token, or none that is good.",
        403 => "The token, or its holder, may not do this.",
        404 => "There is no such object, or it is outside of the caller's organization.",
        409 => "The state of the object does not allow it.",
        412 => "The object is in none of the states that If-Match names.",
        413 => "The body is too large.",
        415 => "The body is of another type.",
        422 => "A member has a value that cannot stand.",
        _ => "Something that the server needs does not answer; trying again later helps.",
    }
}

/// An example of what is said to whoever asked.
fn said(status: StatusCode) -> &'static str {
    match status.as_u16() {
        400 => "2 things are wrong with the request",
        401 => "this needs an access token or an API token",
        403 => "this would let you act as somebody who may do more than you",
        404 => "there is no such client",
        409 => "this would leave nobody who may do everything: make another administrator first",
        412 => "it has been changed since you read it",
        415 => "the body is of the type application/json",
        422 => "allowed_ips/0: it is an address within 192.0.2.0/24",
        _ => meaning(status),
    }
}

/// What is wrong with single members, where a refusal tells it.
fn wrong(status: StatusCode) -> Vec<Wrong> {
    match status.as_u16() {
        400 => vec![
            Wrong::member("/nmae", "is not a member that there is here"),
            Wrong::member("/allowed_ips", "is a list"),
        ],
        422 => vec![Wrong::member("/allowed_ips/0", "it is an address within 192.0.2.0/24")],
        _ => vec![],
    }
}
