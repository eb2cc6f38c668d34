//! Where a leaked token is taken back: a page with a form for people, JSON for programs that find such things.

use crate::http::exchange::Exchange;
use crate::http::{answer, form, page_request, problem};
use bytes::Bytes;
use doorward_core::endpoint::page::Turn;
use doorward_core::store::fault::Stop;
use doorward_protocol::error::OAuthError;
use http::header::CONTENT_TYPE;
use http::{Response, StatusCode};
use serde::Deserialize;

/// What a program posts.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Report {
    token: String,
}

/// What somebody gets: a page, or an answer to a program.
pub(crate) enum Answer {
    Page(Turn),
    Program(Response<Bytes>),
}

/// The page, what it posts, or what a program posts. Where a form comes from is not asked: whoever has the token may end it.
pub(crate) async fn leaked_tokens(exchange: &Exchange<'_>) -> Result<Answer, Stop<OAuthError>> {
    if !exchange.is_post() {
        return Ok(Answer::Page(exchange.server.leaked_tokens_page()));
    }
    if is_json(exchange) {
        return program(exchange).await.map(Answer::Program);
    }
    let cookies = exchange.cookies();
    let request = page_request::request(form::params(exchange.request)?, exchange, &cookies);
    exchange.server.leaked_tokens(&request).await.map(Answer::Page)
}

async fn program(exchange: &Exchange<'_>) -> Result<Response<Bytes>, Stop<OAuthError>> {
    let report: Result<Report, _> = serde_json::from_slice(exchange.request.body());
    let Ok(report) = report else {
        let detail = "the body is an object with one member, 'token'";
        return Ok(problem::problem(StatusCode::BAD_REQUEST, detail, &exchange.id));
    };
    exchange.server.take_back_leaked(&report.token, exchange.caller).await?;
    Ok(answer::json(StatusCode::OK, "{}".to_owned()))
}

fn is_json(exchange: &Exchange<'_>) -> bool {
    let said = exchange.request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let media_type = said.and_then(|said| said.split(';').next()).unwrap_or_default();
    media_type.trim().eq_ignore_ascii_case("application/json")
}
