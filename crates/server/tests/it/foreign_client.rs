//! The `oauth2` crate, which we did not write, against the real binary: whatever it sends is understood, whatever it is
//! answered it can read.

use crate::harness::Server;
use doorward_testkit::browser::Browser;
use doorward_testkit::http::{self, Credentials};
use oauth2::basic::{BasicClient, BasicErrorResponseType, BasicRequestTokenError};
use oauth2::{
    AccessToken, AuthType, ClientId, ClientSecret, HttpRequest, HttpResponse, IntrospectionUrl,
    RequestTokenError, RevocationUrl, Scope, StandardRevocableToken, TokenIntrospectionResponse,
    TokenResponse, TokenUrl,
};
use std::time::Duration;

const API: &str = "https://orders.example";

type Client = oauth2::Client<
    oauth2::basic::BasicErrorResponse,
    oauth2::basic::BasicTokenResponse,
    oauth2::basic::BasicTokenIntrospectionResponse,
    oauth2::StandardRevocableToken,
    oauth2::basic::BasicRevocationErrorResponse,
    oauth2::EndpointNotSet,
    oauth2::EndpointNotSet,
    oauth2::EndpointSet,
    oauth2::EndpointSet,
    oauth2::EndpointSet,
>;

/// The library, told nothing but what discovery says.
fn library(server: &Server, client: &Credentials) -> Client {
    let metadata = server.get("/.well-known/oauth-authorization-server").json();
    let url = |member: &str| metadata[member].as_str().unwrap().to_owned();
    BasicClient::new(ClientId::new(client.client_id.clone()))
        .set_client_secret(ClientSecret::new(client.client_secret.clone()))
        .set_token_uri(TokenUrl::new(url("token_endpoint")).unwrap())
        .set_introspection_url(IntrospectionUrl::new(url("introspection_endpoint")).unwrap())
        // RFC 7009 §2 wants https, and the library insists, on a loopback address too: `send` plays the TLS proxy.
        .set_revocation_url(RevocationUrl::new(url("revocation_endpoint").replacen("http:", "https:", 1)).unwrap())
}

/// The library's way to the network, through what stands for a proxy that ends TLS.
pub(crate) fn send(mut request: HttpRequest) -> Result<HttpResponse, ureq::Error> {
    let plain = request.uri().to_string().replacen("https:", "http:", 1);
    *request.uri_mut() = plain.parse().expect("a URL with another scheme");
    let agent: ureq::Agent =
        ureq::Agent::config_builder().http_status_as_error(false).proxy(None).build().into();
    let (parts, mut body) = agent.run(request)?.into_parts();
    Ok(HttpResponse::from_parts(parts, body.read_to_vec()?))
}

fn server() -> Server {
    let server = Server::start();
    server.create_api(API, &["--scope", "read=Read", "--scope", "write=Write"]);
    server.create_api("https://stock.example", &["--scope", "stock", "--token-format", "opaque"]);
    server
}

fn scopes(names: &[&str]) -> Vec<Scope> {
    names.iter().map(|name| Scope::new((*name).to_owned())).collect()
}

fn refused(error: &BasicRequestTokenError<ureq::Error>) -> &BasicErrorResponseType {
    match error {
        RequestTokenError::ServerResponse(response) => response.error(),
        other => panic!("not an answer of RFC 6749 §5.2: {other:?}"),
    }
}

/// RFC 6749 §4.4.2 and RFC 7662 §2.1: a token is asked for, checked and understood, signed or opaque.
#[test]
fn a_client_library_gets_and_checks_a_token() {
    let server = server();
    let client = server.create_client(&["--scope", "read", "--scope", "stock"]);
    let library = library(&server, &client);
    for (scope, audience) in [("read", API), ("stock", "https://stock.example")] {
        let token =
            library.exchange_client_credentials().add_scopes(scopes(&[scope])).request(&send).unwrap();
        assert_eq!(token.expires_in(), Some(Duration::from_secs(600)));
        assert_eq!(token.scopes(), Some(&scopes(&[scope])));
        let seen = library.introspect(token.access_token()).request(&send).unwrap();
        assert!(seen.active());
        assert_eq!(seen.client_id().map(|id| id.as_str()), Some(client.client_id.as_str()));
        assert_eq!(seen.scopes(), Some(&scopes(&[scope])));
        assert_eq!(seen.aud().map(Vec::as_slice), Some(&[audience.to_owned()][..]));
        assert!(seen.exp() > seen.iat());
    }
}

/// RFC 6749 §2.3.1: the same with the secret in the body, for a client that is registered so.
#[test]
fn a_client_library_may_put_its_secret_in_the_body() {
    let server = server();
    let client = server.create_client(&["--scope", "read", "--auth-method", "client_secret_post"]);
    let library = library(&server, &client).set_auth_type(AuthType::RequestBody);
    let token = library.exchange_client_credentials().request(&send).unwrap();
    assert!(library.introspect(token.access_token()).request(&send).unwrap().active());
}

/// RFC 8707 §2: a parameter that the library does not know of finds its way.
#[test]
fn a_client_library_may_name_the_resource() {
    let server = server();
    let client = server.create_client(&["--scope", "read", "--scope", "stock"]);
    let library = library(&server, &client);
    let ask =
        |resource| library.exchange_client_credentials().add_extra_param("resource", resource).request(&send);
    let token = ask(API).unwrap();
    assert_eq!(token.scopes(), Some(&scopes(&["read"])));
    let error = ask("https://nobody.example").unwrap_err();
    assert_eq!(refused(&error), &BasicErrorResponseType::Extension("invalid_target".to_owned()));
}

/// RFC 7009 §2: what the library takes back is inactive from then on.
#[test]
fn a_client_library_takes_a_token_back() {
    let server = server();
    let client = server.create_client(&["--scope", "read", "--scope", "stock"]);
    let library = library(&server, &client);
    for scope in ["read", "stock"] {
        let token =
            library.exchange_client_credentials().add_scopes(scopes(&[scope])).request(&send).unwrap();
        let revocable =
            StandardRevocableToken::AccessToken(AccessToken::new(token.access_token().secret().clone()));
        library.revoke_token(revocable).unwrap().request(&send).unwrap();
        assert!(!library.introspect(token.access_token()).request(&send).unwrap().active());
    }
}

/// RFC 6749 §5.2: the library understands each refusal.
#[test]
fn a_client_library_understands_why_it_is_refused() {
    let server = server();
    let client = server.create_client(&["--scope", "read"]);
    let wrong = Credentials { client_secret: "dw_cs_wrong".to_owned(), client_id: client.client_id.clone() };
    let error = library(&server, &wrong).exchange_client_credentials().request(&send).unwrap_err();
    assert_eq!(refused(&error), &BasicErrorResponseType::InvalidClient);
    let error = library(&server, &client)
        .exchange_client_credentials()
        .add_scopes(scopes(&["write"]))
        .request(&send)
        .unwrap_err();
    assert_eq!(refused(&error), &BasicErrorResponseType::InvalidScope);
    let error = library(&server, &client)
        .exchange_password(
            &oauth2::ResourceOwnerUsername::new("a".into()),
            &oauth2::ResourceOwnerPassword::new("b".into()),
        )
        .request(&send)
        .unwrap_err();
    assert_eq!(refused(&error), &BasicErrorResponseType::UnsupportedGrantType);
}

/// RFC 6749 §4.1, §6 and RFC 7636 §4.3: a person lets the client use an API; it refreshes, and gives back what it holds.
#[test]
fn a_client_library_acts_for_a_person() {
    let server = server();
    let user = ["user", "create", "--username", "alice", "--password-stdin"];
    server.place().run_with_input("tidy kettle mosses", &user).ok();
    let redirect_uri = "https://app.example/callback";
    let client = server.create_client(&["--scope", "read", "--redirect-uri", redirect_uri]);
    let metadata = server.get("/.well-known/oauth-authorization-server").json();
    let authorize = metadata["authorization_endpoint"].as_str().unwrap().to_owned();
    let library = library(&server, &client)
        .set_auth_uri(oauth2::AuthUrl::new(authorize).unwrap())
        .set_redirect_uri(oauth2::RedirectUrl::new(redirect_uri.to_owned()).unwrap());
    let (challenge, verifier) = oauth2::PkceCodeChallenge::new_random_sha256();
    let request = library.authorize_url(oauth2::CsrfToken::new_random).add_scopes(scopes(&["read"]));
    let (url, state) = request.set_pkce_challenge(challenge).url();
    let browser = Browser::new(http::agent());
    let person = [("username", "alice"), ("password", "tidy kettle mosses")];
    let page = browser.open(url.as_str()).submit(&person).submit(&[("decision", "approve")]);
    assert_eq!(page.left().parameter("state").as_ref(), Some(state.secret()));
    let code = oauth2::AuthorizationCode::new(page.left().parameter("code").unwrap());
    let tokens = library.exchange_code(code).set_pkce_verifier(verifier).request(&send).unwrap();
    assert_eq!(tokens.scopes(), Some(&scopes(&["read"])));
    let tokens = library.exchange_refresh_token(tokens.refresh_token().unwrap()).request(&send).unwrap();
    let seen = library.introspect(tokens.access_token()).request(&send).unwrap();
    assert_eq!((seen.active(), seen.username()), (true, Some("alice")));
    let refresh = tokens.refresh_token().unwrap().clone();
    library.revoke_token(refresh.clone().into()).unwrap().request(&send).unwrap();
    assert!(!library.introspect(tokens.access_token()).request(&send).unwrap().active());
    let error = library.exchange_refresh_token(&refresh).request(&send).unwrap_err();
    assert_eq!(*refused(&error), BasicErrorResponseType::InvalidGrant);
}
