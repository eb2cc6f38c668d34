//! A change that is asked for twice under one key is made once. Owns what such a key is bound to (whoever calls, and what exactly
//! they ask for) and what is known of an earlier call under it; that the key is recorded with the change is `call`'s part, how the
//! answer is written down the web floor's.
//!
//! The answer to a change may hold a secret that is shown once, so it is kept sealed, and not for long; it is told again to whoever
//! may exactly as much as when it was made. What was asked for may hold a password: of that, only a keyed hash is kept.

use crate::audit::idempotency_key::IdempotencyKey;
use crate::context::Context;
use crate::keys::pepper::Peppers;
use crate::keys::seal::{Binding, SealError, Sealer};
use crate::manage::permit::Permit;
use crate::store::fault::{Fault, Stop};
use crate::store::tx::Tx;
use doorward_protocol::permission::Permission;
use doorward_protocol::secret::Digest;
use doorward_protocol::time::{Lifetime, Seconds};
use ring::digest::{Context as Hasher, SHA256};
use std::convert::Infallible;

/// How long the answer to a call is kept.
pub const KEPT: Lifetime = Lifetime::minutes(60);

/// A call's key, and what is asked for under it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Once {
    digest: Digest,
    /// What is asked for, and by whom: never written down, as whoever reads it could try passwords on it.
    asked: Digest,
    request: Digest,
}

/// What is known of earlier calls under a key.
#[derive(Debug, PartialEq, Eq)]
pub enum Earlier {
    /// There was none that changed anything.
    None,
    /// The same was asked for, and this was the answer.
    Answered(Vec<u8>),
    /// The same was asked for, and done to these objects; the answer is not known (yet).
    Unanswered(String),
    /// Something else was asked for.
    Another,
}

impl Once {
    /// What this caller asks for under their key.
    #[must_use]
    pub fn new(permit: &Permit, key: &str, request: &[&[u8]], peppers: &Peppers) -> Self {
        let caller = format!("{:?}", permit.actor());
        let may: Vec<_> = permit.permissions().iter().map(Permission::as_str).collect();
        let may = format!("{} in {:?}", may.join(" "), permit.organization());
        let asked = hash(&[&[may.as_bytes()], request].concat());
        let digest = hash(&[caller.as_bytes(), key.as_bytes()]);
        Self { digest, asked, request: peppers.digest(&labelled(&asked)).1 }
    }

    /// Whether the same was asked for, under whichever pepper that was written down.
    fn asks_for(&self, known: &Digest, peppers: &Peppers) -> bool {
        peppers.digests(&labelled(&self.asked)).any(|digest| digest == *known)
    }

    /// Records that it is done, with the change itself.
    pub(super) fn record(&self, objects: &str, now: Seconds, tx: &mut dyn Tx) -> Result<(), Fault> {
        tx.insert_idempotency_key(&IdempotencyKey {
            digest: self.digest,
            request: self.request,
            objects: objects.to_owned(),
            answer: None,
            created_at: now,
        })
    }
}

/// What is known of earlier calls under the key.
///
/// # Errors
/// A fault of the store, or an answer that does not open.
pub async fn earlier(once: Once, answers: &Sealer, context: &Context<'_>) -> Result<Earlier, Fault> {
    let known = context.cache.store().read(move |tx| tx.idempotency_key(&once.digest)).await?;
    let Some(known) = known else { return Ok(Earlier::None) };
    if !once.asks_for(&known.request, context.peppers) {
        return Ok(Earlier::Another);
    }
    let Some(sealed) = known.answer else { return Ok(Earlier::Unanswered(known.objects)) };
    let row = row(&once.digest);
    match answers.open(&sealed, &binding(&row)) {
        Ok(answer) => Ok(Earlier::Answered(answer.to_vec())),
        // Sealed under a master key that is gone: who asks again learns what was done, if not what was said.
        Err(SealError::UnknownVersion(_)) => Ok(Earlier::Unanswered(known.objects)),
        Err(error) => Err(Fault::broken(error)),
    }
}

/// Keeps the answer to a call that has changed something.
///
/// # Errors
/// A fault of the store.
pub async fn answered(
    once: Once,
    answer: &[u8],
    answers: &Sealer,
    context: &Context<'_>,
) -> Result<(), Fault> {
    let row = row(&once.digest);
    let sealed = answers.seal(answer, &binding(&row), context.random).map_err(Fault::broken)?;
    let keep = move |tx: &mut dyn Tx| -> Result<(), Stop<Infallible>> {
        // A call that changed nothing has left no key, and is answered anew.
        tx.answer_idempotency_key(&once.digest, &sealed)?;
        Ok(())
    };
    match context.cache.write(keep).await {
        Ok(()) => Ok(()),
        Err(Stop::Fault(fault)) => Err(fault),
        Err(Stop::Refuse(never) | Stop::RefuseAndCommit(never)) => match never {},
    }
}

/// Each part is preceded by its length, so that no two requests read the same.
fn hash(parts: &[&[u8]]) -> Digest {
    let mut hasher = Hasher::new(&SHA256);
    for part in parts {
        hasher.update(&(part.len() as u64).to_be_bytes());
        hasher.update(part);
    }
    let mut digest = [0; 32];
    digest.copy_from_slice(hasher.finish().as_ref());
    Digest(digest)
}

/// What is digested otherwise begins with a token's prefix.
fn labelled(asked: &Digest) -> String {
    format!("call {}", row(asked))
}

fn row(digest: &Digest) -> String {
    digest.0.iter().fold(String::with_capacity(64), |text, byte| text + &format!("{byte:02x}"))
}

const fn binding(row: &str) -> Binding<'_> {
    Binding { table: "idempotency_keys", row, column: "answer" }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::master::MasterKey;
    use crate::manage::permit::Actor;
    use doorward_protocol::id::Id;
    use doorward_protocol::permission::Permissions;

    const OURS: &str = "v1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";
    const THEIRS: &str = "v1:ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8";

    fn peppers(master: &str) -> Peppers {
        Peppers::new(&MasterKey::parse(master).unwrap())
    }

    fn once(permit: &Permit, key: &str, request: &[&[u8]]) -> Once {
        Once::new(permit, key, request, &peppers(OURS))
    }

    #[test]
    fn a_key_is_bound_to_who_asks_and_for_what() {
        let of = |actor| Permit::of(actor, Permissions::default(), None, None);
        let (alice, bob) = (Actor::User(Id::from_parts(1, 1)), Actor::User(Id::from_parts(1, 2)));
        let client = Actor::Client(Id::from_parts(1, 1));
        let one = once(&of(alice), "k", &[b"POST", b"/groups", b"{}"]);
        assert_eq!(one, once(&of(alice), "k", &[b"POST", b"/groups", b"{}"]));
        for other in [of(bob), of(client)] {
            assert_ne!(one.digest, once(&other, "k", &[b"POST", b"/groups", b"{}"]).digest);
        }
        assert_ne!(one.digest, once(&of(alice), "l", &[b"POST", b"/groups", b"{}"]).digest);
        assert_ne!(one.request, once(&of(alice), "k", &[b"POST", b"/group", b"s{}"]).request);
    }

    #[test]
    fn what_is_asked_for_is_the_same_as_long_as_its_caller_may_the_same() {
        let permit = |permissions: &[Permission], organization| {
            let (actor, permissions) = (Actor::User(Id::from_parts(1, 1)), permissions.iter().copied());
            once(&Permit::of(actor, permissions.collect(), organization, None), "k", &[b"/groups"])
        };
        let (read, here) = (Permission::GroupsRead, Some(Id::from_parts(1, 9)));
        let one = permit(&[read], None);
        assert_eq!(one, permit(&[read], None));
        for other in [permit(&[], None), permit(&[read], here), permit(&[read, Permission::UsersRead], None)]
        {
            assert_eq!(other.digest, one.digest, "it is the same key");
            assert_ne!(other.request, one.request);
        }
    }

    /// A password that is set under a key would be guessed by anybody who reads the table, if its hash took no secret to make.
    #[test]
    fn what_is_kept_of_a_request_cannot_be_worked_out_without_the_pepper() {
        let permit = Permit::operator();
        let of = |peppers| Once::new(&permit, "k", &[br#"{"password":"secret"}"#], &peppers);
        let (ours, theirs) = (of(peppers(OURS)), of(peppers(THEIRS)));
        assert_eq!(ours.asked, theirs.asked);
        assert_ne!(ours.request, theirs.request);
        assert!(ours.asks_for(&ours.request, &peppers(OURS)) && !ours.asks_for(&ours.asked, &peppers(OURS)));
    }
}
