//! Leaked tokens: whoever holds one ends it by presenting it, and learns nothing from the answer.

use crate::api_access::held::{KEY, place};
use crate::api_access::values;
use crate::flows::browser::{Browser, Seen};
use crate::flows::place::{ORDERS, Place, SHOP, json, word};
use bytes::Bytes;
use doorward_core::context::Caller;
use doorward_protocol::id::Id;
use doorward_protocol::time::Lifetime;
use doorward_protocol::words::Level;
use doorward_testkit::block_on::block_on;
use http::header::{ACCEPT, CONTENT_TYPE, HOST};
use http::{Request, Response};

fn post(place: &Place, content_type: &str, body: String) -> Response<Bytes> {
    let request =
        Request::post("/leaked-tokens").header(HOST, "as.example").header(CONTENT_TYPE, content_type);
    let caller = Caller { address: Some([192, 0, 2, 66].into()) };
    block_on(place.app.respond(request.body(Bytes::from(body)).unwrap(), caller))
}

/// What a program presents; the answer is always the same.
#[track_caller]
fn present(place: &Place, token: &str) {
    let answer = post(place, "application/json", format!(r#"{{"token":"{token}"}}"#));
    assert_eq!((answer.status().as_u16(), answer.body().as_ref()), (200, &b"{}"[..]));
}

/// The only event of this kind says why, about what, and from where it was presented.
#[track_caller]
fn recorded(place: &Place, action: &str, objects: &[(&str, Id)]) {
    let events = place.recorded(action);
    let expected: Vec<_> = objects.iter().map(|(noun, id)| format!("{noun}:{id}")).collect();
    assert_eq!(events.len(), 1, "one, however often it is presented");
    assert_eq!(
        (events[0].reason.as_str(), events[0].objects.as_str()),
        ("leaked", expected.join(" ").as_str())
    );
    assert_eq!(events[0].address, Some([192, 0, 2, 66].into()));
}

#[test]
fn an_api_token_is_void_and_its_owner_sees_why() {
    let place = place();
    let token = place.api_token("alice", Level::Full);
    let exchanged = place.exchanged(None, &token.value);
    present(&place, &format!(" {} ", token.value));
    present(&place, &token.value);
    assert_eq!(place.desk(&token.value, &[])["active"], false);
    assert_eq!(place.desk(&exchanged, &[])["active"], false);
    assert_eq!(word(&place.exchange(None, &token.value, &[])), "invalid_request");
    recorded(&place, "api_token.revoked", &[("api_token", token.id), ("user", place.user_id("alice"))]);
    let id = token.id;
    let record = place.change(move |tx| tx.api_token(id)).unwrap();
    assert_eq!(record.inactive_reason.as_deref(), Some("leaked"));
    assert_eq!(record.revoked_at, Some(place.context().now));
}

/// Whoever has changed to another value because the one before leaked does not lose that, too.
#[test]
fn a_former_value_is_void_and_not_the_one_after_it() {
    let place = place();
    let token = place.api_token("alice", Level::Full);
    let of_former = place.exchanged(None, &token.value);
    let next = values::regenerate(&place, &token, 60);
    present(&place, &token.value);
    present(&place, &token.value);
    assert_eq!(word(&place.exchange(None, &token.value, &[])), "invalid_request");
    assert_eq!(place.desk(&of_former, &[])["active"], false);
    assert_eq!(place.desk(&next, &[])["active"], true);
    let objects = [("api_token", token.id), ("user", place.user_id("alice"))];
    recorded(&place, "api_token.former_value.revoked", &objects);
    assert!(place.recorded("api_token.revoked").is_empty());
    let over = values::regenerate(&place, &token, 60);
    place.advance(Lifetime::seconds(60));
    present(&place, &next);
    assert_eq!(place.desk(&over, &[])["active"], true, "what has ended leads to nothing");
    recorded(&place, "api_token.former_value.revoked", &objects);
    present(&place, &over);
    assert_eq!(place.desk(&over, &[])["active"], false);
}

#[test]
fn a_clients_secret_is_void_and_no_other_of_its() {
    let place = place();
    let key = place.client_key(KEY);
    let by_itself =
        || word(&place.token(KEY, &[("grant_type", "client_credentials"), ("scope", "orders:read")]));
    let held = place.change(move |tx| tx.client(key)).unwrap().secrets.remove(0);
    let (other, pepper, digest) = place.secret();
    let second = doorward_core::client::ClientSecret { id: place.new_id(), digest, pepper, ..held.clone() };
    let id = second.id;
    place.change(move |tx| tx.insert_client_secret(&second));
    present(&place, &other);
    present(&place, &other);
    assert_eq!(by_itself(), "granted", "by the secret that was not found");
    recorded(&place, "client.secret.revoked", &[("client", key), ("client_secret", id)]);
    let left = place.change(move |tx| tx.client(key)).unwrap().secrets;
    let told: Vec<_> = left.iter().map(|secret| (secret.id, secret.inactive_reason.as_deref())).collect();
    assert_eq!(told.len(), 2, "its owner sees why");
    assert!(told.contains(&(held.id, None)) && told.contains(&(id, Some("leaked"))));
    present(&place, place.secret_of(KEY));
    assert_eq!(by_itself(), "invalid_client");
}

/// RFC 9700 §4.14.2: with a refresh token its whole grant ends, with an access token that one alone.
#[test]
fn access_and_refresh_tokens_are_void() {
    let place = place();
    for opaque in [false, true] {
        if opaque {
            place.make_opaque(ORDERS);
        }
        let scope = [("scope", "openid offline_access orders:read")];
        let held = place.tokens_of(&Browser::new(&place), SHOP, "alice", &scope);
        present(&place, held.access());
        present(&place, held.access());
        assert!(!place.is_active(SHOP, held.access()));
        assert_eq!(place.recorded("access_token.revoked").len(), 1 + usize::from(opaque));
        assert_eq!(word(&place.refresh(SHOP, held.refresh())), "granted");
        present(&place, held.refresh());
        place.assert_dead(SHOP, &held);
    }
    assert_eq!(place.reasons(), ["leaked", "leaked"]);
}

/// Nobody learns whether a text was ever a token; what is no report is refused as such.
#[test]
fn the_answer_tells_nothing() {
    let place = place();
    for text in [&*place.value().0, "dw_pat_x", "x", "", "a.b.c"] {
        present(&place, text);
    }
    for body in ["", "[]", "{}", r#"{"token":1}"#, r#"{"token":"x","more":"y"}"#] {
        assert_eq!(post(&place, "application/json", body.to_owned()).status(), 400, "{body}");
    }
    assert_eq!(post(&place, "text/plain", "token=x".to_owned()).status(), 400);
    assert_eq!(post(&place, "application/x-www-form-urlencoded", "token=".to_owned()).status(), 400);
    assert!(json(&post(&place, "application/json", "{}".to_owned()))["request_id"].is_string());
}

/// RFC 9110 §12.5.1: a script that posts the form says what it reads.
#[test]
fn a_form_is_answered_with_json_where_that_is_asked_for() {
    let place = place();
    let token = place.api_token("alice", Level::Full);
    let ask = |accept: &str, body: &str| {
        let request = Request::post("/leaked-tokens").header(HOST, "as.example").header(ACCEPT, accept);
        let request = request.header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        let request = request.body(Bytes::from(body.to_owned())).unwrap();
        block_on(place.app.respond(request, Caller::default()))
    };
    let answer = ask("application/json", &format!("token={}", token.value));
    assert_eq!((answer.status().as_u16(), answer.body().as_ref()), (200, &b"{}"[..]));
    assert_eq!(place.desk(&token.value, &[])["active"], false);
    let refused = ask("application/json;q=0.9, */*", "");
    assert_eq!(refused.status(), 400);
    assert!(json(&refused)["request_id"].is_string());
    let page = ask("text/html, application/json", "token=x");
    assert!(page.body().starts_with(b"<!DOCTYPE") || page.body().starts_with(b"<!doctype"));
}

/// A person needs no account and no script.
#[test]
fn a_person_presents_one_on_a_page() {
    let place = place();
    let token = place.api_token("alice", Level::Full);
    let browser = Browser::new(&place);
    let Seen::Page(page) = browser.open("/leaked-tokens") else { panic!("no page") };
    assert!(page.has("token") && page.has("continue") && !page.html.contains("<script"));
    let Seen::Page(thanks) = browser.submit(&page, &[("token", &token.value)]) else { panic!("no page") };
    assert!(thanks.html.contains("Thank you") && !thanks.html.contains(&token.value));
    assert_eq!(place.desk(&token.value, &[])["active"], false);
    let Seen::Page(same) = browser.submit(&page, &[("token", "whatever")]) else { panic!("no page") };
    assert_eq!(same.html, thanks.html);
}
