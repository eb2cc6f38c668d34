//! Whose request it is, as the app itself finds out under any shim: who fails too often is refused, and nobody else.

use crate::support::{GRANT, TOKEN, TestApp, set};
use bytes::Bytes;
use doorward_core::context::Caller;
use doorward_protocol::client_address::AddressHeader;
use doorward_testkit::block_on::block_on;
use doorward_web::settings::WebSettings;
use http::Response;

/// An app that trusts 10.0.0.0/8, and reads this header of theirs.
fn app(client_address_header: AddressHeader) -> TestApp {
    let trusted_proxies = vec!["10.0.0.0/8".parse().unwrap()];
    let settings = WebSettings { trusted_proxies, client_address_header, ..WebSettings::default() };
    TestApp::with("https://as.example", settings)
}

/// A wrong secret by way of this peer, with this header.
fn guess(app: &TestApp, peer: &str, name: &'static str, value: &str) -> u16 {
    let request = set(app.form(TOKEN, GRANT), "authorization", "Basic c2hvcDp4");
    let caller = Caller { address: Some(peer.parse().unwrap()) };
    let answer: Response<Bytes> = block_on(app.app.respond(set(request, name, value), caller));
    answer.status().as_u16()
}

#[test]
fn failures_are_counted_for_the_client_behind_a_trusted_proxy() {
    for (form, name, one, other) in [
        (AddressHeader::XForwardedFor, "x-forwarded-for", "203.0.113.5", "203.0.113.6"),
        (AddressHeader::Forwarded, "forwarded", "for=203.0.113.5", "for=203.0.113.6"),
        (AddressHeader::XRealIp, "x-real-ip", "203.0.113.5", "203.0.113.6"),
    ] {
        let app = app(form);
        let statuses: Vec<_> = (0..21).map(|_| guess(&app, "10.0.0.1", name, one)).collect();
        assert_eq!(statuses, [[401; 20].as_slice(), &[429]].concat(), "{name}");
        assert_eq!(guess(&app, "10.0.0.2", name, one), 429, "by way of another proxy of ours");
        assert_eq!(guess(&app, "10.0.0.1", name, other), 401);
        assert_eq!(guess(&app, "203.0.113.5", name, other), 429, "the same client without a proxy");
        assert_eq!(guess(&app, "203.0.113.7", name, one), 401, "who says to be somebody that has to wait");
    }
}

/// RFC 4291 §2.5.4: whoever holds one address of a link holds them all, so an IPv6 client counts by its /64.
#[test]
fn an_ipv6_client_behind_a_proxy_counts_by_its_network() {
    let app = app(AddressHeader::XForwardedFor);
    let behind = |address: String| guess(&app, "10.0.0.1", "x-forwarded-for", &address);
    let statuses: Vec<_> = (0..21).map(|at| behind(format!("2001:db8:1:1::{at:x}"))).collect();
    assert_eq!(statuses, [[401; 20].as_slice(), &[429]].concat());
    assert_eq!(behind("2001:db8:1:2::1".to_owned()), 401);
}
