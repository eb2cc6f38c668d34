//! Managing signing keys: make the first ones, rotate them, revoke one that leaked. Owns what rotation does to the old
//! keys; the states that follow are `keys::signing_key`'s.

use crate::context::Context;
use crate::keys::keyring;
use crate::keys::seal::Sealer;
use crate::keys::signing_key::{SigningKeyRecord, active};
use crate::manage::Refused;
use crate::store::fault::{Fault, Stop};
use crate::store::tx::Tx;
use doorward_protocol::jose::Algorithm;
use doorward_protocol::jose::key::SigningKey;
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
    let key = SigningKey::generate(algorithm).map_err(Fault::broken)?;
    let sealed = sealer
        .seal(key.pkcs8().expose(), &keyring::binding(key.kid()), context.random)
        .map_err(Fault::broken)?;
    Ok(SigningKeyRecord {
        kid: key.kid().to_owned(),
        algorithm,
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
/// A fault of the store.
pub async fn rotate(
    key: SigningKeyRecord,
    occasion: Occasion,
    context: &Context<'_>,
) -> Result<bool, Stop<Refused>> {
    let (now, schedule) = (context.now, context.settings.keys);
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
        for old in all.iter().filter(|old| old.algorithm == key.algorithm && old.verifies(now)) {
            retire(old, occasion, begins, schedule.retire_after, tx)?;
        }
        Ok(true)
    };
    context.cache.write(rotate).await
}

/// All keys, in the order of their making.
///
/// # Errors
/// A fault of the store.
pub async fn list(context: &Context<'_>) -> Result<Vec<SigningKeyRecord>, Fault> {
    let mut keys = context.cache.store().read(|tx| tx.signing_keys()).await?;
    keys.sort_by(|a, b| (a.created_at, &a.kid).cmp(&(b.created_at, &b.kid)));
    Ok(keys)
}

/// Seals anew, under the newest master key, what is sealed under an older one. Tells how many keys that were.
///
/// # Errors
/// A fault when a key does not open, or of the store.
pub async fn rewrap(sealer: &Sealer, context: &Context<'_>) -> Result<usize, Stop<Refused>> {
    let mut rewrapped = 0;
    for key in list(context).await? {
        let binding = keyring::binding(&key.kid);
        let Some(sealed) =
            sealer.rewrap(&key.sealed_private_key, &binding, context.random).map_err(Fault::broken)?
        else {
            continue;
        };
        let kid = key.kid.clone();
        rewrapped +=
            usize::from(context.cache.write(move |tx| Ok(tx.rewrap_signing_key(&kid, &sealed)?)).await?);
    }
    Ok(rewrapped)
}

/// Two rotations in the same second must not begin together: the later one succeeds the earlier, which then has an end.
fn after_every_other(begins: Seconds, key: &SigningKeyRecord, all: &[SigningKeyRecord]) -> Seconds {
    let others = all.iter().filter(|other| other.algorithm == key.algorithm && other.activates_at == begins);
    others.map(|other| other.activates_at + Lifetime::seconds(1)).max().unwrap_or(begins)
}

fn retire(
    old: &SigningKeyRecord,
    occasion: Occasion,
    successor_begins: Seconds,
    retire_after: Lifetime,
    tx: &mut dyn Tx,
) -> Result<(), Fault> {
    if occasion == Occasion::Compromise {
        tx.revoke_signing_key(&old.kid, successor_begins)?;
    } else if old.expires_at.is_none() {
        tx.expire_signing_key(&old.kid, successor_begins + retire_after)?;
    }
    Ok(())
}
