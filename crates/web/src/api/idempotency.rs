//! Calls that are sent again because their answer was lost: carried out once, and answered the same (the `Idempotency-Key` header).
//! Owns the header and what is answered to the second call; what a key is bound to stands in core's `manage::once`.

use crate::api::halt::{Halt, Malformed};
use crate::api::operation::Verb;
use crate::api::reply::Reply;
use crate::http::exchange::Exchange;
use crate::http::problem::Wrong;
use doorward_core::endpoint::management::Admitted;
use doorward_core::manage::once::{self, Earlier, Once};
use doorward_core::store::fault::Fault;
use http::{HeaderName, StatusCode};

const HEADER: HeaderName = HeaderName::from_static("idempotency-key");
const LONGEST: usize = 255;

/// The key of a request, if it has one. Whatever else than POST is sent twice does the same anyway (RFC 9110 §9.2.2).
pub(super) fn key(
    verb: Verb,
    admitted: &Admitted,
    exchange: &Exchange<'_>,
) -> Result<Option<Once>, Malformed> {
    let mut keys = exchange.request.headers().get_all(HEADER).iter();
    let Some(key) = keys.next().filter(|_| verb == Verb::Post) else { return Ok(None) };
    let text = key.to_str().ok().filter(|text| (1..=LONGEST).contains(&text.len()) && keys.next().is_none());
    let text = text.ok_or_else(|| {
        let wrong =
            Wrong::parameter(HEADER.as_str(), format!("is one of 1 to {LONGEST} printable characters"));
        Malformed::listed(StatusCode::BAD_REQUEST, vec![wrong])
    })?;
    let target = exchange.request.uri().path_and_query().map_or("", |target| target.as_str());
    // What was made by way of one API token is told to no other: it may reach further.
    let by = admitted.api_token.map(|through| through.api_token.to_string()).unwrap_or_default();
    let asked = [target.as_bytes(), exchange.request.body(), by.as_bytes()];
    Ok(Some(Once::new(&admitted.permit, text, &asked, exchange.server.context().peppers)))
}

/// What was answered under the key before.
pub(super) async fn earlier(once: Once, exchange: &Exchange<'_>) -> Result<Option<Reply>, Halt> {
    match once::earlier(once, exchange.server.answers(), &exchange.server.context()).await? {
        Earlier::None => Ok(None),
        Earlier::Answered(answer) => Ok(Some(serde_json::from_slice(&answer).map_err(Fault::broken)?)),
        Earlier::Unanswered(objects) => Err(Malformed::new(
            StatusCode::CONFLICT,
            format!("this was done under the same key before ({objects}), and its answer is not known"),
        )
        .into()),
        Earlier::Another => Err(Malformed::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "something else was asked for under the same key before",
        )
        .into()),
    }
}

/// Keeps the answer. That this fails makes nothing undone: whoever asks again is told that it was done.
pub(super) async fn keep(once: Once, reply: &Reply, exchange: &Exchange<'_>) {
    let Ok(answer) = serde_json::to_vec(reply) else { return };
    let kept = once::answered(once, &answer, exchange.server.answers(), &exchange.server.context()).await;
    if let Err(fault) = kept {
        tracing::warn!(request_id = exchange.id.as_str(), %fault, "an answer was not kept");
    }
}
