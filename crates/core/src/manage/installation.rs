//! The installation: facts that hold for one database from its first start on. Owns the proof that the master key is the
//! one this database was filled with: with another, every secret would look wrong and every token foreign.

use crate::keys::master::MasterKey;
use crate::store::Store;
use crate::store::fault::{Fault, Stop};
use crate::store::tx::Tx;

/// The master key at hand is not the one the database was filled with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "version {version} of the master key is not the one that this database was filled with; use the key that belongs to it"
)]
pub struct ForeignMasterKey {
    /// The version that differs.
    pub version: u32,
}

/// The traces that versions of the master key leave in the database.
pub struct Traces(Vec<Trace>);

/// A setting by which a version of the master key is known again.
#[derive(Clone)]
struct Trace {
    version: u32,
    name: String,
    value: String,
}

/// Compares each version of the master key with the trace it left in the database. Returns the traces that are missing,
/// for [`leave`] to write once everything else has shown that the key belongs here.
///
/// # Errors
/// The foreign key, or a fault of the store.
pub async fn check(master: &MasterKey, store: &dyn Store) -> Result<Result<Traces, ForeignMasterKey>, Fault> {
    let trace = |version| {
        let value = hex(&master.check_value(version)?);
        Some(Trace { version, name: name(version), value })
    };
    let traces: Vec<_> = master.versions().filter_map(trace).collect();
    let known = traces.clone();
    let ask = move |tx: &mut dyn Tx| known.iter().map(|trace| tx.setting(&trace.name)).collect();
    let found: Vec<_> = store.snapshot(ask).await?;
    let mut missing = Vec::new();
    for (trace, found) in traces.into_iter().zip(found) {
        match found {
            Some(stored) if stored != trace.value => {
                return Ok(Err(ForeignMasterKey { version: trace.version }));
            }
            Some(_) => {}
            None => missing.push(trace),
        }
    }
    Ok(Ok(Traces(missing)))
}

/// Leaves the traces of versions that the database has not seen yet.
///
/// # Errors
/// The foreign key, where another process was first and has another one; or a fault of the store.
pub async fn leave(traces: Traces, store: &dyn Store) -> Result<Result<(), ForeignMasterKey>, Fault> {
    let Traces(missing) = traces;
    if missing.is_empty() {
        return Ok(Ok(()));
    }
    store.write(move |tx| missing.iter().try_for_each(|trace| leave_one(trace, tx))).await
}

/// Another process may have left this trace a moment ago, or that of another key.
fn leave_one(trace: &Trace, tx: &mut dyn Tx) -> Result<(), Stop<ForeignMasterKey>> {
    match tx.setting(&trace.name)? {
        Some(stored) if stored == trace.value => Ok(()),
        Some(_) => Err(Stop::Refuse(ForeignMasterKey { version: trace.version })),
        None => Ok(tx.insert_setting(&trace.name, &trace.value).map_err(Fault::into_race)?),
    }
}

fn name(version: u32) -> String {
    format!("master_key_check.v{version}")
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(64), |text, byte| text + &format!("{byte:02x}"))
}
