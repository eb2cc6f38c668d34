//! Row C, over REST: somebody without access asks for it, an administrator decides, the secret is revealed once, and what is taken back
//! is refused with the next request.

use crate::harness::Server;
use crate::person;
use crate::rest::{Rest, text};
use crate::story;
use doorward_testkit::http::{self, Answer, Credentials};
use oauth2::basic::BasicClient;
use oauth2::{ClientId, ClientSecret, Scope, TokenResponse, TokenUrl};
use serde_json::json;

const ORDERS: &str = "https://orders.example";

/// What a gateway is told about a request to the orders API.
fn verified(server: &Server, method: &str, token: &str) -> Answer {
    let request = ureq::http::Request::get(server.url(&format!("/verify?api={ORDERS}")))
        .header("x-forwarded-method", method)
        .header("x-forwarded-uri", "/orders/17")
        .header("x-forwarded-for", "203.0.113.9")
        .header("authorization", format!("Bearer {token}"));
    http::send(server.agent(), request.body(String::new()).expect("a request")).expect("an answer")
}

/// An access token, by a library that we did not write.
fn granted(server: &Server, client: &Credentials) -> String {
    let client = BasicClient::new(ClientId::new(client.client_id.clone()))
        .set_client_secret(ClientSecret::new(client.client_secret.clone()))
        .set_token_uri(TokenUrl::new(server.url("/oauth2/token")).unwrap());
    let token = client.exchange_client_credentials().add_scope(Scope::new("orders:read".to_owned()));
    token.request(&crate::foreign_client::send).unwrap().access_token().secret().clone()
}

/// Product.md, row C.
#[test]
fn access_is_asked_for_given_used_and_taken_back() {
    let server = story::server();
    let levels = ["--level", "read.scopes=orders:read", "--level", "full.scopes=orders:read,orders:write"];
    let scopes = ["--scope", "orders:read", "--scope", "orders:write"];
    let desk = server.create_client(&[]);
    let asks = ["--introspection-client", &desk.client_id];
    server.create_api(ORDERS, &[scopes.as_slice(), &levels, &asks].concat());
    let ops = Rest::new(&server, &story::management(&server));
    person::create_alice(&server);
    let alice = Rest::new(&server, &person::managing(&server, "access-requests:self api-accounts:self"));

    let info = alice.get("/me/api-info").json();
    assert_eq!(
        (&info["api_access"], &info["message"]),
        (&json!("disabled"), &json!("API access is currently disabled on your account."))
    );
    let wish =
        json!({"message": "Our shop is to see the orders.", "access": [{"api": ORDERS, "level": "full"}]});
    let request = format!("/access-requests/{}", text(&alice.done("/access-requests", &wish), "id"));
    assert_eq!(alice.post("/access-requests", &wish).status, 409, "one at a time");
    assert_eq!(alice.post(&format!("{request}/approve"), &json!({})).status, 403, "never one's own");
    let approval = json!({"access": [{"api": ORDERS, "level": "read"}], "expires_in_months": 3, "note": "Contract 4711"});
    assert_eq!(ops.done(&format!("{request}/approve"), &approval)["status"], "approved");
    assert_eq!(ops.post(&format!("{request}/deny"), &json!({"reason": "no"})).status, 409, "once");

    let info = alice.get("/me/api-info").json();
    let credentials = &info["credentials"][0];
    assert_eq!((&info["api_access"], &credentials["secret"]), (&json!("enabled"), &json!("not_revealed")));
    let reveal = format!("/api-accounts/{}/secret/reveal", text(credentials, "api_account_id"));
    // RFC 9470 §3: an API token tells of no sign-in.
    let wide = json!({"name": "script", "access": [{"api": "management", "level": "full"}]});
    let script = Rest::new(&server, &text(&ops.done("/users/alice/api-tokens", &wide), "token"));
    let refused = script.post(&reveal, &json!({}));
    let challenge = refused.header("www-authenticate").unwrap_or_default();
    assert!(refused.status == 401 && challenge.contains("max_age=\"300\""), "{refused:?}");
    let revealed = alice.call("POST", &reveal, None).unwrap();
    assert_eq!(revealed.status, 201, "{revealed:?}");
    let client = Credentials {
        client_id: text(credentials, "client_id"),
        client_secret: text(&revealed.json(), "client_secret"),
    };
    assert_eq!(alice.call("POST", &reveal, None).unwrap().status, 409, "once");
    assert_eq!(alice.get("/me/api-info").json()["credentials"][0]["secret"], "revealed");

    let token = granted(&server, &client);
    assert_eq!(verified(&server, "GET", &token).status, 200);
    let above = verified(&server, "POST", &token);
    assert_eq!(above.status, 403, "{above:?}");
    assert_eq!(server.introspect(&token, &desk).json()["access"], json!([{"api": ORDERS, "level": "read"}]));

    assert_eq!(ops.done(&format!("{request}/revoke"), &json!({"reason": "over"}))["status"], "revoked");
    assert_eq!(verified(&server, "GET", &token).status, 401);
    assert_eq!(server.introspect(&token, &desk).json()["active"], false);
    assert_eq!(server.token(&client, &[]).json()["error"], "invalid_client");
    assert_eq!(alice.get("/me/api-info").json()["request"]["reason"], "over");

    let told = [
        "access_request.created",
        "access_request.approved",
        "api_account.secret.revealed",
        "access_request.revoked",
    ];
    let events = ops.events(&told);
    let actions: Vec<_> = events.iter().map(|event| text(event, "action")).collect();
    assert_eq!(actions, told);
    assert_eq!((&events[3]["note"], &events[3]["reason"]), (&json!("over"), &json!(null)));
    assert!(server.cli(&["audit", "verify"]).code == Some(0));
}
