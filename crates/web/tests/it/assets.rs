//! What pages are made of besides HTML.

use crate::support::{TestApp, header, request, set};
use http::{Method, StatusCode};

const ASSETS: [(&str, &str); 3] = [
    ("/assets/doorward.css", "text/css; charset=utf-8"),
    ("/assets/form-post.js", "text/javascript; charset=utf-8"),
    ("/assets/doorward.svg", "image/svg+xml"),
];

/// RFC 9110 §8.8.3, §15.4.5: each has a strong validator, and is not sent to who has it.
#[test]
fn assets_are_sent_once_and_for_what_they_are() {
    let app = TestApp::new();
    for (path, content_type) in ASSETS {
        let answer = app.get(&format!("{path}?v=1"));
        assert_eq!((answer.status(), header(&answer, "content-type")), (StatusCode::OK, content_type));
        assert_eq!(header(&answer, "x-content-type-options"), "nosniff");
        assert_eq!(header(&answer, "cache-control"), "public, max-age=3600");
        let etag = header(&answer, "etag");
        assert!(etag.starts_with('"') && etag.len() > 2, "{path}: strong");
        let known = app.send(set(request(Method::GET, path), "if-none-match", etag));
        assert_eq!((known.status(), known.body().len()), (StatusCode::NOT_MODIFIED, 0), "{path}");
    }
}

#[test]
fn a_page_names_assets_that_are_there() {
    let app = TestApp::new();
    let page = app.get("/logged-out");
    let html = std::str::from_utf8(page.body()).unwrap();
    let named: Vec<_> = html.split('"').filter(|part| part.starts_with("/assets/")).collect();
    assert_eq!(named.len(), 3, "{html}");
    named.iter().for_each(|path| assert_eq!(app.get(path).status(), StatusCode::OK, "{path}"));
}
