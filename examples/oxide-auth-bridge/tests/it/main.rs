//! The program as a client meets it: the real binary on a real socket, and the `oauth2` crate, which we did not write.
#![forbid(unsafe_code)]
#![expect(clippy::unwrap_used, reason = "a helper that unwraps fails the test that called it")]

mod running;

use oauth2::basic::{BasicClient, BasicErrorResponseType, BasicTokenResponse};
use oauth2::{
    AuthUrl, AuthorizationCode, ClientId, ClientSecret, CsrfToken, EndpointNotSet, EndpointSet,
    PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, RequestTokenError, Scope, TokenResponse, TokenUrl,
};
use running::{Running, send};
use url::Url;

const BACK: &str = "http://127.0.0.1:8091/back";

type Client = BasicClient<EndpointSet, EndpointNotSet, EndpointNotSet, EndpointNotSet, EndpointSet>;

fn library(program: &Running) -> Client {
    BasicClient::new(ClientId::new("shop".to_owned()))
        .set_client_secret(ClientSecret::new(program.secret()))
        .set_auth_uri(AuthUrl::new(program.url("/authorize")).unwrap())
        .set_token_uri(TokenUrl::new(program.url("/token")).unwrap())
        .set_redirect_uri(RedirectUrl::new(BACK.to_owned()).unwrap())
}

/// Alice on the program's own page: what the client gets back, and what it needs to redeem it.
fn approved(program: &Running) -> (AuthorizationCode, PkceCodeVerifier) {
    let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
    let (page, state) = library(program)
        .authorize_url(CsrfToken::new_random)
        .add_scope(Scope::new("orders:read".to_owned()))
        .set_pkce_challenge(challenge)
        .url();
    let shown = program.get(page.as_str(), None);
    assert!(shown.1.contains("shop asks for orders:read"), "{}", shown.1);
    let wrong = program.post(page.as_str(), None, &[("name", "alice"), ("password", "x"), ("answer", "yes")]);
    assert!(wrong.1.contains("wrong") && wrong.2.is_none(), "{}", wrong.1);
    let typed = [("name", "alice"), ("password", "tidy kettle moss"), ("answer", "yes")];
    let back = Url::parse(&program.post(page.as_str(), None, &typed).2.unwrap()).unwrap();
    assert!(back.as_str().starts_with(BACK));
    let said = |name: &str| back.query_pairs().find(|(known, _)| known == name).unwrap().1.into_owned();
    assert_eq!(&said("state"), state.secret());
    (AuthorizationCode::new(said("code")), verifier)
}

fn tokens(program: &Running) -> BasicTokenResponse {
    let (code, verifier) = approved(program);
    library(program).exchange_code(code).set_pkce_verifier(verifier).request(&send).unwrap()
}

/// RFC 6749 §4.1, RFC 7636 §4.6: a person allows a client on the program's page, and the client acts for them.
#[test]
fn a_client_acts_for_a_person_whom_the_program_knows() {
    let program = Running::start();
    let token = tokens(&program);
    assert_eq!(token.scopes(), Some(&vec![Scope::new("orders:read".to_owned())]));
    assert_eq!(program.orders(token.access_token().secret()), (200, "the orders of alice\n".to_owned()));
    assert_eq!(program.orders("nonsense").0, 401);
}

#[test]
fn a_person_may_refuse() {
    let program = Running::start();
    let (challenge, _) = PkceCodeChallenge::new_random_sha256();
    let (page, _) =
        library(&program).authorize_url(CsrfToken::new_random).set_pkce_challenge(challenge).url();
    let back = program.post(page.as_str(), None, &[("answer", "no")]).2.unwrap();
    assert!(back.contains("error=access_denied"), "{back}");
}

/// RFC 6749 §6, RFC 9700 §4.14.2: a refresh token is good for its successor, and a used one for nothing.
#[test]
fn a_refresh_token_is_rotated() {
    let program = Running::start();
    let library = library(&program);
    let first = tokens(&program);
    let refresh = |token: &BasicTokenResponse| {
        library.exchange_refresh_token(token.refresh_token().unwrap()).request(&send)
    };
    let second = refresh(&first).unwrap();
    let third = refresh(&second).unwrap();
    assert_eq!(program.orders(third.access_token().secret()).0, 200);
    let Err(RequestTokenError::ServerResponse(refused)) = refresh(&first) else { panic!("granted") };
    assert_eq!(refused.error(), &BasicErrorResponseType::InvalidGrant, "in the right words");
    assert_eq!(program.orders(third.access_token().secret()).0, 401, "a copy ends them all");
}

/// RFC 6749 §4.4: the client for itself.
#[test]
fn a_client_acts_for_itself() {
    let program = Running::start();
    let ask = |scope: &str| {
        let asked = Scope::new(scope.to_owned());
        library(&program).exchange_client_credentials().add_scope(asked).request(&send)
    };
    let token = ask("orders:read").unwrap();
    assert!(token.refresh_token().is_none());
    assert_eq!(program.orders(token.access_token().secret()), (200, "the orders of shop\n".to_owned()));
    let narrow = ask("orders:write").unwrap();
    assert_eq!(program.orders(narrow.access_token().secret()).0, 401, "its scope does not reach so far");
    let Err(RequestTokenError::ServerResponse(refused)) = ask("everything") else { panic!("granted") };
    assert_eq!(refused.error(), &BasicErrorResponseType::InvalidScope);
}

#[test]
fn tokens_and_codes_survive_a_restart() {
    let mut program = Running::start();
    let token = tokens(&program);
    let (code, verifier) = approved(&program);
    program.restart();
    assert_eq!(program.orders(token.access_token().secret()).0, 200);
    let library = library(&program);
    assert!(library.exchange_code(code).set_pkce_verifier(verifier).request(&send).is_ok());
    assert!(library.exchange_refresh_token(token.refresh_token().unwrap()).request(&send).is_ok());
}

/// RFC 7009 §2.1, RFC 7662 §2.2: Doorward's own endpoints beside the program's know what it has issued.
#[test]
fn a_token_is_seen_and_taken_back_at_doorwards_endpoints() {
    let program = Running::start();
    let token = tokens(&program);
    let access = token.access_token().secret().as_str();
    let secret = program.secret();
    let client = Some(("shop", secret.as_str()));
    let seen = |token: &str| program.post(&program.url("/oauth2/introspect"), client, &[("token", token)]).1;
    let active: serde_json::Value = serde_json::from_str(&seen(access)).unwrap();
    assert_eq!((&active["active"], &active["aud"]), (&true.into(), &"https://orders.example".into()));
    assert_eq!(active["username"], "alice");
    let refresh = token.refresh_token().unwrap().secret();
    let revoked = program.post(&program.url("/oauth2/revoke"), client, &[("token", refresh)]);
    assert_eq!(revoked.0, 200);
    assert_eq!(program.orders(access).0, 401);
    assert!(seen(access).contains("\"active\":false"));
}
