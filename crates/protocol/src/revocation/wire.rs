//! An entry of the feed as JSON: one member that says which tokens, and when it may be forgotten. Owns that an entry never means
//! less than it says: two subjects are none, and one that is not understood is everybody.

use super::{Before, Revoked, What};
use crate::id::{ClientId, Id};
use crate::time::Seconds;
use crate::wire::present;
use serde::{Deserialize, Serialize};

/// An entry, member by member.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Entry {
    #[serde(deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    jti: Option<Id>,
    #[serde(deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    grant: Option<Id>,
    #[serde(deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    kid: Option<String>,
    #[serde(deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    client_id: Option<ClientId>,
    #[serde(deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    sub: Option<String>,
    #[serde(deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    api_token: Option<Id>,
    #[serde(deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    aud: Option<String>,
    #[serde(deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    all: Option<bool>,
    #[serde(deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    before: Option<Before>,
    #[serde(deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    exp: Option<Seconds>,
}

/// Members that do not make one entry.
#[derive(Debug, thiserror::Error)]
pub(super) enum NotAnEntry {
    #[error("an entry says until when it is remembered")]
    Endless,
    #[error("an entry is about one subject")]
    Several,
    #[error("an entry about what has changed says until when tokens were issued that it is about")]
    Timeless,
}

impl TryFrom<Entry> for Revoked {
    type Error = NotAnEntry;

    fn try_from(entry: Entry) -> Result<Self, NotAnEntry> {
        let exp = entry.exp.ok_or(NotAnEntry::Endless)?;
        let before = || entry.before.ok_or(NotAnEntry::Timeless);
        let mut subjects = [
            entry.jti.map(|jti| Ok(What::Token(jti))),
            entry.grant.map(|grant| Ok(What::Family(grant))),
            entry.kid.map(|kid| Ok(What::Key(kid))),
            entry.client_id.map(|client_id| Ok(What::Client(client_id, before()?))),
            entry.sub.map(|sub| Ok(What::Subject(sub, before()?))),
            entry.api_token.map(|id| Ok(What::ApiToken(id, before()?))),
            entry.aud.map(|aud| Ok(What::Audience(aud, before()?))),
            entry.all.filter(|all| *all).map(|_| Ok(What::All(before()?))),
        ]
        .into_iter()
        .flatten();
        match (subjects.next(), subjects.next()) {
            // Whom it is about is not understood: until it may be forgotten, it is about everybody.
            (None, _) => Ok(Self { what: What::All(Before(exp)), exp }),
            (Some(what), None) => Ok(Self { what: what?, exp }),
            (Some(_), Some(_)) => Err(NotAnEntry::Several),
        }
    }
}

impl From<Revoked> for Entry {
    fn from(revoked: Revoked) -> Self {
        let entry = Self { exp: Some(revoked.exp), ..Self::default() };
        match revoked.what {
            What::Token(jti) => Self { jti: Some(jti), ..entry },
            What::Family(grant) => Self { grant: Some(grant), ..entry },
            What::Key(kid) => Self { kid: Some(kid), ..entry },
            What::Client(client_id, before) => {
                Self { client_id: Some(client_id), before: Some(before), ..entry }
            }
            What::Subject(sub, before) => Self { sub: Some(sub), before: Some(before), ..entry },
            What::ApiToken(id, before) => Self { api_token: Some(id), before: Some(before), ..entry },
            What::Audience(aud, before) => Self { aud: Some(aud), before: Some(before), ..entry },
            What::All(before) => Self { all: Some(true), before: Some(before), ..entry },
        }
    }
}
