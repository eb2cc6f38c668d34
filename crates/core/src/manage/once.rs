//! A change that is asked for twice under one key is made once. Owns what such a key is bound to (whoever calls, and what exactly
//! they ask for) and what is known of an earlier call under it; that the key is recorded with the change is `call`'s part, how the
//! answer is written down the web floor's.
//!
//! The answer to a change may hold a secret that is shown once, so it is kept sealed, and not for long.

use crate::audit::idempotency_key::IdempotencyKey;
use crate::context::Context;
use crate::keys::seal::{Binding, SealError, Sealer};
use crate::manage::permit::Permit;
use crate::store::fault::{Fault, Stop};
use crate::store::tx::Tx;
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
    pub fn new(permit: &Permit, key: &str, request: &[&[u8]]) -> Self {
        let caller = format!("{:?}", permit.actor());
        Self { digest: hash(&[caller.as_bytes(), key.as_bytes()]), request: hash(request) }
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
    if known.request != once.request {
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

fn row(digest: &Digest) -> String {
    digest.0.iter().fold(String::with_capacity(64), |text, byte| text + &format!("{byte:02x}"))
}

const fn binding(row: &str) -> Binding<'_> {
    Binding { table: "idempotency_keys", row, column: "answer" }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manage::permit::Actor;
    use doorward_protocol::id::Id;
    use doorward_protocol::permission::Permissions;

    #[test]
    fn a_key_is_bound_to_who_asks_and_for_what() {
        let of = |actor| Permit::of(actor, Permissions::default(), None, None);
        let (alice, bob) = (Actor::User(Id::from_parts(1, 1)), Actor::User(Id::from_parts(1, 2)));
        let client = Actor::Client(Id::from_parts(1, 1));
        let one = Once::new(&of(alice), "k", &[b"POST", b"/groups", b"{}"]);
        assert_eq!(one, Once::new(&of(alice), "k", &[b"POST", b"/groups", b"{}"]));
        for other in [of(bob), of(client)] {
            assert_ne!(one.digest, Once::new(&other, "k", &[b"POST", b"/groups", b"{}"]).digest);
        }
        assert_ne!(one.digest, Once::new(&of(alice), "l", &[b"POST", b"/groups", b"{}"]).digest);
        assert_ne!(one.request, Once::new(&of(alice), "k", &[b"POST", b"/group", b"s{}"]).request);
    }
}
