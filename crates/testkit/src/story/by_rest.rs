//! The story's world on a server that listens, brought about by its management API alone. Owns the API, the people, the clients and the
//! tokens of the story; the server, and somebody who may manage it, are the test's.

use crate::http::{self, Credentials};
use crate::story::table::{FULL, READ, SCOPES};
use crate::story::{API, Change, HOME, OTHER, Token, World};
use doorward_protocol::time::{Lifetime, Seconds};
use doorward_protocol::token_text::{self, TokenType};
use doorward_protocol::words::TokenFormat;
use serde_json::{Value, json};
use std::collections::HashMap;
use ureq::http::Request;

/// The network of [`HOME`], and where this world asks for tokens from.
const NETWORKS: [&str; 2] = ["127.0.1.0/24", "127.0.0.1"];
/// How long [`Token::Brief`] is good.
const BRIEFLY: Lifetime = Lifetime::seconds(2);
const EXCHANGE: &str = "urn:ietf:params:oauth:grant-type:token-exchange";
const ACCESS_TOKEN: &str = "urn:ietf:params:oauth:token-type:access_token";

/// Goes on until what it is given says that so much time has passed.
pub type Wait = Box<dyn FnMut(&dyn Fn() -> bool)>;

/// A world.
pub struct ByRest {
    rest: Rest,
    wait: Wait,
    shop: Credentials,
    asking: Credentials,
    values: HashMap<Token, String>,
    ids: HashMap<Token, String>,
}

/// Somebody who may manage a server.
struct Rest {
    agent: ureq::Agent,
    issuer: String,
    authorization: String,
}

impl ByRest {
    /// Everything as it is when the story begins. The management token has to be one that may do everything; access tokens have this
    /// form. The server has to see where requests come from.
    #[must_use]
    pub fn new(agent: ureq::Agent, issuer: &str, management: &str, format: TokenFormat, wait: Wait) -> Self {
        let authorization = format!("Bearer {management}");
        let rest = Rest { agent, issuer: issuer.to_owned(), authorization };
        let asking = rest.client(&json!({"client_id": "stock-api", "name": "Stock"}));
        rest.api(API, format);
        rest.api(OTHER, format);
        let access = [API, OTHER].map(|api| json!({"api": api, "level": "full"}));
        let shop = json!({"client_id": "shop", "name": "Shop", "scopes": SCOPES, "access": access});
        let shop = rest.client(&shop);
        for username in ["alice", "bob"] {
            rest.post("/users", &json!({ "username": username }));
        }
        let mut world = Self { rest, wait, shop, asking, values: HashMap::new(), ids: HashMap::new() };
        world.make_api_tokens();
        world.make_access_tokens();
        world
    }

    /// Whoever may ask for the API what tokens are.
    #[must_use]
    pub fn asking(&self) -> Credentials {
        self.asking.clone()
    }

    /// Changes what is registered of an API.
    pub fn update(&self, identifier: &str, members: &Value) {
        self.rest.call("PATCH", &at_api(identifier), members);
    }

    fn make_api_tokens(&mut self) {
        let at = |api: &str, level: &str| json!({"access": [{"api": api, "level": level}]});
        self.make(Token::Read, "alice", at(API, "read"));
        self.make(Token::Full, "alice", at(API, "full"));
        self.make(Token::Elsewhere, "alice", at(OTHER, "full"));
        self.make(Token::Bobs, "bob", at(API, "full"));
        let mut bound = at(API, "full");
        bound["allowed_ips"] = json!(NETWORKS);
        let made = self.make(Token::AtHome, "alice", bound);
        let now: Seconds = text(&made, "created_at").parse().expect("an instant");
        let mut brief = at(API, "full");
        brief["expires_at"] = json!((now + BRIEFLY).to_string());
        self.make(Token::Brief, "alice", brief);
        let unknown = token_text::write(TokenType::PersonalAccessToken, &[7; 32]);
        self.values.insert(Token::Unknown, unknown.expose().to_owned());
    }

    fn make(&mut self, token: Token, owner: &str, mut members: Value) -> Value {
        members["name"] = json!(format!("{token:?}"));
        let made = self.rest.post(&format!("/users/{owner}/api-tokens"), &members);
        self.values.insert(token, text(&made, "token"));
        self.ids.insert(token, text(&made, "id"));
        made
    }

    fn make_access_tokens(&mut self) {
        let all = SCOPES.join(" ");
        for (token, api, scope) in [
            (Token::AccessRead, API, SCOPES[0]),
            (Token::AccessFull, API, all.as_str()),
            (Token::AccessElsewhere, OTHER, all.as_str()),
        ] {
            let form = [("grant_type", "client_credentials"), ("resource", api), ("scope", scope)];
            self.values.insert(token, self.rest.token(&form, Some(&self.shop)));
        }
        let at_home = self.token(Token::AtHome);
        let form = [
            ("grant_type", EXCHANGE),
            ("subject_token_type", ACCESS_TOKEN),
            ("subject_token", at_home.as_str()),
            ("resource", API),
        ];
        self.values.insert(Token::Exchanged, self.rest.token(&form, None));
    }

    fn at(&self, token: Token) -> String {
        format!("/api-tokens/{}", self.ids[&token])
    }

    fn level(&self, level: &str) {
        let members = json!({"access": [{"api": API, "level": level}]});
        self.rest.call("PATCH", &self.at(Token::Read), &members);
    }

    fn regenerate(&mut self) {
        let members = json!({"expires_in_months": 3, "overlap_seconds": 0});
        let made = self.rest.post(&format!("{}/regenerate", self.at(Token::Read)), &members);
        let former = self.values.insert(Token::Read, text(&made, "token"));
        self.values.extend(former.map(|former| (Token::Former, former)));
    }

    fn revoke_access(&self) {
        let form = [("token", self.values[&Token::AccessRead].as_str())];
        let url = format!("{}/oauth2/revoke", self.rest.issuer);
        let answer = http::post(&self.rest.agent, &url, &form, Some(&self.shop)).expect("the server answers");
        assert_eq!(answer.status, 200, "{answer:?}");
    }

    fn wait(&mut self) {
        let (rest, path) = (&self.rest, self.at(Token::Brief));
        (self.wait)(&|| text(&rest.call("GET", &path, &Value::Null), "status") == "expired");
    }
}

impl World for ByRest {
    fn change(&mut self, change: Change) {
        let nothing = json!({});
        let post = |path: &str| drop(self.rest.post(path, &nothing));
        let client = |networks: &[String]| {
            drop(self.rest.call("PATCH", "/clients/shop", &json!({"allowed_ips": networks})));
        };
        match change {
            Change::Regenerate => self.regenerate(),
            Change::Raise => self.level("full"),
            Change::Lower => self.level("read"),
            Change::Revoke => post(&format!("{}/revoke", self.at(Token::Full))),
            Change::RevokeAccess => self.revoke_access(),
            Change::TimePasses => self.wait(),
            Change::DisableBob => post("/users/bob/disable"),
            Change::EnableBob => post("/users/bob/enable"),
            Change::NarrowClient => client(&[HOME.to_string()]),
            Change::WidenClient => client(&[]),
            Change::DisableClient => post("/clients/shop/disable"),
            Change::EnableClient => post("/clients/shop/enable"),
            Change::DisableApi => post(&format!("{}/disable", at_api(API))),
            Change::EnableApi => post(&format!("{}/enable", at_api(API))),
            Change::RevokeAll => post("/users/alice/api-tokens/revoke-all"),
        }
    }

    fn token(&self, token: Token) -> String {
        self.values[&token].clone()
    }
}

impl Rest {
    fn post(&self, path: &str, members: &Value) -> Value {
        self.call("POST", path, members)
    }

    /// What came of a call that must succeed.
    fn call(&self, method: &str, path: &str, members: &Value) -> Value {
        let request = Request::builder()
            .method(method)
            .uri(format!("{}/api/v1{path}", self.issuer))
            .header("authorization", &self.authorization)
            .header("content-type", "application/json");
        let body = if members.is_null() { String::new() } else { members.to_string() };
        let request = request.body(body).expect("a request");
        let answer = http::send(&self.agent, request).expect("the server answers");
        assert!((200..300).contains(&answer.status), "{method} {path}: {answer:?}");
        if answer.body.is_empty() { Value::Null } else { answer.json() }
    }

    fn client(&self, members: &Value) -> Credentials {
        let made = self.post("/clients", members);
        Credentials { client_id: text(&made, "client_id"), client_secret: text(&made, "client_secret") }
    }

    fn api(&self, identifier: &str, format: TokenFormat) {
        let ((methods, paths), [reads, writes]) = (READ, SCOPES);
        let members = json!({
            "identifier": identifier,
            "name": identifier,
            "token_format": format.to_string(),
            "scopes": SCOPES.map(|name| json!({"name": name, "description": name})),
            "levels": {
                "read": {"methods": methods, "paths": paths, "scopes": [reads]},
                "full": {"paths": FULL, "scopes": [writes]},
            },
            "introspection_clients": if identifier == API { json!(["stock-api"]) } else { json!([]) },
        });
        self.post("/apis", &members);
    }

    fn token(&self, form: &[(&str, &str)], client: Option<&Credentials>) -> String {
        let url = format!("{}/oauth2/token", self.issuer);
        let answer = http::post(&self.agent, &url, form, client).expect("the server answers");
        assert_eq!(answer.status, 200, "{answer:?}");
        text(&answer.json(), "access_token")
    }
}

/// RFC 3986 §2.1: an identifier is one segment of a path.
fn at_api(identifier: &str) -> String {
    format!("/apis/{}", identifier.replace(':', "%3A").replace('/', "%2F"))
}

fn text(resource: &Value, member: &str) -> String {
    resource[member].as_str().unwrap_or_else(|| panic!("{member} in {resource}")).to_owned()
}
