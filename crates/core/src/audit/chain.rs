//! The chain of events: a number for each, and a keyed hash that ties it to the one before. Owns what is tied and how an event that
//! was found without a seal counts; who numbers them is `trail`'s part.

use crate::audit::written::Written;
use crate::keys::audit::{AuditKeys, Checked, Mac, Subject};
use doorward_protocol::secret::Digest;
use doorward_protocol::time::{Lifetime, Seconds};

/// Nodes of an earlier release, which seals nothing, may go on for so long beside the first that chains.
pub const UPGRADE: Lifetime = Lifetime::days(1);

/// How an event was found when it got its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// With a seal, by the server that recorded it.
    Recorded,
    /// Without one, while an earlier release may have recorded it: nobody can tell what became of it before.
    Adopted,
    /// Without one, when every release in use seals its events.
    Unsealed,
}

impl Origin {
    /// What the seal of such an event is on: whoever chains gives one to what has none.
    #[must_use]
    pub const fn subject(self) -> Subject {
        match self {
            Self::Recorded => Subject::Event,
            Self::Adopted | Self::Unsealed => Subject::Adopted,
        }
    }

    const fn byte(self) -> u8 {
        match self {
            Self::Recorded => 0,
            Self::Adopted => 1,
            Self::Unsealed => 2,
        }
    }
}

/// An event as it stands in the database, with whatever stands there beside it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// What is written of it.
    pub written: Written,
    /// Its seal.
    pub mac: Option<Mac>,
    /// Its number.
    pub seq: Option<i64>,
    /// Its link to the one before.
    pub link: Option<Mac>,
    /// How it was found.
    pub origin: Option<Origin>,
}

/// A place in the chain, for an event that had none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The event.
    pub id: String,
    /// Its number.
    pub seq: i64,
    /// Its link to the one before.
    pub link: Mac,
    /// How it was found.
    pub origin: Origin,
    /// The seal that it got with the number, and its first object, where it had no seal.
    pub adopted: Option<(Mac, Option<String>)>,
}

/// The last link, by which the next one hangs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// The number of the last event.
    pub seq: i64,
    /// Its link.
    pub link: Mac,
    /// From when on every event has a seal.
    pub attested_since: Seconds,
    /// The seal on this.
    pub mac: Mac,
}

impl Head {
    /// Before the first event. Where there are events of an earlier release, it may still be in use beside this one.
    #[must_use]
    pub fn first(finds_unsealed: bool, now: Seconds, keys: &AuditKeys) -> Self {
        let attested_since = if finds_unsealed { now + UPGRADE } else { now };
        Self::sealed(0, GENESIS, attested_since, keys)
    }

    /// After one more event, or several.
    #[must_use]
    pub fn moved_to(&self, seq: i64, link: Mac, keys: &AuditKeys) -> Self {
        Self::sealed(seq, link, self.attested_since, keys)
    }

    /// Whether it is as a server left it.
    #[must_use]
    pub fn check(&self, keys: &AuditKeys) -> Checked {
        keys.check(Subject::Head, &encoded_head(self.seq, &self.link, self.attested_since), &self.mac)
    }

    fn sealed(seq: i64, link: Mac, attested_since: Seconds, keys: &AuditKeys) -> Self {
        let mac = keys.mac(Subject::Head, &encoded_head(seq, &link, attested_since));
        Self { seq, link, attested_since, mac }
    }
}

/// What the first event hangs by.
pub const GENESIS: Mac = Mac { version: 0, digest: Digest([0; 32]) };

/// Gives an event its place behind a head that stands at a time.
#[must_use]
pub fn placed(found: Found, seq: i64, before: &Mac, origin_of_unsealed: Origin, keys: &AuditKeys) -> Place {
    let Found { written, mac, .. } = found;
    let (origin, mac, adopted) = match mac {
        Some(mac) => (Origin::Recorded, mac, None),
        None => {
            let written = written.clone().found_by_its_object();
            let mac = keys.mac(origin_of_unsealed.subject(), &written.encoded());
            (origin_of_unsealed, mac, Some((mac, written.object)))
        }
    };
    let link = keys.mac(Subject::Link, &tied(seq, before, &mac, origin));
    Place { id: written.id, seq, link, origin, adopted }
}

/// What a link ties together.
#[must_use]
pub fn tied(seq: i64, before: &Mac, mac: &Mac, origin: Origin) -> Vec<u8> {
    let mut bytes = seq.to_be_bytes().to_vec();
    bytes.extend_from_slice(&before.digest.0);
    bytes.push(origin.byte());
    bytes.extend_from_slice(&mac.version.to_be_bytes());
    bytes.extend_from_slice(&mac.digest.0);
    bytes
}

fn encoded_head(seq: i64, link: &Mac, attested_since: Seconds) -> Vec<u8> {
    let mut bytes = seq.to_be_bytes().to_vec();
    bytes.extend_from_slice(&link.version.to_be_bytes());
    bytes.extend_from_slice(&link.digest.0);
    bytes.extend_from_slice(&attested_since.0.to_be_bytes());
    bytes
}
