//! The issuer as operators write it. Owns what they are told to write instead of what cannot stand; the rules are core's.

use super::error::Problem;
use doorward_core::issuer::{InvalidIssuer, Issuer};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// Reads an issuer, and returns its text unchanged. What was written is not repeated: it may hold a password.
pub(crate) fn read(text: &str) -> Result<String, Problem> {
    match text.parse::<Issuer>() {
        Ok(issuer) => Ok(issuer.as_str().to_owned()),
        Err(reason) => Err(Problem::new(reason.to_string(), way_out(reason))),
    }
}

fn way_out(reason: InvalidIssuer) -> String {
    match reason {
        InvalidIssuer::NotAUrl => "write https://HOST".to_owned(),
        InvalidIssuer::QueryOrFragment => "leave out everything from the ? or # on".to_owned(),
        InvalidIssuer::UserInfo => "leave out everything before the @".to_owned(),
        InvalidIssuer::Insecure => "use https; http is for loopback addresses only".to_owned(),
        InvalidIssuer::NotNormal { normal } => format!("write {normal}"),
    }
}

/// Whether the issuer is reached without TLS. Only asked of texts that [`read`] accepted.
pub(crate) fn is_plain_http(issuer: &str) -> bool {
    issuer.starts_with("http://")
}

/// The issuer of a server that listens at `address` and is called from the same machine. That others cannot reach the
/// address is checked elsewhere, and said once.
pub(crate) fn at(address: SocketAddr) -> String {
    let ip = match address.ip().to_canonical() {
        ip if ip.is_loopback() => ip,
        IpAddr::V4(_) => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(_) => IpAddr::V6(Ipv6Addr::LOCALHOST),
    };
    match address.port() {
        80 => format!("http://{}", SocketAddr::new(ip, 80)).trim_end_matches(":80").to_owned(),
        port => format!("http://{}", SocketAddr::new(ip, port)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 8414 §2: https, no query, no fragment.
    #[test]
    fn an_issuer_is_an_https_url_in_canonical_form() {
        for text in [
            "https://id.example.com",
            "https://id.example.com:8443",
            "https://example.com/tenant/a",
            "http://127.0.0.1:8080",
            "http://[::1]:8080",
            "http://localhost",
        ] {
            assert_eq!(read(text).as_deref(), Ok(text));
        }
    }

    /// RFC 8414 §2: https, no query, no fragment; RFC 8414 §3.3: "identical", so no second spelling.
    #[test]
    fn every_other_url_is_refused_with_a_way_out() {
        for (text, right) in [
            ("id.example.com", "write https://HOST"),
            ("ftp://id.example.com", "write https://HOST"),
            ("http://id.example.com", "use https; http is for loopback addresses only"),
            ("http://127.0.0.1.example.com", "use https; http is for loopback addresses only"),
            ("https://id.example.com?a=b", "leave out everything from the ? or # on"),
            ("https://id.example.com/#a", "leave out everything from the ? or # on"),
            ("https://alice@id.example.com", "leave out everything before the @"),
            ("https://id.example.com/", "write https://id.example.com"),
            ("https://id.example.com/a/", "write https://id.example.com/a"),
            ("https://ID.example.com", "write https://id.example.com"),
            ("https://id.example.com:443", "write https://id.example.com"),
            ("https://id.example.com/a/../b", "write https://id.example.com/b"),
        ] {
            assert_eq!(read(text).unwrap_err().right, right, "{text}");
        }
    }

    #[test]
    fn a_password_in_the_issuer_is_not_repeated() {
        let problem = read("https://alice:hunter2@id.example.com").unwrap_err();
        assert!(!format!("{problem:?}").contains("hunter2"));
    }

    #[test]
    fn the_issuer_of_a_listening_address_is_reachable_from_this_machine() {
        for (address, issuer) in [
            ("127.0.0.1:8080", "http://127.0.0.1:8080"),
            ("0.0.0.0:9000", "http://127.0.0.1:9000"),
            ("[::]:9000", "http://[::1]:9000"),
            ("192.0.2.1:9000", "http://127.0.0.1:9000"),
            ("[::ffff:127.0.0.1]:9000", "http://127.0.0.1:9000"),
            ("127.0.0.1:80", "http://127.0.0.1"),
        ] {
            let issuer_at = at(address.parse().unwrap());
            assert_eq!(issuer_at, issuer);
            assert_eq!(read(&issuer_at), Ok(issuer_at));
        }
    }
}
