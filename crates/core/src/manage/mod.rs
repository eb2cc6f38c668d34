//! Management: what administrators do with clients, APIs, keys and people, the same for the command line, the REST API and the
//! console. Owns validation with a pointer to each bad member, and the changes themselves; who may call is decided by
//! whoever calls.

pub mod access_requests;
mod administrators;
pub mod api_accounts;
pub mod api_tokens;
pub mod apis;
mod asked;
pub mod audit_events;
pub mod call;
pub mod clients;
pub mod consents;
pub mod groups;
pub mod installation;
pub mod management_api;
mod networks;
pub mod once;
pub mod organizations;
mod passwords;
pub mod permit;
pub mod power;
pub mod providers;
pub mod registered_auths;
pub mod rewrapping;
pub mod sessions;
pub mod setup_links;
pub mod signing_keys;
pub mod users;

use crate::store::fault::{Fault, Stop};
use doorward_protocol::id::Id;
use doorward_protocol::permission::Permission;
use std::fmt;

/// Why a management call is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refused {
    /// There is no such object.
    NotFound {
        /// The kind of object, in words.
        noun: &'static str,
    },
    /// Members have values that cannot stand, each with its reason.
    Invalid(Vec<Invalid>),
    /// The caller lacks this permission.
    Forbidden {
        /// The permission that the call needs.
        permission: Permission,
    },
    /// The caller is bounded by an organization, and this belongs to none.
    OutOfBounds,
    /// RFC 9470: it takes somebody who has signed in no longer ago than [`STEP_UP`](crate::identity::session::STEP_UP).
    StaleAuthentication,
    /// The call would let the caller act as somebody who may more than they.
    Exceeds,
    /// Nobody decides about what they have asked for themselves.
    Own,
    /// Nobody who may do everything would be left.
    LastAdministrator,
    /// It is for somebody else, whatever whoever calls may do.
    NotForYou {
        /// For whom it is, in our words.
        detail: &'static str,
    },
    /// The record is not in the state that the caller has seen (RFC 9110 §13.1.1).
    Changed,
    /// The object's state does not allow it.
    Conflict {
        /// Why, in our words.
        detail: &'static str,
    },
}

/// One member that cannot stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invalid {
    /// RFC 6901: which member, as in `/redirect_uris/0`.
    pub pointer: String,
    /// What is wrong with it, and what would be right.
    pub detail: String,
}

impl From<Refused> for Stop<Refused> {
    fn from(refused: Refused) -> Self {
        Self::Refuse(refused)
    }
}

impl Refused {
    /// The HTTP status that says as much (RFC 9110 §15.5).
    #[must_use]
    pub const fn status(&self) -> u16 {
        match self {
            Self::StaleAuthentication => 401,
            Self::NotFound { .. } => 404,
            Self::Invalid(_) => 422,
            Self::Forbidden { .. }
            | Self::OutOfBounds
            | Self::Exceeds
            | Self::Own
            | Self::NotForYou { .. } => 403,
            Self::LastAdministrator | Self::Conflict { .. } => 409,
            Self::Changed => 412,
        }
    }

    /// A single bad member.
    pub fn invalid(pointer: impl Into<String>, detail: impl fmt::Display) -> Self {
        Self::Invalid(vec![Invalid { pointer: pointer.into(), detail: detail.to_string() }])
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotFound { noun } => write!(f, "there is no such {noun}"),
            Self::Forbidden { permission } => write!(f, "this needs the permission {permission}"),
            Self::OutOfBounds => {
                f.write_str("this belongs to no organization, and so is not yours to change")
            }
            Self::StaleAuthentication => f.write_str(
                "this takes the access token of somebody who has signed in within the last 5 minutes",
            ),
            Self::Exceeds => f.write_str("this would let you act as somebody who may do more than you"),
            Self::Own => f.write_str("nobody decides about what they have asked for themselves"),
            Self::LastAdministrator => {
                f.write_str("this would leave nobody who may do everything: make another administrator first")
            }
            Self::Changed => f.write_str("it has been changed since you read it"),
            Self::Conflict { detail } | Self::NotForYou { detail } => f.write_str(detail),
            Self::Invalid(members) => {
                for (position, Invalid { pointer, detail }) in members.iter().enumerate() {
                    let separator = if position > 0 { "; " } else { "" };
                    write!(f, "{separator}{}: {detail}", pointer.trim_start_matches('/'))?;
                }
                Ok(())
            }
        }
    }
}

impl std::error::Error for Refused {}

/// Bad members, gathered so that an administrator hears of all at once.
#[derive(Default)]
struct Findings(Vec<Invalid>);

impl Findings {
    fn add(&mut self, pointer: impl Into<String>, detail: impl fmt::Display) {
        self.0.push(Invalid { pointer: pointer.into(), detail: detail.to_string() });
    }

    /// The value, or its reason noted under the pointer.
    fn check<T, E: fmt::Display>(&mut self, pointer: impl Into<String>, value: Result<T, E>) -> Option<T> {
        value.map_err(|reason| self.add(pointer, reason)).ok()
    }

    fn refuse(self) -> Result<(), Stop<Refused>> {
        if self.0.is_empty() { Ok(()) } else { Err(Stop::Refuse(Refused::Invalid(self.0))) }
    }
}

/// What is in one of two lists alone.
fn different<'a>(before: &'a [Id], after: &'a [Id]) -> impl Iterator<Item = Id> + 'a {
    let left = before.iter().filter(|id| !after.contains(id));
    left.chain(after.iter().filter(|id| !before.contains(id))).copied()
}

const LONGEST_NAME: usize = 200;
const LONGEST_TEXT: usize = 2_000;

/// Text that people read: bounded, and without control characters, which could forge a line in a terminal or a log.
fn text(pointer: &str, value: &str, longest: usize, findings: &mut Findings) {
    if value.len() > longest {
        findings.add(pointer, format!("has at most {longest} bytes"));
    }
    if value.chars().any(|c| c.is_control() && c != '\n') {
        findings.add(pointer, "holds no control characters");
    }
}

fn name(pointer: &str, value: &str, findings: &mut Findings) {
    if value.trim().is_empty() {
        findings.add(pointer, "is not empty");
    }
    if value.contains('\n') {
        findings.add(pointer, "is a single line");
    }
    text(pointer, value, LONGEST_NAME, findings);
}

/// A violated constraint as the refusal of the member behind it; any other fault stays one.
fn taken(pointer: &'static str, detail: &'static str) -> impl Fn(Fault) -> Stop<Refused> {
    move |fault| match fault {
        Fault::Constraint { .. } => Stop::Refuse(Refused::invalid(pointer, detail)),
        fault => Stop::Fault(fault),
    }
}
