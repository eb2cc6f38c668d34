//! The rules for a client's members. Owns what a combination of them means (a grant that needs a redirect URI, a public client
//! that has nothing but PKCE); each finding points at its member.

use super::Members;
use crate::client::redirect::RedirectUri;
use crate::endpoint::token::GRANTS;
use crate::manage::{Findings, LONGEST_TEXT, name, text};
use crate::settings::Settings;
use doorward_protocol::time::Lifetime;
use doorward_protocol::words::GrantType;

/// What of the members is kept in another form than it was written.
pub(super) struct Checked {
    pub(super) redirect_uris: Vec<RedirectUri>,
    pub(super) post_logout_redirect_uris: Vec<RedirectUri>,
}

pub(super) fn check(members: &Members, settings: &Settings, findings: &mut Findings) -> Checked {
    name("/name", &members.name, findings);
    text("/description", &members.description, LONGEST_TEXT, findings);
    check_grants(members, findings);
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
    let public = !members.auth_method.is_confidential();
    Checked {
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

fn uris(pointer: &str, uris: &[String], public: bool, findings: &mut Findings) -> Vec<RedirectUri> {
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
