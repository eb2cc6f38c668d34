//! Metadata and keys: where they are, and how they are cached.

use crate::support::{JWKS, METADATA, TestApp, header, json, request, rotate, set};
use doorward_web::settings::WebSettings;
use http::{Method, StatusCode};

/// RFC 8414 §3.1, §5 and OpenID Connect Discovery §4: both documents, inserted and appended, say the same.
#[test]
fn metadata_is_found_in_all_path_forms() {
    let app = TestApp::with("https://as.example/tenant/a", WebSettings::default());
    let forms = [
        "/.well-known/oauth-authorization-server/tenant/a",
        "/.well-known/openid-configuration/tenant/a",
        "/tenant/a/.well-known/oauth-authorization-server",
        "/tenant/a/.well-known/openid-configuration",
    ];
    for path in forms {
        let answer = app.get(path);
        assert_eq!(
            (answer.status(), header(&answer, "content-type")),
            (StatusCode::OK, "application/json"),
            "{path}"
        );
        assert_eq!(json(&answer)["issuer"], "https://as.example/tenant/a", "{path}");
    }
    assert_eq!(app.get(METADATA).status(), StatusCode::NOT_FOUND, "that would be another issuer's");
}

/// RFC 8414 §2: every URL that the document names is answered.
#[test]
fn what_metadata_names_is_there() {
    for issuer in ["https://as.example", "https://as.example/tenant/a"] {
        let app = TestApp::with(issuer, WebSettings::default());
        let path = issuer.trim_start_matches("https://as.example");
        let document = json(&app.get(&format!("{path}/.well-known/openid-configuration")));
        for member in [
            "token_endpoint",
            "introspection_endpoint",
            "revocation_endpoint",
            "revocations_endpoint",
            "jwks_uri",
        ] {
            let url = document[member].as_str().unwrap();
            let answer = app.get(url.strip_prefix("https://as.example").unwrap());
            assert_ne!(answer.status(), StatusCode::NOT_FOUND, "{url}");
        }
    }
}

/// RFC 9110 §13.1.2, §15.4.5: a document that the client has already is not sent again.
#[test]
fn a_known_document_is_answered_by_304() {
    let app = TestApp::new();
    for path in [METADATA, JWKS] {
        let fresh = app.get(path);
        let etag = header(&fresh, "etag");
        assert!(etag.starts_with('"') && etag.ends_with('"'), "{path}: strong");
        let known = app.send(set(request(Method::GET, path), "if-none-match", etag));
        assert_eq!((known.status(), known.body().len()), (StatusCode::NOT_MODIFIED, 0), "{path}");
        assert_eq!(header(&known, "etag"), etag, "{path}");
        assert_eq!(header(&known, "cache-control"), header(&fresh, "cache-control"), "{path}");
        assert_eq!(
            app.send(set(request(Method::GET, path), "if-none-match", "\"x\"")).status(),
            StatusCode::OK,
            "{path}"
        );
    }
}

/// RFC 9111 §5.2.2: documents may be kept by anybody, for as long as the key schedule counts on.
#[test]
fn documents_may_be_cached() {
    let app = TestApp::new();
    assert_eq!(header(&app.get(JWKS), "cache-control"), "public, max-age=300");
    assert_eq!(header(&app.get(METADATA), "cache-control"), "public, max-age=300");
}

/// RFC 7517 §5: a new key is in the set, under another validator, from the next request on.
#[test]
fn the_key_set_changes_with_the_keys() {
    let app = TestApp::new();
    let before = app.get(JWKS);
    rotate(&app.server);
    let after = app.get(JWKS);
    let keys = |answer| json(answer)["keys"].as_array().map_or(0, Vec::len);
    assert_eq!((keys(&before), keys(&after)), (1, 2));
    assert_ne!(header(&before, "etag"), header(&after, "etag"));
    let stale = set(request(Method::GET, JWKS), "if-none-match", header(&before, "etag"));
    assert_eq!(app.send(stale).status(), StatusCode::OK);
}

/// RFC 9110 §9.3.2: HEAD is GET without the body, which whoever writes to the network leaves out.
#[test]
fn head_has_the_headers_of_get() {
    let app = TestApp::new();
    for path in [METADATA, JWKS, "/healthz"] {
        let (get, head) = (app.get(path), app.send(request(Method::HEAD, path)));
        assert_eq!(head.status(), StatusCode::OK, "{path}");
        for name in ["etag", "cache-control", "content-type"] {
            assert_eq!(header(&head, name), header(&get, name), "{path}");
        }
    }
}
