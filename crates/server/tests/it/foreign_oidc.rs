//! The `openidconnect` crate, which we did not write, against the real binary: from the issuer's URL and a client id it signs a
//! person in through the real pages, checks what it is given, refreshes, and signs them out.

use crate::harness::Server;
use crate::person::{self, go_through};
use doorward_testkit::browser::Browser;
use doorward_testkit::http;
use doorward_testkit::openid::{self, Library, begin, redeem, send, verified};
use openidconnect::core::{CoreJwsSigningAlgorithm, CoreUserInfoClaims};
use openidconnect::{LogoutRequest, OAuth2TokenResponse, PostLogoutRedirectUrl, TokenResponse};
use serde_json::Value;

const CALLBACK: &str = "https://app.example/callback";
const BYE: &str = "https://app.example/bye";

/// A server with keys of all algorithms, and `alice`.
fn server() -> Server {
    let server = Server::start_with(&[("DOORWARD__KEYS__ALGORITHMS", "ES256,EdDSA,RS256")]);
    person::create_alice(&server);
    server
}

/// Registers a client, with further arguments.
fn register(server: &Server, more: &[&str]) -> Value {
    let arguments = ["client", "create", "--json", "--name", "Photos", "--redirect-uri", CALLBACK];
    let arguments = [arguments.as_slice(), &["--post-logout-redirect-uri", BYE], more].concat();
    let client = server.cli(&arguments).json();
    // The server learns of it within a second; until then it is nobody.
    let known = server.url(&format!(
        "/oauth2/authorize?client_id={}&redirect_uri={CALLBACK}",
        client["client_id"].as_str().unwrap()
    ));
    let agent = http::agent();
    crate::harness::until("the client is known", || {
        http::get(&agent, &known).is_ok_and(|answer| answer.status == 303).then_some(())
    });
    client
}

fn library(server: &Server, client: &Value) -> Library {
    let (id, secret) = (client["client_id"].as_str().unwrap(), client["client_secret"].as_str());
    openid::library(&server.issuer(), id, secret, CALLBACK)
}

/// OpenID Connect Core §3.1: discovery, sign-in, ID token, userinfo, refresh and sign-out, by a library and a browser.
#[test]
fn a_library_signs_a_person_in_and_out() {
    let server = server();
    for (more, algorithm) in [
        (["--public"].as_slice(), CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256),
        (&["--id-token-alg", "ES256"], CoreJwsSigningAlgorithm::EcdsaP256Sha256),
        (&["--id-token-alg", "EdDSA"], CoreJwsSigningAlgorithm::EdDsa),
    ] {
        let client = register(&server, more);
        let library = library(&server, &client);
        let browser = Browser::new(http::agent());
        let under_way = begin(&library, &["profile", "email", "offline_access"], &[]);
        let page = go_through(&browser, &under_way.url);
        let (tokens, nonce) = redeem(&library, under_way, &page);
        let id_token = tokens.id_token().expect("an ID token");
        assert_eq!(id_token.signing_alg().unwrap(), &algorithm);
        let claims = verified(&library, id_token, &nonce);
        let hash = claims.access_token_hash().expect("at_hash");
        let verifier = library.id_token_verifier();
        let expected = openidconnect::AccessTokenHash::from_token(
            tokens.access_token(),
            id_token.signing_alg().unwrap(),
            id_token.signing_key(&verifier).unwrap(),
        );
        assert_eq!(*hash, expected.unwrap());
        let request = library.user_info(tokens.access_token().clone(), Some(claims.subject().clone()));
        let info: CoreUserInfoClaims = request.unwrap().request(&send).expect("userinfo");
        assert_eq!(info.preferred_username().unwrap().as_str(), "alice");
        assert_eq!(info.email().unwrap().as_str(), "alice@example.com");
        let refresh = tokens.refresh_token().expect("a refresh token").clone();
        let refreshed =
            library.exchange_refresh_token(&refresh).unwrap().request(&send).expect("fresh tokens");
        assert_ne!(refreshed.refresh_token().unwrap().secret(), refresh.secret());
        let again = library.exchange_refresh_token(&refresh).unwrap().request(&send).expect("a retry");
        assert_eq!(again.refresh_token().unwrap().secret(), refreshed.refresh_token().unwrap().secret());
        let sign_out = LogoutRequest::from(
            openid::metadata(&server.issuer()).additional_metadata().end_session_endpoint.clone().unwrap(),
        )
        .set_id_token_hint(id_token)
        .set_post_logout_redirect_uri(PostLogoutRedirectUrl::new(BYE.to_owned()).unwrap())
        .http_get_url();
        assert_eq!(
            browser.open(sign_out.as_str()).left().url.as_str(),
            BYE,
            "no question: the ID token says who asks"
        );
        let next = begin(&library, &[], &[("prompt", "none")]);
        let page = browser.open(&next.url);
        assert_eq!(page.left().parameter("error").as_deref(), Some("login_required"));
    }
}

/// OAuth 2.0 Form Post Response Mode §2 is asked for by an extra parameter; the code comes in a form.
#[test]
fn a_library_gets_its_code_in_a_form() {
    let server = server();
    let library = library(&server, &register(&server, &[]));
    let browser = Browser::new(http::agent());
    let under_way = begin(&library, &["profile"], &[("response_mode", "form_post")]);
    let page = go_through(&browser, &under_way.url);
    assert!(page.left().url.query().is_none() && !page.left().form.is_empty());
    let (tokens, nonce) = redeem(&library, under_way, &page);
    verified(&library, tokens.id_token().unwrap(), &nonce);
}

/// OpenID Connect Core §3.1.2.1: what each prompt brings about, as a library's user asks for it.
#[test]
fn a_library_asks_by_prompts() {
    let server = server();
    let library = library(&server, &register(&server, &["--public"]));
    let browser = Browser::new(http::agent());
    let ask = |prompt: &str| browser.open(&begin(&library, &[], &[("prompt", prompt)]).url).answer.body;
    let error = |prompt: &str| {
        let page = browser.open(&begin(&library, &[], &[("prompt", prompt)]).url);
        page.left().parameter("error").unwrap_or_default()
    };
    assert_eq!(error("none"), "login_required");
    assert_eq!(error("none login"), "invalid_request");
    assert!(ask("consent").contains("id=\"login\""), "somebody has to be there first");
    go_through(&browser, &begin(&library, &[], &[]).url);
    assert!(
        browser.open(&begin(&library, &[], &[("prompt", "none")]).url).left().parameter("code").is_some()
    );
    assert!(ask("login").contains("id=\"login\""));
    assert!(ask("consent").contains("id=\"approve\""));
    assert!(ask("select_account").contains("name=\"account\""));
    let more = begin(&library, &["email"], &[("prompt", "none")]);
    assert_eq!(browser.open(&more.url).left().parameter("error").as_deref(), Some("consent_required"));
    for prompt in ["login", "consent", "login consent"] {
        let under_way = begin(&library, &[], &[("prompt", prompt)]);
        let page = go_through(&browser, &under_way.url);
        let (tokens, nonce) = redeem(&library, under_way, &page);
        let claims = verified(&library, tokens.id_token().unwrap(), &nonce);
        assert!(claims.auth_time().is_some(), "{prompt}");
    }
}

/// RFC 6749 §6: several processes refresh at once, each by the library, and all hold the same successor.
#[test]
fn a_library_refreshes_safely_from_several_threads() {
    let server = server();
    let library = library(&server, &register(&server, &[]));
    let browser = Browser::new(http::agent());
    let under_way = begin(&library, &["offline_access"], &[]);
    let page = go_through(&browser, &under_way.url);
    let (tokens, _) = redeem(&library, under_way, &page);
    let refresh = tokens.refresh_token().unwrap();
    let successors: Vec<String> = std::thread::scope(|scope| {
        let one = || {
            let tokens =
                library.exchange_refresh_token(refresh).unwrap().request(&send).expect("fresh tokens");
            tokens.refresh_token().unwrap().secret().clone()
        };
        let threads: Vec<_> = (0..16).map(|_| scope.spawn(one)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert!(successors.iter().all(|successor| *successor == successors[0]), "{successors:?}");
}
