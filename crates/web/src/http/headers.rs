//! The headers of pages. Owns what a browser may do with one: no script, no frame, nothing from elsewhere, no copy in any
//! cache, and a form that ends only here or where this page's client was registered.

use crate::http::answer::NO_STORE;
use http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, HeaderName, REFERRER_POLICY, STRICT_TRANSPORT_SECURITY,
    X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use http::{HeaderMap, HeaderValue};
use std::borrow::Cow;

const CROSS_ORIGIN_OPENER_POLICY: HeaderName = HeaderName::from_static("cross-origin-opener-policy");

/// RFC 6797 §6.1.1: a year. Neighbours below the same domain are not ours to speak for.
const TLS_ONLY: HeaderValue = HeaderValue::from_static("max-age=31536000");

/// What one page needs beyond what each has.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Policy<'a> {
    /// Where its form may end besides here: an origin, or the scheme of an app.
    pub(crate) form_target: Option<&'a str>,
    /// Whether a script of ours runs in it.
    pub(crate) script: bool,
}

/// What every page carries.
pub(crate) fn page(headers: &mut HeaderMap, policy: Policy<'_>, secure: bool) {
    redirect(headers, secure);
    headers.insert(CONTENT_SECURITY_POLICY, content_security_policy(policy));
    headers.insert(X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    headers.insert(CROSS_ORIGIN_OPENER_POLICY, HeaderValue::from_static("same-origin"));
}

/// What a redirect carries: nobody keeps it, and where it leads does not learn from where.
pub(crate) fn redirect(headers: &mut HeaderMap, secure: bool) {
    headers.insert(CACHE_CONTROL, NO_STORE);
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    if secure {
        headers.insert(STRICT_TRANSPORT_SECURITY, TLS_ONLY);
    }
}

/// CSP 3 §6: everything is forbidden but what a page of ours consists of.
fn content_security_policy(policy: Policy<'_>) -> HeaderValue {
    let script = if policy.script { "script-src 'self'; " } else { "" };
    let target = policy.form_target.and_then(source).map(|source| format!(" {source}")).unwrap_or_default();
    let text = format!(
        "default-src 'none'; {script}style-src 'self'; img-src 'self'; form-action 'self'{target}; base-uri 'none'; \
         frame-ancestors 'none'"
    );
    // Words of ours and a source that was looked at are a header's value; were they not, everything is forbidden.
    HeaderValue::from_str(&text)
        .unwrap_or_else(|_| HeaderValue::from_static("default-src 'none'; form-action 'none'"))
}

/// CSP 3 §2.3.1: an origin or a scheme as a source; none for a text that could mean anything else. The grammar has no
/// IPv6 address, and browsers drop a source that they cannot read, so there the scheme stands for it.
fn source(origin: &str) -> Option<Cow<'_, str>> {
    let (scheme, host) = origin.split_once(':')?;
    let is_scheme = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.'));
    let host =
        if host.is_empty() { host } else { host.strip_prefix("//").filter(|host| !host.is_empty())? };
    let of_name = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_' | b':');
    if !is_scheme {
        None
    } else if host.bytes().all(of_name) {
        Some(Cow::Borrowed(origin))
    } else {
        let address = host.strip_prefix('[').and_then(|rest| rest.split_once(']'))?;
        let is_address = address.0.bytes().chain(address.1.bytes()).all(of_name);
        is_address.then(|| Cow::Owned(format!("{scheme}:")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy(form_target: &str, script: bool) -> String {
        let policy = Policy { form_target: Some(form_target).filter(|target| !target.is_empty()), script };
        content_security_policy(policy).to_str().unwrap().to_owned()
    }

    #[test]
    fn a_form_may_end_where_the_client_was_registered() {
        for target in
            ["https://app.example", "https://app.example:8443", "http://127.0.0.1:51004", "com.example.app:"]
        {
            assert_eq!(
                policy(target, false),
                format!(
                    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self' {target}; \
                     base-uri 'none'; frame-ancestors 'none'"
                )
            );
        }
        assert!(policy("", false).contains("form-action 'self';"));
        assert!(policy("http://[::1]:51004", false).contains("form-action 'self' http:;"));
    }

    #[test]
    fn a_script_runs_only_where_one_is_needed() {
        assert!(policy("", true).contains("default-src 'none'; script-src 'self'; style-src 'self';"));
        assert!(!policy("", false).contains("script-src"));
    }

    #[test]
    fn what_is_no_origin_adds_nothing() {
        for hostile in [
            "https://a.example; script-src *",
            "https://a.example 'unsafe-inline'",
            "https://a.example, default-src *",
            "https://*.example",
            "https://a.example/\r\nx: y",
            "*",
            "https:*",
            "'self'",
            "https://",
            "://a.example",
            "1a:",
            "javascript:alert(1)",
            "https://[::1",
            "https://[::1]:1; x",
            "https://[x y]",
        ] {
            assert_eq!(policy(hostile, false), policy("", false), "{hostile}");
        }
    }

    #[test]
    fn only_an_https_issuer_promises_tls() {
        let (mut plain, mut secure) = (HeaderMap::new(), HeaderMap::new());
        page(&mut plain, Policy::default(), false);
        page(&mut secure, Policy::default(), true);
        assert!(!plain.contains_key(STRICT_TRANSPORT_SECURITY));
        assert_eq!(secure[STRICT_TRANSPORT_SECURITY], "max-age=31536000");
    }
}
