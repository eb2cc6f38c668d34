//! The rules for a client's members. Owns what a combination of them means (a grant that needs a redirect URI, a public client
//! that has nothing but PKCE); each finding points at its member.

use super::Members;
use crate::client::Client;
use crate::client::redirect::RedirectUri;
use crate::context::Context;
use crate::endpoint::token::GRANTS;
use crate::manage::call::Call;
use crate::manage::groups::BuiltIn;
use crate::manage::networks::networks;
use crate::manage::{Findings, LONGEST_TEXT, Refused, apis, groups, name, organizations, text};
use crate::settings::Settings;
use crate::store::fault::{Fault, Stop};
use crate::store::tx::Tx;
use doorward_protocol::access::level::Access;
use doorward_protocol::network::Network;
use doorward_protocol::time::{Lifetime, Seconds};
use doorward_protocol::words::{GrantType, Level};
use std::sync::Arc;

/// More groups, redirect URIs or levels than that are a mistake.
const MOST: usize = 100;

/// What of the members is kept in another form than it was written.
pub(in crate::manage) struct Checked {
    redirect_uris: Vec<RedirectUri>,
    post_logout_redirect_uris: Vec<RedirectUri>,
    allowed_ips: Vec<Network>,
}

/// What members are looked up with, drawn before the transaction.
pub(in crate::manage) struct LookUp {
    pub(in crate::manage) now: Seconds,
    pub(in crate::manage) settings: Arc<Settings>,
    built_in: BuiltIn,
}

impl LookUp {
    pub(in crate::manage) fn draw(context: &Context<'_>) -> Result<Self, Fault> {
        let (now, settings) = (context.now, Arc::clone(context.settings));
        Ok(Self { now, settings, built_in: BuiltIn::draw(context)? })
    }
}

/// The client with other members, checked.
pub(in crate::manage) fn changed(
    members: &Members,
    client: &Client,
    look_up: &LookUp,
    call: &Call,
    tx: &mut dyn Tx,
) -> Result<Client, Stop<Refused>> {
    let mut findings = Findings::default();
    if members.auth_method.is_confidential() != client.auth_method.is_confidential() {
        findings.add(
            "/token_endpoint_auth_method",
            "a public client cannot become a confidential one or back: register another",
        );
    }
    let checked = check(members, &look_up.settings, &mut findings);
    findings.refuse()?;
    with(members, &checked, client.clone(), look_up, call, tx)
}

/// The client with these members; what they name is looked up.
pub(in crate::manage) fn with(
    members: &Members,
    checked: &Checked,
    client: Client,
    look_up: &LookUp,
    call: &Call,
    tx: &mut dyn Tx,
) -> Result<Client, Stop<Refused>> {
    let mut findings = Findings::default();
    let organization = organizations::named(members.organization.as_deref(), call, &mut findings, tx)?;
    let built_in = &look_up.built_in;
    let groups = groups::named(&members.groups, organization, built_in, call, &mut findings, tx)?;
    let access = access(&members.access, &client.access, &look_up.settings, &mut findings, tx)?;
    if members.expires_at != client.expires_at && members.expires_at.is_some_and(|end| end <= look_up.now) {
        findings.add("/expires_at", "is over already");
    }
    findings.refuse()?;
    Ok(Client {
        name: members.name.clone(),
        description: members.description.clone(),
        status: members.status,
        auth_method: members.auth_method,
        grant_types: members.grant_types.clone(),
        redirect_uris: checked.redirect_uris.clone(),
        post_logout_redirect_uris: checked.post_logout_redirect_uris.clone(),
        require_pkce: members.require_pkce,
        consent: members.consent,
        id_token_signed_response_alg: members.id_token_signed_response_alg,
        id_token_claims: members.id_token_claims,
        organization,
        groups,
        allowed_ips: checked.allowed_ips.clone(),
        access,
        public_url: members.public_url.clone(),
        expires_at: members.expires_at,
        scopes: members.scopes.clone(),
        default_scopes: members.default_scopes.clone(),
        access_token_lifetime: members.access_token_lifetime,
        refresh_token_lifetime: members.refresh_token_lifetime,
        ..client
    })
}

/// The levels at APIs, by their internal identifiers. One that was deleted stays in the list: without it, a list that named nothing
/// else would be empty, and that limits nothing.
fn access(
    named: &[(String, Level)],
    before: &[Access],
    settings: &Settings,
    findings: &mut Findings,
    tx: &mut dyn Tx,
) -> Result<Vec<Access>, Fault> {
    let apis = if named.is_empty() { vec![] } else { tx.apis()? };
    let mut access: Vec<Access> = Vec::with_capacity(named.len());
    for (position, (reference, level)) in named.iter().enumerate() {
        let pointer = format!("/access/{position}/api");
        let known = apis::among(reference, &apis, &settings.issuer).map(|api| api.id);
        let gone = || before.iter().map(|access| access.api).find(|api| api.to_string() == *reference);
        let found = known.or_else(gone);
        let unknown = "is not an API: name one by identifier or id, or 'management'";
        let Some(api) = findings.check(&pointer, found.ok_or(unknown)) else { continue };
        if access.iter().any(|earlier| earlier.api == api) {
            findings.add(pointer, "is named once only");
        } else {
            access.push(Access { api, level: *level });
        }
    }
    Ok(access)
}

pub(in crate::manage) fn check(members: &Members, settings: &Settings, findings: &mut Findings) -> Checked {
    name("/name", &members.name, findings);
    text("/description", &members.description, LONGEST_TEXT, findings);
    check_grants(members, findings);
    let lists = [
        ("/redirect_uris", members.redirect_uris.len()),
        ("/post_logout_redirect_uris", members.post_logout_redirect_uris.len()),
        ("/groups", members.groups.len()),
        ("/access", members.access.len()),
    ];
    for (pointer, _) in lists.into_iter().filter(|(_, length)| *length > MOST) {
        findings.add(pointer, format!("has at most {MOST} entries"));
    }
    if !members.default_scopes.is_within(&members.scopes) {
        findings.add("/default_scopes", "names only what 'scopes' names");
    }
    if let Some(lifetime) = members.access_token_lifetime {
        super::lifetime("/access_token_lifetime", lifetime, settings, findings);
    }
    if let Some(lifetime) = members.refresh_token_lifetime {
        let longest = settings.refresh.absolute;
        if lifetime < Lifetime::seconds(1) || lifetime > longest {
            findings.add("/refresh_token_lifetime", format!("is between 1 and {} seconds", longest.0));
        }
    }
    if let Some(algorithm) = members.id_token_signed_response_alg
        && !settings.algorithms.contains(&algorithm)
    {
        findings.add(
            "/id_token_signed_response_alg",
            "is not among the algorithms this server keeps keys for (keys.algorithms)",
        );
    }
    if members.public_url.as_deref().is_some_and(|url| !is_https(url)) {
        findings.add("/public_url", "is an https URL");
    }
    let public = !members.auth_method.is_confidential();
    Checked {
        allowed_ips: networks("/allowed_ips", &members.allowed_ips, findings),
        redirect_uris: uris("/redirect_uris", &members.redirect_uris, public, findings),
        post_logout_redirect_uris: uris(
            "/post_logout_redirect_uris",
            &members.post_logout_redirect_uris,
            public,
            findings,
        ),
    }
}

/// What a grant asks of the client that is to use it.
fn check_grants(members: &Members, findings: &mut Findings) {
    for (position, grant) in members.grant_types.iter().enumerate() {
        if !GRANTS.iter().any(|known| known.grant_type() == *grant) {
            findings
                .add(format!("/grant_types/{position}"), format!("'{grant}' is not a grant of this server"));
        }
    }
    let (has, public) =
        (|grant| members.grant_types.contains(&grant), !members.auth_method.is_confidential());
    if public && has(GrantType::ClientCredentials) {
        findings.add("/grant_types", "a public client has no credentials of its own (RFC 6749 §4.4)");
    }
    if has(GrantType::AuthorizationCode) && members.redirect_uris.is_empty() {
        findings.add("/redirect_uris", "names where people are sent back to: authorization_code needs one");
    }
    if has(GrantType::RefreshToken) && !has(GrantType::AuthorizationCode) {
        findings.add("/grant_types", "refresh_token comes with authorization_code");
    }
    if public && !members.require_pkce {
        findings.add("/require_pkce", "a public client has nothing but PKCE to bind its codes to");
    }
}

fn is_https(text: &str) -> bool {
    text.len() <= LONGEST_TEXT && url::Url::parse(text).is_ok_and(|url| url.scheme() == "https")
}

fn uris(pointer: &str, uris: &[String], public: bool, findings: &mut Findings) -> Vec<RedirectUri> {
    let uris = &uris[..uris.len().min(MOST)];
    for (position, uri) in uris.iter().enumerate() {
        if uris[..position].contains(uri) {
            findings.add(format!("{pointer}/{position}"), "is named once only");
        }
    }
    let parsed = uris.iter().enumerate();
    parsed
        .filter_map(|(position, uri)| {
            findings.check(format!("{pointer}/{position}"), RedirectUri::parse(uri, public))
        })
        .collect()
}
