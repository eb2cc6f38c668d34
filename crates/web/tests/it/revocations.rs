//! The feed of revocations over HTTP: what an answer looks like, and how news are waited for, under either shim.

use crate::socket::Listening;
use crate::support::{METADATA, TestApp, header, json, request, set};
use bytes::Bytes;
use doorward_core::context::Caller;
use doorward_core::manage::clients;
use doorward_protocol::words::Status;
use doorward_testkit::block_on::block_on;
use doorward_testkit::calls::by_operator;
use http::{Method, Response, StatusCode};
use serde_json::Value;
use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

const FEED: &str = "/revocations";
/// What the API of these tests is called.
const ORDERS: &str = "https://api.example";

fn told(answer: &Response<Bytes>) -> Value {
    let payload = std::str::from_utf8(answer.body()).unwrap();
    assert_eq!(answer.status(), StatusCode::OK, "{payload}");
    crate::flows::place::claims(payload)
}

fn since(cursor: &str, more: &str) -> String {
    format!("{FEED}?since={cursor}{more}")
}

fn newest(app: &TestApp) -> String {
    told(&app.get(FEED))["next"].as_str().unwrap().to_owned()
}

fn switch(app: &TestApp, status: Status) {
    let context = app.server.context();
    block_on(clients::set_status("shop", status, &by_operator(&context), &context)).unwrap();
}

fn rename(app: &TestApp, name: &str) {
    let context = app.server.context();
    let name = name.to_owned();
    let rename = move |members: &mut clients::Members| {
        members.name.clone_from(&name);
        Ok(())
    };
    block_on(clients::update("shop", &by_operator(&context), &context, rename)).unwrap();
}

/// RFC 7519 §10.3.1: an answer is a JWT, and says so.
#[test]
fn an_answer_is_a_signed_text_that_nobody_keeps() {
    let app = TestApp::new();
    let answer = app.get(FEED);
    assert_eq!(header(&answer, "content-type"), "application/jwt");
    assert_eq!(header(&answer, "cache-control"), "no-cache");
    assert_eq!(header(&answer, "access-control-allow-origin"), "", "no page has any business here");
    let claims = told(&answer);
    assert_eq!(
        (&claims["iss"], &claims["aud"]),
        (&"https://as.example".into(), &"https://as.example/revocations".into())
    );
    assert!(claims.get("about").is_none() && claims.get("api").is_none() && claims.get("since").is_none());
    let claims = told(&app.get(&format!("{FEED}?api={ORDERS}")));
    assert_eq!((&claims["about"], &claims["api"]["identifier"]), (&ORDERS.into(), &ORDERS.into()));
    let claims = told(&app.get(&format!("{FEED}?api=https://nobody.example")));
    assert!(claims["about"] == "https://nobody.example" && claims.get("api").is_none(), "{claims}");
    assert_eq!(json(&app.get(METADATA))["revocations_endpoint"], "https://as.example/revocations");
}

#[test]
fn what_is_no_question_is_answered_in_words() {
    let app = TestApp::new();
    for query in ["wait=26", "wait=x", "since=1&since=2", "limit=5", "api=orders"] {
        let answer = app.get(&format!("{FEED}?{query}"));
        assert_eq!(
            (answer.status(), header(&answer, "content-type")),
            (StatusCode::BAD_REQUEST, "application/problem+json"),
            "{query}"
        );
    }
    assert_eq!(app.send(request(Method::POST, FEED)).status(), StatusCode::METHOD_NOT_ALLOWED);
}

/// RFC 9110 §15.4.5: whoever knows everything is told just that; whoever does not is told, whatever they say that they have.
#[test]
fn who_knows_everything_is_answered_by_304() {
    let app = TestApp::new();
    let first = app.get(&format!("{FEED}?api={ORDERS}"));
    let (next, etag) = (told(&first)["next"].as_str().unwrap().to_owned(), header(&first, "etag").to_owned());
    let asked = |since: &str, etag: &str| {
        let path = format!("{FEED}?api={ORDERS}&since={since}");
        app.send(set(request(Method::GET, &path), "if-none-match", etag))
    };
    let known = asked(&next, &etag);
    assert_eq!((known.status(), known.body().len()), (StatusCode::NOT_MODIFIED, 0));
    assert_eq!((header(&known, "etag"), header(&known, "cache-control")), (etag.as_str(), "no-cache"));
    assert_eq!(asked(&next, "").status(), StatusCode::OK);
    assert_eq!(asked(&next, "\"x\"").status(), StatusCode::OK);
    assert_eq!(asked("7.abc", &etag).status(), StatusCode::OK, "their cursor is of another past");
    switch(&app, Status::Inactive);
    let news = asked(&next, &etag);
    assert_eq!(told(&news)["revoked"].as_array().map(Vec::len), Some(1));
    assert_ne!(header(&news, "etag"), etag);
    let other = app.send(set(
        request(Method::GET, &since(&newest(&app), "")),
        "if-none-match",
        header(&news, "etag"),
    ));
    assert_eq!(other.status(), StatusCode::OK, "the same cursor, but about no API");
}

/// A node that cannot know what others have changed says nothing, rather than that nothing has changed.
#[tokio::test]
async fn a_node_that_cannot_know_does_not_say_that_there_is_nothing() {
    let app = TestApp::new();
    let next = newest(&app);
    app.store.turn_off();
    assert!(app.server.cache().catch_up().await.is_err());
    for path in [FEED.to_owned(), since(&next, ""), since(&next, "&wait=25")] {
        let answer = app.app.respond(request(Method::GET, &path), Caller::default()).await;
        assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE, "{path}");
    }
}

/// Asks, and lets the app come as far as it does at once.
async fn polled<T>(future: &mut (impl Future<Output = T> + Unpin)) -> Poll<T> {
    // As often as whatever the store needs takes.
    for _ in 0..10_000 {
        if let Poll::Ready(answer) =
            std::pin::Pin::new(&mut *future).poll(&mut Context::from_waker(Waker::noop()))
        {
            return Poll::Ready(answer);
        }
        tokio::task::yield_now().await;
    }
    Poll::Pending
}

#[tokio::test]
async fn news_are_waited_for_and_what_is_none_is_not_told() {
    let app = TestApp::new();
    let next = newest(&app);
    let request = |path: &str| app.app.respond(request(Method::GET, path), Caller::default());
    let mut waits = pin!(request(&since(&next, "&wait=25")));
    assert!(polled(&mut waits).await.is_pending());
    rename(&app, "Another");
    assert!(polled(&mut waits).await.is_pending(), "a name is nothing to any token");
    switch(&app, Status::Inactive);
    let Poll::Ready(answer) = polled(&mut waits).await else { panic!("it goes on waiting") };
    let claims = told(&answer);
    assert_eq!(claims["revoked"][0]["client_id"], "shop", "{claims}");
    // Whoever lacks something is told at once, and whoever asks for everything.
    for path in [since(&next, "&wait=25"), format!("{FEED}?wait=25"), since("7.abc", "&wait=25")] {
        assert!(polled(&mut pin!(request(&path))).await.is_ready(), "{path}");
    }
}

/// What the API itself is, is news to it.
#[tokio::test]
async fn a_change_of_the_api_is_told_to_whoever_waits() {
    let app = TestApp::new();
    let path = format!("{FEED}?api={ORDERS}");
    let next = told(&app.get(&path))["next"].as_str().unwrap().to_owned();
    let path = format!("{path}&since={next}&wait=25");
    let mut waits = pin!(app.app.respond(request(Method::GET, &path), Caller::default()));
    assert!(polled(&mut waits).await.is_pending());
    let mut api =
        doorward_core::access::api::Api::clone(app.server.cache().apis().by_identifier(ORDERS).unwrap());
    api.preflight = doorward_protocol::words::Preflight::Deny;
    let changed = app.server.cache().write(move |tx| {
        tx.update_api(&api)
            .map_err(doorward_core::store::fault::Stop::<doorward_core::store::fault::Fault>::Fault)
    });
    assert!(changed.await.is_ok_and(|found| found));
    let Poll::Ready(answer) = polled(&mut waits).await else { panic!("it goes on waiting") };
    let claims = told(&answer);
    assert_eq!(
        (claims["api"]["preflight"].as_str(), claims["revoked"].as_array().map(Vec::len)),
        (Some("deny"), Some(0))
    );
}

/// With nothing to tell, the end of the time is told; with a validator, by 304.
#[tokio::test]
async fn who_waits_in_vain_is_told_so() {
    let app = TestApp::new();
    let first = app.get(FEED);
    let path = since(told(&first)["next"].as_str().unwrap(), "&wait=1");
    let known = set(request(Method::GET, &path), "if-none-match", header(&first, "etag"));
    assert_eq!(app.app.respond(known, Caller::default()).await.status(), StatusCode::NOT_MODIFIED);
    let answer = app.app.respond(request(Method::GET, &path), Caller::default()).await;
    assert_eq!(told(&answer)["revoked"].as_array().map(Vec::len), Some(0));
}

#[tokio::test]
async fn whoever_waits_is_answered_when_the_server_stops() {
    let app = TestApp::new();
    let path = since(&newest(&app), "&wait=25");
    let mut waits = pin!(app.app.respond(request(Method::GET, &path), Caller::default()));
    assert!(polled(&mut waits).await.is_pending());
    app.app.end_waiting();
    assert!(polled(&mut waits).await.is_ready());
}

/// RFC 9112 §9.5: a connection may be closed at any time. Whoever is gone keeps nobody else from waiting: their place is free at once, and not
/// only when the time is over that they wanted to wait, which is longer than is waited for here.
#[test]
#[expect(clippy::disallowed_methods, reason = "a deadline: their own time to wait would be over then, too")]
fn whoever_hangs_up_gives_their_place_back_under_actix() {
    let listening = Listening::new();
    let next = newest(&listening.app);
    let get = format!("GET {FEED}?since={next}&wait=25 HTTP/1.1\r\nhost: as.example\r\n\r\n");
    let mut connections: Vec<_> = (0..3).map(|_| listening.connect()).collect();
    for connection in &mut connections {
        connection.write(&get);
    }
    let comes_to = |expected: usize| {
        let started = std::time::Instant::now();
        while listening.app.server.cache().waiting() != expected {
            assert!(started.elapsed() < Duration::from_secs(20), "{expected} never wait");
            std::thread::yield_now();
        }
    };
    comes_to(3);
    drop(connections.pop());
    comes_to(2);
    switch(&listening.app, Status::Inactive);
    for connection in &mut connections {
        assert_eq!(connection.answer().status, 200, "the others wait on");
    }
}

/// Nothing is read from a connection for 20 s before these tests give up: less than is waited for here.
#[test]
fn news_come_over_a_connection_that_waits_for_them_under_actix() {
    let listening = Listening::new();
    let next = newest(&listening.app);
    let mut connection = listening.connect();
    let get =
        |cursor: &str| format!("GET {FEED}?since={cursor}&wait=25 HTTP/1.1\r\nhost: as.example\r\n\r\n");
    connection.write(get(&next));
    switch(&listening.app, Status::Inactive);
    let answer = connection.answer();
    assert_eq!((answer.status, answer.header("content-type")), (200, "application/jwt"));
    let claims = crate::flows::place::claims(&answer.body);
    assert_eq!(claims["revoked"][0]["client_id"], "shop");
    // Whoever still waits does not hold up a server that stops.
    connection.write(get(claims["next"].as_str().unwrap()));
    drop(listening.handle.stop(true));
    assert_eq!(connection.answer().status, 200);
}
