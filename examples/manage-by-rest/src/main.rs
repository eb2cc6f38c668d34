//! A program that manages a running Doorward over REST alone: clients as an administrator's panel would show and change them, and
//! API tokens of a person's with a level for each API. What it makes it takes away again. See README.md for how to run it.
#![forbid(unsafe_code)]

mod introspection;
mod rest;

use crate::introspection::Asking;
use crate::rest::{Refusal, Rest, segment, text};
use serde_json::{Value, json};
use std::collections::hash_map::RandomState;
use std::error::Error;
use std::hash::{BuildHasher, Hasher};
use std::process::ExitCode;

type Failed = Box<dyn Error>;

const API: &str = "https://stock.by-rest.example";
const PERSON: &str = "clerk-by-rest";
/// By what a client is known as one of ours. Names of clients are never given away again, so each run has others.
const OURS: &str = "Made by the example manage-by-rest";

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(failed) => {
            eprintln!("{failed}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), Failed> {
    let variable = |name: &str| std::env::var(name).map_err(|_| format!("{name} is not set; see README.md"));
    let (issuer, token) = (variable("ISSUER")?, variable("MANAGEMENT_TOKEN")?);
    let rest = Rest::new(&issuer, &token);
    let me = rest.get("/me")?;
    println!("who         a {}, who may {} things", text(&me, "type")?, count(&me["permissions"]));
    let told = clients(&rest).and_then(|()| tokens(&rest, &issuer));
    // Whatever came of it.
    told.and(clean(&rest))
}

/// Takes away what this run has made, or one that was cut short.
fn clean(rest: &Rest) -> Result<(), Failed> {
    let clients = rest.all("/clients")?.into_iter().filter(|client| client["description"] == OURS);
    let mut paths = vec![format!("/users/{PERSON}"), format!("/apis/{}", segment(API))];
    paths.extend(clients.filter_map(|client| Some(format!("/clients/{}", client["id"].as_str()?))));
    for path in paths {
        match rest.delete(&path) {
            Err(failed) if refused(&failed).is_none_or(|refusal| refusal.status != 404) => {
                return Err(failed);
            }
            _ => {}
        }
    }
    Ok(())
}

/// Clients in an administrator's panel: a list, one more, a mistake beside its field, a change that overwrites nobody's.
fn clients(rest: &Rest) -> Result<(), Failed> {
    let wanted = json!({
        "name": "Web shop", "description": OURS,
        "grant_types": ["authorization_code", "refresh_token"],
        "redirect_uris": ["https://shop.example/callback"], "scopes": ["openid"],
    });
    // The answer may be lost on its way; whoever asks again with the same key gets the same client, and its secret.
    let key = key();
    let made = rest.post_once(&key, "/clients", &wanted)?;
    let again = rest.post_once(&key, "/clients", &wanted)?;
    let client_id = text(&made.body, "client_id")?;
    let path = format!("/clients/{client_id}");
    println!("client      made {}", if again.body == made.body { "once" } else { "twice" });
    let all = rest.all("/clients")?;
    let listed = all.iter().find(|client| client["client_id"] == client_id.as_str());
    let listed = listed.ok_or("the client is not in the list")?;
    println!("listed      {} {}", listed["name"], listed["redirect_uris"]);
    let mistake = json!({"redirect_uris": ["https://shop.example/callback", "https://*.example/"]});
    match rest.patch(&path, &mistake).as_ref().map_err(refused) {
        Err(Some(refusal)) => println!("a mistake   {} at {:?}", refusal.status, refusal.pointers()),
        _ => return Err("a wildcard was taken for a redirect URI".into()),
    }
    let better =
        json!({"redirect_uris": ["https://shop.example/callback", "https://www.shop.example/callback"]});
    let changed = rest.patch_seen(&made, &path, &better)?;
    println!("changed     {} redirect URIs", count(&changed.body["redirect_uris"]));
    match rest.patch_seen(&made, &path, &better).as_ref().map_err(refused) {
        Err(Some(refusal)) => println!("overtaken   {}", refusal.status),
        _ => return Err("a change was made to what nobody had seen".into()),
    }
    rest.delete(&path)
}

/// API tokens of a person's: a level at each API, and what the API makes of it from the next request on.
fn tokens(rest: &Rest, issuer: &str) -> Result<(), Failed> {
    let api = registered(rest, issuer)?;
    rest.post("/users", &json!({"username": PERSON}))?;
    let tokens = format!("/users/{PERSON}/api-tokens");
    let access = |level: &str| json!([{"api": API, "level": level}]);
    let made =
        rest.post(&tokens, &json!({"name": "Report", "expires_in_months": 3, "access": access("read")}))?;
    let (path, first) = (format!("/api-tokens/{}", text(&made, "id")?), text(&made, "token")?);
    let say = |what: &str, token: &str| -> Result<(), Failed> {
        println!("{what:<11} GET {}, POST {}", api.status(token, "GET")?, api.status(token, "POST")?);
        Ok(())
    };
    say("read", &first)?;
    rest.patch(&path, &json!({"access": access("full")}))?;
    say("full", &first)?;
    let second =
        rest.post(&format!("{path}/regenerate"), &json!({"expires_in_months": 12, "overlap_seconds": 60}))?;
    let second = text(&second, "token")?;
    say("regenerated", &second)?;
    say("overlap", &first)?;
    rest.post(&format!("{path}/revoke"), &json!({"reason": "not needed any more"}))?;
    say("revoked", &second)?;
    let all = json!({"name": "Everything", "apply_to_all": {"level": "read", "include_future": true}});
    let everywhere = text(&rest.post(&tokens, &all)?, "token")?;
    say("all APIs", &everywhere)?;
    let ended = rest.post(&format!("{tokens}/revoke-all"), &json!({}))?;
    println!("revoke-all  {} token", count(&ended["items"]));
    say("nothing", &everywhere)
}

/// An API, and the client by which it asks about its tokens.
fn registered(rest: &Rest, issuer: &str) -> Result<Asking, Failed> {
    let desk =
        rest.post("/clients", &json!({"name": "Stock, asking what tokens may", "description": OURS}))?;
    let client_id = text(&desk, "client_id")?;
    let levels = json!({"read": {"methods": ["GET", "HEAD", "OPTIONS"]}, "full": {}});
    let api =
        json!({"identifier": API, "name": "Stock", "levels": levels, "introspection_clients": [client_id]});
    rest.post("/apis", &api)?;
    Ok(Asking { issuer: issuer.to_owned(), client_secret: text(&desk, "client_secret")?, client_id })
}

/// A key that no other call has: the standard library draws at random what its hash maps begin with.
fn key() -> String {
    format!("{:016x}", RandomState::new().build_hasher().finish())
}

fn refused(failed: &Failed) -> Option<&Refusal> {
    failed.downcast_ref()
}

fn count(list: &Value) -> usize {
    list.as_array().map_or(0, Vec::len)
}
