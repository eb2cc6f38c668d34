//! Where a form was posted from. Owns the check that it was a page of ours, as far as a browser tells; what another site
//! cannot know, the token in the form, is core's to make and to check.

use doorward_protocol::error::{ErrorCode, OAuthError};
use http::header::ORIGIN;
use http::{HeaderMap, HeaderName};

/// Fetch Metadata §2.3: how the page that sends a request and its target relate.
const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// OWASP ASVS 3.5: refuses what a browser says came from another site. A browser that says nothing is an old one, or
/// none: then the token in the form decides.
///
/// # Errors
/// `access_denied`.
pub(crate) fn check(headers: &HeaderMap, ours: &str) -> Result<(), OAuthError> {
    let site = headers
        .get_all(SEC_FETCH_SITE)
        .iter()
        .all(|site| matches!(site.as_bytes(), b"same-origin" | b"none"));
    // Our pages send no referrer, and then a browser writes `null` for the origin of their forms too (Fetch, "append a
    // request `Origin` header"): it says no more than a missing one.
    let same = |origin: &[u8]| origin == ours.as_bytes() || origin == b"null";
    if site && headers.get_all(ORIGIN).iter().all(|origin| same(origin.as_bytes())) {
        return Ok(());
    }
    Err(OAuthError::new(ErrorCode::AccessDenied, "this form was not sent from a page of this server"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accepts(site: &[&str], origin: &[&str]) -> bool {
        let sites = site.iter().map(|value| (SEC_FETCH_SITE, value.parse().unwrap()));
        let origins = origin.iter().map(|value| (ORIGIN, value.parse().unwrap()));
        check(&sites.chain(origins).collect(), "https://as.example").is_ok()
    }

    #[test]
    fn a_page_of_ours_may_post() {
        assert!(accepts(&["same-origin"], &["https://as.example"]));
        assert!(accepts(&["same-origin"], &["null"]), "as browsers write it under our own referrer policy");
        assert!(accepts(&["none"], &[]), "the person sent the form again, by reloading the page");
    }

    #[test]
    fn a_browser_that_says_nothing_is_let_through_to_the_token() {
        assert!(accepts(&[], &[]));
        assert!(accepts(&[], &["https://as.example"]));
        assert!(accepts(&[], &["null"]));
    }

    #[test]
    fn another_site_may_not_post() {
        for site in ["cross-site", "same-site", "", "Same-Origin", "same-origin, none"] {
            assert!(!accepts(&[site], &["https://as.example"]), "{site}");
        }
        for origin in [
            "https://evil.example",
            "http://as.example",
            "https://as.example:8443",
            "https://as.example.evil.example",
            "https://AS.example",
            "",
        ] {
            assert!(!accepts(&["same-origin"], &[origin]), "{origin}");
            assert!(!accepts(&[], &[origin]), "{origin}");
        }
    }

    #[test]
    fn of_two_headers_the_worse_one_counts() {
        assert!(!accepts(&["same-origin", "cross-site"], &[]));
        assert!(!accepts(&[], &["https://as.example", "https://evil.example"]));
    }
}
