//! Why a command did not do what it was asked, in words for the person (or the script) that asked. Owns the exit codes of
//! the command line and the form of a complaint; whose fault it was is decided where it happened.

use crate::config::error::ConfigError;
use doorward_core::authorization_server::builder::BuildError;
use doorward_core::cache::CacheError;
use doorward_core::manage::{Invalid, Refused};
use doorward_core::store::fault::{Fault, Stop};
use doorward_storage::open_error::OpenError;
use serde_json::{Value, json};
use std::error::Error;
use std::fmt;
use std::process::ExitCode;

/// How a command ends when it fails. Zero is for the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Understood, and refused: something must be changed before it can work.
    Refused = 1,
    /// Not understood.
    Usage = 2,
    /// The server or the database does not answer; trying again later may help.
    Unreachable = 3,
}

/// A command that failed.
#[derive(Debug)]
pub(crate) struct Failure {
    exit: Exit,
    status: u16,
    detail: String,
    errors: Vec<Invalid>,
}

impl Failure {
    /// Something stands in the way that the operator can remove.
    pub(crate) fn refused(detail: impl fmt::Display) -> Self {
        Self::new(Exit::Refused, 409, detail)
    }

    /// The command line makes no sense.
    pub(crate) fn usage(detail: impl fmt::Display) -> Self {
        Self::new(Exit::Usage, 400, detail)
    }

    /// The server or the database does not answer.
    pub(crate) fn unreachable(detail: impl fmt::Display) -> Self {
        Self::new(Exit::Unreachable, 503, detail)
    }

    /// The configuration is wrong, in one place or several.
    pub(crate) fn configuration(errors: &[ConfigError]) -> Self {
        let detail = errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n");
        let errors = errors.iter().map(|error| Invalid {
            pointer: error
                .key
                .as_deref()
                .map(|key| format!("/{}", key.replace('.', "/")))
                .unwrap_or_default(),
            detail: error.to_string(),
        });
        Self { errors: errors.collect(), ..Self::new(Exit::Refused, 422, detail) }
    }

    /// The same failure, with what to do about it.
    pub(crate) fn advise(self, advice: impl fmt::Display) -> Self {
        Self { detail: format!("{}\n{advice}", self.detail), ..self }
    }

    /// The same failure, said of something by its name.
    pub(crate) fn naming(self, name: impl fmt::Display) -> Self {
        Self { detail: format!("{name}: {}", self.detail), ..self }
    }

    /// How the process ends.
    pub(crate) fn exit_code(&self) -> ExitCode {
        ExitCode::from(self.exit as u8)
    }

    /// RFC 9457 §3.1: the problem as an object.
    pub(crate) fn problem(&self) -> Value {
        let mut problem = json!({
            "type": "about:blank", "title": phrase(self.status), "status": self.status, "detail": self.detail,
        });
        if !self.errors.is_empty() {
            let error = |error: &Invalid| json!({"pointer": error.pointer, "detail": error.detail});
            problem["errors"] = self.errors.iter().map(error).collect();
        }
        problem
    }

    fn new(exit: Exit, status: u16, detail: impl fmt::Display) -> Self {
        Self { exit, status, detail: detail.to_string(), errors: Vec::new() }
    }
}

/// RFC 9457 §4.2.1: the title of a problem that is no more than its status says what that is called (RFC 9110 §15).
const fn phrase(status: u16) -> &'static str {
    match status {
        400 => "Bad Request",
        403 => "Forbidden",
        404 => "Not Found",
        409 => "Conflict",
        412 => "Precondition Failed",
        422 => "Unprocessable Entity",
        _ => "Service Unavailable",
    }
}

/// As a person reads it, each line by itself.
impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.detail)
    }
}

/// An error with all that caused it, as one line.
pub(crate) fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let reason = error.to_string();
        // Transparent wrappers repeat what stands below them.
        if !text.ends_with(&reason) {
            text = format!("{text}: {reason}");
        }
        cause = error.source();
    }
    text
}

impl From<Refused> for Failure {
    fn from(refused: Refused) -> Self {
        let (detail, status) = (refused.to_string(), refused.status());
        let failure = Self::new(Exit::Refused, status, detail);
        match refused {
            Refused::Invalid(errors) => Self { errors, ..failure },
            _ => failure,
        }
    }
}

impl From<Fault> for Failure {
    fn from(fault: Fault) -> Self {
        Self::unreachable(chain(&fault))
    }
}

impl From<Stop<Refused>> for Failure {
    fn from(stop: Stop<Refused>) -> Self {
        match stop {
            Stop::Refuse(refused) | Stop::RefuseAndCommit(refused) => refused.into(),
            Stop::Fault(fault) => fault.into(),
        }
    }
}

impl From<CacheError> for Failure {
    fn from(error: CacheError) -> Self {
        match error {
            CacheError::Store(fault) => fault.into(),
            CacheError::Keyring(error) => Self::refused(chain(&error)),
        }
    }
}

impl From<BuildError> for Failure {
    fn from(error: BuildError) -> Self {
        match error {
            BuildError::Cache(error) => error.into(),
            BuildError::Store(fault) => fault.into(),
            error @ (BuildError::MasterKey(_) | BuildError::Provider(_) | BuildError::Hashing(_)) => {
                Self::refused(chain(&error))
            }
        }
    }
}

impl From<OpenError> for Failure {
    fn from(error: OpenError) -> Self {
        let detail = chain(&error);
        match error {
            OpenError::Pending(_) | OpenError::Newer(_) | OpenError::Migration(_) => Self::refused(detail),
            OpenError::File(_) | OpenError::Connection(_) | OpenError::Server(_) | OpenError::Thread(_) => {
                Self::unreachable(detail)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 9457 §3.1: type, title, status and detail; one entry per bad member.
    #[test]
    fn a_refused_member_is_pointed_at() {
        let failure = Failure::from(Refused::invalid("/redirect_uris/0", "has a fragment"));
        assert_eq!(
            failure.problem(),
            json!({
                "type": "about:blank", "title": "Unprocessable Entity", "status": 422, "detail": "redirect_uris/0: has a fragment",
                "errors": [{"pointer": "/redirect_uris/0", "detail": "has a fragment"}],
            })
        );
    }

    #[test]
    fn trouble_with_the_database_is_told_from_a_refusal() {
        assert_eq!(Failure::from(Fault::unavailable("locked")).exit, Exit::Unreachable);
        assert_eq!(Failure::from(OpenError::Pending(vec![])).exit, Exit::Refused);
        assert_eq!(Failure::from(Refused::NotFound { noun: "client" }).exit, Exit::Refused);
    }

    #[test]
    fn a_cause_is_told_once() {
        let error = OpenError::File(std::io::Error::other("no such place"));
        assert_eq!(chain(&error), "the database file cannot be used: no such place");
        assert_eq!(chain(&BuildError::Store(Fault::broken("x"))), "the store is broken: x");
    }
}
