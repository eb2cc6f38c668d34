//! What those are told who verify tokens by themselves: that a token was taken back, in whichever way; `matrix` and `everywhere` have
//! the tables of what else ends one.

use crate::api_access::held::{KEY, place};
use crate::flows::browser::Browser;
use crate::flows::place::{APP, INTRANET, ISSUER, ORDERS, Place, SHOP, claims, tokens};
use bytes::Bytes;
use doorward_core::context::Caller;
use doorward_protocol::jose::claims::AccessTokenClaims;
use doorward_protocol::jose::verification_key::VerificationKey;
use doorward_protocol::revocation::verifier::{AskedFeed, RevocationsVerifier};
use doorward_protocol::revocation::{Revocations, What};
use doorward_protocol::time::Lifetime;
use doorward_protocol::words::Level;
use doorward_testkit::block_on::block_on;
use http::Request;

impl Place {
    /// What the feed says to the orders API, verified as that would.
    pub(crate) fn feed(&self, since: Option<&str>) -> Revocations {
        let since_query = since.map(|since| format!("&since={since}")).unwrap_or_default();
        let request =
            Request::get(format!("/revocations?api={ORDERS}{since_query}")).header("host", "as.example");
        let answer = block_on(self.app.respond(request.body(Bytes::new()).unwrap(), Caller::default()));
        assert_eq!(answer.status(), 200, "{answer:?}");
        let keyring = self.server.cache().keyring();
        let keys = keyring.keys().map(|key| VerificationKey::try_from(key.jwk()).unwrap());
        let verifier = RevocationsVerifier::new(ISSUER, keys);
        let text = std::str::from_utf8(answer.body()).unwrap();
        verifier.verify(text, AskedFeed { since, api: Some(ORDERS) }, self.context().now).unwrap()
    }

    pub(crate) fn claimed(&self, token: &str) -> AccessTokenClaims {
        claimed(token)
    }
}

fn claimed(token: &str) -> AccessTokenClaims {
    serde_json::from_value(claims(token)).unwrap()
}

/// Whether somebody who holds everything that was told knows that this token is not good by its signature alone, for as long as it
/// would be.
pub(crate) fn told_of(feed: &Revocations, token: &str) -> bool {
    let token = claimed(token);
    feed.revoked.iter().any(|entry| entry.what.concerns(&token) && token.exp <= entry.exp)
}

/// A person's tokens at the orders API, by a client.
fn persons(place: &Place, browser: &Browser<'_>, client: &str) -> (String, String) {
    let request = place.request(client, &[("scope", "orders:read offline_access")]);
    let tokens = tokens(&place.redeem(client, &place.code(browser, &request, "alice")));
    (tokens.access().to_owned(), tokens.refresh().to_owned())
}

/// RFC 7009 §2.1: a token that its client takes back, and all that come of the same authorization.
#[test]
fn what_a_client_takes_back_is_told_for_good() {
    let place = place();
    let browser = Browser::new(&place);
    let (token, refresh) = persons(&place, &browser, INTRANET);
    let (other, _) = persons(&place, &browser, INTRANET);
    let known = place.feed(None).next;
    assert_eq!(place.client("/oauth2/revoke", INTRANET, &[("token", &refresh)]).status(), 200);
    let feed = place.feed(Some(&known));
    let [entry] = &feed.revoked[..] else { panic!("{feed:?}") };
    assert!(matches!(entry.what, What::Family(_)) && told_of(&feed, &token), "{entry:?}");
    assert!(!told_of(&feed, &other));
    let answer = place.token(KEY, &[("grant_type", "client_credentials"), ("scope", "orders:read")]);
    let keys = tokens(&answer).access().to_owned();
    place.client("/oauth2/revoke", KEY, &[("token", &keys)]);
    let feed = place.feed(Some(&feed.next));
    assert!(matches!(feed.revoked[..], [ref entry] if entry.what == What::Token(claimed(&keys).jti)));
    assert!(told_of(&feed, &keys) && !told_of(&feed, &other));
}

/// RFC 9700 §4.14.2: a refresh token that is used twice voids what came of it.
#[test]
fn a_refresh_token_that_comes_again_is_told_of() {
    let place = place();
    let browser = Browser::new(&place);
    let (token, refresh) = persons(&place, &browser, APP);
    let known = place.feed(None).next;
    assert_eq!(place.refresh(APP, &refresh).status(), 200);
    assert!(place.feed(Some(&known)).revoked.is_empty());
    place.advance(Lifetime::minutes(1));
    assert_eq!(place.refresh(APP, &refresh).status(), 400);
    assert!(told_of(&place.feed(Some(&known)), &token));
}

/// RFC 6749 §4.1.2: a code that is used twice voids what was issued for it.
#[test]
fn a_code_that_comes_again_is_told_of() {
    let place = place();
    let browser = Browser::new(&place);
    let request = place.request(INTRANET, &[("scope", "orders:read")]);
    let code = place.code(&browser, &request, "alice");
    let token = tokens(&place.redeem(INTRANET, &code)).access().to_owned();
    let known = place.feed(None).next;
    assert_eq!(place.redeem(INTRANET, &code).status(), 400);
    assert!(told_of(&place.feed(Some(&known)), &token));
}

/// A token that anybody presents as leaked.
#[test]
fn a_leaked_token_is_told_of() {
    let place = place();
    let api_token = place.api_token("alice", Level::Full);
    let exchanged = place.exchanged(None, &api_token.value);
    let known = place.feed(None).next;
    let body = serde_json::json!({ "token": api_token.value }).to_string();
    let request = Request::post("/leaked-tokens").header("host", "as.example");
    let request = request.header("content-type", "application/json").body(Bytes::from(body)).unwrap();
    let answer = block_on(place.app.respond(request, Caller::default()));
    assert!(answer.status().is_success(), "{answer:?}");
    assert!(told_of(&place.feed(Some(&known)), &exchanged));
}

/// What people do every day must not make every API ask about their tokens.
#[test]
fn signing_in_and_getting_tokens_is_nothing_to_tell() {
    let place = place();
    let known = place.feed(None).next;
    let browser = Browser::new(&place);
    let (token, refresh) = persons(&place, &browser, INTRANET);
    place.refresh(INTRANET, &refresh);
    let api_token = place.api_token("bob", Level::Full);
    place.exchanged(None, &api_token.value);
    for client in [APP, SHOP] {
        let request = place.request(client, &[]);
        place.code(&browser, &request, "alice");
    }
    let feed = place.feed(Some(&known));
    assert!(feed.revoked.is_empty() && !told_of(&feed, &token), "{feed:?}");
}
