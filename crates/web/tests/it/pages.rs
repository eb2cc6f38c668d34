//! What every page has in common, whatever it says.

use crate::support::{FORM, TestApp, header, request, set};
use bytes::Bytes;
use doorward_core::settings::Settings;
use doorward_web::settings::WebSettings;
use http::{Method, Response, StatusCode};
use metrics_exporter_prometheus::PrometheusBuilder;

/// Every page, by each of its methods.
const PAGES: [(Method, &str); 14] = [
    (Method::GET, "/oauth2/authorize"),
    (Method::POST, "/oauth2/authorize"),
    (Method::GET, "/oauth2/logout"),
    (Method::POST, "/oauth2/logout"),
    (Method::GET, "/login"),
    (Method::POST, "/login"),
    (Method::POST, "/consent"),
    (Method::GET, "/setup"),
    (Method::POST, "/setup"),
    (Method::GET, "/account"),
    (Method::GET, "/account/password"),
    (Method::POST, "/account/password"),
    (Method::POST, "/account/consents"),
    (Method::GET, "/logged-out"),
];

fn ask(app: &TestApp, method: &Method, path: &str) -> Response<Bytes> {
    app.send(set(request(method.clone(), path), "content-type", FORM))
}

fn html(answer: &Response<Bytes>) -> &str {
    std::str::from_utf8(answer.body()).unwrap()
}

/// RFC 9700 §4.16: nothing is kept, framed, run or fetched from elsewhere, on any page.
#[test]
fn every_page_carries_the_headers_of_a_page() {
    let app = TestApp::new();
    for (method, path) in PAGES {
        let answer = ask(&app, &method, path);
        for (name, value) in [
            ("cache-control", "no-store"),
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "no-referrer"),
            ("strict-transport-security", "max-age=31536000"),
        ] {
            assert_eq!(header(&answer, name), value, "{method} {path} {name}");
        }
        if answer.status().is_redirection() {
            assert_eq!(answer.status(), StatusCode::SEE_OTHER, "{method} {path}");
            continue;
        }
        for (name, value) in [
            ("content-type", "text/html; charset=utf-8"),
            ("x-frame-options", "DENY"),
            ("cross-origin-opener-policy", "same-origin"),
        ] {
            assert_eq!(header(&answer, name), value, "{method} {path} {name}");
        }
        let policy = header(&answer, "content-security-policy");
        assert!(
            policy.starts_with("default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'"),
            "{path}"
        );
        assert!(policy.ends_with("; base-uri 'none'; frame-ancestors 'none'"), "{path}");
        assert!(html(&answer).contains("<html lang=\"en\">"), "{path}");
    }
}

/// RFC 9700 §2.6: no page of another origin reads what stands on ours, least of all the authorization endpoint.
#[test]
fn no_page_is_shared_with_other_origins() {
    let app = TestApp::new();
    for (method, path) in PAGES {
        let answer = app.send(set(request(method.clone(), path), "origin", "https://spa.example"));
        assert!(!answer.headers().contains_key("access-control-allow-origin"), "{method} {path}");
        let preflight = app.send(set(request(Method::OPTIONS, path), "origin", "https://spa.example"));
        assert_eq!(preflight.status(), StatusCode::METHOD_NOT_ALLOWED, "{path}");
        assert!(!preflight.headers().contains_key("access-control-allow-origin"), "{path}");
    }
}

/// RFC 9110 §15.5.6: a page says which methods it takes, and says it as a page.
#[test]
fn another_method_is_refused_by_a_page() {
    let app = TestApp::new();
    for (path, allowed) in [
        ("/oauth2/authorize", "GET, HEAD, POST"),
        ("/oauth2/logout", "GET, HEAD, POST"),
        ("/login", "GET, HEAD, POST"),
        ("/consent", "POST"),
        ("/account", "GET, HEAD"),
        ("/account/consents", "POST"),
        ("/logged-out", "GET, HEAD"),
    ] {
        let answer = ask(&app, &Method::DELETE, path);
        assert_eq!((answer.status().as_u16(), header(&answer, "allow")), (405, allowed), "{path}");
        assert_eq!(header(&answer, "content-type"), "text/html; charset=utf-8", "{path}");
    }
}

#[test]
fn an_error_page_names_its_request_and_echoes_nothing() {
    let app = TestApp::new();
    let hostile = "/oauth2/authorize?state=%3Cscript%3E&client_id=%22%3E%3Cimg&client_id=x";
    let answer = app.get(hostile);
    assert_eq!(answer.status(), StatusCode::BAD_REQUEST);
    let html = html(&answer);
    assert!(
        html.contains(&format!("<code id=\"request_id\">{}</code>", header(&answer, "x-request-id"))),
        "{html}"
    );
    assert!(html.contains("400 Bad Request") && html.contains("<code>invalid_request</code>"), "{html}");
    assert!(!html.contains("script") && !html.contains("%3C") && !html.contains("<img src=x"), "{html}");
}

/// RFC 9110 §15.5.14: a body that is not read to its end is refused in the form of the place it was sent to.
#[test]
fn a_body_that_is_too_large_is_refused_by_a_page() {
    let app = TestApp::new();
    let answer = app.post("/login", &"a".repeat(64 * 1024 + 1));
    assert_eq!(answer.status(), StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(header(&answer, "content-type"), "text/html; charset=utf-8");
}

#[test]
fn pages_stand_where_they_were_put() {
    let settings = Settings::new("https://as.example/t".parse().unwrap());
    let settings = Settings { pages_prefix: "/id".to_owned(), ..settings };
    let app = TestApp::set(settings, WebSettings::default());
    for path in ["/t/id/logged-out", "/t/id/login", "/t/id/assets/doorward.css", "/t/oauth2/authorize"] {
        assert_ne!(app.get(path).status(), StatusCode::NOT_FOUND, "{path}");
    }
    for path in ["/logged-out", "/t/logged-out", "/id/logged-out", "/t/id/oauth2/authorize"] {
        assert_eq!(app.get(path).status(), StatusCode::NOT_FOUND, "{path}");
    }
    assert!(html(&app.get("/t/id/logged-out")).contains("href=\"/t/id/assets/doorward.css?v="));
}

/// RFC 6797 §7.2: over plain http, nothing is promised about TLS.
#[test]
fn a_server_on_plain_http_promises_no_tls() {
    let app = TestApp::with("http://127.0.0.1:8080", WebSettings::default());
    let answer = app.send(set(request(Method::GET, "/logged-out"), "host", "127.0.0.1:8080"));
    assert_eq!(answer.status(), StatusCode::OK);
    assert!(!answer.headers().contains_key("strict-transport-security"));
}

#[test]
fn pages_are_counted_by_name_and_refusal() {
    let recorder = PrometheusBuilder::new().build_recorder();
    metrics::with_local_recorder(&recorder, || {
        let app = TestApp::new();
        app.get("/logged-out?secret=1");
        app.get("/oauth2/authorize?x=1&x=1");
    });
    let text = recorder.handle().render();
    for line in [
        "doorward_http_requests_total{endpoint=\"logged_out\",status=\"200\"} 1",
        "doorward_http_requests_total{endpoint=\"authorize\",status=\"400\"} 1",
        "doorward_refusals_total{endpoint=\"authorize\",error=\"invalid_request\"} 1",
    ] {
        assert!(text.lines().any(|found| found == line), "{line} is missing in:\n{text}");
    }
}

/// A host's stylesheet comes after ours, so that what it says of our colours holds; its name stays a value.
#[test]
fn every_page_wears_the_hosts_stylesheet() {
    let settings = WebSettings { stylesheet: Some("/shop.css?a=\"&b".to_owned()), ..WebSettings::default() };
    let app = TestApp::with("https://as.example", settings);
    for (method, path) in PAGES {
        let answer = ask(&app, &method, path);
        if answer.status() != StatusCode::SEE_OTHER {
            let (_, after) = html(&answer).split_once("/assets/doorward.css").expect("ours");
            assert!(
                after.contains("<link rel=\"stylesheet\" href=\"/shop.css?a=&#34;&#38;b\">"),
                "{path} {after}"
            );
        }
    }
    assert_eq!(html(&ask(&TestApp::new(), &Method::GET, "/login")).matches("rel=\"stylesheet\"").count(), 1);
}
