//! What an API says of itself (RFC 9728): the document that leads a client from a refusal to the authorization server. Owns
//! its members and where it stands.

use crate::address::{UnusableUrl, safe, well_known};
use doorward_protocol::scope::{InvalidScope, Scope};
use serde::Serialize;

/// How long clients may keep the document: it changes with a release of the API.
#[cfg(any(feature = "actix", feature = "tower"))]
pub(crate) const CACHE_CONTROL: &str = "public, max-age=300";

/// What an API tells about itself; given to the builder, it is served, and every challenge leads to it.
#[derive(Clone, Debug, Default)]
pub struct Metadata {
    scopes: Scope,
    name: Option<String>,
    documentation: Option<String>,
    policy_uri: Option<String>,
    tos_uri: Option<String>,
}

/// The document, where it stands, and the URL by which clients find it.
#[derive(Clone, Debug)]
pub(crate) struct Document {
    pub(crate) path: String,
    pub(crate) url: String,
    pub(crate) json: String,
}

/// RFC 9728 §2.
#[derive(Serialize)]
struct Members<'a> {
    resource: &'a str,
    authorization_servers: [&'a str; 1],
    #[serde(skip_serializing_if = "Vec::is_empty")]
    scopes_supported: Vec<&'a str>,
    bearer_methods_supported: [&'static str; 1],
    #[serde(skip_serializing_if = "Option::is_none")]
    resource_name: &'a Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    resource_documentation: &'a Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    resource_policy_uri: &'a Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    resource_tos_uri: &'a Option<String>,
}

impl Metadata {
    /// Nothing but the API's identifier and its authorization server, which go without saying.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// RFC 9728 §2 `scopes_supported`.
    ///
    /// # Errors
    /// [`InvalidScope`] for what is no scope token.
    pub fn scopes<T: AsRef<str>>(self, scopes: impl IntoIterator<Item = T>) -> Result<Self, InvalidScope> {
        Ok(Self { scopes: Scope::of(scopes)?, ..self })
    }

    /// RFC 9728 §2 `resource_name`: for people.
    #[must_use]
    pub fn name(self, name: impl Into<String>) -> Self {
        Self { name: Some(name.into()), ..self }
    }

    /// RFC 9728 §2 `resource_documentation`: the URL of a page for developers.
    #[must_use]
    pub fn documentation(self, url: impl Into<String>) -> Self {
        Self { documentation: Some(url.into()), ..self }
    }

    /// RFC 9728 §2 `resource_policy_uri`: the URL of a page on how clients may use the data.
    #[must_use]
    pub fn policy(self, url: impl Into<String>) -> Self {
        Self { policy_uri: Some(url.into()), ..self }
    }

    /// RFC 9728 §2 `resource_tos_uri`: the URL of a page with the terms of service.
    #[must_use]
    pub fn terms_of_service(self, url: impl Into<String>) -> Self {
        Self { tos_uri: Some(url.into()), ..self }
    }

    /// RFC 9728 §3.1: the well-known path stands before that of the resource.
    pub(crate) fn document(&self, resource: &str, issuer: &str) -> Result<Document, UnusableUrl> {
        let url = safe(resource)?;
        let path = well_known("oauth-protected-resource", &url);
        let members = Members {
            resource,
            authorization_servers: [issuer],
            scopes_supported: self.scopes.tokens().collect(),
            // RFC 6750 §2.1, and none of the other ways.
            bearer_methods_supported: ["header"],
            resource_name: &self.name,
            resource_documentation: &self.documentation,
            resource_policy_uri: &self.policy_uri,
            resource_tos_uri: &self.tos_uri,
        };
        // Strings and lists of strings always serialize.
        let json = serde_json::to_string(&members).unwrap_or_else(|_| "{}".to_owned());
        Ok(Document { url: format!("{}{path}", url.origin().ascii_serialization()), path, json })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 9728 §3.1: the well-known path is inserted between the host and the path of the resource.
    #[test]
    fn the_document_stands_before_the_resources_path() {
        let of = |resource: &str| Metadata::new().document(resource, "https://id.example").unwrap();
        let url = "https://api.example/.well-known/oauth-protected-resource";
        assert_eq!(of("https://api.example").url, url);
        assert_eq!(of("https://api.example/").url, url);
        assert_eq!(of("https://api.example/v1/").url, format!("{url}/v1"));
        assert_eq!(of("https://api.example:8443/v1").path, "/.well-known/oauth-protected-resource/v1");
        assert!(Metadata::new().document("urn:example:orders", "https://id.example").is_err());
    }

    /// RFC 9728 §2: the members, and none that would be empty.
    #[test]
    fn the_document_says_what_is_known() {
        let json = |metadata: Metadata| {
            metadata.document("https://api.example/v1", "https://id.example").unwrap().json
        };
        assert_eq!(
            json(Metadata::new()),
            r#"{"resource":"https://api.example/v1","authorization_servers":["https://id.example"],"bearer_methods_supported":["header"]}"#
        );
        let full = Metadata::new()
            .scopes(["write", "read"])
            .unwrap()
            .name("Orders")
            .documentation("https://docs.example");
        let full = full.policy("https://docs.example/policy").terms_of_service("https://docs.example/terms");
        assert_eq!(
            json(full),
            r#"{"resource":"https://api.example/v1","authorization_servers":["https://id.example"],"scopes_supported":["read","write"],"bearer_methods_supported":["header"],"resource_name":"Orders","resource_documentation":"https://docs.example","resource_policy_uri":"https://docs.example/policy","resource_tos_uri":"https://docs.example/terms"}"#
        );
        assert!(Metadata::new().scopes(["a b"]).is_err());
    }
}
