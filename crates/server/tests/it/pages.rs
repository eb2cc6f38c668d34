//! The pages of the real server, as a person with a browser meets them apart from any one client.

use crate::harness::Server;
use doorward_testkit::browser::Browser;
use doorward_testkit::http;

const PASSWORD: &str = "tidy kettle mosses";
/// RFC 7636 Appendix B: a challenge of somebody who will not redeem it.
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

fn browser() -> Browser {
    Browser::new(http::agent())
}

/// A server that knows alice, and a client that signs people in.
fn server() -> Server {
    let server = Server::start();
    let create = ["user", "create", "--username", "alice", "--password-stdin"];
    server.place().run_with_input(PASSWORD, &create).ok();
    let create = ["client", "create", "--name", "Shop", "--client-id", "shop"];
    server.cli(&[create.as_slice(), &["--redirect-uri", "https://shop.example/cb"]].concat()).ok();
    server
}

fn authorize(server: &Server, more: &str) -> String {
    server.url(&format!(
        "/oauth2/authorize?response_type=code&client_id=shop&redirect_uri=https%3A%2F%2Fshop.example%2Fcb\
         &scope=openid&state=a%26b&code_challenge_method=S256&code_challenge={CHALLENGE}{more}"
    ))
}

const ALICE: [(&str, &str); 2] = [("username", "alice"), ("password", PASSWORD)];

/// RFC 6749 §4.1.2 and RFC 9207 §2: the answer carries the code, the state as it came, and who answers.
#[test]
fn the_answer_goes_back_in_the_query_or_in_a_form() {
    let server = server();
    let browser = browser();
    let page = browser.open(&authorize(&server, "")).submit(&ALICE).submit(&[("decision", "approve")]);
    let query = page.left().clone();
    assert!(query.url.as_str().starts_with("https://shop.example/cb?") && query.form.is_empty());
    // OAuth 2.0 Form Post Response Mode §2: the same, posted by the page that is shown.
    let page = browser.open(&authorize(&server, "&response_mode=form_post"));
    assert!(!page.has_left());
    let posted = page.submit(&[]).left().clone();
    assert_eq!((posted.url.as_str(), posted.form.len()), ("https://shop.example/cb", 3));
    for left in [query, posted] {
        assert!(left.parameter("code").unwrap().starts_with("dw_ac_"));
        assert_eq!(left.parameter("state").as_deref(), Some("a&b"));
        assert_eq!(left.parameter("iss"), Some(server.issuer()));
    }
}

#[test]
fn a_person_takes_back_what_they_allowed_and_signs_out() {
    let server = server();
    let browser = browser();
    browser.open(&authorize(&server, "")).submit(&ALICE).submit(&[("decision", "approve")]);
    assert!(browser.open(&authorize(&server, "")).has_left(), "nothing more is asked");
    let account = browser.open(&server.url("/account"));
    assert!(account.text().contains("Shop"), "{}", account.text());
    let consent = account.answer.body.split_once("name=\"consent\" value=\"").unwrap().1[..26].to_owned();
    let account = account.submit_to("/account/consents", &[("consent", &consent)]);
    assert!(account.text().contains("not allowed any"), "{}", account.text());
    assert_eq!(browser.open(&authorize(&server, "")).heading(), "Allow Shop?");
    let out = account.submit_to("/oauth2/logout", &[]);
    let out = if out.heading() == "Sign out?" { out.submit(&[]) } else { out };
    assert_eq!(out.heading(), "You are signed out", "{}", out.text());
    assert_eq!(browser.open(&server.url("/account")).heading(), "Sign in");
    assert_eq!(browser.cookies_for(&out.url).matches("-session=").count(), 0);
}

/// NIST SP 800-63B-4 §3.1.1.2: another password is chosen by whoever knows the present one, and ends every session.
#[test]
fn a_person_changes_their_password() {
    let server = server();
    let (here, there) = (browser(), browser());
    let sign_in = |browser: &Browser, password: &str| {
        let page = browser.open(&server.url("/account"));
        page.submit(&[("username", "alice"), ("password", password)]).url.path() == "/account"
    };
    assert!(sign_in(&here, PASSWORD) && sign_in(&there, PASSWORD));
    let other = "another tidy kettle";
    let page = here.open(&server.url("/account/password"));
    assert_eq!(page.heading(), "Change your password");
    let change = |current: &str| {
        page.submit(&[("current_password", current), ("password", other), ("password_again", other)])
    };
    let wrong = change("not it at all, sorry");
    assert!(wrong.answer.status == 422 && wrong.text().contains("current password is wrong"));
    assert_eq!(change(PASSWORD).heading(), "Your password is changed");
    for browser in [&here, &there] {
        assert_eq!(browser.open(&server.url("/account")).heading(), "Sign in", "signed out everywhere");
    }
    assert!(!sign_in(&there, PASSWORD) && sign_in(&there, other));
}

/// RFC 6749 §4.1.2.1: an unknown client or redirect URI is told to the person, who is sent nowhere.
#[test]
fn a_request_of_nobody_in_particular_ends_on_a_page() {
    let server = server();
    let browser = browser();
    for (part, other) in [("client_id=shop", "client_id=nobody"), ("shop.example", "evil.example")] {
        let page = browser.open(&authorize(&server, "").replace(part, other));
        assert_eq!((page.answer.status, page.has_left()), (400, false), "{other}");
    }
}
