//! Which peer and which header count; what they come to is tested where it is decided.

use super::*;
use doorward_protocol::client_address::AddressHeader;
use http::HeaderValue;
use proptest::prelude::*;

const PROXIES: &[&str] = &["10.0.0.0/8"];
const PROXY: &str = "10.0.0.1";

fn found_by(form: AddressHeader, trusted: &[&str]) -> ClientIp {
    let trusted_proxies = trusted.iter().map(|text| text.parse().unwrap()).collect();
    ClientIp::new(&WebSettings { trusted_proxies, client_address_header: form, ..WebSettings::default() })
}

fn headers(name: &str, lines: &[&str]) -> HeaderMap {
    let name: HeaderName = name.parse().unwrap();
    lines.iter().map(|text| (name.clone(), HeaderValue::from_str(text).unwrap())).collect()
}

/// The lines of one name are one list, and a proxy that says nothing readable is who is counted by.
#[test]
fn the_client_is_found_in_the_header_that_was_chosen() {
    let of = |lines| {
        let headers = headers("x-forwarded-for", lines);
        found_by(AddressHeader::XForwardedFor, PROXIES).of(Some(PROXY.parse().unwrap()), &headers)
    };
    assert_eq!(of(&["198.51.100.1", "203.0.113.5, 10.0.0.7"]), Some("203.0.113.5".parse().unwrap()));
    assert_eq!(of(&["203.0.113.5", "unknown"]), Some(PROXY.parse().unwrap()));
}

/// CVE-2025-64484: `X_Forwarded_For` is another header, and so is every one that was not chosen.
#[test]
fn no_other_header_is_read() {
    for (form, name) in [
        (AddressHeader::XForwardedFor, "x_forwarded_for"),
        (AddressHeader::XForwardedFor, "forwarded"),
        (AddressHeader::XForwardedFor, "x-real-ip"),
        (AddressHeader::Forwarded, "x-forwarded-for"),
        (AddressHeader::XRealIp, "x-forwarded-for"),
    ] {
        let headers = headers(name, &["203.0.113.5", "for=203.0.113.5"]);
        let client = found_by(form, PROXIES).of(Some(PROXY.parse().unwrap()), &headers);
        assert_eq!(client, Some(PROXY.parse().unwrap()), "{name}");
    }
}

/// CVE-2026-40575: nobody is trusted unless somebody says so.
#[test]
fn by_default_no_header_is_read() {
    let clients = ClientIp::new(&WebSettings::default());
    assert_eq!(clients.header(), None);
    let headers = headers("x-forwarded-for", &["203.0.113.5"]);
    for peer in ["127.0.0.1", "10.0.0.1", "::1"] {
        assert_eq!(clients.of(Some(peer.parse().unwrap()), &headers), Some(peer.parse().unwrap()));
    }
    assert_eq!(clients.of(None, &headers), None);
    assert_eq!(found_by(AddressHeader::XForwardedFor, PROXIES).of(None, &headers), None);
}

proptest! {
    /// An untrusted peer is the client, whatever it sends.
    #[test]
    fn an_untrusted_peers_headers_never_change_the_result(
        peer in any::<[u8; 4]>().prop_map(IpAddr::from),
        line in "[ -~]{0,20}",
    ) {
        prop_assume!(!peer.to_string().starts_with("10."));
        let mut all = HeaderMap::new();
        for name in ["x-forwarded-for", "forwarded", "x-real-ip", "host", "x-forwarded-host"] {
            all.extend(headers(name, &[&line, "203.0.113.5"]));
        }
        for form in [AddressHeader::XForwardedFor, AddressHeader::Forwarded, AddressHeader::XRealIp] {
            prop_assert_eq!(found_by(form, PROXIES).of(Some(peer), &all), Some(peer));
        }
    }
}
