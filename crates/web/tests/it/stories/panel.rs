//! API clients in an administrator's panel: they are listed, added, reviewed and edited; a bad redirect URL is refused at its place, and
//! nothing else is lost.

use crate::flows::browser::Browser;
use crate::management::office::Office;
use crate::stories::step::text;
use serde_json::{Value, json};

const HOME: &str = "https://prints.example/callback";
const MOBILE: &str = "https://prints.example/mobile";
const SHOP: &str = "https://prints.example/shop";

fn prints(redirect_uris: &[&str]) -> Value {
    json!({
        "client_id": "photo-prints", "name": "Photo prints", "description": "Prints what people photograph.",
        "redirect_uris": redirect_uris, "grant_types": ["authorization_code"], "scopes": ["openid"],
    })
}

/// Whether people who come with this redirect URL are asked who they are; else the page tells them what is wrong.
fn leads_to_sign_in(office: &Office, redirect_uri: &str) -> bool {
    let asked = [("redirect_uri", redirect_uri), ("scope", "openid")];
    let request = office.place.request("photo-prints", &asked);
    Browser::new(&office.place).open(&request).page().has("login")
}

#[test]
fn a_client_is_added_reviewed_and_edited() {
    let office = Office::new();
    let made = office.step("POST", "/clients", prints(&[HOME, MOBILE]), ("client.created", &["client"]));
    let path = format!("/clients/{}", text(&made.body, "id"));
    let mut told = made.body.clone();
    assert!(told.as_object_mut().unwrap().remove("client_secret").is_some(), "shown this once");
    let review = office.get(&path);
    assert_eq!(review.body, told, "what is reviewed is what was saved");
    assert!(leads_to_sign_in(&office, HOME) && leads_to_sign_in(&office, MOBILE));
    assert!(!leads_to_sign_in(&office, SHOP));

    let change = json!({"description": "Prints on canvas, too.", "redirect_uris": [HOME, SHOP]});
    let changed = office.step("PATCH", &path, change.clone(), ("client.updated", &["client"]));
    for (member, value) in told.as_object().unwrap() {
        match (member.as_str(), change.get(member)) {
            ("updated_at", _) => {}
            (member, value_chosen) => assert_eq!(changed.body[member], *value_chosen.unwrap_or(value)),
        }
    }
    assert_eq!(office.get(&path).body, changed.body);
    assert!(leads_to_sign_in(&office, HOME) && leads_to_sign_in(&office, SHOP));
    assert!(!leads_to_sign_in(&office, MOBILE), "from the next request on");
}

#[test]
fn the_list_has_what_its_columns_show() {
    let office = Office::new();
    office.step("POST", "/clients", prints(&[HOME, MOBILE]), ("client.created", &["client"]));
    let unnamed = json!({"name": "Cups", "redirect_uris": [HOME], "grant_types": ["authorization_code"]});
    let generated = office.step("POST", "/clients", unnamed, ("client.created", &["client"])).body;
    let client_id = text(&generated, "client_id");
    let is_allowed = |sign: char| sign.is_ascii_alphanumeric() || "._-".contains(sign);
    assert!((3..=64).contains(&client_id.len()) && client_id.chars().all(is_allowed), "{client_id}");
    let items = office.get("/clients?limit=200").body["items"].as_array().unwrap().clone();
    let row = |client_id: &str| items.iter().find(|item| item["client_id"] == client_id).unwrap();
    assert_eq!(row("photo-prints")["description"], "Prints what people photograph.");
    assert_eq!(row("photo-prints")["redirect_uris"], json!([HOME, MOBILE]));
    assert_eq!(row(&client_id)["redirect_uris"], json!([HOME]));
    assert!(items.iter().all(|item| item.get("client_secret").is_none()));
}

#[test]
fn a_bad_redirect_url_is_refused_at_its_place_and_nothing_else_is_lost() {
    let office = Office::new();
    let made = office.step("POST", "/clients", prints(&[HOME]), ("client.created", &["client"]));
    let path = format!("/clients/{}", text(&made.body, "id"));
    let before = office.get(&path);
    for bad in [
        "prints",
        "/callback",
        "http://prints.example/callback",
        "https://*.prints.example/callback",
        "https://prints.example/callback#top",
        "javascript:alert(1)",
        "",
    ] {
        let change = json!({"name": "Prints", "redirect_uris": [HOME, bad]});
        let refused = office.refused(&office.root, "PATCH", &path, Some(change));
        assert_eq!(refused.wrong(), (422, vec!["/redirect_uris/1"]), "{bad}");
        let reason = text(&refused.body["errors"][0], "detail");
        assert!(!reason.is_empty());
        let after = office.get(&path);
        assert_eq!((after.header("etag"), &after.body), (before.header("etag"), &before.body), "{bad}");
        let mut other = prints(&[bad, HOME]);
        other["client_id"] = json!("photo-cups");
        let refused = office.refused(&office.root, "POST", "/clients", Some(other));
        assert_eq!(refused.wrong(), (422, vec!["/redirect_uris/0"]), "{bad}");
    }
    let mut mended = prints(&[HOME, MOBILE]);
    mended["client_id"] = json!("photo-cups");
    office.step("POST", "/clients", mended, ("client.created", &["client"]));
}

#[test]
fn the_panel_opens_to_those_who_may() {
    let office = Office::new();
    let made = office.step("POST", "/clients", prints(&[HOME]), ("client.created", &["client"]));
    let path = format!("/clients/{}", text(&made.body, "id"));
    assert_eq!(office.call(&office.auditor, "GET", &path, None).status, 200);
    let change = Some(json!({"description": "Mine."}));
    for (token, status) in [(&office.auditor, 403), (&office.bob, 403), (&String::new(), 401)] {
        assert_eq!(office.refused(token, "PATCH", &path, change.clone()).status, status);
        assert_eq!(office.refused(token, "POST", "/clients", Some(prints(&[HOME]))).status, status);
        assert_eq!(office.refused(token, "DELETE", &path, None).status, status);
    }
    for (token, status) in [(&office.bob, 403), (&String::new(), 401)] {
        assert_eq!(office.refused(token, "GET", "/clients", None).status, status);
    }
}
