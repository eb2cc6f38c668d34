//! The tokens that requests bring, of every form, and what becomes of them. Owns how they come about: as clients and people get them.

use crate::differential::dice::Dice;
use crate::differential::world::{CALLBACK, LEVELS, PASSWORD, USERS, World, done, networks, scopes};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use doorward_core::manage::api_tokens;
use doorward_core::manage::api_tokens::access::{ApplyToAll, Named, Reach};
use doorward_core::manage::api_tokens::expiry::Expiry;
use doorward_protocol::time::{Lifetime, Seconds};
use doorward_protocol::token_text::{self, TokenType};
use doorward_testkit::block_on::block_on;
use ring::digest::{SHA256, digest};
use serde_json::Value;
use url::form_urlencoded::Serializer;

const EXCHANGE: &str = "urn:ietf:params:oauth:grant-type:token-exchange";
/// RFC 7636 §4.1.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const ACCESS_TOKEN: &str = "urn:ietf:params:oauth:token-type:access_token";

#[derive(Clone, Debug)]
pub(crate) struct Token {
    pub(crate) what: &'static str,
    pub(crate) value: String,
    /// The API that it was made for, where it was made for one.
    pub(crate) api: Option<usize>,
    /// Of an API token.
    id: Option<String>,
}

impl World {
    /// Some more tokens; those before the last hundred are forgotten.
    pub(crate) fn issue(&mut self, dice: &mut Dice) {
        for _ in 0..6 {
            let made = self.api_token(dice);
            self.tokens.push(made);
        }
        for _ in 0..12 {
            let made = self.access_token(dice);
            self.tokens.extend(made);
        }
        for _ in 0..12 {
            let made = self.exchanged(dice);
            self.tokens.extend(made);
        }
        let made = self.persons(dice);
        self.tokens.extend(made);
        let too_many = self.tokens.len().saturating_sub(100);
        self.tokens.drain(..too_many);
    }

    fn api_token(&self, dice: &mut Dice) -> Token {
        let reach = match dice.below(4) {
            0 => Reach::All(ApplyToAll {
                level: *dice.one(&LEVELS[1..]),
                include_future: dice.in_a_hundred(50),
            }),
            _ => Reach::Named(self.levels(dice)),
        };
        let members = api_tokens::Members {
            reach,
            allowed_ips: networks(dice),
            ..api_tokens::Members::named("A token")
        };
        let (context, call) = self.call();
        let soon: Seconds = context.now + Lifetime::seconds(i64::try_from(60 + dice.below(600)).unwrap());
        let expires_at = dice.in_a_hundred(40).then(|| soon.to_string());
        let expiry = Expiry { expires_at, ..Expiry::default() };
        let made = done(api_tokens::create(*dice.one::<&str>(&USERS), members, expiry, &call, &context));
        let (value, id) = (made.value.expose().to_owned(), made.shown.token.id.to_string());
        Token { what: "API token", value, api: None, id: Some(id) }
    }

    fn levels(&self, dice: &mut Dice) -> Vec<Named> {
        let all: Vec<_> = self.apis.iter().map(|api| api.identifier.clone()).collect();
        let some = dice.some(&all, 70);
        some.into_iter().map(|api| Named { api, level: *dice.one(&LEVELS) }).collect()
    }

    /// By client credentials; none where the client gets none.
    fn access_token(&self, dice: &mut Dice) -> Option<Token> {
        let (client, at) = (dice.one(&self.clients), dice.below(self.apis.len()));
        let (api, scope, from) = (&self.apis[at], scopes(dice), *dice.one(&["10.1.2.3", "2001:db8::7"]));
        let form = [
            ("grant_type", "client_credentials"),
            ("resource", api.identifier.as_str()),
            ("scope", scope.as_str()),
        ];
        let value = self.given(&form, Some(&client.authorization), from)?;
        let what = if api.is_signed { "signed token" } else { "opaque token" };
        Some(Token { what, value, api: Some(at), id: None })
    }

    /// What an API token is exchanged for, by itself or through the first client.
    fn exchanged(&self, dice: &mut Dice) -> Option<Token> {
        let api_tokens: Vec<_> = self.tokens.iter().filter(|token| token.id.is_some()).collect();
        let (subject, at) = (*dice.one(&api_tokens), dice.below(self.apis.len()));
        let form = [
            ("grant_type", EXCHANGE),
            ("subject_token_type", ACCESS_TOKEN),
            ("subject_token", subject.value.as_str()),
            ("resource", self.apis[at].identifier.as_str()),
        ];
        let through = dice.in_a_hundred(40).then(|| self.clients[0].authorization.as_str());
        let value =
            self.given(&form, through, dice.one::<&str>(&["10.1.2.3", "192.0.2.7", "2001:db8::7"]))?;
        Some(Token { what: "exchanged token", value, api: Some(at), id: None })
    }

    /// A person's, by way of a client that they sign in at; none where that leads nowhere.
    fn persons(&self, dice: &mut Dice) -> Option<Token> {
        let (who, client, at) =
            (dice.below(USERS.len()), dice.one(&self.clients), dice.below(self.apis.len()));
        let (resource, scope) = (self.apis[at].identifier.as_str(), scopes(dice));
        let challenge = URL_SAFE_NO_PAD.encode(digest(&SHA256, VERIFIER.as_bytes()));
        let asked = [
            ("response_type", "code"),
            ("client_id", &client.name),
            ("redirect_uri", CALLBACK),
            ("resource", resource),
            ("scope", &scope),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
        ];
        let query = Serializer::new(String::new()).extend_pairs(asked).finish();
        let mut page = self.browsers[who].open(&format!("{}/oauth2/authorize?{query}", self.server.issuer()));
        if !page.has_left() && page.answer.body.contains("id=\"password\"") {
            page = page.submit(&[("username", USERS[who]), ("password", PASSWORD)]);
        }
        if !page.has_left() {
            return None;
        }
        let code = page.left().url.query_pairs().find(|(name, _)| name == "code")?.1.into_owned();
        let form = [
            ("grant_type", "authorization_code"),
            ("code", code.as_str()),
            ("redirect_uri", CALLBACK),
            ("code_verifier", VERIFIER),
        ];
        let value = self.given(&form, Some(&client.authorization), "10.1.2.3")?;
        Some(Token { what: "person's token", value, api: Some(at), id: None })
    }

    fn given(&self, form: &[(&str, &str)], authorization: Option<&str>, from: &str) -> Option<String> {
        let answer = self.asking.post("/oauth2/token", form, authorization, Some(from));
        let answer: Value = serde_json::from_slice(answer.body()).unwrap();
        answer["access_token"].as_str().map(str::to_owned)
    }

    /// An API token is revoked, has another value, or other levels and networks; an access token is revoked.
    pub(crate) fn change_token(&mut self, dice: &mut Dice) {
        if self.tokens.is_empty() {
            return;
        }
        let at = dice.below(self.tokens.len());
        let Token { value, id, .. } = self.tokens[at].clone();
        let Some(id) = id else {
            for client in &self.clients {
                self.asking.post("/oauth2/revoke", &[("token", &value)], Some(&client.authorization), None);
            }
            return;
        };
        let (context, call) = self.call();
        // One that was revoked before stays as it is, and says so.
        match dice.below(3) {
            0 => drop(done(api_tokens::revoke(&id, None, &call, &context))),
            1 => {
                let made = block_on(api_tokens::regenerate(
                    &id,
                    Expiry::default(),
                    Lifetime::seconds(0),
                    &call,
                    &context,
                ));
                let value = made.ok().map(|made| made.value.expose().to_owned());
                let more = value.map(|value| Token { value, ..self.tokens[at].clone() });
                self.tokens.extend(more);
            }
            _ => {
                let (named, networks) = (self.levels(dice), networks(dice));
                let change = move |token: &mut api_tokens::Members| {
                    token.reach = Reach::Named(named.clone());
                    token.allowed_ips.clone_from(&networks);
                    Ok(())
                };
                drop(block_on(api_tokens::update(&id, &call, &context, change)));
            }
        }
    }

    /// What a request brings: mostly a token for this API, else one for another, one that was never issued, a damaged one, or none.
    pub(crate) fn brought(&self, api: usize, dice: &mut Dice) -> Option<Token> {
        let made_up = |what, value| Some(Token { what, value, api: None, id: None });
        match dice.below(100) {
            0..3 => None,
            3..5 => made_up(
                "nonsense",
                (*dice.one(&["nonsense", "a.b.c", "..", "dw_pat_", "dw_at_x"])).to_owned(),
            ),
            5..7 => {
                let kinds = [TokenType::AccessToken, TokenType::PersonalAccessToken, TokenType::RefreshToken];
                let unknown = token_text::write(*dice.one(&kinds), &[7; 32]);
                made_up("unknown token", unknown.expose().to_owned())
            }
            7..10 => {
                let mut value = dice.one(&self.tokens).value.clone();
                let last = value.pop().unwrap();
                value.push(if last == 'A' { 'Q' } else { 'A' });
                made_up("damaged token", value)
            }
            10..20 => Some(dice.one(&self.tokens).clone()),
            _ => {
                let here = |token: &&Token| token.api.is_none_or(|at| at == api);
                let here: Vec<_> = self.tokens.iter().filter(here).collect();
                Some((*dice.one(&here)).clone())
            }
        }
    }
}
