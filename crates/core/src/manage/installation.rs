//! The installation: facts that hold for one database from its first start on. Owns the proof that the master key is the
//! one this database was filled with: with another, every secret would look wrong and every token foreign.

use crate::keys::master::MasterKey;
use crate::store::Store;
use crate::store::fault::{Fault, Stop};
use crate::store::tx::Tx;
use std::convert::Infallible;

/// The master key at hand is not the one the database was filled with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "version {version} of the master key is not the one that this database was filled with; use the key that belongs to it"
)]
pub struct ForeignMasterKey {
    /// The version that differs.
    pub version: u32,
}

/// The traces that versions of the master key leave in the database: a name and a value each.
pub struct Traces(Vec<(String, String)>);

/// Compares each version of the master key with the trace it left in the database. Returns the traces that are missing,
/// for [`leave`] to write once everything else has shown that the key belongs here.
///
/// # Errors
/// The foreign key, or a fault of the store.
pub async fn check(master: &MasterKey, store: &dyn Store) -> Result<Result<Traces, ForeignMasterKey>, Fault> {
    let trace = |version| master.check_value(version).map(|value| (version, name(version), hex(&value)));
    let checks: Vec<_> = master.versions().filter_map(trace).collect();
    let known = checks.clone();
    let ask = move |tx: &mut dyn Tx| {
        known.iter().map(|(_, name, _)| tx.setting(name)).collect::<Result<Vec<_>, _>>()
    };
    let found = store.snapshot(ask).await?;
    let mut missing = Vec::new();
    for ((version, name, value), found) in checks.into_iter().zip(found) {
        match found {
            Some(stored) if stored != value => return Ok(Err(ForeignMasterKey { version })),
            Some(_) => {}
            None => missing.push((name, value)),
        }
    }
    Ok(Ok(Traces(missing)))
}

/// Leaves the traces of versions that the database has not seen yet.
///
/// # Errors
/// A fault of the store.
pub async fn leave(traces: Traces, store: &dyn Store) -> Result<(), Fault> {
    let Traces(missing) = traces;
    if !missing.is_empty() {
        let leave =
            move |tx: &mut dyn Tx| missing.iter().try_for_each(|(name, value)| leave_one(name, value, tx));
        // A closure that never refuses has only its value to give.
        store
            .write(move |tx| leave(tx).map_err(Stop::<Infallible>::Fault))
            .await?
            .unwrap_or_else(|never| match never {});
    }
    Ok(())
}

/// Another process may have left the same trace a moment ago.
fn leave_one(name: &str, value: &str, tx: &mut dyn Tx) -> Result<(), Fault> {
    if tx.setting(name)?.is_some() {
        return Ok(());
    }
    tx.insert_setting(name, value).map_err(Fault::into_race)
}

fn name(version: u32) -> String {
    format!("master_key_check.v{version}")
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(64), |text, byte| text + &format!("{byte:02x}"))
}
