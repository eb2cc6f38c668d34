//! "API info" in JSON: what somebody is told of their own API access.

use super::access_request::AccessRequestResource;
use crate::api::schema::{self, Sample};
use doorward_core::access::api::{Api, Apis};
use doorward_core::client::ClientRecord;
use doorward_core::issuer::Issuer;
use doorward_core::manage::access_requests::api_info::ApiInfo;
use doorward_protocol::id::Id;
use doorward_protocol::time::Seconds;
use doorward_protocol::words::{ApiAccess, Status};
use schemars::JsonSchema;
use serde::Serialize;

/// What somebody is told of their own API access.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ApiInfoResource {
    /// Whether they have it.
    #[schemars(with = "schema::ApiAccess")]
    pub api_access: ApiAccess,
    /// The same in words, for a page.
    pub message: &'static str,
    /// Where it is asked for, by POST.
    pub request_url: String,
    /// Where APIs are described that say so.
    pub documentation: Vec<DocumentationResource>,
    /// Their latest request; null where they have never asked.
    pub request: Option<AccessRequestResource>,
    /// Their API accounts.
    pub credentials: Vec<CredentialResource>,
}

/// Where an API is described.
#[derive(Debug, Serialize, JsonSchema)]
pub struct DocumentationResource {
    /// The API, by its identifier.
    pub api: String,
    /// What people see.
    pub name: String,
    /// Where it is described.
    pub documentation_url: String,
}

/// An API account, as credentials.
#[derive(Debug, Serialize, JsonSchema)]
pub struct CredentialResource {
    /// The account, by its internal identifier.
    #[schemars(with = "schema::Id")]
    pub api_account_id: Id,
    /// What people see.
    pub name: String,
    /// Whether it may do anything at all.
    #[schemars(with = "schema::Status")]
    pub status: Status,
    /// The public API key.
    pub client_id: String,
    /// Whether the secret was shown, which happens once; from then on it is only replaced.
    pub secret: Secret,
    /// Where the secret is revealed, by POST, while it was not.
    pub reveal_url: Option<String>,
}

/// What has become of a secret.
#[derive(Clone, Copy, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Secret {
    /// Nobody has seen it yet.
    NotRevealed,
    /// It was shown.
    Revealed,
}

impl ApiInfoResource {
    /// What is told of this at this instant.
    pub(crate) fn of(info: &ApiInfo, apis: &Apis, issuer: &Issuer, now: Seconds) -> Self {
        let mut documentation: Vec<_> = apis
            .all()
            .filter(|api| api.status == Status::Active)
            .filter_map(|api| DocumentationResource::of(api))
            .collect();
        documentation.sort_by(|one, other| one.api.cmp(&other.api));
        Self {
            api_access: info.api_access,
            message: message(info.api_access),
            request_url: issuer.url("/api/v1/access-requests"),
            documentation,
            request: info.request.as_ref().map(|request| AccessRequestResource::of(request, apis, now)),
            credentials: info.accounts.iter().map(|record| CredentialResource::of(record, issuer)).collect(),
        }
    }
}

impl DocumentationResource {
    fn of(api: &Api) -> Option<Self> {
        let documentation_url = api.documentation_url.clone()?;
        Some(Self { api: api.identifier.to_string(), name: api.name.clone(), documentation_url })
    }
}

impl CredentialResource {
    fn of(record: &ClientRecord, issuer: &Issuer) -> Self {
        let (account, is_revealed) = (&record.client, !record.secrets.is_empty());
        let reveal = || issuer.url(&format!("/api/v1/api-accounts/{}/secret/reveal", account.id));
        Self {
            api_account_id: account.id,
            name: account.name.clone(),
            status: account.status,
            client_id: account.client_id.to_string(),
            secret: if is_revealed { Secret::Revealed } else { Secret::NotRevealed },
            reveal_url: (!is_revealed).then(reveal),
        }
    }
}

const fn message(api_access: ApiAccess) -> &'static str {
    match api_access {
        ApiAccess::Disabled => "API access is currently disabled on your account.",
        ApiAccess::Requested => "API access has been requested, and waits for an administrator.",
        ApiAccess::Enabled => "API access is enabled on your account.",
    }
}

impl Sample for ApiInfoResource {
    fn sample() -> Self {
        Self {
            api_access: ApiAccess::Enabled,
            message: message(ApiAccess::Enabled),
            request_url: "https://as.example/api/v1/access-requests".to_owned(),
            documentation: vec![DocumentationResource {
                api: "https://orders.example".to_owned(),
                name: "Orders".to_owned(),
                documentation_url: "https://orders.example/docs".to_owned(),
            }],
            request: Some(AccessRequestResource { note: None, ..AccessRequestResource::sample() }),
            credentials: vec![CredentialResource {
                api_account_id: Id::from_parts(1_764_201_600_000, 82),
                name: "API access of alice".to_owned(),
                status: Status::Active,
                client_id: "k-3fXqR2mB".to_owned(),
                secret: Secret::NotRevealed,
                reveal_url: Some(
                    "https://as.example/api/v1/api-accounts/01KB1B4S000000000000000022/secret/reveal"
                        .to_owned(),
                ),
            }],
        }
    }
}
