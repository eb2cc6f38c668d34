//! Signed statements about the chain: a checkpoint says what its link was at some number, a cut up to where it was cut off. Owns what
//! they say and how they are read back; whoever keeps them elsewhere has something that no rewriting of the database reaches.

use crate::audit::chain::Head;
use crate::keys::audit::{AuditKeys, Mac};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use doorward_protocol::jose::jws::Typ;
use doorward_protocol::jose::key::Unsigned;
use doorward_protocol::secret::Digest;
use doorward_protocol::time::Seconds;
use serde::{Deserialize, Serialize};

/// What a statement is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// What the chain was at some number.
    Checkpoint,
    /// Up to where it was cut off: it goes on after this number, from this link.
    Cut,
}

impl Kind {
    /// Its word in the database.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Checkpoint => "checkpoint",
            Self::Cut => "cut",
        }
    }

    const fn typ(self) -> Typ {
        match self {
            Self::Checkpoint => Typ::AuditCheckpoint,
            Self::Cut => Typ::AuditCut,
        }
    }
}

/// A statement as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// What it is about.
    pub kind: Kind,
    /// The number that it names.
    pub seq: i64,
    /// When it was made.
    pub issued_at: Seconds,
    /// The statement, signed.
    pub text: String,
}

/// What a statement says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Said {
    /// RFC 7519 §4.1.1: the server.
    pub iss: String,
    /// RFC 7519 §4.1.6: when.
    pub iat: Seconds,
    /// The number of an event.
    pub seq: i64,
    /// Its link, as base64url.
    pub link: String,
    /// The version of the master key under which the link was made.
    pub link_version: i32,
}

impl Said {
    /// The link that it names.
    #[must_use]
    pub fn link(&self) -> Option<Mac> {
        let digest = URL_SAFE_NO_PAD.decode(&self.link).ok()?.try_into().ok()?;
        Some(Mac { version: self.link_version, digest: Digest(digest) })
    }
}

impl Statement {
    /// States where the chain stands.
    ///
    /// # Errors
    /// The provider could not sign.
    pub fn of(
        kind: Kind,
        (seq, link): (i64, Mac),
        iss: &str,
        now: Seconds,
        keys: &AuditKeys,
    ) -> Result<Self, Unsigned> {
        let said = Said {
            iss: iss.to_owned(),
            iat: now,
            seq,
            link: URL_SAFE_NO_PAD.encode(link.digest.0),
            link_version: link.version,
        };
        let text = keys.sign(&said, kind.typ())?;
        Ok(Self { kind, seq, issued_at: now, text })
    }

    /// The head of the chain as a checkpoint.
    ///
    /// # Errors
    /// The provider could not sign.
    pub fn checkpoint(head: &Head, iss: &str, now: Seconds, keys: &AuditKeys) -> Result<Self, Unsigned> {
        Self::of(Kind::Checkpoint, (head.seq, head.link), iss, now, keys)
    }
}

/// What a text says, if it is a statement of this kind that one of the keys signed.
#[must_use]
pub fn read(kind: Kind, text: &str, keys: &AuditKeys) -> Option<Said> {
    keys.read(text, kind.typ())
}
