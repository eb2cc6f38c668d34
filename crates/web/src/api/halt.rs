//! Why an operation does not succeed. Owns how a refusal of `manage` is told over HTTP; its words and statuses stand there.

use crate::http::problem::Wrong;
use doorward_core::manage::Refused;
use doorward_core::store::fault::{Fault, Stop};
use doorward_protocol::error::OAuthError;
use doorward_protocol::permission::Permission;
use http::StatusCode;
use std::borrow::Cow;

/// Why there is no reply.
#[derive(Debug)]
pub(crate) enum Halt {
    /// It is refused by what is managed.
    Refused(Refused),
    /// It takes this permission, which is not there, for this reason.
    Scope(Permission, String),
    /// There is no credential, or none that is good.
    Credential(Option<OAuthError>),
    /// It is refused before that.
    Malformed(Malformed),
    /// There is no answer.
    Fault(Fault),
}

/// A request that is not as it has to be.
#[derive(Debug)]
pub(crate) struct Malformed {
    pub(crate) status: StatusCode,
    pub(crate) detail: Cow<'static, str>,
    pub(crate) errors: Vec<Wrong>,
}

impl Malformed {
    pub(crate) fn new(status: StatusCode, detail: impl Into<Cow<'static, str>>) -> Self {
        Self { status, detail: detail.into(), errors: vec![] }
    }

    /// Several things that are wrong, each with its place.
    pub(crate) fn listed(status: StatusCode, errors: Vec<Wrong>) -> Self {
        let detail = match errors.first() {
            Some(only) if errors.len() == 1 => said(only).into(),
            _ => format!("{} things are wrong with the request", errors.len()).into(),
        };
        Self { status, detail, errors }
    }
}

/// What is wrong, as a sentence.
fn said(wrong: &Wrong) -> String {
    let place = wrong.pointer.as_deref().map(|pointer| pointer.trim_start_matches('/'));
    let place = place.or(wrong.parameter.as_deref()).unwrap_or_default();
    if place.is_empty() { format!("the body {}", wrong.detail) } else { format!("{place}: {}", wrong.detail) }
}

impl From<Malformed> for Halt {
    fn from(malformed: Malformed) -> Self {
        Self::Malformed(malformed)
    }
}

impl From<Refused> for Halt {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::Invalid(members) => Self::Malformed(Malformed::listed(
                StatusCode::UNPROCESSABLE_ENTITY,
                members.into_iter().map(|member| Wrong::member(member.pointer, member.detail)).collect(),
            )),
            other => Self::Refused(other),
        }
    }
}

impl From<Fault> for Halt {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl From<Stop<Refused>> for Halt {
    fn from(stop: Stop<Refused>) -> Self {
        match stop {
            Stop::Refuse(refused) | Stop::RefuseAndCommit(refused) => refused.into(),
            Stop::Fault(fault) => fault.into(),
        }
    }
}
