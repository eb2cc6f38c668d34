//! Where a leaked token is taken back: a page with a form for people, JSON for programs that find such things.

use crate::http::exchange::Exchange;
use crate::http::{answer, form, page_request, problem};
use bytes::Bytes;
use doorward_core::endpoint::page::Turn;
use doorward_core::store::fault::Stop;
use doorward_protocol::error::OAuthError;
use http::header::{ACCEPT, CONTENT_TYPE};
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
    if asks_for_json(exchange) {
        return script(exchange).await.map(Answer::Program);
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
    take_back(&report.token, exchange).await
}

/// A program that posts as the form does, such as a line of a shell, and does not read pages.
async fn script(exchange: &Exchange<'_>) -> Result<Response<Bytes>, Stop<OAuthError>> {
    let posted = form::params(exchange.request);
    match posted.as_ref().map_err(Clone::clone).and_then(|params| params.required("token")) {
        Ok(token) => take_back(token, exchange).await,
        Err(refusal) => Ok(problem::problem(answer::status(&refusal), refusal.description(), &exchange.id)),
    }
}

async fn take_back(token: &str, exchange: &Exchange<'_>) -> Result<Response<Bytes>, Stop<OAuthError>> {
    exchange.server.take_back_leaked(token, exchange.caller).await?;
    Ok(answer::json(StatusCode::OK, "{}".to_owned()))
}

/// RFC 9110 §12.5.1: JSON is asked for, and no page.
fn asks_for_json(exchange: &Exchange<'_>) -> bool {
    let lists = exchange.request.headers().get_all(ACCEPT).iter().filter_map(|value| value.to_str().ok());
    let ranges: Vec<_> =
        lists.flat_map(|list| list.split(',')).filter_map(|range| range.split(';').next()).collect();
    let names = |name: &str| ranges.iter().any(|range| range.trim().eq_ignore_ascii_case(name));
    names("application/json") && !names("text/html")
}

fn is_json(exchange: &Exchange<'_>) -> bool {
    let said = exchange.request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let media_type = said.and_then(|said| said.split(';').next()).unwrap_or_default();
    media_type.trim().eq_ignore_ascii_case("application/json")
}
