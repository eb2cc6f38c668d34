//! Inside an axum application, over a real socket: the same answers as under actix, beside the host's own routes.

use crate::flows::place::Place;
use crate::socket::Connection;
use crate::support::{FORM, GRANT, JWKS, TOKEN, TestApp, json, request};
use axum::extract::ConnectInfo;
use axum::routing::get;
use bytes::Bytes;
use doorward_core::manage::clients;
use doorward_core::settings::Settings;
use doorward_testkit::block_on::block_on;
use doorward_testkit::builders::scope;
use doorward_web::app::App;
use doorward_web::settings::WebSettings;
use doorward_web::tower::{self, AppService};
use http::{Method, Request};
use http_body_util::{BodyExt, Full};
use serde_json::Value;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::mpsc;
use std::thread::{self, JoinHandle};
use std::time::Duration;
use tower_service::Service;

/// A host that listens.
pub(crate) struct Host {
    pub(crate) app: TestApp,
    address: SocketAddr,
    stop: Option<tokio::sync::oneshot::Sender<Infallible>>,
    thread: Option<JoinHandle<()>>,
}

impl Host {
    fn new() -> Self {
        Self::with(WebSettings { body_timeout: Duration::from_millis(200), ..WebSettings::embedded() })
    }

    pub(crate) fn with(settings: WebSettings) -> Self {
        let app = TestApp::with("https://as.example", settings);
        let router = beside_own(&app.app);
        let ((tell, told), (stop, stopped)) = (mpsc::channel(), tokio::sync::oneshot::channel());
        let thread = thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async move {
                let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
                tell.send(listener.local_addr().unwrap()).unwrap();
                let service = router.into_make_service_with_connect_info::<SocketAddr>();
                tokio::select! {
                    served = axum::serve(listener, service) => served.unwrap(),
                    _ = stopped => {}
                }
            });
        });
        Self { app, address: told.recv().unwrap(), stop: Some(stop), thread: Some(thread) }
    }

    pub(crate) fn connect(&self) -> Connection {
        Connection::to(self.address)
    }

    /// The head of a form, open for more headers.
    fn head(&self) -> String {
        let basic = &self.app.basic;
        format!(
            "POST {TOKEN} HTTP/1.1\r\nhost: as.example\r\ncontent-type: {FORM}\r\nauthorization: {basic}\r\n"
        )
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            drop(thread.join());
        }
    }
}

/// Every path beside the host's own.
fn beside_own(app: &Arc<App>) -> axum::Router {
    mounted(
        app,
        axum::Router::new().route("/own", get(async || "mine")).route("/healthz", get(async || "well")),
    )
}

/// As the documentation says.
fn mounted(app: &Arc<App>, own: axum::Router) -> axum::Router {
    let service = tower::service(app, |extensions| Some(extensions.get::<ConnectInfo<SocketAddr>>()?.0));
    let below = app.prefixes().map(|prefix| format!("{prefix}/{{*below}}"));
    let paths = app.paths().map(str::to_owned).chain(below);
    paths.fold(own, |router, path| router.route_service(&path, service.clone()))
}

#[test]
fn the_paths_stand_beside_the_hosts_own() {
    let host = Host::new();
    let mut connection = host.connect();
    for (path, status, says) in [
        ("/own", 200, "mine"),
        ("/healthz", 200, "well"),
        (JWKS, 200, "\"keys\""),
        ("/.well-known/openid-configuration", 200, "\"issuer\":\"https://as.example\""),
        ("/login", 200, "<form"),
        ("/api/docs", 200, "/api/v1/groups/{id}"),
        ("/api/v1/groups/a%2Fb", 401, "\"status\":401"),
        ("/api/v1/nothing", 404, "\"status\":404"),
        ("/nothing", 404, ""),
    ] {
        connection.write(format!("GET {path} HTTP/1.1\r\nhost: as.example\r\n\r\n"));
        let answer = connection.answer();
        assert_eq!((answer.status, answer.body.contains(says)), (status, true), "{path}: {}", answer.body);
    }
    connection.write(format!("GET {JWKS} HTTP/1.1\r\nhost: evil.example\r\n\r\n"));
    assert_eq!(connection.answer().status, 421);
    connection.write("DELETE /oauth2/token HTTP/1.1\r\nhost: as.example\r\n\r\n");
    let refused = connection.answer();
    assert_eq!((refused.status, refused.header("allow")), (405, "POST"));
}

#[test]
fn a_token_is_issued_whether_the_form_comes_whole_or_in_chunks() {
    let host = Host::new();
    let mut connection = host.connect();
    connection.write(format!("{}content-length: {}\r\n\r\n{GRANT}", host.head(), GRANT.len()));
    assert!(connection.answer().body.contains("access_token"));
    let (first, rest) = GRANT.split_at(7);
    let chunks = format!("{:x}\r\n{first}\r\n{:x}\r\n{rest}\r\n0\r\n\r\n", first.len(), rest.len());
    connection.write(format!("{}transfer-encoding: chunked\r\n\r\n{chunks}", host.head()));
    assert!(connection.answer().body.contains("access_token"));
}

/// RFC 9110 §9.3.2: HEAD is answered with the length of the body and without the body.
#[test]
fn axum_leaves_the_body_of_head_out() {
    let host = Host::new();
    let mut connection = host.connect();
    connection.write(format!("HEAD {JWKS} HTTP/1.1\r\nhost: as.example\r\n\r\n"));
    let head = connection.head();
    connection.write(format!("GET {JWKS} HTTP/1.1\r\nhost: as.example\r\n\r\n"));
    assert_eq!(head.header("content-length"), connection.answer().body.len().to_string());
}

/// RFC 9110 §15.5.14: what is too large is refused in the endpoint's form and the connection closed; and so is what is too
/// late.
#[test]
fn what_is_too_large_or_too_late_is_refused() {
    let host = Host::new();
    for (rest, status) in [
        ("content-length: 70000\r\n\r\n".to_owned(), 413),
        (format!("transfer-encoding: chunked\r\n\r\n11171\r\n{}\r\n", "x".repeat(70_001)), 413),
        ("content-length: 10\r\n\r\nx".to_owned(), 408),
        (format!("x-much: {}\r\ncontent-length: 0\r\n\r\n", "x".repeat(17_000)), 431),
    ] {
        let mut connection = host.connect();
        connection.write(format!("{}{rest}", host.head()));
        let answer = connection.answer();
        assert_eq!((answer.status, answer.header("connection")), (status, "close"), "{}", answer.body);
        assert!(answer.body.contains("\"error\""), "{}", answer.body);
    }
}

/// RFC 6749 §10.10: failures are counted for the address that the host names, and for no other.
#[test]
fn the_host_says_who_the_peer_is() {
    let app = TestApp::new();
    let service = tower::service(&app.app, |extensions| extensions.get().copied());
    let guess = |last: u8| {
        let peer = SocketAddr::from(([192, 0, 2, last], 1));
        let form = app.form(TOKEN, GRANT);
        let wrong = Request::post(TOKEN).header("host", "as.example").header("content-type", FORM);
        let wrong = wrong.extension(peer).header("authorization", "Basic c2hvcDpuby1zdWNoLXNlY3JldA==");
        status(&service, wrong.body(Full::new(form.into_body())).unwrap())
    };
    let statuses: Vec<_> = (0..21).map(|_| guess(1)).collect();
    assert_eq!((statuses[0], statuses[20], guess(2)), (401, 429, 401));
}

fn status(service: &AppService, request: Request<Full<Bytes>>) -> u16 {
    block_on(service.clone().call(request)).unwrap().status().as_u16()
}

/// What comes by tower is answered as what comes to the app itself.
#[test]
fn a_tower_service_answers_as_the_app_does() {
    let app = TestApp::new();
    let mut service = tower::service(&app.app, |_| None);
    for path in ["/.well-known/oauth-authorization-server", JWKS, "/healthz", "/nothing"] {
        let direct = app.get(path);
        let by_tower = block_on(service.call(request(Method::GET, path).map(Full::new))).unwrap();
        assert_eq!(by_tower.status(), direct.status());
        let body = block_on(by_tower.into_body().collect()).unwrap().to_bytes();
        if direct.status().is_success() {
            assert_eq!(body, *direct.body());
        } else {
            assert_eq!(json(&direct)["status"], 404);
        }
    }
}

/// The management API is there under axum, too, and below the path of an issuer.
#[test]
fn the_management_api_is_mounted_with_the_rest() {
    for path in ["", "/tenant"] {
        let issuer = format!("https://as.example{path}");
        let mut place = Place::with(Settings::new(issuer.parse().unwrap()));
        let scopes = scope("groups:read groups:write");
        let groups = vec!["Administrators".to_owned()];
        place.register("script", clients::Members { scopes, groups, ..clients::Members::named("A script") });
        let form = [("grant_type", "client_credentials"), ("scope", "groups:read groups:write")];
        let token = place.client(&format!("{path}/oauth2/token"), "script", &form);
        let token = json(&token)["access_token"].as_str().unwrap().to_owned();
        let mut router = mounted(&place.app, axum::Router::new());
        let mut ask = |method: &str, path: &str, body: &str| {
            let request = Request::builder().method(method).uri(path).header("host", "as.example");
            let request = request.header("authorization", format!("Bearer {token}"));
            let request = request.header("content-type", "application/json");
            let body = Full::new(Bytes::copy_from_slice(body.as_bytes()));
            let answer = block_on(router.call(request.body(body).unwrap())).unwrap();
            let (head, body) = answer.into_parts();
            let body = block_on(body.collect()).unwrap().to_bytes();
            (head, serde_json::from_slice::<Value>(&body).unwrap_or(Value::Null))
        };
        let (head, made) = ask("POST", &format!("{path}/api/v1/groups"), "{\"name\":\"Support\"}");
        assert_eq!(head.status, 201, "{made}");
        let location = head.headers["location"].to_str().unwrap();
        let there = format!("{path}/api/v1/groups/{}", made["id"].as_str().unwrap());
        assert!(location.ends_with(&there), "{location}");
        let (head, shown) = ask("PATCH", &there, "{\"name\":\"Help\"}");
        assert_eq!((head.status.as_u16(), &shown["name"]), (200, &Value::from("Help")));
        assert_eq!(ask("GET", &there, "").1, shown);
        let document = ask("GET", &format!("{path}/api/openapi.json"), "").1;
        assert_eq!(document["servers"][0]["url"], format!("{issuer}/api/v1"));
        assert_eq!(ask("GET", "/api/v1/groups", "").0.status, if path.is_empty() { 200 } else { 404 });
    }
}
