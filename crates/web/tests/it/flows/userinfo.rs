//! Userinfo: what a client may know about the person it acts for, and the challenges to whoever may not ask.

use crate::flows::browser::Browser;
use crate::flows::place::{APP, INTRANET, ORDERS, Place, done, json, tokens};
use crate::support::{FORM, header};
use bytes::Bytes;
use doorward_core::context::Caller;
use doorward_core::manage::{apis, clients, users};
use doorward_protocol::time::Lifetime;
use doorward_protocol::words::{GrantType, Status, TokenFormat, UserStatus};
use doorward_testkit::block_on::block_on;
use doorward_testkit::calls::by_operator;
use http::{Request, Response};
use serde_json::json;

/// Sends a request to userinfo.
fn send(place: &Place, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Response<Bytes> {
    let request = Request::builder().method(method).uri(path).header("host", "as.example");
    let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
    let request = request.body(Bytes::copy_from_slice(body.as_bytes())).unwrap();
    block_on(place.app.respond(request, Caller::default()))
}

/// An access token for the server, with this scope.
fn access(place: &Place, scope: &str) -> String {
    let code = place.code(&Browser::new(place), &place.request(INTRANET, &[("scope", scope)]), "alice");
    tokens(&place.redeem(INTRANET, &code)).access().to_owned()
}

/// RFC 6750 §3, §3.1: a 401 whose challenge names the error, and no word about the person.
#[track_caller]
fn is_refused(place: &Place, access_token: &str) {
    let answer = place.userinfo(access_token);
    let challenge = header(&answer, "www-authenticate");
    assert_eq!(answer.status(), 401, "{}", json(&answer));
    assert!(challenge.starts_with("Bearer error=\"invalid_token\", error_description=\""), "{challenge}");
    assert_eq!(json(&answer)["error"], "invalid_token");
    assert!(!String::from_utf8_lossy(answer.body()).contains("alice"));
}

/// OpenID Connect Core §5.3.1: by GET and by POST, with the token in the header or in the form.
#[test]
fn it_is_asked_by_get_and_by_post() {
    let place = Place::new();
    let token = access(&place, "openid email");
    let bearer = format!("Bearer {token}");
    let form = format!("access_token={token}");
    let path = "/oauth2/userinfo";
    for answer in [
        send(&place, "GET", path, &[("authorization", &bearer)], ""),
        send(&place, "POST", path, &[("authorization", &bearer)], ""),
        send(&place, "POST", path, &[("content-type", FORM)], &form),
    ] {
        assert_eq!(answer.status(), 200);
        assert_eq!(header(&answer, "content-type"), "application/json");
        assert_eq!(header(&answer, "cache-control"), "no-store");
        assert_eq!(json(&answer)["email"], "alice@example.com");
    }
}

/// OpenID Connect Core §5.3.2, §5.4: `sub` always, and the claims of the granted scopes.
#[test]
fn each_scope_opens_its_claims() {
    let place = Place::new();
    let info = |scope| json(&place.userinfo(&access(&place, scope)));
    let sub = place.subject("alice");
    assert_eq!(info("openid"), json!({"sub": sub}));
    assert_eq!(info("openid offline_access"), json!({"sub": sub}));
    assert_eq!(
        info("openid email"),
        json!({"sub": sub, "email": "alice@example.com", "email_verified": false})
    );
    assert_eq!(info("openid groups"), json!({"sub": sub, "groups": ["Members"]}));
    let profile = info("openid profile");
    assert_eq!(
        (&profile["name"], &profile["preferred_username"]),
        (&json!("ALICE Example"), &json!("alice"))
    );
    assert_eq!(profile.as_object().unwrap().len(), 4, "{profile}");
}

/// OpenID Connect Core §5.3.2: what is answered is known now, not what was known when the token was made.
#[test]
fn it_answers_with_what_is_known_now() {
    let place = Place::new();
    let token = access(&place, "openid profile email groups");
    done(users::update("alice", &by_operator(&place.context()), &place.context(), |members| {
        members.name = "Alice Novak".to_owned();
        members.email = None;
        members.groups.clear();
        Ok(())
    }));
    let info = json(&place.userinfo(&token));
    assert_eq!(
        (&info["name"], info.get("email"), &info["groups"]),
        (&json!("Alice Novak"), None, &json!([]))
    );
}

/// RFC 6750 §2, §3.1: no token is no error; a token in two places, or in a URL, is none.
#[test]
fn a_request_without_a_token_is_told_that_one_is_needed() {
    let place = Place::new();
    let token = access(&place, "openid");
    let (bearer, form) = (format!("Bearer {token}"), format!("access_token={token}"));
    let path = "/oauth2/userinfo";
    let in_query = format!("{path}?{form}");
    for answer in [
        send(&place, "GET", path, &[], ""),
        send(&place, "GET", &in_query, &[], ""),
        send(&place, "POST", path, &[("content-type", "application/json")], "{}"),
        send(&place, "GET", path, &[("authorization", "Basic YTpi")], ""),
    ] {
        assert_eq!((answer.status().as_u16(), header(&answer, "www-authenticate")), (401, "Bearer"));
        assert!(answer.body().is_empty());
    }
    for answer in [
        send(&place, "POST", path, &[("authorization", &bearer), ("content-type", FORM)], &form),
        send(&place, "POST", path, &[("content-type", FORM)], &format!("{form}&{form}")),
        send(&place, "GET", path, &[("authorization", "Bearer ")], ""),
    ] {
        assert_eq!(answer.status(), 400);
        assert!(header(&answer, "www-authenticate").starts_with("Bearer error=\"invalid_request\""));
    }
}

/// RFC 6750 §3.1: a token without `openid` does not reach far enough.
#[test]
fn without_openid_the_scope_is_insufficient() {
    let place = Place::new();
    let answer = place.userinfo(&access(&place, "profile email"));
    assert_eq!((answer.status().as_u16(), &json(&answer)["error"]), (403, &json!("insufficient_scope")));
    assert!(header(&answer, "www-authenticate").starts_with("Bearer error=\"insufficient_scope\""));
}

/// RFC 6750 §3.1 and RFC 9068 §4: a token for an API, signed or opaque, is not for the server.
#[test]
fn a_token_for_an_api_is_refused() {
    let place = Place::new();
    is_refused(&place, &access(&place, "openid orders:read"));
    done(apis::update(ORDERS, &by_operator(&place.context()), &place.context(), |members| {
        members.token_format = TokenFormat::Opaque;
        Ok(())
    }));
    let opaque = access(&place, "openid orders:read");
    assert!(opaque.starts_with("dw_at_"));
    is_refused(&place, &opaque);
}

/// OpenID Connect Core §5.3: a token that a client got for itself speaks of nobody.
#[test]
fn a_clients_own_token_is_refused() {
    let mut place = Place::new();
    let grant_types = vec![GrantType::ClientCredentials];
    place.register("machine", clients::Members { grant_types, ..Place::members() });
    let own = |form: &[(&str, &str)]| {
        let form = [&[("grant_type", "client_credentials")], form].concat();
        tokens(&place.token("machine", &form)).access().to_owned()
    };
    is_refused(&place, &own(&[("scope", "orders:read")]));
    let answer = place.userinfo(&own(&[]));
    assert_eq!(answer.status(), 403, "for the server itself, but without openid: {}", json(&answer));
}

/// RFC 6750 §3.1: what is no access token of ours, or has been tampered with, is invalid.
#[test]
fn what_is_no_access_token_is_refused() {
    let place = Place::new();
    let tokens = place.tokens(&Browser::new(&place), INTRANET, "alice");
    let access = tokens.access();
    let (signed, _) = access.rsplit_once('.').unwrap();
    let texts = [
        "x",
        "a.b.c",
        tokens.refresh(),
        tokens.0["id_token"].as_str().unwrap(),
        signed,
        &format!("{signed}."),
        &format!("{access}x"),
        "dw_at_0000000000000000000000000000000000000000000000000",
        "dw_pat_0000000000000000000000000000000000000000000000000",
    ];
    texts.into_iter().for_each(|text| is_refused(&place, text));
}

/// RFC 7009 §2.1 and RFC 6750 §3.1: a token is good until it expires or somebody takes it back.
#[test]
fn a_revoked_or_expired_token_is_refused() {
    let place = Place::new();
    let browser = Browser::new(&place);
    let one = place.tokens(&browser, APP, "alice");
    let other = place.tokens(&browser, INTRANET, "alice");
    place.client("/oauth2/revoke", APP, &[("token", one.access())]);
    is_refused(&place, one.access());
    place.client("/oauth2/revoke", INTRANET, &[("token", other.refresh())]);
    is_refused(&place, other.access());
    let late = place.tokens(&browser, INTRANET, "alice");
    place.advance(Lifetime::seconds(599));
    assert_eq!(place.userinfo(late.access()).status(), 200);
    place.advance(Lifetime::seconds(1));
    is_refused(&place, late.access());
}

/// OWASP ASVS 7.4.2: whoever is switched off is not spoken of, and nobody speaks for them.
#[test]
fn a_token_of_somebody_switched_off_is_refused() {
    let place = Place::new();
    let browser = Browser::new(&place);
    let app = place.tokens(&browser, APP, "alice");
    let intranet = place.tokens(&browser, INTRANET, "alice");
    done(clients::set_status(APP, Status::Inactive, &by_operator(&place.context()), &place.context()));
    is_refused(&place, app.access());
    assert_eq!(place.userinfo(intranet.access()).status(), 200);
    done(users::set_status("alice", UserStatus::Disabled, &by_operator(&place.context()), &place.context()));
    is_refused(&place, intranet.access());
    done(users::set_status("alice", UserStatus::Active, &by_operator(&place.context()), &place.context()));
    is_refused(&place, intranet.access());
}
