//! The program's frontend on actix: requests as oxide-auth reads them, its answers as actix writes them, and the page. Flows
//! wait for the disk, so each runs where blocking is allowed.

use crate::program::{Answer, Program};
use actix_web::http::StatusCode;
use actix_web::http::header::{AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE, LOCATION, WWW_AUTHENTICATE};
use actix_web::web::{self, Bytes, Data, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use doorward_protocol::error::OAuthError;
use oxide_auth::endpoint::Solicitation;
use oxide_auth::frontends::simple::request::{Body, Request, Response, Status};
use std::collections::HashMap;

pub(crate) fn routes(config: &mut ServiceConfig) {
    config
        .route("/authorize", web::get().to(authorize))
        .route("/authorize", web::post().to(authorize))
        .route("/token", web::post().to(token))
        .route("/orders", web::get().to(orders));
}

async fn authorize(program: Data<Program>, request: HttpRequest, body: Bytes) -> HttpResponse {
    let action = request.uri().to_string();
    let request = read(&request, &body);
    blocking(move || written(program.authorize(request, |asked, failed| page(&action, asked, failed)))).await
}

async fn token(program: Data<Program>, request: HttpRequest, body: Bytes) -> HttpResponse {
    let request = read(&request, &body);
    blocking(move || written(program.token(request))).await
}

/// What the program protects.
async fn orders(program: Data<Program>, request: HttpRequest) -> HttpResponse {
    let request = read(&request, &[]);
    let Ok(scope) = "orders:read".parse() else { return HttpResponse::InternalServerError().finish() };
    blocking(move || match program.guard(request, scope) {
        Ok(grant) => Written::text(StatusCode::OK, format!("the orders of {}\n", grant.owner_id)),
        Err(answer) => written(*answer),
    })
    .await
}

/// What goes from the blocking thread to actix's: its own answers stay on theirs.
struct Written {
    status: StatusCode,
    kind: &'static str,
    header: Option<(actix_web::http::header::HeaderName, String)>,
    body: String,
}

impl Written {
    fn text(status: StatusCode, body: String) -> Self {
        Self { status, kind: "text/plain; charset=utf-8", header: None, body }
    }

    fn json(status: StatusCode, body: String) -> Self {
        Self { status, kind: "application/json", header: None, body }
    }
}

async fn blocking(work: impl FnOnce() -> Written + Send + 'static) -> HttpResponse {
    let Ok(Written { status, kind, header, body }) = web::block(work).await else {
        return HttpResponse::ServiceUnavailable().finish();
    };
    let mut response = HttpResponse::build(status);
    response.insert_header((CONTENT_TYPE, kind)).insert_header((CACHE_CONTROL, "no-store"));
    if let Some(header) = header {
        response.insert_header(header);
    }
    response.body(body)
}

fn read(request: &HttpRequest, body: &[u8]) -> Request {
    let header = request.headers().get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    Request {
        query: once(request.query_string().as_bytes()),
        urlbody: once(body),
        auth: header.map(str::to_owned),
    }
}

/// RFC 6749 §3.1: a parameter that is repeated is none.
fn once(form: &[u8]) -> HashMap<String, String> {
    let mut counted: HashMap<String, (usize, String)> = HashMap::new();
    for (name, value) in url::form_urlencoded::parse(form).into_owned() {
        counted.entry(name).or_insert((0, value)).0 += 1;
    }
    counted
        .into_iter()
        .filter(|(_, (count, _))| *count == 1)
        .map(|(name, (_, value))| (name, value))
        .collect()
}

fn written(answer: Answer) -> Written {
    match answer {
        Ok(response) => ended(response),
        Err(refusal) => refused(&refusal),
    }
}

fn ended(response: Response) -> Written {
    let status = match response.status {
        Status::Ok => StatusCode::OK,
        Status::Redirect => StatusCode::SEE_OTHER,
        Status::BadRequest => StatusCode::BAD_REQUEST,
        Status::Unauthorized => StatusCode::UNAUTHORIZED,
    };
    let written = match response.body {
        Some(Body::Json(json)) => Written::json(status, json),
        Some(Body::Text(html)) => Written { kind: "text/html; charset=utf-8", ..Written::text(status, html) },
        None => Written::text(status, String::new()),
    };
    let location = response.location.map(|url| (LOCATION, url.to_string()));
    let header = location.or(response.www_authenticate.map(|challenge| (WWW_AUTHENTICATE, challenge)));
    Written { header, ..written }
}

/// RFC 6749 §5.2.
fn refused(refusal: &OAuthError) -> Written {
    let status = StatusCode::from_u16(refusal.status()).unwrap_or(StatusCode::BAD_REQUEST);
    Written::json(status, refusal.body())
}

/// Sign-in and consent on one page: whoever posts it shows the password, so no other site can.
fn page(action: &str, asked: &Solicitation<'_>, failed: bool) -> String {
    let notice = if failed { "<p>That name or password is wrong.</p>" } else { "" };
    format!(
        "<!doctype html><title>Orders</title>{notice}<form method=post action=\"{}\">\
         <p>{} asks for {} on your behalf.</p><label>Name <input name=name></label> \
         <label>Password <input name=password type=password></label> \
         <button name=answer value=yes>Allow</button> <button name=answer value=no>Refuse</button></form>",
        escaped(action),
        escaped(&asked.pre_grant().client_id),
        escaped(&asked.pre_grant().scope.to_string()),
    )
}

fn escaped(text: &str) -> String {
    let escape = |c| match c {
        '&' => "&amp;".to_owned(),
        '<' => "&lt;".to_owned(),
        '>' => "&gt;".to_owned(),
        '"' => "&quot;".to_owned(),
        plain => plain.to_string(),
    };
    text.chars().map(escape).collect()
}
