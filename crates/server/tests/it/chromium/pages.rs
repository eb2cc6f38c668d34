//! A person signs in and agrees in Chromium, with scripts and without.

use super::driver::{Browser, Driver, Scripts};
use crate::harness::Server;
use fantoccini::Locator;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::path::Path;
use std::thread::JoinHandle;

const PASSWORD: &str = "tidy kettle mosses";
/// RFC 7636 Appendix B.
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/// A client that waits for its answer.
struct Callback {
    uri: String,
    answer: JoinHandle<String>,
}

impl Callback {
    /// Listens for one request, and gives its target and body.
    fn listen() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let uri = format!("http://127.0.0.1:{}/callback", listener.local_addr().expect("it is bound").port());
        let answer = std::thread::spawn(move || {
            loop {
                let (stream, _) = listener.accept().expect("a connection");
                let (mut lines, mut length) = (BufReader::new(&stream), 0);
                let mut first = String::new();
                lines.read_line(&mut first).expect("a request line");
                loop {
                    let mut line = String::new();
                    if lines.read_line(&mut line).expect("a header") <= 2 {
                        break;
                    }
                    if let Some(value) = line.to_lowercase().strip_prefix("content-length:") {
                        length = value.trim().parse().expect("a number");
                    }
                }
                let mut body = vec![0; length];
                std::io::Read::read_exact(&mut lines, &mut body).expect("a body");
                let page = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\nConnection: close\r\n\r\ndone";
                (&stream).write_all(page.as_bytes()).expect("an answer");
                if first.contains("/callback") {
                    return format!("{first}{}", String::from_utf8_lossy(&body));
                }
            }
        });
        Self { uri, answer }
    }
}

/// A server with a person and a client.
fn server(redirect_uri: &str) -> Server {
    let server = Server::start();
    let user = ["user", "create", "--username", "alice", "--name", "Alice Liddell", "--password-stdin"];
    server.place().run_with_input(PASSWORD, &user).ok();
    let client = ["client", "create", "--name", "Photos", "--client-id", "photos", "--public"];
    server.cli(&[client.as_slice(), &["--redirect-uri", redirect_uri]].concat()).ok();
    server
}

fn request(server: &Server, redirect_uri: &str, more: &str) -> String {
    let redirect_uri: String = url::form_urlencoded::byte_serialize(redirect_uri.as_bytes()).collect();
    server.url(&format!(
        "/oauth2/authorize?response_type=code&client_id=photos&scope=openid+profile+email&state=s\
         &redirect_uri={redirect_uri}&code_challenge={CHALLENGE}&code_challenge_method=S256{more}"
    ))
}

async fn click(browser: &Browser, id: &str) {
    let button = browser.client.wait().for_element(Locator::Id(id)).await;
    button.unwrap_or_else(|error| panic!("{id}: {error}")).click().await.expect("a button can be clicked");
}

async fn sign_in(browser: &Browser, password: &str) {
    for (id, text) in [("username", "alice"), ("password", password)] {
        let field = browser.client.wait().for_element(Locator::Id(id)).await.expect("a field");
        field.clear().await.expect("a field can be emptied");
        field.send_keys(text).await.expect("a field takes a text");
    }
    click(browser, "login").await;
}

/// Looks at the page as it is now, in both colours and on a phone, and leaves pictures for people.
pub(super) async fn look(browser: &Browser, name: &str) {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("pages");
    std::fs::create_dir_all(&folder).expect("a folder for pictures");
    let mut colours = vec![];
    for (scheme, width) in [("light", 1100), ("dark", 1100), ("light", 390), ("dark", 390)] {
        browser.look(scheme, width).await;
        let (colour, overhang) = browser.measured().await;
        assert_eq!(overhang, 0, "{name} is wider than a screen of {width} pixels");
        colours.push(colour);
        let picture = browser.client.screenshot().await.expect("a picture");
        std::fs::write(folder.join(format!("{name}-{scheme}-{width}.png")), picture).expect("a file");
    }
    assert_ne!(colours[0], colours[1], "{name} is as light in the dark");
}

/// OpenID Connect Core §3.1.2: the whole way, in a browser; nothing that a page does is against its own policy.
async fn whole_way(driver: &Driver, scripts: Scripts, mode: &str) {
    let callback = Callback::listen();
    let server = server(&callback.uri);
    let browser = driver.browser(scripts).await;
    let more = format!("&response_mode={mode}");
    browser.client.goto(&request(&server, &callback.uri, &more)).await.expect("a page");
    look(&browser, "sign-in").await;
    sign_in(&browser, "not my password at all").await;
    browser.client.wait().for_element(Locator::Id("notice")).await.expect("it says what is wrong");
    look(&browser, "sign-in-wrong").await;
    sign_in(&browser, PASSWORD).await;
    browser.client.wait().for_element(Locator::Id("approve")).await.expect("the question for consent");
    look(&browser, "consent").await;
    click(&browser, "approve").await;
    if mode == "form_post" && scripts == Scripts::Off {
        click(&browser, "continue").await;
    }
    let answer = callback.answer.join().expect("the client was told");
    let method = if mode == "form_post" { "POST /callback" } else { "GET /callback?" };
    assert!(
        answer.starts_with(method) && answer.contains("code=dw_ac_") && answer.contains("iss="),
        "{answer}"
    );
    assert_eq!(browser.complaints().await, [""; 0], "{scripts:?} {mode}");
    browser.client.goto(&server.url("/account")).await.expect("a page");
    look(&browser, "account").await;
    click(&browser, "sign_out").await;
    let path = server.url("/logged-out");
    browser.client.wait().for_url(&path.parse().expect("a URL")).await.expect("the page after it");
    look(&browser, "signed-out").await;
    assert_eq!(browser.complaints().await, [""; 0], "{scripts:?} {mode}, signing out");
    browser.client.clone().close().await.expect("the browser ends");
}

#[tokio::test]
async fn a_person_signs_in_with_chromium() {
    let Some(driver) = Driver::start() else { return };
    for (scripts, mode) in [
        (Scripts::On, "query"),
        (Scripts::Off, "query"),
        (Scripts::On, "form_post"),
        (Scripts::Off, "form_post"),
    ] {
        whole_way(&driver, scripts, mode).await;
    }
}

/// OpenID Connect Core §3.1.2.6: what cannot go back to a client is a page with the request's name.
#[tokio::test]
async fn an_error_is_a_page_in_chromium() {
    let Some(driver) = Driver::start() else { return };
    let server = Server::start();
    let browser = driver.browser(Scripts::On).await;
    browser.client.goto(&server.url("/oauth2/authorize?client_id=nobody")).await.expect("a page");
    browser.client.wait().for_element(Locator::Id("request_id")).await.expect("the request's name");
    look(&browser, "error").await;
    assert_eq!(browser.complaints().await, [""; 0]);
    browser.client.clone().close().await.expect("the browser ends");
}
