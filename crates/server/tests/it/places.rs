//! Which API a request behind a gateway is for, and how it brings its token: what is registered of an API for that, by the commands of
//! `docs/forward-auth.md`, and what comes of it through real gateways.

use crate::doorward::{Place, Ran};
use crate::forward_auth::Setting;
use crate::gateway::{self, Gateway};
use crate::plain::Plain;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use doorward_testkit::story::{API, HOME, OTHER, Token, World};
use serde_json::json;
use std::path::Path;
use std::process::Command;

const PAGE: &str = include_str!("../../../../docs/forward-auth.md");

#[test]
fn the_commands_of_the_page_register_the_api_that_its_gateways_ask_for() {
    let place = Place::migrated();
    let binary = Path::new(env!("CARGO_BIN_EXE_doorward")).parent().expect("it is in a folder");
    let path = format!("{}:{}", binary.display(), std::env::var("PATH").unwrap_or_default());
    let commands: Vec<_> = PAGE.split("\n```").filter_map(|block| block.strip_prefix("sh\n")).collect();
    let mut shell = Command::new("sh");
    place.furnish(&mut shell).env("PATH", path).args(["-eu", "-c", &commands.join("\n")]);
    Ran::of(&shell.output().unwrap()).ok();
    let api = place.run(&["api", "show", API, "--json"]).json();
    assert_eq!(api["preflight"], "allow");
    assert_eq!(api["credentials"], json!(["bearer", "x-api-key"]));
    assert_eq!(api["locations"], json!(["https://stock.example.com"]));
    assert_eq!(api["levels"]["read"]["methods"], json!(["GET", "HEAD"]));
    assert_eq!(api["levels"]["full"]["scopes"], json!(["stock:write"]));
}

/// What a request comes to, whose token stands in this header; and whether it has come to the API.
fn with(setting: &Setting, gateway: &Gateway, headers: &[(&str, &str)]) -> u16 {
    let plain = Plain { headers: headers.to_vec(), ..Plain::new("GET", "/items/7") };
    let status = plain.send(gateway.port, HOME).status;
    assert_eq!(setting.api.take().len(), usize::from(status == 200), "{} {headers:?}", gateway.name);
    status
}

/// RFC 7617 §2: a token may be a user's name, where the API takes that; whatever the password is.
#[test]
fn a_token_comes_in_the_forms_that_the_api_takes() {
    let setting = Setting::new();
    let token = setting.world.token(Token::Read);
    let bearer = format!("Bearer {token}");
    let [basic, password] =
        ["", "x"].map(|password| format!("Basic {}", STANDARD.encode(format!("{token}:{password}"))));
    let forms: [&[(&str, &str)]; 6] = [
        &[("Authorization", &bearer)],
        &[("X-API-Key", &token)],
        &[("Authorization", &basic)],
        &[("Authorization", &password)],
        &[("X_API_Key", &token)],
        &[],
    ];
    for (credentials, expected) in [
        (json!(["bearer"]), [200, 401, 401, 401, 401, 401]),
        (json!(["bearer", "x-api-key"]), [200, 200, 401, 401, 401, 401]),
        (json!(["basic"]), [401, 401, 200, 200, 401, 401]),
        (json!(["bearer", "x-api-key", "basic"]), [200, 200, 200, 200, 401, 401]),
    ] {
        setting.world.update(API, &json!({ "credentials": credentials }));
        for gateway in &setting.gateways {
            let statuses = forms.map(|form| with(&setting, gateway, form));
            assert_eq!(statuses, expected, "{} {credentials}", gateway.name);
        }
    }
    for gateway in &setting.gateways {
        let two = [("Authorization", bearer.as_str()), ("X-API-Key", &token)];
        assert_eq!(with(&setting, gateway, &two), 403, "{}", gateway.name);
    }
}

/// RFC 6750 §3.1: two APIs share a host; whose request it is, its path tells, and nothing else that the client says.
#[test]
fn an_api_that_a_gateway_does_not_name_is_known_by_its_place() {
    let setting = Setting::new();
    setting.world.update(API, &json!({"locations": ["https://stock.example/items"]}));
    setting
        .world
        .update(OTHER, &json!({"locations": ["https://stock.example/office", "https://other.example"]}));
    let [here, there] = [Token::Full, Token::Elsewhere].map(|token| setting.bearer(token));
    for gateway in gateway::unnamed(setting.server.address().1, &setting.api) {
        for (token, target, expected) in [
            (&here, "/items/7", 200),
            (&there, "/items/7", 401),
            (&there, "/office/3", 200),
            (&here, "/office/3", 401),
            (&here, "/itemsx", 403),
            (&here, "/", 403),
            (&here, "/items/7?x=a", 200),
            (&here, "/items/7?api=https://other.example", 200),
            (&there, "/items/7?api=https://other.example", 401),
            (&here, "/office/3?api=https://stock.example", 401),
        ] {
            let plain = Plain::new("GET", target).with("Authorization", token);
            for plain in [
                plain.clone(),
                plain.clone().with("X-Forwarded-Host", "other.example"),
                plain.clone().with("X-Original-URL", "https://other.example/office/3"),
                plain.clone().with("X-Forwarded-Uri", "/office/3"),
            ] {
                let status = plain.send(gateway.port, HOME).status;
                assert_eq!(status, expected, "{} {target}", gateway.name);
                assert_eq!(setting.api.take().len(), usize::from(status == 200), "{} {target}", gateway.name);
            }
        }
    }
}
