//! Authorization server metadata (RFC 8414 §2, OpenID Connect Discovery §3). Owns the members; what stands in them is read
//! off the server's own lists.

use crate::jose::Algorithm;
use crate::words::{AuthMethod, GrantType, ResponseMode};
use serde::Serialize;

/// The metadata document. Lists that have a default in the RFC are always written out, so that an empty one is not taken
/// for the default.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ServerMetadata {
    /// RFC 8414 §2 `issuer`.
    pub issuer: String,
    /// RFC 8414 §2 `authorization_endpoint`.
    pub authorization_endpoint: String,
    /// RFC 8414 §2 `token_endpoint`.
    pub token_endpoint: String,
    /// RFC 8414 §2 `introspection_endpoint`.
    pub introspection_endpoint: String,
    /// RFC 8414 §2 `revocation_endpoint`.
    pub revocation_endpoint: String,
    /// Ours (RFC 8414 §2 allows for others): the signed feed of what was taken back.
    pub revocations_endpoint: String,
    /// OpenID Connect Discovery §3 `userinfo_endpoint`.
    pub userinfo_endpoint: String,
    /// OpenID Connect RP-Initiated Logout §2.1 `end_session_endpoint`.
    pub end_session_endpoint: String,
    /// RFC 8414 §2 `jwks_uri`.
    pub jwks_uri: String,
    /// RFC 8414 §2 `scopes_supported`: the server's own; those of APIs are the APIs' to tell.
    pub scopes_supported: Vec<&'static str>,
    /// RFC 8414 §2 `grant_types_supported`; its default would claim grants we do not have.
    pub grant_types_supported: Vec<GrantType>,
    /// RFC 8414 §2 `response_types_supported`.
    pub response_types_supported: Vec<&'static str>,
    /// RFC 8414 §2 `response_modes_supported`; its default would claim modes we do not have.
    pub response_modes_supported: Vec<ResponseMode>,
    /// RFC 8414 §2 `code_challenge_methods_supported`.
    pub code_challenge_methods_supported: Vec<&'static str>,
    /// RFC 9207 §3 `authorization_response_iss_parameter_supported`.
    pub authorization_response_iss_parameter_supported: bool,
    /// OpenID Connect Discovery §3 `subject_types_supported`.
    pub subject_types_supported: Vec<&'static str>,
    /// OpenID Connect Discovery §3 `id_token_signing_alg_values_supported`.
    pub id_token_signing_alg_values_supported: Vec<Algorithm>,
    /// OpenID Connect Discovery §3 `claims_supported`.
    pub claims_supported: Vec<&'static str>,
    /// OpenID Connect Discovery §3 `acr_values_supported`.
    pub acr_values_supported: Vec<&'static str>,
    /// OpenID Connect Prompt Create §4.1 `prompt_values_supported`.
    pub prompt_values_supported: Vec<&'static str>,
    /// OpenID Connect Discovery §3 `ui_locales_supported`.
    pub ui_locales_supported: Vec<&'static str>,
    /// RFC 8414 §2 `token_endpoint_auth_methods_supported`.
    pub token_endpoint_auth_methods_supported: Vec<AuthMethod>,
    /// RFC 8414 §2 `introspection_endpoint_auth_methods_supported`.
    pub introspection_endpoint_auth_methods_supported: Vec<AuthMethod>,
    /// RFC 8414 §2 `revocation_endpoint_auth_methods_supported`.
    pub revocation_endpoint_auth_methods_supported: Vec<AuthMethod>,
    /// OpenID Connect Discovery §3 `claims_parameter_supported`.
    pub claims_parameter_supported: bool,
    /// OpenID Connect Discovery §3 `request_parameter_supported`.
    pub request_parameter_supported: bool,
    /// OpenID Connect Discovery §3 `request_uri_parameter_supported`; its default is true.
    pub request_uri_parameter_supported: bool,
}
