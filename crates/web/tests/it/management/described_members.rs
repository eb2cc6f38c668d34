//! What the description says of single members: what each is, what it may be, and what an example of it looks like.

use crate::management::office::Office;
use crate::support::TestApp;
use doorward_protocol::token_text::{self, TokenType};
use serde_json::{Value, json};

fn document() -> Value {
    crate::support::json(&TestApp::new().get("/api/openapi.json"))
}

/// The example of an answer.
fn answered<'a>(document: &'a Value, path: &str, status: &str) -> &'a Value {
    &document["paths"][path]["post"]["responses"][status]["content"]["application/json"]["example"]
}

/// A property of a schema.
fn member<'a>(document: &'a Value, schema: &str, name: &str) -> &'a Value {
    let member = &document["components"]["schemas"][schema]["properties"][name];
    assert!(member.is_object(), "{schema}: {name}");
    member
}

/// The places of members about which nothing is said.
fn silent(schema: &Value, at: &str, found: &mut Vec<String>) {
    for (name, member) in schema["properties"].as_object().into_iter().flatten() {
        let at = format!("{at}/{name}");
        if member["description"].as_str().unwrap_or_default().is_empty() {
            found.push(at.clone());
        }
        silent(member, &at, found);
    }
    silent_below(schema, at, found);
}

fn silent_below(schema: &Value, at: &str, found: &mut Vec<String>) {
    let choices = schema["anyOf"].as_array().into_iter().flatten();
    for below in choices.chain(schema.get("items")) {
        silent(below, at, found);
    }
}

#[test]
fn something_is_said_of_every_member_and_every_parameter() {
    let document = document();
    let mut found = vec![];
    for (name, schema) in document["components"]["schemas"].as_object().unwrap() {
        silent(schema, name, &mut found);
    }
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let parameters = operation["parameters"].as_array().unwrap().iter();
            let silent =
                parameters.filter(|one| one.get("$ref").is_none() && !one["description"].is_string());
            found.extend(silent.map(|one| format!("{method} {path}: {}", one["name"])));
            for answer in operation["responses"].as_object().unwrap().values() {
                silent_below(
                    &json!({ "items": answer["content"]["application/json"]["schema"] }),
                    path,
                    &mut found,
                );
            }
        }
    }
    for tag in document["tags"].as_array().unwrap() {
        assert_ne!(tag["description"], "", "{tag}");
    }
    assert_eq!(found, Vec::<String>::new());
}

/// Whoever reads the document learns where the value is that they have to keep. It is made up, and has the form of one.
#[test]
fn what_is_shown_once_is_in_the_examples_of_the_answers_that_show_it() {
    let document = document();
    let shown = [
        ("/clients", "201", "client_secret", TokenType::ClientSecret),
        ("/clients/{id}/secrets", "201", "client_secret", TokenType::ClientSecret),
        ("/clients/{id}/secrets/rotate", "201", "client_secret", TokenType::ClientSecret),
        ("/api-accounts/{id}/secret/reveal", "201", "client_secret", TokenType::ClientSecret),
        ("/api-accounts/{id}/secrets/rotate", "201", "client_secret", TokenType::ClientSecret),
        ("/api-accounts/{id}/api-tokens", "201", "token", TokenType::PersonalAccessToken),
        ("/users/{id}/api-tokens", "201", "token", TokenType::PersonalAccessToken),
        ("/me/api-tokens", "201", "token", TokenType::PersonalAccessToken),
        ("/api-tokens/{id}/regenerate", "200", "token", TokenType::PersonalAccessToken),
    ];
    for (path, status, member, kind) in shown {
        let example = answered(&document, path, status);
        let value = example[member].as_str().unwrap_or_else(|| panic!("{path}: {example}"));
        assert_eq!(token_text::read(value), Ok(kind), "{path}");
        assert!(value.contains(&"0".repeat(43)), "{value}");
        assert!(example["last_four"].as_str().is_none_or(|last| value.ends_with(last)), "{path}: {example}");
    }
    let link = answered(&document, "/users/{id}/setup-link", "200")["url"].as_str().unwrap();
    assert_eq!(token_text::read(link.split_once('=').unwrap().1), Ok(TokenType::SetupLink));
    let everywhere = document["paths"].to_string();
    assert_eq!(everywhere.matches("dw_cs_").count() + everywhere.matches("\"dw_pat_0").count(), shown.len());
}

/// What is in the document is what the server holds to, so that a program finds out before it asks.
#[test]
fn what_a_member_may_be_is_described_and_held_to() {
    let (office, document) = (Office::new(), document());
    let of = |schema, name| member(&document, schema, name);
    assert_eq!(of("NewApiTokenInput", "expires_in_months")["enum"], json!([3, 6, 12, null]));
    assert_eq!(of("NewClientInput", "client_id")["pattern"], "^[A-Za-z0-9._-]{3,64}$");
    assert_eq!(of("ReplacementInput", "overlap_seconds")["maximum"], 2_592_000);
    assert_eq!(of("RegenerationInput", "overlap_seconds")["maximum"], 604_800);
    assert_eq!(of("NewUserInput", "email")["format"], "email");
    assert_eq!(of("NewClientInput", "redirect_uris")["items"]["format"], "uri");
    let limit = &document["components"]["parameters"]["limit"]["schema"];
    assert_eq!((&limit["minimum"], &limit["maximum"]), (&json!(1), &json!(200)));
    office.post("/clients", json!({"client_id": "shop", "name": "Shop"}));
    for (path, body, place) in [
        ("/me/api-tokens", json!({"name": "t", "expires_in_months": 4}), "/expires_in_months"),
        ("/clients/shop/secrets/rotate", json!({"overlap_seconds": 2_592_001}), "/overlap_seconds"),
        ("/clients", json!({"name": "c", "client_id": "a b"}), "/client_id"),
        ("/clients", json!({"name": "c".repeat(201)}), "/name"),
        ("/groups", json!({"name": ""}), "/name"),
        ("/users", json!({"username": "u".repeat(101)}), "/username"),
        ("/users", json!({"username": "u", "password": "p".repeat(14)}), "/password"),
        (
            "/apis",
            json!({"name": "a", "identifier": "https://a.example", "max_token_lifetime": 86_399}),
            "/max_token_lifetime",
        ),
    ] {
        assert_eq!(office.post(path, body.clone()).wrong(), (422, vec![place]), "{path} {body}");
    }
    for (path, body) in [
        ("/me/api-tokens", json!({"name": "t".repeat(200), "expires_in_months": 12})),
        ("/clients/shop/secrets/rotate", json!({"overlap_seconds": 2_592_000})),
        ("/apis", json!({"name": "a", "identifier": "https://a.example", "max_token_lifetime": 86_400})),
    ] {
        assert_eq!(office.post(path, body.clone()).status, 201, "{path} {body}");
    }
}

/// RFC 9457 §3: a refusal of values names their places.
#[test]
fn examples_of_refusals_name_the_places_of_what_is_wrong() {
    let document = document();
    for status in ["400", "422"] {
        let response = &document["components"]["responses"][status];
        let example = &response["content"]["application/problem+json"]["example"];
        let errors = example["errors"].as_array().unwrap();
        assert!(!errors.is_empty(), "{status}");
        for error in errors {
            assert!(error["pointer"].as_str().unwrap().starts_with('/'), "{error}");
        }
    }
}
