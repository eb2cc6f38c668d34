//! What a peer and the lines of a header come to, each kind of junk, and properties over all of it.

use super::*;
use proptest::prelude::*;

const NOBODY: &[&str] = &[];
const PROXIES: &[&str] = &["10.0.0.0/8", "2001:db8:aa::/48"];
const PROXY: &str = "10.0.0.1";

fn found_by(form: AddressHeader, trusted: &[&str]) -> Proxies {
    Proxies::new(trusted.iter().map(|text| text.parse().unwrap()).collect(), form)
}

fn ask(proxies: &Proxies, peer: &str, lines: &[impl AsRef<[u8]>]) -> Result<IpAddr, Unreadable> {
    proxies.client(peer.parse().unwrap(), lines.iter().map(AsRef::as_ref))
}

/// Whom a request is from that a proxy of ours brings with these lines; who was proven last, where they cannot be read.
fn from_proxy(form: AddressHeader, lines: &[&str]) -> String {
    ask(&found_by(form, PROXIES), PROXY, lines).unwrap_or_else(|unreadable| unreadable.0).to_string()
}

fn forwarded_for_says(lines: &[&str]) -> String {
    from_proxy(AddressHeader::XForwardedFor, lines)
}

fn forwarded_says(line: &str) -> String {
    from_proxy(AddressHeader::Forwarded, &[line])
}

#[test]
fn the_first_address_from_the_right_that_is_no_proxy_of_ours_is_the_client() {
    for (lines, client) in [
        (&["203.0.113.5"][..], "203.0.113.5"),
        (&["198.51.100.1, 203.0.113.5"], "203.0.113.5"),
        (&["198.51.100.1,203.0.113.5 , 10.0.0.7"], "203.0.113.5"),
        (&["198.51.100.1", "203.0.113.5", "10.0.0.7,10.0.0.8"], "203.0.113.5"),
        (&["203.0.113.5, 2001:db8:aa::1"], "203.0.113.5"),
        (&["2001:db8:bb::1"], "2001:db8:bb::1"),
        (&["10.0.0.9, 10.0.0.7"], "10.0.0.9"),
        (&[], PROXY),
    ] {
        assert_eq!(forwarded_for_says(lines), client, "{lines:?}");
    }
}

#[test]
fn ports_and_brackets_are_no_part_of_an_address() {
    for (entry, client) in [
        ("203.0.113.5:61234", "203.0.113.5"),
        ("[2001:db8:bb::1]", "2001:db8:bb::1"),
        ("[2001:db8:bb::1]:61234", "2001:db8:bb::1"),
        ("::ffff:203.0.113.5", "203.0.113.5"),
        ("[::ffff:203.0.113.5]:1", "203.0.113.5"),
        ("\t203.0.113.5 ", "203.0.113.5"),
    ] {
        assert_eq!(forwarded_for_says(&[entry]), client, "{entry}");
    }
}

/// CVE-2024-47070: what cannot be read is never a way around a rule; Keycloak#35216: no name is looked up.
#[test]
fn junk_ends_the_walk_at_whoever_was_proven_last() {
    for junk in [
        "",
        " ",
        "unknown",
        "_hidden",
        "localhost",
        "client.example",
        "203.0.113.5 198.51.100.1",
        "203.0.113",
        "203.0.113.005",
        "203.0.113.5:",
        "203.0.113.5:99999",
        "203.0.113.5/32",
        "[203.0.113.5]",
        "[2001:db8:bb::1",
        "[2001:db8:bb::1]x",
        "2001:db8:bb::1]",
        "fe80::1%eth0",
        "0x7f.1",
        "unix:",
        "\"203.0.113.5\"",
    ] {
        assert_eq!(forwarded_for_says(&[junk]), PROXY, "{junk:?}");
        let behind_another = format!("203.0.113.5, {junk}, 10.0.0.7");
        assert_eq!(forwarded_for_says(&[&behind_another]), "10.0.0.7", "{junk:?}");
        let sent_along = format!("{junk}, 203.0.113.5");
        assert_eq!(forwarded_for_says(&[&sent_along]), "203.0.113.5", "{junk:?} of the client");
    }
}

#[test]
fn bytes_that_are_no_text_harm_only_their_own_entry() {
    let proxies = found_by(AddressHeader::XForwardedFor, PROXIES);
    let says = |line: &[u8]| ask(&proxies, PROXY, &[line]);
    assert_eq!(says(b"\xff\xfe, 203.0.113.5"), Ok("203.0.113.5".parse().unwrap()));
    assert_eq!(says(b"203.0.113.5, \xff"), Err(Unreadable(PROXY.parse().unwrap())));
}

#[test]
fn more_hops_than_anybody_has_are_not_followed() {
    let line = format!("203.0.113.5{}", ", 10.0.0.7".repeat(MOST_HOPS - 1));
    assert_eq!(forwarded_for_says(&[&line]), "203.0.113.5");
    let line = format!("203.0.113.5{}", ", 10.0.0.7".repeat(MOST_HOPS));
    assert_eq!(forwarded_for_says(&[&line]), "10.0.0.7");
}

/// RFC 7239 §4, §6: pairs in any order, names in any case, values with quotes where they need them, and ports.
#[test]
fn forwarded_says_it_in_its_own_grammar() {
    for (line, client) in [
        ("for=203.0.113.5", "203.0.113.5"),
        ("For=\"203.0.113.5:61234\";proto=https", "203.0.113.5"),
        ("proto=https;by=10.0.0.1;FOR=\"[2001:db8:bb::1]\";host=\"a.example\"", "2001:db8:bb::1"),
        ("for=\"[2001:db8:bb::1]:_x\"", "2001:db8:bb::1"),
        ("for=198.51.100.1, for=203.0.113.5; proto=http", "203.0.113.5"),
        ("for=203.0.113.5, for=10.0.0.7;by=_edge", "203.0.113.5"),
        ("for=203.0.113.5:80", "203.0.113.5"),
        ("for=[2001:db8:bb::1]:80;proto=https", "2001:db8:bb::1"),
    ] {
        assert_eq!(forwarded_says(line), client, "{line}");
    }
}

/// RFC 7239 §6.2, §6.3: a proxy may hide for whom it asks.
#[test]
fn forwarded_without_one_address_ends_the_walk() {
    for line in [
        "for=unknown",
        "for=_hidden",
        "for=\"_hidden:80\"",
        "proto=https",
        "for=203.0.113.5;for=203.0.113.6",
        "for",
        "for=",
        "for=\"203.0.113.5",
        "for=203.0.113.5;",
        "for=203.0.113.5;proto",
        "for=203.0.113.5 proto=https",
        "for =\"203.0.113.5\"x",
        "203.0.113.5",
        "",
    ] {
        assert_eq!(forwarded_says(line), PROXY, "{line}");
        assert_eq!(
            forwarded_says(&format!("{line}, for=203.0.113.5")),
            "203.0.113.5",
            "{line} of the client"
        );
    }
}

/// A quote that a client opens swallows nothing, and one that a proxy puts around a client's host lets nothing out.
#[test]
fn quotes_neither_hide_nor_forge_an_entry() {
    assert_eq!(forwarded_says("for=\", for=203.0.113.5"), "203.0.113.5");
    assert_eq!(forwarded_says("for=\"x\\, for=203.0.113.5"), "203.0.113.5");
    for host in [
        "a,for=198.51.100.1",
        "a,for=198.51.100.1;b=",
        "a,for=198.51.100.1;b=\\\"",
        "a,for=198.51.100.1;b=\\\"c\\\"",
        "a,for=\\\"198.51.100.1\\\"",
        "a,for=198.51.100.1,b",
        "a\\,for=198.51.100.1;b",
    ] {
        for rest in ["", ";proto=https", ";proto=\"https\"", ";a=\";b\";c=d", ";a=\";b=\";c=\"d\""] {
            let line = format!("for=203.0.113.5;host=\"{host}\"{rest}");
            assert_eq!(forwarded_says(&line), PROXY, "{line}");
        }
    }
}

#[test]
fn x_real_ip_is_one_address_or_nothing() {
    let says = |lines: &[&str]| from_proxy(AddressHeader::XRealIp, lines);
    assert_eq!(says(&["203.0.113.5"]), "203.0.113.5");
    assert_eq!(says(&["10.0.0.7"]), "10.0.0.7");
    for lines in [&[][..], &["unknown"], &["203.0.113.5, 203.0.113.6"], &["203.0.113.5", "203.0.113.5"]] {
        assert_eq!(says(lines), PROXY, "{lines:?}");
    }
}

#[test]
fn a_peer_in_ipv6_clothes_is_who_it_is() {
    let says =
        |trusted| ask(&found_by(AddressHeader::XForwardedFor, trusted), "::ffff:10.0.0.1", &["203.0.113.5"]);
    assert_eq!(says(PROXIES), Ok("203.0.113.5".parse().unwrap()));
    assert_eq!(says(NOBODY), Ok(PROXY.parse().unwrap()));
}

/// CVE-2024-47070: whoever decides by the address is told where there is none, and does not take the proxy's for it.
#[test]
fn what_cannot_be_read_is_said_to_be() {
    let is_readable = |form, lines: &[&str]| ask(&found_by(form, PROXIES), PROXY, lines).is_ok();
    for form in [AddressHeader::XForwardedFor, AddressHeader::Forwarded, AddressHeader::XRealIp] {
        assert!(is_readable(form, &[]), "it asks for itself");
        assert!(!is_readable(form, &["unknown"]) && !is_readable(form, &[""]));
    }
    assert!(is_readable(AddressHeader::XForwardedFor, &["unknown, 203.0.113.5"]), "junk of the client's");
    assert!(!is_readable(AddressHeader::XForwardedFor, &["203.0.113.5, unknown, 10.0.0.7"]));
    assert!(!is_readable(AddressHeader::XForwardedFor, &[&"10.0.0.7, ".repeat(MOST_HOPS + 1)]));
    assert!(!is_readable(AddressHeader::XRealIp, &["203.0.113.5", "203.0.113.5"]));
    let nobody = found_by(AddressHeader::XForwardedFor, NOBODY);
    assert_eq!(ask(&nobody, PROXY, &["unknown"]), Ok(PROXY.parse().unwrap()), "nobody is believed");
}

fn form() -> impl Strategy<Value = AddressHeader> {
    prop_oneof![
        Just(AddressHeader::XForwardedFor),
        Just(AddressHeader::Forwarded),
        Just(AddressHeader::XRealIp)
    ]
}

/// Something like what stands in these headers, and junk.
fn line() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        "[ -~\\t]{0,12}",
        any::<[u8; 4]>().prop_map(|bytes| IpAddr::from(bytes).to_string()),
        any::<[u8; 16]>().prop_map(|bytes| format!("[{}]:1", IpAddr::from(bytes))),
        (0u8..255).prop_map(|last| format!("10.0.0.{last}")),
        prop::sample::select(vec!["for=", ";", ", ", ",", "\"", "\\", "unknown", "_x", "host=\""])
            .prop_map(str::to_owned),
    ];
    prop::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

/// Every address that somebody could find in a line.
fn named(line: &str) -> impl Iterator<Item = IpAddr> {
    let words = line.split(|c: char| !c.is_ascii_hexdigit() && !".:".contains(c));
    let texts = words.flat_map(|word| [Some(word), word.rsplit_once(':').map(|(before, _)| before)]);
    texts.flatten().filter_map(|text| text.parse().ok()).map(|ip: IpAddr| ip.to_canonical())
}

proptest! {
    /// An untrusted peer is the client, whatever it sends.
    #[test]
    fn an_untrusted_peers_headers_never_change_the_result(
        form in form(),
        peer in any::<[u8; 4]>().prop_map(IpAddr::from),
        lines in prop::collection::vec(line(), 0..4),
    ) {
        prop_assume!(!peer.to_string().starts_with("10."));
        prop_assert_eq!(ask(&found_by(form, PROXIES), &peer.to_string(), &lines), Ok(peer));
    }

    /// What a client sends stands left of what the proxy adds, and never changes it.
    #[test]
    fn what_a_client_sends_never_changes_what_its_proxy_adds(
        lines in prop::collection::vec(line(), 0..3),
        own_line in any::<bool>(),
    ) {
        for (form, added) in [(AddressHeader::XForwardedFor, "203.0.113.5"), (AddressHeader::Forwarded, "for=203.0.113.5")] {
            let mut lines = lines.clone();
            match lines.last_mut() {
                Some(last) if !own_line => *last = format!("{last}, {added}"),
                _ => lines.push(added.to_owned()),
            }
            let client = ask(&found_by(form, PROXIES), PROXY, &lines);
            prop_assert_eq!(client, Ok("203.0.113.5".parse().unwrap()));
        }
    }

    /// The client is the peer, or an address that stands there; there always is one.
    #[test]
    fn the_client_is_the_peer_or_was_named(form in form(), lines in prop::collection::vec(line(), 0..3)) {
        let peer: IpAddr = PROXY.parse().unwrap();
        let client = ask(&found_by(form, PROXIES), PROXY, &lines).unwrap_or_else(|unreadable| unreadable.0);
        let found = client == peer || lines.iter().any(|line| named(line).any(|n| n == client));
        prop_assert!(found, "{:?}", client);
    }
}
