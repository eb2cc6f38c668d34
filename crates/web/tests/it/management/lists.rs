//! Lists: pages by a cursor, which neither repeat nor skip whatever is made meanwhile.

use crate::management::office::Office;
use doorward_protocol::time::Lifetime;
use serde_json::{Value, json};

fn names(page: &Value) -> Vec<String> {
    let items = page["items"].as_array().unwrap();
    items.iter().map(|item| item["name"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn pages_follow_one_another() {
    let office = Office::new();
    for name in ["a", "b", "c", "d", "e"] {
        assert_eq!(office.post("/organizations", json!({ "name": name })).status, 201);
    }
    let (mut seen, mut path) = (vec![], "/organizations?limit=2".to_owned());
    loop {
        let page = office.get(&path).body;
        seen.extend(names(&page));
        // Made while somebody leafs: it comes at the end, and moves nothing.
        if seen.len() == 2 {
            office.place.advance(Lifetime::seconds(1));
            assert_eq!(office.post("/organizations", json!({"name": "f"})).status, 201);
        }
        let Some(cursor) = page["next_cursor"].as_str() else { break };
        path = format!("/organizations?limit=2&cursor={cursor}");
    }
    assert_eq!(seen.last().map(String::as_str), Some("f"));
    seen.sort();
    assert_eq!(seen, ["a", "b", "c", "d", "e", "f"]);
}

#[test]
fn a_list_is_narrowed_by_its_filters() {
    let office = Office::new();
    for name in ["a", "b"] {
        office.post("/organizations", json!({ "name": name }));
    }
    office.call(&office.root, "POST", "/organizations/b/disable", None);
    assert_eq!(names(&office.get("/organizations?status=inactive").body), ["b"]);
    assert_eq!(names(&office.get("/organizations?status=active&name=a").body), ["a"]);
    assert_eq!(names(&office.get("/organizations?status=active&name=b").body), Vec::<String>::new());
    assert_eq!(office.get("/organizations?name=a").body["next_cursor"], Value::Null);
}

/// RFC 9457 §3.1.4: who brings a value that a filter does not have, or a filter that a list does not have, is told which there are.
#[test]
fn a_filter_that_is_wrong_is_told_what_is_right() {
    let office = Office::new();
    for (path, parameter, said) in [
        ("/organizations?status=off", "status", "is one of active, inactive"),
        ("/users?status=inactive", "status", "is one of active, disabled"),
        ("/users/root/api-tokens?status=off", "status", "is one of active, revoked, expired"),
        ("/clients?group=staff", "group", "is an identifier (ULID)"),
        (
            "/organizations?state=active",
            "state",
            "is no parameter here: those are limit, cursor, name, status",
        ),
        ("/me?limit=1", "limit", "is no parameter here: there is none"),
    ] {
        let answer = office.get(path);
        assert_eq!(answer.wrong(), (400, vec![parameter]), "{path}");
        assert_eq!(answer.body["errors"][0]["detail"], said, "{path}");
        assert_eq!(answer.body["detail"], format!("{parameter}: {said}"), "{path}");
    }
}
