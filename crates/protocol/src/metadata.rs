//! Authorization server metadata (RFC 8414 §2, OpenID Connect Discovery §3). Owns the members; what stands in them is read
//! off the server's own lists.

use crate::words::{AuthMethod, GrantType};
use serde::Serialize;

/// The metadata document. Lists that have a default in the RFC are always written out, so that an empty one is not taken
/// for the default.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ServerMetadata {
    /// RFC 8414 §2 `issuer`.
    pub issuer: String,
    /// RFC 8414 §2 `token_endpoint`.
    pub token_endpoint: String,
    /// RFC 8414 §2 `introspection_endpoint`.
    pub introspection_endpoint: String,
    /// RFC 8414 §2 `revocation_endpoint`.
    pub revocation_endpoint: String,
    /// RFC 8414 §2 `jwks_uri`.
    pub jwks_uri: String,
    /// RFC 8414 §2 `grant_types_supported`; its default would claim grants we do not have.
    pub grant_types_supported: Vec<GrantType>,
    /// RFC 8414 §2 `response_types_supported`.
    pub response_types_supported: Vec<String>,
    /// RFC 8414 §2 `response_modes_supported`; its default would claim modes we do not have.
    pub response_modes_supported: Vec<String>,
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
