//! The library's own pages: the hall, and the desk where readers show their card. What is posted from another site is refused, so
//! that nobody is signed in as somebody else by a page that they only look at.

use crate::readers::Readers;
use crate::sign_in::SESSION;
use askama::Template;
use axum::Router;
use axum::extract::{Form, Request, State};
use axum::http::header::{COOKIE, SET_COOKIE};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::middleware::{self, Next};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::{get, post};
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
    let own = Router::new().route("/", get(hall)).route("/desk", get(desk).post(show_card));
    let own = own.route("/leave", post(leave));
    own.layer(middleware::from_fn(same_site)).with_state(readers)
}

/// Browsers say where a form comes from (Fetch Metadata); one that says nothing is not a browser of these years.
async fn same_site(request: Request, next: Next) -> Response {
    let from = request.headers().get("sec-fetch-site").map(axum::http::HeaderValue::as_bytes);
    let is_ours = from.is_none_or(|from| from == b"same-origin" || from == b"none");
    if request.method() == Method::POST && !is_ours {
        return StatusCode::FORBIDDEN.into_response();
    }
    next.run(request).await
}

async fn hall(State(readers): State<Readers>, headers: HeaderMap) -> Response {
    match session(&headers).map_or(Ok(None), |secret| readers.in_session(secret)) {
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
            // Over https, `Secure` and the prefix `__Host-` belong here, too.
            let cookie = format!("{SESSION}={secret}; Path=/; HttpOnly; SameSite=Lax");
            ([(SET_COOKIE, cookie)], Redirect::to("/")).into_response()
        }
        Ok(None) => page(StatusCode::UNPROCESSABLE_ENTITY, &Desk { is_wrong: true }),
        Err(_) => StatusCode::SERVICE_UNAVAILABLE.into_response(),
    }
}

/// Leaving the library; Doorward's own session is left at its `/auth/oauth2/logout`.
async fn leave(State(readers): State<Readers>, headers: HeaderMap) -> Response {
    let ended = session(&headers).map_or(Ok(()), |secret| readers.end_session(secret));
    match ended {
        Ok(()) => {
            let cookie = format!("{SESSION}=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0");
            ([(SET_COOKIE, cookie)], Redirect::to("/auth/oauth2/logout")).into_response()
        }
        Err(_) => StatusCode::SERVICE_UNAVAILABLE.into_response(),
    }
}

fn session(headers: &HeaderMap) -> Option<&str> {
    let cookies = headers.get(COOKIE)?.to_str().ok()?;
    cookies.split("; ").find_map(|pair| pair.strip_prefix(SESSION)?.strip_prefix('='))
}

fn page(status: StatusCode, template: &impl Template) -> Response {
    match template.render() {
        Ok(html) => (status, Html(html)).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}
