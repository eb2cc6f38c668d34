//! The description of the API: that it is well-formed, that it says what is so, and that its snapshot is up to date.

use crate::management::office::Office;
use crate::support::{TestApp, header};
use serde_json::{Map, Value, json};
use std::path::Path;

/// Where the snapshot stands.
const SNAPSHOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/openapi.json");
const ISSUER: &str = "https://as.example";

fn document() -> Value {
    crate::support::json(&TestApp::new().get("/api/openapi.json"))
}

/// Every operation, as `METHOD path` and its description.
fn operations(document: &Value) -> Vec<(String, &Value)> {
    let paths = document["paths"].as_object().unwrap();
    let all = paths.iter().flat_map(|(path, item)| {
        let operations = item.as_object().unwrap();
        operations
            .iter()
            .map(move |(method, operation)| (format!("{} {path}", method.to_uppercase()), operation))
    });
    all.collect()
}

/// RFC 6901 §4: what a reference within the document leads to.
fn followed<'a>(value: &'a Value, document: &'a Value) -> &'a Value {
    match value["$ref"].as_str() {
        Some(reference) => {
            document.pointer(reference.strip_prefix('#').unwrap()).unwrap_or_else(|| panic!("{reference}"))
        }
        None => value,
    }
}

fn references<'a>(value: &'a Value, found: &mut Vec<&'a str>) {
    match value {
        Value::Object(members) => {
            found.extend(members.get("$ref").and_then(Value::as_str));
            members.values().for_each(|member| references(member, found));
        }
        Value::Array(items) => items.iter().for_each(|item| references(item, found)),
        _ => {}
    }
}

/// OpenAPI 3.1 §4.8: what has to be there is, and every reference leads somewhere.
#[test]
fn the_document_is_well_formed() {
    let document = document();
    assert_eq!(document["openapi"], "3.1.0");
    assert_eq!(document["servers"][0]["url"], format!("{ISSUER}/api/v1"));
    let mut found = vec![];
    references(&document, &mut found);
    assert!(!found.is_empty());
    for reference in found {
        assert!(document.pointer(&reference[1..]).is_some(), "{reference}");
    }
    let tags: Vec<_> = document["tags"].as_array().unwrap().iter().map(|tag| &tag["name"]).collect();
    for (place, operation) in operations(&document) {
        for member in
            ["operationId", "summary", "description", "security", "x-permission", "responses", "tags"]
        {
            assert!(!operation[member].is_null(), "{place}: {member}");
        }
        assert!(tags.contains(&&operation["tags"][0]), "{place}");
        for given in place.split('{').skip(1).map(|rest| rest.split('}').next().unwrap()) {
            let parameters = operation["parameters"].as_array().unwrap();
            let is_given = |parameter: &&Value| parameter["name"] == given && parameter["in"] == "path";
            assert_eq!(parameters.iter().filter(is_given).count(), 1, "{place}: {given}");
        }
        for (status, response) in operation["responses"].as_object().unwrap() {
            assert!(followed(response, &document)["description"].is_string(), "{place}: {status}");
        }
        assert!(operation["responses"]["401"].is_object(), "{place}");
    }
}

/// Each example is what its schema says.
#[test]
fn every_example_fits_its_schema() {
    let document = document();
    let mut checked = 0;
    let mut check = |place: &str, content: &Value| {
        for media in content.as_object().into_iter().flat_map(Map::values) {
            let wrong = misfits(&media["example"], &media["schema"], &document, "");
            assert_eq!(wrong, Vec::<String>::new(), "{place}: {media}");
            checked += 1;
        }
    };
    for (place, operation) in operations(&document) {
        check(&place, &operation["requestBody"]["content"]);
        for response in operation["responses"].as_object().unwrap().values() {
            check(&place, &followed(response, &document)["content"]);
        }
    }
    assert!(checked > 50, "{checked}");
}

/// What is answered is what the description says, to the member.
#[test]
fn an_answer_is_as_it_is_described() {
    let office = Office::new();
    let document = office.get("/../openapi.json");
    assert_eq!(document.status, 404, "there is one place for it");
    let document = self::document();
    let made = office.post("/groups", json!({"name": "Support"}));
    let path = format!("/groups/{}", made.body["id"].as_str().unwrap());
    for (place, status, answer) in [
        ("POST /groups", "201", made),
        ("GET /groups", "200", office.get("/groups")),
        ("GET /groups/{id}", "200", office.get(&path)),
        ("GET /groups/{id}", "404", office.get("/groups/x")),
        ("POST /groups", "422", office.post("/groups", json!({"name": ""}))),
    ] {
        assert_eq!(answer.status.to_string(), status);
        let operation = operations(&document).into_iter().find(|(known, _)| known == place).unwrap().1;
        let response = followed(&operation["responses"][status], &document);
        let schema = &response["content"][answer.header("content-type")]["schema"];
        assert_eq!(
            misfits(&answer.body, schema, &document, ""),
            Vec::<String>::new(),
            "{place}: {}",
            answer.body
        );
    }
}

/// What a parameter may be is described: a list that is one object's says so, and what a status is called.
#[test]
fn a_parameter_is_as_it_is_described() {
    let (office, document) = (Office::new(), document());
    let described = operations(&document).into_iter().find(|(place, _)| place == "GET /sessions").unwrap().1;
    let user = described["parameters"].as_array().unwrap().iter().find(|one| one["name"] == "user").unwrap();
    assert_eq!(user["required"], true);
    assert_eq!(office.get("/sessions").wrong(), (400, vec!["user"]));
    assert!(described["responses"]["404"].is_object());
    assert_eq!(office.get("/sessions?user=nobody").status, 404);
    for (place, operation) in operations(&document) {
        for parameter in
            operation["parameters"].as_array().unwrap().iter().filter(|one| one["name"] == "status")
        {
            assert!(!parameter["schema"]["enum"].as_array().unwrap().is_empty(), "{place}");
        }
    }
    let cursor = &document["components"]["parameters"]["cursor"]["schema"];
    assert!(cursor["pattern"].as_str().unwrap().starts_with("^after-"));
    assert_eq!(office.get("/groups?cursor=x").wrong(), (400, vec!["cursor"]));
    let patch = &document["components"]["schemas"]["GroupInputPatch"]["properties"];
    assert_eq!(
        (&patch["name"]["type"], &patch["organization_id"]["type"]),
        (&json!("string"), &json!(["string", "null"]))
    );
}

/// The snapshot is what a server says, but for where it stands; `DOORWARD_BLESS=1` writes it anew.
#[test]
fn the_snapshot_is_up_to_date() {
    let text = serde_json::to_string_pretty(&document()).unwrap().replace(ISSUER, "https://auth.example.com");
    if std::env::var_os("DOORWARD_BLESS").is_some() {
        std::fs::write(SNAPSHOT, text + "\n").unwrap();
        return;
    }
    let known = std::fs::read_to_string(Path::new(SNAPSHOT)).unwrap_or_default();
    let read = |text: &str| serde_json::from_str::<Value>(text).unwrap_or(Value::Null);
    assert!(read(&known) == read(&text), "docs/openapi.json is out of date: DOORWARD_BLESS=1 writes it anew");
}

/// A page without script, under the policy of all pages, that names every operation.
#[test]
fn people_read_the_same() {
    let app = TestApp::new();
    let answer = app.get("/api/docs");
    assert_eq!(
        (answer.status().as_u16(), header(&answer, "content-type")),
        (200, "text/html; charset=utf-8")
    );
    assert!(header(&answer, "content-security-policy").starts_with("default-src 'none'; style-src 'self'"));
    let page = String::from_utf8_lossy(answer.body()).into_owned();
    assert!(!page.contains("<script") && !page.contains(" style="));
    assert!(page.len() < 400 * 1024, "{} bytes", page.len());
    assert!(page.contains("https://as.example/api/v1"), "a call is copied as it stands");
    for resource in ["ClientResource", "ApiTokenResource", "UserResource"] {
        assert_eq!(page.matches(&format!("<details id=\"{resource}\">")).count(), 1, "{resource}");
    }
    let document = document();
    for (place, operation) in operations(&document) {
        let (method, path) = place.split_once(' ').unwrap();
        assert!(page.contains(&format!("<code>{method} /api/v1{path}</code>")), "{place}");
        let name = operation["operationId"].as_str().unwrap();
        assert!(page.contains(&format!("<a href=\"#{name}\">")), "{place}");
        let entry =
            page.split_once(&format!("<details id=\"{name}\">")).unwrap_or_else(|| panic!("{place}")).1;
        people_read_of(
            operation,
            &format!("curl -X {method} "),
            entry.split("</details>").next().unwrap(),
            &document,
        );
    }
}

/// Whether an entry tells of every parameter and member, of every refusal, and how the operation is called.
fn people_read_of(operation: &Value, call: &str, entry: &str, document: &Value) {
    assert!(entry.contains(&format!("<pre class=\"call\">{call}")), "{entry}");
    let body = followed(&operation["requestBody"]["content"]["application/json"]["schema"], document);
    let members = body["properties"].as_object().into_iter().flatten().map(|(name, _)| name.as_str());
    let parameters = operation["parameters"].as_array().unwrap().iter();
    let parameters = parameters.map(|one| followed(one, document)["name"].as_str().unwrap());
    for name in members.chain(parameters) {
        assert!(entry.contains(&format!("<tr><td><code>{name}</code>")), "{name}: {entry}");
    }
    for status in operation["responses"].as_object().unwrap().keys().filter(|status| status.as_str() >= "400")
    {
        assert!(entry.contains(&format!("<dt>{status}</dt>")), "{status}: {entry}");
    }
    let answer = &operation["responses"]["200"]["content"]["application/json"]["schema"]["$ref"];
    if let Some(resource) = answer.as_str().and_then(|reference| reference.rsplit('/').next()) {
        assert!(entry.contains(&format!("<a href=\"#{resource}\">")), "{resource}: {entry}");
    }
}

/// JSON Schema 2020-12, as far as our documents use it: where a value is not what its schema says.
fn misfits(value: &Value, schema: &Value, document: &Value, at: &str) -> Vec<String> {
    let schema = followed(schema, document);
    let mut wrong = vec![];
    if let Some(choices) = schema["anyOf"].as_array() {
        if !choices.iter().any(|choice| misfits(value, choice, document, at).is_empty()) {
            wrong.push(format!("{at}: none of the choices"));
        }
        return wrong;
    }
    let kinds: Vec<_> = match &schema["type"] {
        Value::String(kind) => vec![kind.as_str()],
        Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).collect(),
        _ => vec![],
    };
    if !kinds.is_empty() && !kinds.iter().any(|kind| is(value, kind)) {
        return vec![format!("{at}: is no {kinds:?}")];
    }
    if let Some(words) = schema["enum"].as_array()
        && !words.contains(value)
    {
        wrong.push(format!("{at}: is none of the words"));
    }
    for name in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        if value.is_object() && value.get(name).is_none() {
            wrong.push(format!("{at}/{name}: is missing"));
        }
    }
    for (name, member) in value.as_object().into_iter().flatten() {
        match schema["properties"].get(name) {
            Some(schema) => wrong.extend(misfits(member, schema, document, &format!("{at}/{name}"))),
            None if schema["properties"].is_object() => wrong.push(format!("{at}/{name}: is not described")),
            None => {}
        }
    }
    for (position, item) in value.as_array().into_iter().flatten().enumerate() {
        wrong.extend(misfits(item, &schema["items"], document, &format!("{at}/{position}")));
    }
    wrong
}

fn is(value: &Value, kind: &str) -> bool {
    match kind {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "string" => value.is_string(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        _ => false,
    }
}
