//! The rules for an API's members. Owns what can be a scope of an API and what its levels can mean, and what of the management API
//! is fixed; each finding points at its member.

use super::{Members, RuleMembers};
use crate::access::api::{Api, Identifier};
use crate::access::location::Location;
use crate::issuer::Issuer;
use crate::manage::{Findings, LONGEST_TEXT, Refused, clients, management_api, name, text};
use crate::settings::Settings;
use crate::store::fault::Stop;
use crate::store::tx::Tx;
use doorward_protocol::access::level::{Levels, Rule};
use doorward_protocol::id::ClientId;
use doorward_protocol::openid;
use doorward_protocol::scope::Scope;
use doorward_protocol::time::Lifetime;

/// As many as a request can ask for.
const MOST_SCOPES: usize = 100;
/// More methods or patterns than that are a mistake.
const MOST_OF_A_RULE: usize = 100;
/// The same of clients.
const MOST_CLIENTS: usize = 100;

/// The identifier, if it can be an API's.
pub(super) fn identified(text: &str, issuer: &Issuer, findings: &mut Findings) -> Option<Identifier> {
    if text == issuer.as_str() {
        findings.add("/identifier", "is the issuer itself: tokens for an API must not be good at the server");
    }
    if text == management_api::identifier(issuer) {
        findings.add("/identifier", "is the management API's");
    }
    findings.check("/identifier", text.parse())
}

/// What the management API means is for the server to say, and it is never off: nobody could switch it on again.
pub(super) fn stays(before: &Api, after: &Api) -> Result<(), Stop<Refused>> {
    let mut findings = Findings::default();
    let fixed = [
        ("/status", before.status == after.status),
        ("/scopes", before.scopes == after.scopes),
        ("/levels", before.levels == after.levels),
        ("/credentials", before.credentials == after.credentials),
        ("/locations", before.locations == after.locations),
    ];
    for (pointer, _) in fixed.iter().filter(|(_, same)| !same) {
        findings.add(*pointer, "is fixed at the management API");
    }
    findings.refuse()
}

/// What members say, read.
#[derive(Clone)]
pub(super) struct Checked {
    pub(super) levels: Levels,
    pub(super) locations: Vec<Location>,
}

/// The API with these members; its introspection clients are looked up by name.
pub(super) fn with(
    members: &Members,
    checked: Checked,
    api: Api,
    tx: &mut dyn Tx,
) -> Result<Api, Stop<Refused>> {
    let Checked { levels, locations } = checked;
    free(&locations, &api, tx)?;
    let mut clients = Vec::with_capacity(members.introspection_clients.len());
    for (position, client_id) in members.introspection_clients.iter().enumerate() {
        let client =
            client_id.parse::<ClientId>().ok().map_or(Ok(None), |client_id| tx.client_named(&client_id))?;
        let pointer = format!("/introspection_clients/{position}");
        let unknown = || Stop::Refuse(Refused::invalid(pointer, "is not a registered client"));
        clients.push(client.ok_or_else(unknown)?.client.id);
    }
    clients.sort();
    clients.dedup();
    Ok(Api {
        name: members.name.clone(),
        description: members.description.clone(),
        documentation_url: members.documentation_url.clone(),
        scopes: members.scopes.clone(),
        token_format: members.token_format,
        signing_algorithm: members.signing_algorithm,
        access_token_lifetime: members.access_token_lifetime,
        introspection_clients: clients,
        max_token_lifetime: members.max_token_lifetime,
        levels,
        preflight: members.preflight,
        credentials: members.credentials.clone(),
        locations,
        status: members.status,
        ..api
    })
}

/// A place is one API's: a request to it goes to nobody else.
fn free(locations: &[Location], api: &Api, tx: &mut dyn Tx) -> Result<(), Stop<Refused>> {
    if locations.iter().all(|location| api.locations.contains(location)) {
        return Ok(());
    }
    let taken = |other: &Api| other.id != api.id && other.locations.iter().any(|one| locations.contains(one));
    if tx.apis()?.iter().any(taken) {
        return Err(Stop::Refuse(Refused::Conflict { detail: "one of the locations is another API's" }));
    }
    Ok(())
}

/// Notes what cannot stand, and reads levels and locations.
pub(super) fn check(members: &Members, settings: &Settings, findings: &mut Findings) -> Checked {
    name("/name", &members.name, findings);
    text("/description", &members.description, LONGEST_TEXT, findings);
    if let Some(url) = &members.documentation_url
        && !url::Url::parse(url).is_ok_and(|url| matches!(url.scheme(), "https" | "http"))
    {
        findings.add("/documentation_url", "is an http or https URL");
    }
    for (position, scope) in members.scopes.iter().enumerate() {
        let pointer = format!("/scopes/{position}");
        findings.check(format!("{pointer}/name"), Scope::of([&scope.name]));
        if openid::scope().contains(&scope.name) {
            findings.add(format!("{pointer}/name"), "is one of the server's own scopes (OpenID Connect)");
        }
        text(&format!("{pointer}/description"), &scope.description, LONGEST_TEXT, findings);
        if members.scopes[..position].iter().any(|earlier| earlier.name == scope.name) {
            findings.add(format!("{pointer}/name"), "is named once only");
        }
    }
    if members.scopes.len() > MOST_SCOPES {
        findings.add("/scopes", format!("has at most {MOST_SCOPES} scopes"));
    }
    if members.introspection_clients.len() > MOST_CLIENTS {
        findings.add("/introspection_clients", format!("has at most {MOST_CLIENTS} clients"));
    }
    if let Some(algorithm) = members.signing_algorithm
        && !settings.algorithms.contains(&algorithm)
    {
        findings.add(
            "/signing_algorithm",
            "is not among the algorithms this server keeps keys for (keys.algorithms)",
        );
    }
    if let Some(lifetime) = members.access_token_lifetime {
        clients::lifetime("/access_token_lifetime", lifetime, settings, findings);
    }
    if members.max_token_lifetime.is_some_and(|lifetime| lifetime < Lifetime::days(1)) {
        findings.add("/max_token_lifetime", "is at least a day, in seconds");
    }
    let locations = reached(members, findings);
    Checked { levels: levels(members, findings), locations }
}

/// How requests come to it, and where.
fn reached(members: &Members, findings: &mut Findings) -> Vec<Location> {
    if members.credentials.is_empty() {
        findings.add("/credentials", "names at least one way: without one, no request could bring a token");
    }
    let words: Vec<String> = members.credentials.iter().map(ToString::to_string).collect();
    once_each("/credentials", &words, findings);
    let written = members.locations.iter().enumerate();
    let read = written.filter_map(|(at, text)| findings.check(format!("/locations/{at}"), text.parse()));
    let locations: Vec<Location> = read.collect();
    // As they are read: a slash at the end makes no other place.
    let read: Vec<String> = locations.iter().map(ToString::to_string).collect();
    once_each("/locations", &read, findings);
    locations
}

fn levels(members: &Members, findings: &mut Findings) -> Levels {
    let read = rule("/levels/read", &members.levels.read, members, findings);
    let full = rule("/levels/full", &members.levels.full, members, findings);
    let has = |method: &String| full.methods.is_empty() || full.methods.contains(method);
    if !full.methods.is_empty() && (read.methods.is_empty() || !read.methods.iter().all(has)) {
        findings.add("/levels/full/methods", "names every method of 'read', too");
    }
    if !full.paths.is_empty() && read.paths.is_empty() {
        findings.add(
            "/levels/full/paths",
            "lets through every path of 'read', which names none and so means all",
        );
    }
    Levels { read, full, by_any_scope: false }
}

fn rule(pointer: &str, written: &RuleMembers, members: &Members, findings: &mut Findings) -> Rule {
    for (position, method) in written.methods.iter().enumerate() {
        if !is_method(method) {
            let detail = "is a request method in upper case, such as GET";
            findings.add(format!("{pointer}/methods/{position}"), detail);
        }
    }
    for (position, scope) in written.scopes.iter().enumerate() {
        if !members.scopes.iter().any(|known| known.name == *scope) {
            findings.add(format!("{pointer}/scopes/{position}"), "is not among the API's scopes");
        }
    }
    let lists = [("methods", &written.methods), ("paths", &written.paths), ("scopes", &written.scopes)];
    for (name, list) in lists {
        once_each(&format!("{pointer}/{name}"), list, findings);
    }
    let paths = written.paths.iter().enumerate();
    let paths = paths.filter_map(|(at, path)| findings.check(format!("{pointer}/paths/{at}"), path.parse()));
    Rule {
        methods: written.methods.clone(),
        paths: paths.collect(),
        // One that is no scope is none of the API's, and has been noted.
        scopes: Scope::of(&written.scopes).unwrap_or_default(),
    }
}

fn once_each(pointer: &str, list: &[String], findings: &mut Findings) {
    if list.len() > MOST_OF_A_RULE {
        findings.add(pointer, format!("has at most {MOST_OF_A_RULE} entries"));
    }
    let looked_at = list.len().min(MOST_OF_A_RULE);
    for position in (0..looked_at).filter(|at| list[..*at].contains(&list[*at])) {
        findings.add(format!("{pointer}/{position}"), "is named once only");
    }
}

/// RFC 9110 §9.1: a token, of which those that are registered are in upper case.
fn is_method(text: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_uppercase() || b"-_".contains(&byte);
    (1..=32).contains(&text.len()) && text.bytes().all(fits)
}
