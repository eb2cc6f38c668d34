//! API tokens, requests for API access, the last use of a credential, and keys of changes, with plain defaults. What a test cares about it sets by
//! `ApiToken { expires_at, ..api_token(1) }`.

use crate::builders::{digest, id};
use crate::frozen_clock::START;
use doorward_core::access::access_request::AccessRequest;
use doorward_core::audit::idempotency_key::IdempotencyKey;
use doorward_core::keys::pepper::PepperVersion;
use doorward_core::token::api_token::{ApiToken, ApiTokenOwner, PreviousValue};
use doorward_core::token::last_use::LastUse;
use doorward_protocol::access::level::{Access, AccessList};
use doorward_protocol::id::Id;
use doorward_protocol::network::Network;
use doorward_protocol::time::Lifetime;
use doorward_protocol::words::{AccessRequestStatus, Level};

/// A token of the user 2 with access to nothing, good for 180 days, whose value has the digest of its number.
#[must_use]
pub fn api_token(number: u32) -> ApiToken {
    ApiToken {
        id: id(number),
        digest: digest(number),
        pepper: PepperVersion(1),
        owner: ApiTokenOwner::User(id(2)),
        owner_generation: 0,
        name: format!("Token {number}"),
        description: String::new(),
        last_four: String::from("wxyz"),
        access: AccessList::default(),
        allowed_ips: vec![],
        created_by_user: Some(id(2)),
        created_by_client: None,
        generation: 0,
        previous: None,
        issued_at: START,
        created_at: START,
        updated_at: START,
        expires_at: START + Lifetime::days(180),
        revoked_at: None,
        inactive_reason: None,
    }
}

/// The value a token had before, which goes on for a day, with the digest of this number.
#[must_use]
pub fn previous_value(number: u32) -> PreviousValue {
    PreviousValue { digest: digest(number), pepper: PepperVersion(1), expires_at: START + Lifetime::days(1) }
}

/// These levels at these APIs, and none elsewhere.
#[must_use]
pub fn access(levels: &[(Id, Level)]) -> AccessList {
    AccessList { named: levels.iter().map(|&(api, level)| Access { api, level }).collect(), others: None }
}

/// Networks, written as operators do.
///
/// # Panics
/// When a text is none.
#[must_use]
pub fn networks(texts: &[&str]) -> Vec<Network> {
    texts.iter().map(|text| text.parse().expect("a test writes networks as they may be")).collect()
}

/// A use of a credential, at the beginning, from an address of the documentation's.
#[must_use]
pub fn last_use(credential: Id) -> LastUse {
    LastUse { id: credential, used_at: START, address: Some([192, 0, 2, 7].into()) }
}

/// A key with the digest of its number, under which the user 2 was changed; nobody has noted the answer.
#[must_use]
pub fn idempotency_key(number: u32) -> IdempotencyKey {
    IdempotencyKey {
        digest: digest(number),
        request: digest(1000 + number),
        objects: format!("user:{}", id(2)),
        answer: None,
        created_at: START,
    }
}

/// An open request of the user 2, who belongs to no organization, to read from the API 7.
#[must_use]
pub fn access_request(number: u32) -> AccessRequest {
    AccessRequest {
        id: id(number),
        user: id(2),
        organization: None,
        message: format!("Request {number}"),
        wished: vec![Access { api: id(7), level: Level::Read }],
        status: AccessRequestStatus::Requested,
        access: vec![],
        allowed_ips: vec![],
        expires_at: None,
        api_account: None,
        decided_by_user: None,
        decided_by_client: None,
        decided_at: None,
        reason: String::new(),
        note: String::new(),
        reviewed_at: None,
        created_at: START,
        updated_at: START,
    }
}

/// The same, approved by the user 3 until in 180 days, with the API account of this number.
#[must_use]
pub fn approved_request(number: u32, account: u32) -> AccessRequest {
    let request = access_request(number);
    AccessRequest {
        status: AccessRequestStatus::Approved,
        access: request.wished.clone(),
        expires_at: Some(START + Lifetime::days(180)),
        api_account: Some(id(account)),
        decided_by_user: Some(id(3)),
        decided_at: Some(START),
        reviewed_at: Some(START),
        ..request
    }
}
