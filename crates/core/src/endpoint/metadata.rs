//! Discovery (RFC 8414, OpenID Connect Discovery): what the server can do, read off the lists that the endpoints use. Owns
//! the paths of the endpoints and of the documents; says nothing that does not work.

use crate::client::authenticate::METHODS;
use crate::endpoint::token::GRANTS;
use crate::issuer::Issuer;
use crate::settings::Settings;
use doorward_protocol::metadata::ServerMetadata;
use doorward_protocol::words::ResponseMode;
use doorward_protocol::{openid, pkce, revocation};

/// Where the authorization endpoint is, below the issuer.
pub const AUTHORIZE: &str = "/oauth2/authorize";
/// Where the userinfo endpoint is, below the issuer.
pub const USERINFO: &str = "/oauth2/userinfo";
/// Where a person signs out, below the issuer.
pub const LOGOUT: &str = "/oauth2/logout";
/// Where the token endpoint is, below the issuer.
pub const TOKEN: &str = "/oauth2/token";
/// Where the introspection endpoint is, below the issuer.
pub const INTROSPECT: &str = "/oauth2/introspect";
/// Where the revocation endpoint is, below the issuer.
pub const REVOKE: &str = "/oauth2/revoke";
/// Where the key set is, below the issuer.
pub const JWKS: &str = "/oauth2/jwks";

/// The names of the documents.
const WELL_KNOWN: [&str; 2] =
    ["/.well-known/oauth-authorization-server", "/.well-known/openid-configuration"];

/// The claims that an ID token or userinfo may hold.
const CLAIMS: [&str; 17] = [
    "iss",
    "sub",
    "aud",
    "exp",
    "iat",
    "auth_time",
    "nonce",
    "acr",
    "amr",
    "at_hash",
    "sid",
    "name",
    "preferred_username",
    "updated_at",
    "email",
    "email_verified",
    "groups",
];

/// Every path (from the host's root) at which a client may look for the document: RFC 8414 §3.1 inserts the well-known
/// name before the issuer's path, OpenID Connect Discovery §4 appends it; clients mix the two.
#[must_use]
pub fn document_paths(issuer: &Issuer) -> Vec<String> {
    let path = issuer.path();
    let mut paths: Vec<_> =
        WELL_KNOWN.iter().flat_map(|name| [format!("{name}{path}"), format!("{path}{name}")]).collect();
    paths.sort();
    paths.dedup();
    paths
}

/// The document, in JSON.
#[must_use]
pub fn document(settings: &Settings) -> String {
    let issuer = &settings.issuer;
    let confidential: Vec<_> = METHODS.iter().copied().filter(|method| method.is_confidential()).collect();
    let metadata = ServerMetadata {
        issuer: issuer.to_string(),
        authorization_endpoint: issuer.url(AUTHORIZE),
        token_endpoint: issuer.url(TOKEN),
        introspection_endpoint: issuer.url(INTROSPECT),
        revocation_endpoint: issuer.url(REVOKE),
        revocations_endpoint: issuer.url(revocation::PATH),
        userinfo_endpoint: issuer.url(USERINFO),
        end_session_endpoint: issuer.url(LOGOUT),
        jwks_uri: issuer.url(JWKS),
        scopes_supported: openid::SCOPES.map(|(name, _)| name).to_vec(),
        grant_types_supported: GRANTS.iter().map(|grant| grant.grant_type()).collect(),
        response_types_supported: vec!["code"],
        response_modes_supported: ResponseMode::ALL.to_vec(),
        code_challenge_methods_supported: pkce::METHODS.to_vec(),
        authorization_response_iss_parameter_supported: true,
        subject_types_supported: vec!["public"],
        id_token_signing_alg_values_supported: settings.algorithms.clone(),
        claims_supported: CLAIMS.to_vec(),
        acr_values_supported: vec!["1"],
        prompt_values_supported: vec!["none", "login", "consent", "select_account"],
        ui_locales_supported: vec!["en"],
        token_endpoint_auth_methods_supported: METHODS.to_vec(),
        introspection_endpoint_auth_methods_supported: confidential,
        revocation_endpoint_auth_methods_supported: METHODS.to_vec(),
        claims_parameter_supported: false,
        request_parameter_supported: false,
        request_uri_parameter_supported: false,
    };
    // Strings, lists and booleans always serialize; an empty object would still be an answer.
    serde_json::to_string(&metadata).unwrap_or_else(|_| "{}".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 8414 §3.1: the well-known name goes between host and path; clients of OpenID Connect append it.
    #[test]
    fn an_issuer_with_a_path_has_its_documents_in_both_forms() {
        let issuer: Issuer = "https://as.example/tenant".parse().unwrap();
        assert_eq!(
            document_paths(&issuer),
            [
                "/.well-known/oauth-authorization-server/tenant",
                "/.well-known/openid-configuration/tenant",
                "/tenant/.well-known/oauth-authorization-server",
                "/tenant/.well-known/openid-configuration",
            ]
        );
        assert_eq!(document_paths(&"https://as.example".parse().unwrap()).len(), 2);
    }

    /// RFC 8414 §2: the lists name what works, and the defaults that do not hold are denied aloud.
    #[test]
    fn the_document_says_what_works_and_nothing_else() {
        let document: serde_json::Value =
            serde_json::from_str(&document(&Settings::new("https://as.example/t".parse().unwrap()))).unwrap();
        assert_eq!(
            document,
            serde_json::json!({
                "issuer": "https://as.example/t",
                "authorization_endpoint": "https://as.example/t/oauth2/authorize",
                "token_endpoint": "https://as.example/t/oauth2/token",
                "introspection_endpoint": "https://as.example/t/oauth2/introspect",
                "revocation_endpoint": "https://as.example/t/oauth2/revoke",
                "revocations_endpoint": "https://as.example/t/revocations",
                "userinfo_endpoint": "https://as.example/t/oauth2/userinfo",
                "end_session_endpoint": "https://as.example/t/oauth2/logout",
                "jwks_uri": "https://as.example/t/oauth2/jwks",
                "scopes_supported": ["openid", "profile", "email", "groups", "offline_access"],
                "grant_types_supported": [
                    "authorization_code", "client_credentials", "refresh_token",
                    "urn:ietf:params:oauth:grant-type:token-exchange",
                ],
                "response_types_supported": ["code"],
                "response_modes_supported": ["query", "form_post"],
                "code_challenge_methods_supported": ["S256"],
                "authorization_response_iss_parameter_supported": true,
                "subject_types_supported": ["public"],
                "id_token_signing_alg_values_supported": ["ES256", "EdDSA", "RS256"],
                "claims_supported": CLAIMS,
                "acr_values_supported": ["1"],
                "prompt_values_supported": ["none", "login", "consent", "select_account"],
                "ui_locales_supported": ["en"],
                "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post", "none"],
                "introspection_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
                "revocation_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post", "none"],
                "claims_parameter_supported": false,
                "request_parameter_supported": false,
                "request_uri_parameter_supported": false,
            })
        );
    }
}
