//! Discovery (RFC 8414, OpenID Connect Discovery): what the server can do, read off the lists that the endpoints use. Owns
//! the paths of the endpoints and of the documents; says nothing that does not work.

use crate::client::authenticate::METHODS;
use crate::endpoint::token::GRANTS;
use crate::issuer::Issuer;
use crate::settings::Settings;
use doorward_protocol::metadata::ServerMetadata;

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
        token_endpoint: issuer.url(TOKEN),
        introspection_endpoint: issuer.url(INTROSPECT),
        revocation_endpoint: issuer.url(REVOKE),
        jwks_uri: issuer.url(JWKS),
        grant_types_supported: GRANTS.iter().map(|grant| grant.grant_type()).collect(),
        response_types_supported: vec![],
        response_modes_supported: vec![],
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
                "token_endpoint": "https://as.example/t/oauth2/token",
                "introspection_endpoint": "https://as.example/t/oauth2/introspect",
                "revocation_endpoint": "https://as.example/t/oauth2/revoke",
                "jwks_uri": "https://as.example/t/oauth2/jwks",
                "grant_types_supported": ["client_credentials"],
                "response_types_supported": [],
                "response_modes_supported": [],
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
