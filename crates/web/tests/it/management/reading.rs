//! How requests are read: nothing is passed over, and everything that is wrong is named with its place.

use crate::management::office::{Office, call};
use crate::support::set;
use bytes::Bytes;
use serde_json::json;

#[test]
fn a_body_is_json_and_says_so() {
    let office = Office::new();
    let posted = |kind: &'static str, body: &'static [u8]| {
        let request = call(&office.root, "POST", "/groups", None).map(|_| Bytes::from_static(body));
        office.send(set(request, "content-type", kind))
    };
    for kind in ["", "text/plain", "application/x-www-form-urlencoded", "application/merge-patch+json"] {
        assert_eq!(posted(kind, b"{\"name\":\"a\"}").status, 415, "{kind}");
    }
    for body in [&b""[..], b"{", b"\xff", b"{\"name\":\"a\"} x"] {
        assert_eq!(posted("application/json", body).status, 400, "{body:?}");
    }
    assert_eq!(posted("application/json", b"{\"name\":\"a\",\"name\":\"b\"}").wrong(), (400, vec!["/name"]));
    assert_eq!(posted("application/json; charset=utf-8", b"{\"name\":\"a\"}").status, 201);
}

#[test]
fn what_is_wrong_is_named_all_at_once() {
    let office = Office::new();
    assert_eq!(
        office.post("/groups", json!({"name": 1, "nam": "a", "x": 2})).wrong(),
        (400, vec!["/nam", "/name", "/x"])
    );
    assert_eq!(office.post("/groups", json!({})).wrong(), (422, vec!["/name"]));
    assert_eq!(office.post("/groups", json!([])).wrong(), (400, vec![""]));
    let answer = office.post("/groups", json!({"name": ""}));
    assert_eq!(answer.wrong(), (422, vec!["/name"]));
    assert_eq!(answer.body["title"], "Unprocessable Entity");
    assert!(answer.body["detail"].as_str().unwrap().starts_with("name: "), "{}", answer.body);
}

#[test]
fn an_action_without_a_body_takes_none() {
    let office = Office::new();
    let made = office.post("/organizations", json!({"name": "Acme"}));
    let path = format!("/organizations/{}/disable", made.body["id"].as_str().unwrap());
    assert_eq!(office.post(&path, json!({"x": 1})).wrong(), (400, vec!["/x"]));
    assert_eq!(office.call(&office.root, "POST", &path, None).body["status"], "inactive");
    assert_eq!(office.post(&path, json!({})).status, 200);
}

/// RFC 9110 §15.5.5, §15.5.6: what is not there, and what cannot be done there.
#[test]
fn other_paths_and_methods_are_told_apart() {
    let office = Office::new();
    for path in ["/group", "/groups/", "/groups/a/b", "/groups//"] {
        let answer = office.get(path);
        assert_eq!(
            (answer.status, answer.header("content-type")),
            (404, "application/problem+json"),
            "{path}"
        );
    }
    let answer = office.call(&office.root, "PUT", "/groups/x", None);
    assert_eq!((answer.status, answer.header("allow")), (405, "GET, HEAD, PATCH, DELETE"));
    assert_eq!(office.call("", "OPTIONS", "/groups", None).header("allow"), "GET, HEAD, POST");
    assert_eq!(office.get("/groups").header("access-control-allow-origin"), "");
}

/// RFC 9110 §9.3.2: HEAD is answered as GET is.
#[test]
fn head_is_answered_as_get() {
    let office = Office::new();
    let [get, head] = ["GET", "HEAD"].map(|method| office.call(&office.root, method, "/groups", None));
    assert_eq!((head.status, head.body), (200, get.body));
    assert_eq!(head.response.headers()["cache-control"], "no-store");
}

#[test]
fn no_parameter_is_passed_over() {
    let office = Office::new();
    for (query, place) in [
        ("x=1", "x"),
        ("nam=a", "nam"),
        ("limit=0", "limit"),
        ("limit=201", "limit"),
        ("limit=a", "limit"),
        ("cursor=x", "cursor"),
    ] {
        assert_eq!(office.get(&format!("/groups?{query}")).wrong(), (400, vec![place]), "{query}");
    }
    assert_eq!(office.get("/groups?limit=1&limit=2").status, 400);
    assert_eq!(office.get("/organizations?status=off").wrong(), (400, vec!["status"]));
    assert_eq!(office.get("/groups/x?limit=1").wrong(), (400, vec!["limit"]));
    assert_eq!(office.get("/groups?limit=200").status, 200);
}

/// RFC 7396 §1: what is named is replaced, `null` brings a member back to where it is when nothing is said.
#[test]
fn a_patch_changes_what_it_names() {
    let office = Office::new();
    let made = office.post("/groups", json!({"name": "Support"}));
    let path = format!("/groups/{}", made.body["id"].as_str().unwrap());
    assert_eq!(office.patch(&path, json!({})).body, made.body);
    assert_eq!(office.patch(&path, json!({"name": "Help"})).body["name"], "Help");
    assert_eq!(
        office.patch(&path, json!({"name": null})).wrong(),
        (400, vec!["/name"]),
        "it has to be there"
    );
    let merge = set(
        call(&office.root, "PATCH", &path, Some(json!({"name": "Aid"}))),
        "content-type",
        "application/merge-patch+json",
    );
    assert_eq!(office.send(merge).body["name"], "Aid");
}

/// RFC 7396 §1: whoever reads a resource changes what they like of it, and sends it back.
#[test]
fn a_whole_resource_may_be_sent_back() {
    let office = Office::new();
    let all = json!({"level": "read", "include_future": true});
    let one = json!([{"api": "https://orders.example", "level": "read"}]);
    for (path, body) in [
        ("/organizations", json!({"name": "Acme"})),
        ("/users", json!({"username": "carol", "groups": ["Members"], "organization_id": "Acme"})),
        ("/groups", json!({"name": "Support", "permissions": ["users:read"]})),
        (
            "/apis",
            json!({"name": "A", "identifier": "https://a.example", "levels": {"read": {"paths": ["/a/**"]}}}),
        ),
        ("/clients", json!({"name": "C", "client_id": "shop", "allowed_ips": ["192.0.2.7"], "access": one})),
        ("/me/api-tokens", json!({"name": "t", "access": one})),
        ("/me/api-tokens", json!({"name": "t", "apply_to_all": all})),
    ] {
        let made = office.post(path, body);
        assert_eq!(made.status, 201, "{path}: {}", made.body);
        let path = format!("{}/{}", path.trim_start_matches("/me"), made.body["id"].as_str().unwrap());
        let (mut whole, events) = (office.get(&path).body, office.events().len());
        let same = office.patch(&path, whole.clone());
        assert_eq!((same.status, &same.body), (200, &whole), "{path}");
        assert_eq!(office.events().len(), events, "{path}: nothing was done");
        whole["id"] = json!("01ARZ3NDEKTSV4RRFFQ69G5FAV");
        whole["created_at"] = json!(null);
        let refused = office.patch(&path, whole.clone());
        assert_eq!(refused.wrong(), (422, vec!["/created_at", "/id"]), "{path}");
        assert_eq!(refused.body["errors"][0]["detail"], "cannot be changed");
        whole["x"] = json!(1);
        assert_eq!(office.patch(&path, whole).wrong(), (400, vec!["/x"]), "{path}");
    }
    let mut carol = office.get("/users/carol").body;
    carol["contact"] = json!("desk 4");
    assert_eq!(office.patch("/users/carol", carol).body["contact"], "desk 4");
    assert_eq!(
        office.patch("/clients/shop", json!({"client_id": "other"})).wrong(),
        (422, vec!["/client_id"])
    );
    assert_eq!(office.patch("/clients/nobody", json!({"client_id": "other"})).status, 404);
    let auditor = office.call(&office.auditor, "PATCH", "/clients/shop", Some(json!({"client_id": "shop"})));
    assert_eq!(auditor.status, 403);
}

#[test]
fn a_limit_is_told_as_it_has_to_be() {
    let office = Office::new();
    for limit in ["abc", "", "0", "201", "1.5", "-1", "99999999999999999999999"] {
        let answer = office.get(&format!("/groups?limit={limit}"));
        assert_eq!(answer.status, 400, "{limit}");
        assert_eq!(answer.body["detail"], "limit: is a whole number from 1 to 200", "{limit}");
    }
}

/// Whoever begins at the address of the API, or adds a slash, finds out where it is described.
#[test]
fn the_address_of_the_api_leads_to_its_description() {
    let office = Office::new();
    for path in ["", "/"] {
        let index = office.call("", "GET", path, None);
        assert_eq!((index.status, index.header("content-type")), (200, "application/json"), "{path}");
        assert_eq!(index.body["openapi"], "https://as.example/api/openapi.json");
        assert_eq!(index.body["documentation"], "https://as.example/api/docs");
        assert_eq!(office.call(&office.root, "POST", path, None).status, 405);
    }
    let moved = office
        .send(http::Request::get("/api/docs/").header("host", "as.example").body(Bytes::new()).unwrap());
    assert_eq!((moved.status, moved.header("location")), (308, "/api/docs"));
}

/// Whoever sends nothing where something is needed is told what, and not where reading nothing ended.
#[test]
fn a_body_that_is_missing_is_asked_for() {
    let office = Office::new();
    let mut request = call(&office.root, "POST", "/groups", None);
    request.headers_mut().insert("content-type", "application/json".parse().unwrap());
    let answer = office.send(request);
    assert_eq!((answer.status, &answer.body["detail"]), (400, &"a JSON object is needed as the body".into()));
}
