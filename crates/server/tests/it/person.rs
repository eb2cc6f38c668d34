//! Alice, who has a password and signs in through the real pages, for tests that need a person without being about one.

use crate::harness::{Server, until};
use doorward_testkit::browser::{Browser, Page};
use doorward_testkit::http::{self, Credentials};
use std::borrow::Borrow;

pub(crate) const PASSWORD: &str = "tidy kettle mosses";
const CALLBACK: &str = "https://app.example/callback";

/// Makes her account.
pub(crate) fn create_alice(server: &Server) {
    let user = ["user", "create", "--username", "alice", "--name", "Alice Liddell", "--password-stdin"];
    let user = [user.as_slice(), &["--email", "alice@example.com", "--group", "Members"]].concat();
    server.place().run_with_input(PASSWORD, &user).ok();
}

/// What she does until the client has its answer.
pub(crate) fn go_through<'a>(browser: &'a Browser, url: &str) -> Page<'a> {
    let mut page = browser.open(url);
    while !page.has_left() {
        page = match page.answer.body.as_str() {
            body if body.contains("id=\"approve\"") => page.submit(&[("decision", "approve")]),
            body if body.contains("id=\"login\"") => {
                page.submit(&[("username", "alice"), ("password", PASSWORD)])
            }
            body if body.contains("id=\"continue\"") => page.submit(&[]),
            body => panic!("{body}"),
        };
    }
    page
}

/// A confidential client of our own, which may do without PKCE and without asking, known to all these nodes.
pub(crate) fn create_app<S: Borrow<Server>>(nodes: &[S]) -> Credentials {
    let arguments = ["--redirect-uri", CALLBACK, "--no-pkce", "--consent", "implicit"];
    let app = nodes[0].borrow().create_client(&arguments);
    for node in nodes {
        wait_until_known(node.borrow(), &app);
    }
    app
}

/// A fresh code for this client, by way of this node.
pub(crate) fn code(browser: &Browser, server: &Server, app: &Credentials) -> String {
    go_through(browser, &authorization(server, app)).left().parameter("code").expect("a code")
}

/// A token of hers for the management API, who has signed in a moment ago, by way of an app that may ask for these scopes.
pub(crate) fn managing(server: &Server, scopes: &str) -> String {
    managing_by(server, &managing_app(server, scopes), scopes)
}

/// An app that may ask for these scopes of the management API.
pub(crate) fn managing_app(server: &Server, scopes: &str) -> Credentials {
    let mut app = vec!["--redirect-uri", CALLBACK, "--no-pkce", "--consent", "implicit"];
    scopes.split(' ').for_each(|scope| app.extend(["--scope", scope]));
    let app = server.create_client(&app);
    wait_until_answered(server, &managing_authorization(server, &app, scopes));
    app
}

/// A token of hers for the management API by way of this app, who signs in for it.
pub(crate) fn managing_by(server: &Server, app: &Credentials, scopes: &str) -> String {
    let browser = Browser::new(server.agent().clone());
    let url = managing_authorization(server, app, scopes);
    let code = go_through(&browser, &url).left().parameter("code").expect("a code");
    let answer = redeem(server, app, &code);
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json()["access_token"].as_str().expect("an access token").to_owned()
}

/// Redeems a code.
pub(crate) fn redeem(server: &Server, app: &Credentials, code: &str) -> http::Answer {
    let form = [("grant_type", "authorization_code"), ("code", code), ("redirect_uri", CALLBACK)];
    server.post("/oauth2/token", &form, Some(app))
}

/// Refreshes.
pub(crate) fn refresh(server: &Server, app: &Credentials, token: &str) -> http::Answer {
    let form = [("grant_type", "refresh_token"), ("refresh_token", token)];
    server.post("/oauth2/token", &form, Some(app))
}

/// Where she is sent to sign in for an app that manages.
fn managing_authorization(server: &Server, app: &Credentials, scopes: &str) -> String {
    let (id, scope, api) = (&app.client_id, scopes.replace(' ', "%20"), server.url("/api"));
    server.url(&format!(
        "/oauth2/authorize?response_type=code&client_id={id}&redirect_uri={CALLBACK}&scope={scope}&resource={api}"
    ))
}

/// Where she is sent to sign in for this client.
pub(crate) fn authorization(server: &Server, app: &Credentials) -> String {
    let scope = "openid%20offline_access";
    let id = &app.client_id;
    server.url(&format!(
        "/oauth2/authorize?response_type=code&client_id={id}&redirect_uri={CALLBACK}&scope={scope}"
    ))
}

/// Another process has registered it; until a node learns of it, the client is nobody there.
fn wait_until_known(server: &Server, app: &Credentials) {
    wait_until_answered(server, &authorization(server, app));
}

fn wait_until_answered(server: &Server, url: &str) {
    let agent = server.agent();
    until("the client is known", || {
        http::get(agent, url).is_ok_and(|answer| answer.status == 200).then_some(())
    });
}
