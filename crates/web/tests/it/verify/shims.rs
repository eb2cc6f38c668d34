//! The same over sockets: what a proxy tells comes through each shim, and a body that it sends along is not waited for.

use crate::socket::{Answer, Connection, Listening};
use crate::support::TestApp;
#[cfg(feature = "tower")]
use crate::tower::Host;
use doorward_web::settings::WebSettings;

fn settings() -> WebSettings {
    let trusted_proxies = vec!["127.0.0.0/8".parse().unwrap()];
    WebSettings { trusted_proxies, ext_authz: true, ..WebSettings::embedded() }
}

/// What is asked about the demo API, whose tokens reach no level: what a token does there is told from what none does.
fn answer(connection: &mut Connection, head: &str, token: &str, more: &str) -> Answer {
    connection.write(format!("{head} HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: {token}\r\n{more}\r\n"));
    connection.answer()
}

fn as_told(app: &TestApp, mut connect: impl FnMut() -> Connection) {
    let token = format!("Bearer {}", app.access_token());
    let verify = "GET /verify?api=https://api.example";
    let told = "x-forwarded-method: POST\r\nx-forwarded-uri: /a\r\n";
    let mut connection = connect();
    let mut ask = |token: &str, more: &str| {
        let answer = answer(&mut connection, verify, token, more);
        assert_eq!(answer.header("x-auth-subject"), "");
        (answer.status, answer.header("www-authenticate").split(',').next().unwrap_or_default().to_owned())
    };
    let challenge = |word: &str| format!("Bearer error=\"{word}\"");
    assert_eq!(ask(&token, told), (403, challenge("insufficient_scope")));
    assert_eq!(ask("Bearer x", told), (401, challenge("invalid_token")));
    assert_eq!(ask("", told), (401, "Bearer".to_owned()));
    assert_eq!(
        ask(&token, &told.replace("forwarded-", "original-").replace("uri", "url")),
        (403, challenge("insufficient_scope"))
    );
    for odd in [
        "x-original-method: GET\r\n",
        "x-original-url: /b\r\n",
        "x-forwarded-uri: /a\r\n",
        "x-forwarded-for: x\r\n",
    ] {
        assert_eq!(ask(&token, &format!("{told}{odd}")), (403, String::new()), "{odd}");
    }
    let hosts = "x-original-url: https://a.example/a\r\nx-forwarded-host: b.example\r\n";
    assert_eq!(ask(&token, &format!("{told}{hosts}")), (403, String::new()));
    let preflight = "x-forwarded-method: OPTIONS\r\nx-forwarded-uri: /a\r\norigin: https://a.example\r\n";
    assert_eq!(ask("", &format!("{preflight}access-control-request-method: PUT\r\n")), (200, String::new()));
    assert_eq!(ask("", &format!("{told}content-length: 0\r\n")), (401, "Bearer".to_owned()));
    // A body that was announced and never comes.
    let mut connection = connect();
    let answered = answer(&mut connection, verify, "", &format!("{told}content-length: 7\r\n"));
    assert_eq!(answered.status, 401);
}

#[test]
fn what_a_proxy_tells_comes_through_actix() {
    let server = Listening::with(settings());
    as_told(&server.app, || server.connect());
}

#[cfg(feature = "tower")]
#[test]
fn what_a_proxy_tells_comes_through_tower() {
    let host = Host::with(settings());
    as_told(&host.app, || host.connect());
}

/// What is left of a body is not the next request.
#[test]
fn a_connection_with_a_body_that_nobody_read_is_closed() {
    let server = Listening::with(settings());
    let mut connection = server.connect();
    let told = "x-forwarded-method: GET\r\nx-forwarded-uri: /a\r\ncontent-length: 70000\r\n";
    let answer = answer(&mut connection, "POST /verify?api=https://api.example", "", told);
    assert_eq!((answer.status, answer.header("connection")), (401, "close"));
    assert!(connection.is_closed());
}
