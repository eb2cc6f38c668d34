//! The two cookies: the secret of the browser, and those of the sessions in it. Owns their names, attributes and spelling;
//! what a secret is worth is core's to say.
//!
//! Reading is strict and never fails: a cookie is whatever somebody put there, and one that we did not write is none.

use doorward_core::endpoint::browser::MOST_ACCOUNTS;
use doorward_core::endpoint::page::Cookies;
use doorward_core::issuer::Issuer;
use doorward_core::store::fault::Fault;
use doorward_protocol::secret::Secret;
use http::header::COOKIE;
use http::{HeaderMap, HeaderValue};
use ring::digest::{SHA256, digest};
use std::fmt::Write;

/// Our secrets are shorter, by half.
const LONGEST_SECRET: usize = 128;
/// What stands between secrets, and in none of them.
const BETWEEN: u8 = b'.';

/// As much of the issuer's hash as tells issuers on one host apart.
const HASH_BYTES: usize = 8;

/// The cookies of one issuer.
pub(crate) struct CookieNames {
    session: String,
    browser: String,
    secure: bool,
}

/// What a browser brought.
#[derive(Default)]
pub(crate) struct Held<'a> {
    /// The secrets of its sessions, the current one first.
    pub(crate) sessions: Vec<&'a str>,
    /// Its own secret.
    pub(crate) browser: Option<&'a str>,
    /// All that it sent, as it sent it.
    pub(crate) all: Vec<&'a str>,
}

impl CookieNames {
    /// The successor of RFC 6265 (6265bis §4.1.3.2): what begins with `__Host-` was set over TLS, by this host and for all of
    /// it, so no neighbour below the same domain can plant one. Over plain http, on a loopback address, browsers refuse the
    /// prefix.
    pub(crate) fn new(issuer: &Issuer) -> Self {
        let secure = issuer.uses_tls();
        let prefix = if secure { "__Host-" } else { "" };
        let hash = hash(issuer);
        Self {
            session: format!("{prefix}dw-{hash}-session"),
            browser: format!("{prefix}dw-{hash}-browser"),
            secure,
        }
    }

    /// What a request's cookies say.
    pub(crate) fn read<'a>(&self, headers: &'a HeaderMap) -> Held<'a> {
        Held {
            sessions: only(&self.session, headers).and_then(sessions).unwrap_or_default(),
            browser: only(&self.browser, headers).and_then(secret),
            all: headers.get_all(COOKIE).iter().filter_map(|header| header.to_str().ok()).collect(),
        }
    }

    /// The `Set-Cookie` headers for what is to be set.
    pub(crate) fn set(&self, cookies: &Cookies) -> Result<Vec<HeaderValue>, Fault> {
        let browser = cookies.browser.as_ref().map(|secret| self.cookie(&self.browser, secret.expose()));
        let sessions = cookies.sessions.as_ref().map(|secrets| self.cookie(&self.session, &joined(secrets)));
        browser.into_iter().chain(sessions).collect()
    }

    /// RFC 6265 §5.3: without a lifetime a cookie goes when the browser does; the session's own end is in the store. An
    /// empty one goes at once. Lax, not Strict: a person arrives from the client's site.
    fn cookie(&self, name: &str, value: &str) -> Result<HeaderValue, Fault> {
        let gone = if value.is_empty() { "; Max-Age=0" } else { "" };
        let secure = if self.secure { "; Secure" } else { "" };
        if !value.bytes().all(|b| b == BETWEEN || is_of_a_secret(b)) {
            return Err(Fault::broken("a secret for a cookie holds a character that no secret of ours has"));
        }
        let text = format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax{secure}{gone}");
        let mut header = HeaderValue::from_str(&text).map_err(Fault::broken)?;
        header.set_sensitive(true);
        Ok(header)
    }
}

fn hash(issuer: &Issuer) -> String {
    let digest = digest(&SHA256, issuer.as_str().as_bytes());
    digest.as_ref().iter().take(HASH_BYTES).fold(String::new(), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// The value of a cookie. Of two with one name somebody else set one, and nobody can tell which.
fn only<'a>(name: &str, headers: &'a HeaderMap) -> Option<&'a [u8]> {
    let mut values = headers
        .get_all(COOKIE)
        .iter()
        .flat_map(|header| header.as_bytes().split(|b| *b == b';'))
        .filter_map(|pair| pair.trim_ascii().strip_prefix(name.as_bytes())?.strip_prefix(b"="));
    let value = values.next()?;
    values.next().is_none().then_some(value)
}

fn sessions(value: &[u8]) -> Option<Vec<&str>> {
    let secrets = value.split(|b| *b == BETWEEN).take(MOST_ACCOUNTS + 1).map(secret);
    let secrets: Option<Vec<_>> = secrets.collect();
    secrets.filter(|secrets| secrets.len() <= MOST_ACCOUNTS)
}

fn secret(value: &[u8]) -> Option<&str> {
    let well_formed =
        (1..=LONGEST_SECRET).contains(&value.len()) && value.iter().copied().all(is_of_a_secret);
    std::str::from_utf8(value).ok().filter(|_| well_formed)
}

const fn is_of_a_secret(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')
}

fn joined(secrets: &[Secret]) -> String {
    let secrets: Vec<_> = secrets.iter().take(MOST_ACCOUNTS).map(Secret::expose).collect();
    secrets.join(".")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names() -> CookieNames {
        CookieNames::new(&"https://as.example/t".parse().unwrap())
    }

    fn headers(values: &[&[u8]]) -> HeaderMap {
        values.iter().map(|value| (COOKIE, HeaderValue::from_bytes(value).unwrap())).collect()
    }

    /// What is read of a cookie header in which SESSION and BROWSER stand for the names.
    fn read(cookies: &str) -> (Vec<String>, Option<String>) {
        let names = names();
        let text = cookies.replace("SESSION", &names.session).replace("BROWSER", &names.browser);
        let headers = headers(&[text.as_bytes()]);
        let held = names.read(&headers);
        (held.sessions.into_iter().map(str::to_owned).collect(), held.browser.map(str::to_owned))
    }

    fn set(cookies: &Cookies, issuer: &str) -> Vec<String> {
        let values = CookieNames::new(&issuer.parse().unwrap()).set(cookies).unwrap();
        values.iter().map(|value| value.to_str().unwrap().to_owned()).collect()
    }

    fn secrets(texts: &[&str]) -> Option<Vec<Secret>> {
        Some(texts.iter().map(|text| Secret::new((*text).to_owned())).collect())
    }

    #[test]
    fn what_was_set_is_read_again() {
        assert_eq!(
            read("x=1; SESSION=dw_ss_a.dw_ss_b; BROWSER=dw_br_c"),
            (vec!["dw_ss_a".to_owned(), "dw_ss_b".to_owned()], Some("dw_br_c".to_owned()))
        );
        assert_eq!(read("BROWSER=dw_br_c").0.len(), 0);
        assert_eq!(read("SESSION=a.b.c.d.e").0.len(), 5);
    }

    #[test]
    fn a_cookie_that_we_did_not_write_is_none() {
        let long = format!("SESSION={}", "a".repeat(LONGEST_SECRET + 1));
        for sessions in [
            "",
            "SESSION",
            "SESSION=",
            "SESSION=.",
            "SESSION=a.",
            "SESSION=.a",
            "SESSION=a..b",
            "SESSION=a.b.c.d.e.f",
            "SESSION=a b",
            "SESSION=\"a\"",
            "SESSION=a%2e",
            "SESSION=ä",
            "SESSION =a",
            "xSESSION=a",
            "SESSIONx=a",
            &long,
        ] {
            assert_eq!(read(sessions).0.len(), 0, "{sessions}");
        }
        for browser in ["BROWSER=a.b", "BROWSER=", "BROWSER=a;BROWSER=a", "BROWSER=a,b"] {
            assert_eq!(read(browser).1, None, "{browser}");
        }
    }

    #[test]
    fn a_cookie_that_comes_twice_is_none() {
        assert_eq!(read("SESSION=a; SESSION=b").0.len(), 0);
        assert_eq!(read("SESSION=a; SESSION=a").0.len(), 0);
        let names = names();
        let (one, other) = (format!("{}=a", names.session), format!("{}=b", names.session));
        assert_eq!(names.read(&headers(&[one.as_bytes(), other.as_bytes()])).sessions.len(), 0);
        assert_eq!(names.read(&headers(&[one.as_bytes(), b"x=1"])).sessions, ["a"]);
    }

    #[test]
    fn bytes_of_others_do_no_harm() {
        let names = names();
        let text = [b"x=\xff\xfe; ".as_slice(), names.browser.as_bytes(), b"=a"].concat();
        assert_eq!(names.read(&headers(&[&text])).browser, Some("a"));
    }

    /// RFC 6265 §4.1.2.5, §4.1.2.6: scripts do not see them, plain http does not carry them; `__Host-` keeps neighbours out.
    #[test]
    fn cookies_belong_to_the_host_alone() {
        let cookies = Cookies {
            browser: Some(Secret::new("dw_br_c".to_owned())),
            sessions: secrets(&["dw_ss_a", "dw_ss_b"]),
        };
        let set = set(&cookies, "https://as.example/t");
        let names = names();
        assert!(names.session.starts_with("__Host-dw-") && names.session.ends_with("-session"));
        assert_eq!(
            set,
            [
                format!("{}=dw_br_c; Path=/; HttpOnly; SameSite=Lax; Secure", names.browser),
                format!("{}=dw_ss_a.dw_ss_b; Path=/; HttpOnly; SameSite=Lax; Secure", names.session),
            ]
        );
    }

    #[test]
    fn over_plain_http_cookies_are_neither_secure_nor_prefixed() {
        let cookies = Cookies { browser: None, sessions: secrets(&["a"]) };
        let set = set(&cookies, "http://127.0.0.1:8080");
        assert!(set[0].starts_with("dw-") && set[0].ends_with("-session=a; Path=/; HttpOnly; SameSite=Lax"));
    }

    #[test]
    fn the_last_session_takes_its_cookie_along() {
        let cookies = Cookies { browser: None, sessions: secrets(&[]) };
        let set = set(&cookies, "https://as.example");
        assert!(
            set[0].contains("-session=; Path=/;") && set[0].ends_with("; Secure; Max-Age=0"),
            "{}",
            set[0]
        );
        assert_eq!(names().set(&Cookies::default()).unwrap().len(), 0, "what is not named stays as it is");
    }

    #[test]
    fn no_more_sessions_are_set_than_are_read() {
        let cookies = Cookies { browser: None, sessions: secrets(&["a", "b", "c", "d", "e", "f"]) };
        assert!(set(&cookies, "https://as.example")[0].contains("=a.b.c.d.e;"));
    }

    #[test]
    fn a_secret_cannot_add_an_attribute() {
        for hostile in ["a; Domain=evil.example", "a\r\nx: y", "a,b", "ä"] {
            let cookies = Cookies { browser: Some(Secret::new(hostile.to_owned())), sessions: None };
            assert!(names().set(&cookies).is_err(), "{hostile}");
        }
    }

    #[test]
    fn issuers_on_one_host_have_cookies_of_their_own() {
        let name = |issuer: &str| CookieNames::new(&issuer.parse().unwrap()).session;
        assert_ne!(name("https://as.example/a"), name("https://as.example/b"));
        assert_eq!(name("https://as.example/t"), names().session);
    }
}
