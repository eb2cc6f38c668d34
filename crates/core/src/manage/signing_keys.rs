//! Managing signing keys: make the first ones, rotate them, revoke one that leaked. Owns what rotation does to the old
//! keys; the states that follow are `keys::signing_key`'s.

use crate::context::Context;
use crate::keys::keyring;
use crate::keys::seal::Sealer;
use crate::keys::signing_key::{SigningKeyRecord, active};
use crate::manage::Refused;
use crate::manage::call::Call;
use crate::store::fault::{Fault, Stop};
use crate::store::tx::Tx;
use doorward_protocol::jose::Algorithm;
use doorward_protocol::jose::key::SigningKey;
use doorward_protocol::permission::Permission;
use doorward_protocol::time::{Lifetime, Seconds};

/// Why keys are rotated: it decides what becomes of the old ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Occasion {
    /// Only where it is due by schedule, or where there is no key yet.
    Due,
    /// Now, in peace: the new key is published first, the old one goes on until verifiers can know it.
    Requested,
    /// Now, because the current key is not safe: the new key signs at once, everything signed before is void.
    Compromise,
}

/// A key pair, made but not recorded. Making an RSA key takes up to a second: do it off the request's way.
///
/// # Errors
/// A fault when randomness or sealing fails.
pub fn prepare(
    algorithm: Algorithm,
    sealer: &Sealer,
    context: &Context<'_>,
) -> Result<SigningKeyRecord, Fault> {
    sealed(&SigningKey::generate(algorithm).map_err(Fault::broken)?, sealer, context)
}

/// The record of a key pair that was made before.
///
/// # Errors
/// A fault when randomness or sealing fails.
pub fn sealed(key: &SigningKey, sealer: &Sealer, context: &Context<'_>) -> Result<SigningKeyRecord, Fault> {
    let sealed = sealer
        .seal(key.pkcs8().expose(), &keyring::binding(key.kid()), context.random)
        .map_err(Fault::broken)?;
    Ok(SigningKeyRecord {
        kid: key.kid().to_owned(),
        algorithm: key.algorithm(),
        public_jwk: serde_json::to_string(key.jwk()).map_err(Fault::broken)?,
        sealed_private_key: sealed,
        created_at: context.now,
        activates_at: context.now,
        expires_at: None,
        revoked_at: None,
    })
}

/// Whether any algorithm needs a key now, by what is held in memory.
#[must_use]
pub fn due(context: &Context<'_>) -> Vec<Algorithm> {
    let keyring = context.cache.keyring();
    let schedule = &context.settings.keys;
    let algorithms = context.settings.algorithms.iter().copied();
    algorithms.filter(|algorithm| schedule.is_due(*algorithm, context.now, keyring.records())).collect()
}

/// Records a prepared key and lets its predecessors go. Tells whether it was recorded: on [`Occasion::Due`], another node
/// may have been first.
///
/// # Errors
/// [`Refused`], or a fault of the store.
pub async fn rotate(
    key: SigningKeyRecord,
    occasion: Occasion,
    call: &Call,
    context: &Context<'_>,
) -> Result<bool, Stop<Refused>> {
    call.needs_everywhere(Permission::SigningKeysRotate)?;
    let (now, schedule, call) = (context.now, context.settings.keys, call.clone().because(occasion.word()));
    let rotate = move |tx: &mut dyn Tx| {
        // Another node may find that a key is due in the same moment.
        tx.hold_changes()?;
        let all = tx.signing_keys()?;
        if occasion == Occasion::Due && !schedule.is_due(key.algorithm, now, &all) {
            return Ok(false);
        }
        let waits = occasion != Occasion::Compromise && active(key.algorithm, now, &all).is_some();
        let begins =
            if waits { after_every_other(now + schedule.publish_before_use, &key, &all) } else { now };
        tx.insert_signing_key(&SigningKeyRecord { activates_at: begins, ..key.clone() })?;
        let mut touched = vec![("signing_key", key.kid.as_str())];
        for old in all.iter().filter(|old| old.algorithm == key.algorithm && old.verifies(now)) {
            if retire(old, occasion, begins, schedule.retire_after, tx)? {
                touched.push(("signing_key", &old.kid));
            }
        }
        call.record("signing_key.rotated", &touched, tx)?;
        Ok(true)
    };
    context.cache.write(rotate).await
}

/// All keys, in the order of their making.
///
/// # Errors
/// [`Refused::Forbidden`], or a fault of the store.
pub async fn list(call: &Call, context: &Context<'_>) -> Result<Vec<SigningKeyRecord>, Stop<Refused>> {
    call.needs(Permission::SigningKeysRead)?;
    let mut keys = context.cache.store().read(|tx| tx.signing_keys()).await?;
    keys.sort_by(|a, b| (a.created_at, &a.kid).cmp(&(b.created_at, &b.kid)));
    Ok(keys)
}

/// Seals anew, under the newest master key, what is sealed under an older one. Tells how many keys that were.
///
/// # Errors
/// A fault when a key does not open, or of the store.
pub async fn rewrap(sealer: &Sealer, call: &Call, context: &Context<'_>) -> Result<usize, Stop<Refused>> {
    call.needs_everywhere(Permission::SigningKeysRotate)?;
    let keys = context.cache.store().read(|tx| tx.signing_keys()).await?;
    let anew = |key: SigningKeyRecord| {
        let sealed = sealer.rewrap(&key.sealed_private_key, &keyring::binding(&key.kid), context.random);
        let sealed = sealed.map_err(Fault::broken);
        sealed.map(|new| new.map(|new| (key.kid, key.sealed_private_key, new))).transpose()
    };
    let anew: Vec<_> = keys.into_iter().filter_map(anew).collect::<Result<_, _>>()?;
    if anew.is_empty() {
        return Ok(0);
    }
    let call = call.clone();
    let rewrap = move |tx: &mut dyn Tx| {
        let mut touched = Vec::with_capacity(anew.len());
        for (kid, old, new) in &anew {
            if tx.rewrap_signing_key(kid, old, new)? {
                touched.push(("signing_key", kid));
            }
        }
        if !touched.is_empty() {
            call.record("signing_key.rewrapped", &touched, tx)?;
        }
        Ok(touched.len())
    };
    context.cache.write(rewrap).await
}

/// Two rotations in the same second must not begin together: the later one succeeds the earlier, which then has an end.
fn after_every_other(begins: Seconds, key: &SigningKeyRecord, all: &[SigningKeyRecord]) -> Seconds {
    let others = all.iter().filter(|other| other.algorithm == key.algorithm && other.activates_at == begins);
    others.map(|other| other.activates_at + Lifetime::seconds(1)).max().unwrap_or(begins)
}

/// Lets a key go; tells whether that changed it.
fn retire(
    old: &SigningKeyRecord,
    occasion: Occasion,
    successor_begins: Seconds,
    retire_after: Lifetime,
    tx: &mut dyn Tx,
) -> Result<bool, Fault> {
    match occasion {
        Occasion::Compromise => tx.revoke_signing_key(&old.kid, successor_begins),
        Occasion::Due | Occasion::Requested if old.expires_at.is_some() => Ok(false),
        Occasion::Due | Occasion::Requested => {
            tx.expire_signing_key(&old.kid, successor_begins + retire_after)
        }
    }
}

impl Occasion {
    const fn word(self) -> &'static str {
        match self {
            Self::Due => "due",
            Self::Requested => "requested",
            Self::Compromise => "compromise",
        }
    }
}
