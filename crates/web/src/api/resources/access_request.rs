//! A request for API access in JSON, and what is said to it.

use super::access::{AccessInput, AccessResource};
use super::api_token::OneResource;
use super::{Instant, moment};
use crate::api::schema::{self, Sample};
use doorward_core::access::access_request::AccessRequest;
use doorward_core::access::api::Apis;
use doorward_core::manage::access_requests::Wish;
use doorward_core::manage::access_requests::deciding::Approval;
use doorward_core::manage::api_tokens::access::Named;
use doorward_core::manage::api_tokens::expiry::Expiry;
use doorward_protocol::access::level::Access;
use doorward_protocol::id::Id;
use doorward_protocol::time::Seconds;
use doorward_protocol::words::{AccessRequestStatus, Level};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A request for API access.
#[derive(Debug, Serialize, JsonSchema)]
pub struct AccessRequestResource {
    /// The internal identifier.
    #[schemars(with = "schema::Id")]
    pub id: Id,
    /// Who asks.
    #[schemars(with = "schema::Id")]
    pub user_id: Id,
    /// The organization they belonged to when they asked; null where to none.
    #[schemars(with = "Option<schema::Id>")]
    pub organization_id: Option<Id>,
    /// What they say to whoever decides.
    pub message: String,
    /// The levels that they wish for.
    pub wished: Vec<AccessResource>,
    /// What has become of it.
    #[schemars(with = "schema::AccessRequestStatus")]
    pub status: AccessRequestStatus,
    /// The levels that were approved; none while nothing is.
    pub access: Vec<AccessResource>,
    /// From where, as networks; from everywhere where none is named.
    pub allowed_ips: Vec<String>,
    /// When what was approved ends.
    pub expires_at: Option<Instant>,
    /// The API account that came of it.
    #[schemars(with = "Option<schema::Id>")]
    pub api_account_id: Option<Id>,
    /// Who decided last; null for whoever holds the machine's command line.
    pub decided_by: Option<OneResource>,
    /// When.
    pub decided_at: Option<Instant>,
    /// Why it was denied or revoked.
    pub reason: String,
    /// What those who decide note for one another; left away for those who may not see everybody's requests.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// When somebody last looked whether it is still right.
    pub reviewed_at: Option<Instant>,
    /// When it was made.
    pub created_at: Instant,
    /// When it was last changed.
    pub updated_at: Instant,
}

impl AccessRequestResource {
    /// A request as it stands at this instant, without what those note who decide.
    #[must_use]
    pub fn of(request: &AccessRequest, apis: &Apis, now: Seconds) -> Self {
        let access = |access: &[Access]| access.iter().map(|one| AccessResource::of(*one, apis)).collect();
        let user = request.decided_by_user.map(|id| OneResource { kind: "user", id });
        let client = request.decided_by_client.map(|id| OneResource { kind: "client", id });
        Self {
            id: request.id,
            user_id: request.user,
            organization_id: request.organization,
            message: request.message.clone(),
            wished: access(&request.wished),
            status: request.status_at(now),
            access: access(&request.access),
            allowed_ips: request.allowed_ips.iter().map(ToString::to_string).collect(),
            expires_at: request.expires_at.map(Instant),
            api_account_id: request.api_account,
            decided_by: user.or(client),
            decided_at: request.decided_at.map(Instant),
            reason: request.reason.clone(),
            note: None,
            reviewed_at: request.reviewed_at.map(Instant),
            created_at: Instant(request.created_at),
            updated_at: Instant(request.updated_at),
        }
    }

    /// The same, with it.
    #[must_use]
    pub fn with_note(self, request: &AccessRequest) -> Self {
        Self { note: Some(request.note.clone()), ..self }
    }
}

/// What somebody asks for.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AccessRequestInput {
    /// What is to be said to whoever decides.
    #[serde(default)]
    #[schemars(length(max = 2000))]
    pub(crate) message: String,
    /// The levels that are wished for.
    #[schemars(length(min = 1))]
    pub(crate) access: Vec<AccessInput>,
}

/// What is approved.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct ApprovalInput {
    /// The levels, at most those that were asked for; all of them where nothing is said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) access: Option<Vec<AccessInput>>,
    /// It ends in so many months; in 6 where neither this nor `expires_at` is there.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("enum" = [3, 6, 12, null]))]
    pub(crate) expires_in_months: Option<i64>,
    /// It ends at this instant to come; in place of `expires_in_months`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<schema::Instant>")]
    pub(crate) expires_at: Option<String>,
    /// From where, addresses and networks; from everywhere where none is named.
    #[schemars(with = "Vec<schema::Network>", length(max = 100))]
    pub(crate) allowed_ips: Vec<String>,
    /// What those who decide are to know later; whoever asked does not see it.
    #[schemars(length(max = 500))]
    pub(crate) note: String,
}

/// Until when an approval goes on.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct RenewalInput {
    /// It then ends in so many months; in 6 where neither this nor `expires_at` is there.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("enum" = [3, 6, 12, null]))]
    pub(crate) expires_in_months: Option<i64>,
    /// It then ends at this instant to come; in place of `expires_in_months`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<schema::Instant>")]
    pub(crate) expires_at: Option<String>,
}

/// Why a request is denied, or an approval taken back.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReasonInput {
    /// Why, for whoever asked, in a single line.
    #[schemars(length(min = 1, max = 200))]
    pub(crate) reason: String,
}

fn named(access: Vec<AccessInput>) -> Vec<Named> {
    access.into_iter().map(|access| Named { api: access.api, level: access.level }).collect()
}

impl From<AccessRequestInput> for Wish {
    fn from(input: AccessRequestInput) -> Self {
        Self { message: input.message, access: named(input.access) }
    }
}

impl From<ApprovalInput> for Approval {
    fn from(input: ApprovalInput) -> Self {
        Self {
            access: input.access.map(named),
            expiry: Expiry { expires_in_months: input.expires_in_months, expires_at: input.expires_at },
            allowed_ips: input.allowed_ips,
            note: input.note,
        }
    }
}

impl From<RenewalInput> for Expiry {
    fn from(input: RenewalInput) -> Self {
        Self { expires_in_months: input.expires_in_months, expires_at: input.expires_at }
    }
}

fn orders(level: Level) -> Vec<AccessInput> {
    vec![AccessInput { api: "https://orders.example".to_owned(), level }]
}

impl Sample for AccessRequestInput {
    fn sample() -> Self {
        Self { message: "Our shop is to read its orders.".to_owned(), access: orders(Level::Read) }
    }
}

impl Sample for ApprovalInput {
    fn sample() -> Self {
        Self {
            access: Some(orders(Level::Read)),
            expires_in_months: Some(12),
            expires_at: None,
            allowed_ips: vec!["192.0.2.0/24".to_owned()],
            note: "Contract 4711".to_owned(),
        }
    }
}

impl Sample for RenewalInput {
    fn sample() -> Self {
        Self { expires_in_months: Some(6), expires_at: None }
    }
}

impl Sample for ReasonInput {
    fn sample() -> Self {
        Self { reason: "there is no contract yet".to_owned() }
    }
}

impl Sample for AccessRequestResource {
    fn sample() -> Self {
        let orders = || vec![AccessResource { api: "https://orders.example".to_owned(), level: Level::Read }];
        Self {
            id: Id::from_parts(1_764_201_600_000, 81),
            user_id: Id::from_parts(1_764_201_600_000, 22),
            organization_id: None,
            message: "Our shop is to read its orders.".to_owned(),
            wished: orders(),
            status: AccessRequestStatus::Approved,
            access: orders(),
            allowed_ips: vec!["192.0.2.0/24".to_owned()],
            expires_at: Some(moment(15_638_400)),
            api_account_id: Some(Id::from_parts(1_764_201_600_000, 82)),
            decided_by: Some(OneResource { kind: "user", id: Id::from_parts(1_764_201_600_000, 21) }),
            decided_at: Some(moment(3_600)),
            reason: String::new(),
            note: Some("Contract 4711".to_owned()),
            reviewed_at: Some(moment(3_600)),
            created_at: moment(0),
            updated_at: moment(3_600),
        }
    }
}
