//! A registered auth: a third party's credential, kept under an API account. Owns the record, and the envelope in which its secrets
//! lie: all of them in one, bound to the auth and its account, so that it opens nowhere else. Which values may stand in it is the
//! [provider](super::provider)'s to say.

use crate::keys::seal::{Binding, SealError, Sealer};
use crate::random::Random;
use doorward_protocol::id::Id;
use doorward_protocol::secret::Secret;
use doorward_protocol::time::Seconds;
use doorward_protocol::words::Release;
use std::collections::BTreeMap;
use std::hash::{Hash, Hasher};
use zeroize::Zeroizing;

/// A third party's credential.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegisteredAuth {
    /// The internal identifier.
    pub id: Id,
    /// The API account it is kept under.
    pub account: Id,
    /// The key of the provider it is for.
    pub provider: String,
    /// By what people tell it from others, as the company it is for.
    pub label: String,
    /// Whether it is for trying only.
    pub testing: bool,
    /// The preset that it was made with.
    pub preset: Option<String>,
    /// To whom its secrets are given besides people.
    pub release: Release,
    /// The values that are no secrets.
    pub fields: BTreeMap<String, String>,
    /// The names of those that are, in order.
    pub secrets: Vec<String>,
    /// These, sealed; nothing where there are none.
    pub sealed: Option<Vec<u8>>,
    /// Grows with each change, by which two that come at once are told from each other.
    pub generation: i64,
    /// When it was made.
    pub created_at: Seconds,
    /// When it was last changed.
    pub updated_at: Seconds,
}

/// What stands in place of a secret wherever an auth is shown.
pub const MASK: &str = "********";

/// Secret values by the names of their fields.
pub type Secrets = BTreeMap<String, Secret>;

/// An envelope, and whose it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Envelope {
    /// The auth.
    pub id: Id,
    /// The account that the auth is kept under.
    pub account: Id,
    /// What is sealed.
    pub sealed: Vec<u8>,
}

/// Why secrets cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum NotOpened {
    /// The envelope does not open here.
    #[error("the secrets of registered auth {0} do not open: {1}")]
    Sealed(Id, SealError),
    /// What was in it are not the secrets that the row names.
    #[error("the secrets of registered auth {0} are not what its row says")]
    Mismatch(Id),
}

/// Without the envelope, which is wrapped anew under a newer master key and leaves the secrets what they were.
impl Hash for RegisteredAuth {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let Self {
            id,
            account,
            provider,
            label,
            testing,
            preset,
            release,
            fields,
            secrets,
            sealed: _,
            generation,
            created_at,
            updated_at,
        } = self;
        (id, account, provider, label, testing, preset, release).hash(state);
        (fields, secrets, generation, created_at, updated_at).hash(state);
    }
}

impl RegisteredAuth {
    /// The secrets, for whoever may have them.
    ///
    /// # Errors
    /// [`NotOpened`] where the row was tampered with, or its version of the master key is not there.
    pub fn open(&self, sealer: &Sealer) -> Result<Secrets, NotOpened> {
        let Some(sealed) = &self.sealed else {
            return if self.secrets.is_empty() {
                Ok(Secrets::new())
            } else {
                Err(NotOpened::Mismatch(self.id))
            };
        };
        let row = row(self.account, self.id);
        let opened =
            sealer.open(sealed, &binding(&row)).map_err(|reason| NotOpened::Sealed(self.id, reason))?;
        let read: BTreeMap<String, String> =
            serde_json::from_slice(&opened).map_err(|_| NotOpened::Mismatch(self.id))?;
        let secrets: Secrets = read.into_iter().map(|(name, text)| (name, Secret::new(text))).collect();
        if secrets.keys().eq(&self.secrets) { Ok(secrets) } else { Err(NotOpened::Mismatch(self.id)) }
    }

    /// The same auth with these secrets. Randomness is drawn here: before a write closure, which may run twice.
    ///
    /// # Errors
    /// [`SealError`] without randomness.
    pub fn with_secrets(
        self,
        secrets: &Secrets,
        sealer: &Sealer,
        random: &dyn Random,
    ) -> Result<Self, SealError> {
        let row = row(self.account, self.id);
        let sealed = if secrets.is_empty() {
            None
        } else {
            Some(sealer.seal(&written(secrets), &binding(&row), random)?)
        };
        Ok(Self { secrets: secrets.keys().cloned().collect(), sealed, ..self })
    }
}

impl Envelope {
    /// The same secrets under the newest master key; nothing where they are already.
    ///
    /// # Errors
    /// As for [`Sealer::rewrap`].
    pub fn rewrapped(&self, sealer: &Sealer, random: &dyn Random) -> Result<Option<Vec<u8>>, SealError> {
        let row = row(self.account, self.id);
        sealer.rewrap(&self.sealed, &binding(&row), random)
    }
}

/// What the secrets are bound to besides table and column: moved to another auth, or with their auth to another account, they do not
/// open.
fn row(account: Id, auth: Id) -> String {
    format!("{account}/{auth}")
}

fn binding(row: &str) -> Binding<'_> {
    Binding { table: "registered_auths", row, column: "sealed" }
}

/// Sized at once: a buffer that grows would leave secrets behind. A character is written as six at most.
fn written(secrets: &Secrets) -> Zeroizing<Vec<u8>> {
    let texts: BTreeMap<&str, &str> =
        secrets.iter().map(|(name, secret)| (name.as_str(), secret.expose())).collect();
    let longest: usize = texts.iter().map(|(name, text)| 6 * (name.len() + text.len()) + 8).sum();
    let mut bytes = Zeroizing::new(Vec::with_capacity(longest + 2));
    serde_json::to_writer(&mut *bytes, &texts).expect("a map of texts is written into memory");
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::master::MasterKey;
    use crate::keys::purpose::Purpose;
    use crate::random::SystemRandom;

    fn auth(number: u128, account: u128) -> RegisteredAuth {
        RegisteredAuth {
            id: Id::from_parts(1, number),
            account: Id::from_parts(2, account),
            provider: "parcels".to_owned(),
            label: "Acme".to_owned(),
            testing: false,
            preset: None,
            release: Release::Never,
            fields: BTreeMap::new(),
            secrets: vec![],
            sealed: None,
            generation: 0,
            created_at: Seconds(0),
            updated_at: Seconds(0),
        }
    }

    fn sealer() -> Sealer {
        let master = MasterKey::generate(&SystemRandom::default()).unwrap();
        Sealer::new(&master, Purpose::Seal)
    }

    fn secrets(text: &str) -> Secrets {
        [("password".to_owned(), Secret::new(text.to_owned()))].into()
    }

    #[test]
    fn secrets_open_as_they_were_sealed() {
        let sealer = sealer();
        for text in ["hunter2", "a\"b\\c\nd", "ä€𝄞", &"\u{1f}".repeat(500)] {
            let auth = auth(1, 1).with_secrets(&secrets(text), &sealer, &SystemRandom::default()).unwrap();
            assert_eq!(auth.secrets, ["password"]);
            assert!(!format!("{auth:?}").contains("hunter2"));
            assert_eq!(auth.open(&sealer).unwrap()["password"].expose(), text);
        }
        let none = auth(1, 1).with_secrets(&Secrets::new(), &sealer, &SystemRandom::default()).unwrap();
        assert!(none.sealed.is_none() && none.open(&sealer).unwrap().is_empty());
    }

    #[test]
    fn moved_secrets_do_not_open() {
        let sealer = sealer();
        let sealed = auth(1, 1).with_secrets(&secrets("hunter2"), &sealer, &SystemRandom::default()).unwrap();
        for moved in [
            RegisteredAuth { id: Id::from_parts(1, 2), ..sealed.clone() },
            RegisteredAuth { account: Id::from_parts(2, 2), ..sealed.clone() },
        ] {
            let refused = moved.open(&sealer).err().unwrap();
            assert!(matches!(refused, NotOpened::Sealed(_, SealError::NotAuthentic)), "{refused}");
        }
        for named in [vec![], vec!["pin".to_owned()], vec!["password".to_owned(), "pin".to_owned()]] {
            let other = RegisteredAuth { secrets: named, ..sealed.clone() };
            assert!(matches!(other.open(&sealer), Err(NotOpened::Mismatch(_))));
        }
        let emptied = RegisteredAuth { sealed: None, ..sealed };
        assert!(matches!(emptied.open(&sealer), Err(NotOpened::Mismatch(_))));
    }
}
