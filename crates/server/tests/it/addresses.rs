//! Whose request it is behind a real nginx, set up as the documentation says, and what an address that fails too often can do
//! about it: nothing.

use crate::from_address;
use crate::harness::Server;
use crate::nginx::Nginx;
use doorward_testkit::browser::{Browser, Page};
use doorward_testkit::http::{self, Credentials};

/// A server that trusts a proxy on this machine and nobody else, with few failures allowed.
fn server() -> Server {
    Server::start_with(&[
        ("DOORWARD__SERVER__TRUSTED_PROXIES", "127.0.0.1"),
        ("DOORWARD__LIMITS__FAILED_AUTHENTICATIONS_PER_MINUTE", "10"),
        ("DOORWARD__LIMITS__SIGN_INS_PER_ADDRESS", "3"),
    ])
}

/// The statuses of so many wrong secrets from this address, by way of this port.
fn wrong_secrets(server: &Server, client: &Credentials, last: u8, port: u16, times: usize) -> Vec<u16> {
    let agent = from_address::agent(last, port);
    let wrong = Credentials { client_secret: "not-it".to_owned(), ..client.clone() };
    let form = [("grant_type", "client_credentials")];
    let url = server.url("/oauth2/token");
    let ask = |_| http::post(&agent, &url, &form, Some(&wrong)).expect("it answers").status;
    (0..times).map(ask).collect()
}

/// RFC 6585 §4: the eleventh failure of one client is too many, whoever it says to be; another client is not concerned.
#[test]
fn clients_behind_nginx_are_told_apart_and_none_escapes_by_its_headers() {
    let server = server();
    let Some(nginx) = Nginx::before(&[server.address().1]) else { return };
    let client = server.create_client(&[]);
    let behind = |last, times| wrong_secrets(&server, &client, last, nginx.port, times);
    assert_eq!(behind(5, 11), [[401; 10].as_slice(), &[429]].concat());
    assert_eq!(behind(6, 1), [401]);
    assert_eq!(behind(5, 1), [429]);
}

/// Whoever is no proxy of ours is who the socket says, to the server itself as much as to nginx.
#[test]
fn a_peer_that_is_not_trusted_is_not_believed() {
    let server = server();
    let client = server.create_client(&[]);
    let straight = |last, times| wrong_secrets(&server, &client, last, server.address().1, times);
    assert_eq!(straight(7, 11), [[401; 10].as_slice(), &[429]].concat());
    assert_eq!(straight(8, 1), [401]);
    let trusted = straight(1, 11);
    assert_eq!(trusted, [401; 11], "a proxy says for whom it asks, and each time it was somebody else");
}

#[test]
fn sign_ins_behind_nginx_are_limited_by_the_address_of_each_person() {
    let server = server();
    let Some(nginx) = Nginx::before(&[server.address().1]) else { return };
    let browser = |last| Browser::new(from_address::agent(last, nginx.port));
    let (one, other) = (browser(5), browser(6));
    let fail = |browser: &Browser, username: &str| -> u16 {
        let page: Page<'_> = browser.open(&server.url("/account"));
        page.submit(&[("username", username), ("password", "not it")]).answer.status
    };
    let statuses = ["a", "b", "c", "d"].map(|username| fail(&one, username));
    assert_eq!(statuses[3], 429, "{statuses:?}");
    assert!(statuses[..3].iter().all(|status| *status != 429), "{statuses:?}");
    assert_ne!(fail(&other, "e"), 429, "somebody else's failures");
}
