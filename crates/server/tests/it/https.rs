//! Https as the server speaks it itself: to ureq, to curl and to openssl, and to those who speak something else or nothing.

use crate::authority::{Authority, EC, RSA, https_at, install};
use crate::doorward::Place;
use crate::harness::{Server, until};
use doorward_testkit::http;
use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Stdio};
use std::time::Duration;

/// A server with a certificate of an authority of its own.
fn https() -> Option<(Authority, Server)> {
    let (authority, place) = (Authority::new()?, Place::ready());
    install(&place, &authority.certify(EC, 30));
    let server = Server::start_https(place, &authority);
    Some((authority, server))
}

/// RFC 6749 §3.2: the token endpoint requires TLS.
#[test]
fn a_token_is_got_over_https_whatever_the_form_of_the_key() {
    let Some(authority) = Authority::new() else { return };
    let [rsa, ec] = [RSA, EC].map(|key| authority.certify(key, 30));
    let traditional = |[certificate, key]: &[Vec<u8>; 2]| [certificate.clone(), authority.traditional(key)];
    let pairs = [traditional(&rsa), traditional(&ec), rsa, ec];
    let words = ["BEGIN RSA PRIVATE KEY", "BEGIN EC PRIVATE KEY", "BEGIN PRIVATE KEY", "BEGIN PRIVATE KEY"];
    for (pair, words) in pairs.iter().zip(words) {
        assert!(String::from_utf8_lossy(&pair[1]).contains(words));
        let place = Place::ready();
        install(&place, pair);
        let server = Server::start_https(place, &authority);
        let client = server.create_client(&[]);
        assert!(server.access_token(&client, &[]).starts_with("ey"));
    }
}

/// RFC 6797 §7.2, RFC 6265 §5.4: over https browsers are told to stay there, and cookies go nowhere else.
#[test]
fn pages_over_https_ask_for_https_and_keep_cookies_there() {
    let Some((_, server)) = https() else { return };
    let page = http::get(server.agent(), &server.url("/login")).unwrap();
    assert!(page.header("strict-transport-security").is_some_and(|value| value.starts_with("max-age=")));
    let answer = http::get(server.agent(), &server.url("/account")).unwrap();
    let cookie = answer.header("set-cookie").expect("a cookie for whoever is to sign in");
    assert!(cookie.starts_with("__Host-") && cookie.contains("; Secure"), "{cookie}");
}

/// What openssl's client makes of a handshake: whether it came about, and what it says.
fn s_client(server: &Server, authority: &Authority, arguments: &[&str]) -> (bool, String) {
    let mut command = Command::new("openssl");
    let (address, root) = (format!("127.0.0.1:{}", server.address().1), authority.root_file());
    command.args(["s_client", "-connect", &address, "-CAfile", &root]);
    command.args(["-verify_return_error", "-verify_hostname", "localhost"]).args(arguments);
    let output = command.stdin(Stdio::null()).output().expect("openssl runs");
    let said = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8_lossy(&said).into_owned())
}

/// RFC 9325 §3.1.1: TLS 1.2 and 1.3, nothing older. RFC 7301 §3.2: without a protocol in common there is no connection.
#[test]
fn two_versions_of_tls_and_one_of_http_are_spoken() {
    let Some((authority, server)) = https() else { return };
    for (arguments, said) in [
        (&["-tls1_3"][..], "TLSv1.3"),
        (&["-tls1_2"], "TLSv1.2"),
        (&["-alpn", "h2,http/1.1"], "ALPN protocol: http/1.1"),
        (&["-noservername"], "TLSv1.3"),
        (&["-servername", "localhost"], "No ALPN negotiated"),
    ] {
        let (came_about, text) = s_client(&server, &authority, arguments);
        assert!(came_about && text.contains(said), "{arguments:?}: {text}");
    }
    for arguments in [
        &["-alpn", "h2"][..],
        &["-tls1_1", "-cipher", "DEFAULT@SECLEVEL=0"],
        &["-tls1_2", "-cipher", "AES128-SHA:@SECLEVEL=0"],
    ] {
        let (came_about, text) = s_client(&server, &authority, arguments);
        assert!(!came_about && text.to_lowercase().contains("alert"), "{arguments:?}: {text}");
    }
    assert_eq!(server.get("/healthz").status, 200);
}

/// Another TLS and another HTTP than ours, on one connection for two requests.
#[test]
fn curl_keeps_its_connection() {
    let Some((authority, server)) = https() else { return };
    let (url, resolve) = (server.url("/oauth2/jwks"), format!("localhost:{}:127.0.0.1", server.address().1));
    let mut command = Command::new("curl");
    command.args(["-sv", "--cacert", &authority.root_file(), "--resolve", &resolve, &url, &url]);
    let Ok(output) = command.output() else {
        drop(writeln!(std::io::stderr(), "skipped: needs curl"));
        return;
    };
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(said.matches("HTTP/1.1 200").count(), 2, "{said}");
    assert!(said.contains("Re-using existing connection"), "{said}");
}

fn connect(server: &Server) -> TcpStream {
    let stream = TcpStream::connect(server.address()).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    stream
}

/// All that comes until the connection is closed, which it is.
fn rest(mut stream: &TcpStream) -> Vec<u8> {
    let mut all = Vec::new();
    match stream.read_to_end(&mut all) {
        Err(error) if error.kind() != ErrorKind::ConnectionReset => panic!("it stays open: {error}"),
        _ => all,
    }
}

#[test]
fn whoever_speaks_plain_http_is_hung_up_on_and_nothing_else_happens() {
    let Some((_, server)) = https() else { return };
    for text in [
        "GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n",
        "\x16\x03\x01\u{7f}\u{7f}",
        "\0\0\0\0\0\0\0\0\0\0",
    ] {
        let mut stream = connect(&server);
        stream.write_all(text.as_bytes()).unwrap();
        stream.shutdown(std::net::Shutdown::Write).unwrap();
        let answer = rest(&stream);
        assert!(!answer.starts_with(b"HTTP"), "{answer:?}");
    }
    assert_eq!(server.get("/healthz").status, 200);
    assert!(!server.log().contains("\"ERROR\""), "{}", server.log());
}

/// Those who connect and say nothing, or not enough, hold no place for long, while others are served.
#[test]
fn a_handshake_that_does_not_get_on_is_ended() {
    let Some((_, server)) = https() else { return };
    let stalled: Vec<_> = (0..60)
        .map(|at| {
            let mut stream = connect(&server);
            // Nothing, the beginning of a hello, or most of one.
            let hello = [&[0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3][..], &[7; 400]].concat();
            stream.write_all(&hello[..[0, 7, 300][at % 3]]).unwrap();
            stream
        })
        .collect();
    assert_eq!(server.get("/healthz").status, 200);
    assert!(stalled.iter().all(|stream| rest(stream).is_empty()));
}

#[test]
fn a_server_stops_politely_over_https_too() {
    let Some((_, mut server)) = https() else { return };
    let stalled = connect(&server);
    let kept = server.agent().clone();
    let url = server.url("/healthz");
    assert_eq!(http::get(&kept, &url).unwrap().status, 200);
    server.signal("TERM");
    let last = until("an answer is the last on its connection", || {
        let answer = http::get(&kept, &url).expect("what is kept is answered while the server stops");
        answer.header("connection").map(str::to_owned)
    });
    assert_eq!(last, "close");
    assert!(server.wait_for_end().success());
    assert!(rest(&stalled).is_empty());
    assert!(!server.log().contains("\"ERROR\""), "{}", server.log());
}

/// What is wrong with a pair is said before anything is made.
#[test]
fn a_pair_that_cannot_be_used_is_refused_at_the_start() {
    let Some(authority) = Authority::new() else { return };
    let [one, other] = [EC, RSA].map(|key| authority.certify(key, 30));
    let place = https_at(Place::ready())
        .with("DOORWARD__SERVER__ISSUER", "https://localhost:8443")
        .with("DOORWARD__SERVER__LISTEN", "127.0.0.1:0");
    let refusal = || place.run(&["serve"]).refused(1);
    assert!(refusal().contains("server.crt: it cannot be read"), "{}", refusal());
    for (pair, words) in [
        ([&one[0], &other[1]], "belongs to another"),
        ([&one[1], &one[1]], "server.crt: there is no certificate in it"),
        ([&one[0], &one[0]], "server.key: no private key is in it"),
        (
            [&b"-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----\n".to_vec(), &one[1]],
            "server.crt: it is not PEM",
        ),
        (
            [&b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n".to_vec(), &one[1]],
            "how long it is valid",
        ),
    ] {
        install(&place, &pair.map(Vec::clone));
        assert!(refusal().contains(words), "{words}: {}", refusal());
    }
    // Without its line breaks, a key would stand in the words of whoever reads PEM.
    let one_line: Vec<u8> = one[1].iter().map(|byte| if *byte == b'\n' { b' ' } else { *byte }).collect();
    for pair in [[&one[0], &one_line], [&one_line, &one[1]], [&one[0], &one_line[..90].to_vec()]] {
        install(&place, &pair.map(Vec::clone));
        let said = refusal();
        assert!(said.contains("it is not PEM: a section"), "{said}");
        let secret = std::str::from_utf8(&one[1]).unwrap().lines().nth(1).unwrap();
        assert!(!said.contains(secret) && !said.contains("69, 71") && !said.contains("65, 84"), "{said}");
    }
    install(&place, &one);
    std::fs::set_permissions(place.path("server.key"), std::fs::Permissions::from_mode(0o644)).unwrap();
    let said = refusal();
    assert!(
        said.contains("the certificate's key") && said.contains("others may read it (mode 0644)"),
        "{said}"
    );
    assert!(!place.path("doorward.db").exists(), "nothing is made");
}
