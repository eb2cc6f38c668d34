//! The library's own pages: the hall, and the desk where readers show their card.

use crate::readers::Readers;
use crate::sign_in::SESSION;
use askama::Template;
use axum::Router;
use axum::extract::{Form, State};
use axum::http::header::{COOKIE, SET_COOKIE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::get;
use serde::Deserialize;

#[derive(Template)]
#[template(path = "hall.html")]
struct Hall {
    reader: Option<String>,
}

#[derive(Template)]
#[template(path = "desk.html")]
struct Desk {
    is_wrong: bool,
}

#[derive(Deserialize)]
struct Card {
    username: String,
    card: String,
}

/// The library without Doorward.
pub(crate) fn routes(readers: Readers) -> Router {
    Router::new().route("/", get(hall)).route("/desk", get(desk).post(show_card)).with_state(readers)
}

async fn hall(State(readers): State<Readers>, headers: HeaderMap) -> Response {
    let secret = headers.get(COOKIE).and_then(|cookies| cookies.to_str().ok()).and_then(session);
    match secret.map_or(Ok(None), |secret| readers.in_session(secret)) {
        Ok(reader) => page(StatusCode::OK, &Hall { reader: reader.map(|(reader, _)| reader.name) }),
        Err(_) => StatusCode::SERVICE_UNAVAILABLE.into_response(),
    }
}

async fn desk() -> Response {
    page(StatusCode::OK, &Desk { is_wrong: false })
}

async fn show_card(State(readers): State<Readers>, Form(shown): Form<Card>) -> Response {
    let begun = readers
        .with_card(&shown.username, &shown.card)
        .and_then(|reader| reader.map(|reader| readers.begin_session(&reader)).transpose());
    match begun {
        Ok(Some(secret)) => {
            let cookie = format!("{SESSION}={secret}; Path=/; HttpOnly; SameSite=Lax");
            ([(SET_COOKIE, cookie)], Redirect::to("/")).into_response()
        }
        Ok(None) => page(StatusCode::UNPROCESSABLE_ENTITY, &Desk { is_wrong: true }),
        Err(_) => StatusCode::SERVICE_UNAVAILABLE.into_response(),
    }
}

fn session(cookies: &str) -> Option<&str> {
    cookies.split("; ").find_map(|pair| pair.strip_prefix(SESSION)?.strip_prefix('='))
}

fn page(status: StatusCode, template: &impl Template) -> Response {
    match template.render() {
        Ok(html) => (status, Html(html)).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}
