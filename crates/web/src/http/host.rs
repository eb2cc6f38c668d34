//! The host a request was meant for. Owns the comparison with the issuer's: what is not meant for us is not answered, so
//! that no cache, proxy or mail ever takes another's name for ours.

use doorward_core::issuer::Issuer;
use http::header::HOST;
use http::{Request, Uri, Version};
use std::borrow::Cow;

/// The hosts that the server answers to.
#[derive(Debug)]
pub(crate) struct Hosts {
    authority: String,
    origin: String,
    default_port: &'static str,
    redirected: Vec<String>,
}

/// What a request's host means.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Target {
    /// It is ours.
    Ours,
    /// It is another name of ours: this is where the request belongs.
    Moved(String),
    /// It is somebody else's (RFC 9110 §15.5.20).
    Misdirected,
    /// There is none, or more than one (RFC 9112 §3.2).
    Unclear,
}

impl Hosts {
    pub(crate) fn new(issuer: &Issuer, redirected: Vec<String>) -> Self {
        Self {
            authority: issuer.authority().to_owned(),
            origin: issuer.origin().to_owned(),
            default_port: if issuer.uses_tls() { ":443" } else { ":80" },
            redirected,
        }
    }

    pub(crate) fn target<B>(&self, request: &Request<B>) -> Target {
        let Some(host) = host(request) else { return Target::Unclear };
        if self.is_ours(host) {
            Target::Ours
        } else if self.redirected.iter().any(|other| other.eq_ignore_ascii_case(host)) {
            Target::Moved(format!("{}{}", self.origin, path_and_query(request.uri())))
        } else {
            Target::Misdirected
        }
    }

    /// RFC 9110 §4.2.3: case does not matter, and the default port may be written or not.
    fn is_ours(&self, host: &str) -> bool {
        let same = |host: &str| host.eq_ignore_ascii_case(&self.authority);
        same(host) || host.strip_suffix(self.default_port).is_some_and(same)
    }
}

/// Where a request to our other name goes on ours. RFC 9112 §3.2.4: `*` is the server as a whole, and no path.
fn path_and_query(uri: &Uri) -> Cow<'_, str> {
    let path = if uri.path() == "*" { "/" } else { uri.path() };
    uri.query().map_or(Cow::Borrowed(path), |query| format!("{path}?{query}").into())
}

/// RFC 9112 §3.2.2: an absolute request target counts, and the `Host` beside it is ignored; it must be there all the same
/// (§3.2), and once. In HTTP/2 the target is absolute, and there need not be one.
fn host<B>(request: &Request<B>) -> Option<&str> {
    let mut hosts = request.headers().get_all(HOST).iter();
    let host = match (hosts.next(), hosts.next()) {
        (_, Some(_)) => return None,
        (Some(host), None) => Some(host.to_str().ok()?),
        (None, None) if request.version() == Version::HTTP_11 => return None,
        (None, None) => None,
    };
    request.uri().authority().map_or(host, |authority| Some(authority.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(issuer: &str, uri: &str, hosts: &[&str], version: Version) -> Target {
        let hosts_of = Hosts::new(&issuer.parse().unwrap(), vec!["localhost:8080".to_owned()]);
        let mut request = Request::builder().uri(uri).version(version);
        for host in hosts {
            request = request.header(HOST, *host);
        }
        hosts_of.target(&request.body(()).unwrap())
    }

    fn of(host: &str) -> Target {
        target("https://as.example/t", "/t/oauth2/jwks", &[host], Version::HTTP_11)
    }

    /// RFC 9110 §4.2.3: hosts are compared without case, and with their default port.
    #[test]
    fn our_host_may_be_written_in_several_ways() {
        for host in ["as.example", "AS.example", "as.example:443"] {
            assert_eq!(of(host), Target::Ours, "{host}");
        }
        for host in [
            "as.example:80",
            "as.example:8443",
            "as.example.",
            "x.as.example",
            "as.example@evil.example",
            "",
            ":443",
        ] {
            assert_eq!(of(host), Target::Misdirected, "{host}");
        }
    }

    /// RFC 9112 §3.2: a request without a host, or with two, has no target.
    #[test]
    fn a_request_names_exactly_one_host() {
        for hosts in [&[][..], &["as.example", "as.example"], &["as.example", "evil.example"]] {
            assert_eq!(
                target("https://as.example", "/", hosts, Version::HTTP_11),
                Target::Unclear,
                "{hosts:?}"
            );
        }
    }

    /// RFC 9112 §3.2.2: in absolute form the target's host counts, and the header is ignored.
    #[test]
    fn an_absolute_target_overrides_the_header() {
        let at = |uri| target("https://as.example", uri, &["as.example"], Version::HTTP_11);
        assert_eq!(at("http://as.example/"), Target::Ours);
        assert_eq!(at("http://evil.example/"), Target::Misdirected);
        let moved = target("https://as.example", "https://as.example/", &["evil.example"], Version::HTTP_11);
        assert_eq!(moved, Target::Ours);
    }

    /// RFC 9113 §8.3.1: HTTP/2 says the host in its target.
    #[test]
    fn http_2_needs_no_host_header() {
        assert_eq!(target("https://as.example", "https://as.example/", &[], Version::HTTP_2), Target::Ours);
    }

    #[test]
    fn another_name_of_ours_keeps_path_and_query() {
        let moved = target("http://127.0.0.1:8080", "/a?b=c", &["localhost:8080"], Version::HTTP_11);
        assert_eq!(moved, Target::Moved("http://127.0.0.1:8080/a?b=c".to_owned()));
    }

    /// RFC 9112 §3.2.4: `OPTIONS *` asks the server as a whole, which has no path to go on with.
    #[test]
    fn a_target_without_a_path_moves_to_the_root() {
        for uri in ["*", "http://localhost:8080", "http://localhost:8080?"] {
            let moved = target("http://127.0.0.1:8080", uri, &["localhost:8080"], Version::HTTP_11);
            let Target::Moved(to) = moved else { panic!("{uri}: {moved:?}") };
            assert_eq!(to.trim_end_matches('?'), "http://127.0.0.1:8080/", "{uri}");
        }
    }
}
