//! What a request asks for, once it is known who asks: every mistake goes back to the client, and so does everything that is
//! granted, with `iss` and `state` once each.

use crate::flows::browser::{Browser, Page, Seen};
use crate::flows::place::{
    APP, BILLING, CALLBACK, INTRANET, ISSUER, ORDERS, Place, SHOP, claims, done, json, tokens,
};
use doorward_core::manage::{apis, clients};
use doorward_protocol::words::{GrantType, Status};
use doorward_testkit::calls::by_operator;
use std::collections::BTreeMap;

/// A challenge, well formed and of nothing.
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/// The answer to a request that has a mistake in it, by query and by form, checked for what every answer holds.
#[track_caller]
fn told(place: &Place, browser: &Browser<'_>, client: &str, parameters: &[(&str, &str)]) -> String {
    let by_query = browser.open(&place.request(client, parameters));
    let Seen::Left(url) = &by_query else { panic!("{parameters:?} was shown a page") };
    assert!(url.starts_with(&format!("{CALLBACK}?")), "{url}");
    let answer = by_query.answer();
    if !parameters.iter().any(|(name, _)| *name == "response_mode") {
        let by_form = [parameters, &[("response_mode", "form_post")]].concat();
        let page = browser.open(&place.request(client, &by_form)).page();
        assert_eq!(page.form().action, CALLBACK);
        assert_eq!(fields(&page), answer, "{parameters:?}");
    }
    assert_eq!((answer["state"].as_str(), answer["iss"].as_str()), ("s t&a=te", ISSUER));
    assert!(!answer["error_description"].is_empty());
    let members: Vec<_> = answer.keys().map(String::as_str).collect();
    assert_eq!(members, ["error", "error_description", "iss", "state"], "{parameters:?}");
    answer["error"].clone()
}

fn fields(page: &Page) -> BTreeMap<String, String> {
    page.form().fields.into_iter().collect()
}

/// RFC 6749 §4.1.2.1, §3.1.1: there is `code` and nothing else; RFC 9700 §2.1.2: above all no token in a URL.
#[test]
fn only_the_response_type_code_is_supported() {
    let place = Place::new();
    let browser = Browser::new(&place);
    let error = |value| told(&place, &browser, APP, &[("response_type", value)]);
    assert_eq!(error(""), "invalid_request");
    for other in ["token", "id_token", "code id_token", "code token", "none", "Code", "code code"] {
        assert_eq!(error(other), "unsupported_response_type", "{other}");
    }
}

/// OAuth 2.0 Multiple Response Type Encoding Practices 2.1: `query`, and `form_post`; what is neither is refused by query.
#[test]
fn a_response_mode_is_query_or_form_post() {
    let place = Place::new();
    let browser = Browser::new(&place);
    for other in ["fragment", "jwt", "query.jwt", "QUERY", "form_post form_post"] {
        assert_eq!(told(&place, &browser, APP, &[("response_mode", other)]), "invalid_request", "{other}");
    }
    let query = [("response_mode", "query"), ("prompt", "none")];
    assert_eq!(told(&place, &browser, APP, &query), "login_required");
}

/// RFC 6749 §4.1.2.1: a client that is not registered for the grant is told so.
#[test]
fn a_client_without_the_grant_is_unauthorized() {
    let mut place = Place::new();
    let grant_types = vec![GrantType::ClientCredentials];
    place.register("machine", clients::Members { grant_types, ..Place::members() });
    let browser = Browser::new(&place);
    assert_eq!(told(&place, &browser, "machine", &[]), "unauthorized_client");
}

/// RFC 7636 §4.4.1 and RFC 9700 §2.1.1: S256, whole and by its name, for everybody who was not exempted.
#[test]
fn pkce_is_required_and_s256_is_its_only_method() {
    let place = Place::new();
    let browser = Browser::new(&place);
    let error = |client, challenge, method| {
        let parameters = [("code_challenge", challenge), ("code_challenge_method", method)];
        told(&place, &browser, client, &parameters)
    };
    for client in [APP, INTRANET] {
        assert_eq!(error(client, "", ""), "invalid_request", "{client} without PKCE");
    }
    // The exemption is from PKCE, and not from what it consists of.
    for client in [APP, INTRANET, SHOP] {
        for (challenge, method) in [
            (CHALLENGE, "plain"),
            (CHALLENGE, ""),
            (CHALLENGE, "s256"),
            ("", "S256"),
            ("too-short", "S256"),
            ("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM=", "S256"),
        ] {
            assert_eq!(error(client, challenge, method), "invalid_request", "{client} {challenge} {method}");
        }
    }
}

/// RFC 6749 §3.3, §4.1.2.1: a scope that is malformed, unknown or more than the client may ask for is granted in no part.
#[test]
fn a_scope_that_cannot_be_granted_is_invalid() {
    let mut place = Place::new();
    let scopes = "openid profile".parse().unwrap();
    place.register("modest", clients::Members { scopes, ..Place::members() });
    let browser = Browser::new(&place);
    for scope in ["openid orders:destroy", "openid  profile", "openid \"profile\"", "OPENID", "öpenid", " "]
    {
        assert_eq!(told(&place, &browser, APP, &[("scope", scope)]), "invalid_scope", "{scope:?}");
    }
    for scope in ["openid email", "openid profile offline_access", "orders:read"] {
        assert_eq!(told(&place, &browser, "modest", &[("scope", scope)]), "invalid_scope", "{scope:?}");
    }
}

/// RFC 8707 §2: one audience for each token, named by `resource` or by the scope, and never two.
#[test]
fn a_request_reaches_for_one_api_at_most() {
    let place = Place::new();
    let browser = Browser::new(&place);
    let error = |scope, resource| told(&place, &browser, APP, &[("scope", scope), ("resource", resource)]);
    assert_eq!(error("orders:read billing:read", ""), "invalid_scope");
    assert_eq!(error("openid orders:read", BILLING), "invalid_scope");
    assert_eq!(error("openid orders:read", ISSUER), "invalid_scope");
    assert_eq!(error("orders:read", "https://unknown.example"), "invalid_target");
    assert_eq!(error("orders:read", "https://orders.example#x"), "invalid_target");
    assert_eq!(error("orders:read", "not a URI"), "invalid_target");
    let two =
        format!("{}&resource=https%3A%2F%2Fbilling.example", place.request(APP, &[("resource", ORDERS)]));
    assert_eq!(browser.open(&two).error(), "invalid_target");
    done(apis::set_status(ORDERS, Status::Inactive, &by_operator(&place.context()), &place.context()));
    assert_eq!(error("openid orders:read", ""), "invalid_target");
    assert_eq!(error("openid orders:read", ORDERS), "invalid_target");
}

/// RFC 8707 §2, §2.2: the person allows the server's own scopes and those of one API; each token is for one of them.
#[test]
fn a_grant_reaches_the_server_and_one_api_by_a_token_for_each() {
    let place = Place::new();
    let browser = Browser::new(&place);
    let code = |scope, resource| {
        let path = place.request(INTRANET, &[("scope", scope), ("resource", resource)]);
        tokens(&place.redeem(INTRANET, &place.code(&browser, &path, "alice")))
    };
    let audience = |token: &str| claims(token)["aud"].as_str().unwrap().to_owned();
    assert_eq!(audience(code("openid profile", "").access()), ISSUER);
    assert_eq!(audience(code("openid", ISSUER).access()), ISSUER);
    assert_eq!(audience(code("orders:read", ORDERS).access()), ORDERS);
    let both = code("openid email orders:read", "");
    assert_eq!((audience(both.access()).as_str(), &both.0["scope"]), (ORDERS, &"orders:read".into()));
    assert_eq!(both.id_token()["aud"], INTRANET, "the ID token comes with either");
    assert_eq!(place.userinfo(both.access()).status(), 401, "a token for an API");
    let form = [("grant_type", "refresh_token"), ("refresh_token", both.refresh()), ("resource", ISSUER)];
    let own = tokens(&place.token(INTRANET, &form));
    assert_eq!((audience(own.access()).as_str(), &own.0["scope"]), (ISSUER, &"email openid".into()));
    assert_eq!(json(&place.userinfo(own.access()))["email"], "alice@example.com");
}

/// OpenID Connect Core §3.1.2.6: request objects and registration in a request are refused, each by its own word.
#[test]
fn what_a_request_cannot_hold_is_refused_by_its_own_word() {
    let place = Place::new();
    let browser = Browser::new(&place);
    for (name, value, word) in [
        ("request", "eyJhbGciOiJub25lIn0.e30.", "request_not_supported"),
        ("request_uri", "https://app.example/request.jwt", "request_uri_not_supported"),
        ("registration", "{}", "registration_not_supported"),
    ] {
        assert_eq!(told(&place, &browser, APP, &[(name, value)]), word);
    }
}

/// OpenID Connect Core §3.1.2.1: `prompt` and `max_age` are what they are, or nothing is asked of anybody.
#[test]
fn a_malformed_prompt_or_max_age_is_an_invalid_request() {
    let place = Place::new();
    let browser = Browser::new(&place);
    let prompts = ["none login", "consent none", "none select_account", "create", "Login", "login,consent"];
    for prompt in prompts {
        assert_eq!(told(&place, &browser, APP, &[("prompt", prompt)]), "invalid_request", "{prompt}");
    }
    for age in ["-1", "1.5", "soon", "0x10", "99999999999999999999999"] {
        assert_eq!(told(&place, &browser, APP, &[("max_age", age)]), "invalid_request", "{age}");
    }
    place.code(&browser, &place.request(INTRANET, &[]), "alice");
    let longest = i64::MAX.to_string();
    let answer = told(&place, &browser, APP, &[("max_age", &longest), ("prompt", "none")]);
    assert_eq!(answer, "consent_required", "her sign-in is young enough");
}

/// OpenID Connect Core §3.1.2.1: an `id_token_hint` is an ID token that this server issued to this client.
#[test]
fn a_hint_that_is_no_id_token_of_the_clients_is_an_invalid_request() {
    let place = Place::new();
    let browser = Browser::new(&place);
    let of_others = place.tokens(&browser, INTRANET, "alice");
    let foreign = of_others.0["id_token"].as_str().unwrap().to_owned();
    let own = place.tokens(&browser, APP, "alice");
    let good = own.0["id_token"].as_str().unwrap();
    let (signed, signature) = good.rsplit_once('.').unwrap();
    let resigned =
        format!("{signed}.{}{}", if signature.starts_with('A') { "B" } else { "A" }, &signature[1..]);
    let unsigned = format!("{signed}.");
    for hint in [&foreign, &resigned, &unsigned, own.access(), "x", "a.b.c", signed] {
        let parameters = [("id_token_hint", hint), ("prompt", "none")];
        assert_eq!(told(&place, &browser, APP, &parameters), "invalid_request", "{hint}");
    }
    let parameters = [("id_token_hint", good), ("prompt", "none")];
    assert!(browser.open(&place.request(APP, &parameters)).answer().contains_key("code"));
}

/// RFC 6749 §4.1.2, Appendix A §A.5: `state` comes back as one parameter and as it was, whatever it is; RFC 9207 §2: so does
/// `iss`, with every answer.
#[test]
fn the_state_comes_back_as_it_was() {
    let place = Place::new();
    let browser = Browser::new(&place);
    place.code(&browser, &place.request(INTRANET, &[]), "alice");
    let long = "a&code=b#%20\"<é😀>+/=?;,".repeat(1 + 3_000 / 28);
    for state in [
        "plain",
        "a&code=evil&iss=https://evil.example",
        "a=b;c#d?e+f g%20h%26i",
        "\"><script>alert(1)</script>",
        "é😀\u{202e}\t\r\n",
        "' --",
        &long,
    ] {
        for (parameters, member) in
            [(&[("state", state)][..], "code"), (&[("state", state), ("scope", "x")], "error")]
        {
            let answer = browser.open(&place.request(INTRANET, parameters)).answer();
            assert_eq!((answer["state"].as_str(), answer["iss"].as_str()), (state, ISSUER));
            assert!(answer.contains_key(member), "{answer:?}");
            let by_form = [parameters, &[("response_mode", "form_post")]].concat();
            let page = browser.open(&place.request(INTRANET, &by_form)).page();
            let sent = page.form().fields.into_iter().filter(|(name, _)| name == "state").collect::<Vec<_>>();
            assert_eq!(sent, [("state".to_owned(), state.to_owned())]);
        }
    }
    // RFC 6749 §3.1: without a value it counts as omitted.
    let bare = place.request(INTRANET, &[("state", "")]);
    for path in [bare.clone(), format!("{bare}&state=")] {
        let answer = browser.open(&path).answer();
        assert!(answer.contains_key("code") && !answer.contains_key("state"), "{answer:?}");
    }
}

/// OpenID Connect Core §3.1.2.1, §5.5: what is only a preference, and what nobody knows, is ignored (RFC 6749 §3.1).
#[test]
fn preferences_and_unknown_parameters_are_ignored() {
    let place = Place::new();
    let browser = Browser::new(&place);
    let parameters = [
        ("ui_locales", "de-CH fr xx-invalid-\"><"),
        ("display", "holodeck"),
        ("claims_locales", "de"),
        ("acr_values", "phr 2"),
        ("claims", "{\"userinfo\":{\"email\":null}}"),
        ("foo", "bar"),
        ("prompt", ""),
        ("audience", "https://elsewhere.example"),
    ];
    let code = place.code(&browser, &place.request(APP, &parameters), "alice");
    assert_eq!(tokens(&place.redeem(APP, &code)).id_token()["acr"], "1");
}

/// RFC 6749 §3.3: without a scope, the client's default is what it asks for.
#[test]
fn without_a_scope_the_clients_default_is_asked_for() {
    let mut place = Place::new();
    let default_scopes = "".parse().unwrap();
    place.register("no-default", clients::Members { default_scopes, ..Place::members() });
    let browser = Browser::new(&place);
    let code = place.code(&browser, &place.request(APP, &[("scope", "")]), "alice");
    let tokens = tokens(&place.redeem(APP, &code));
    assert_eq!(tokens.0["scope"], "openid profile");
    assert_eq!(tokens.id_token()["nonce"], "n-0");
    let page = browser.open(&place.request("no-default", &[("scope", "")])).page();
    assert!(page.has("approve") && page.says("and nothing more"), "{}", page.html);
}
