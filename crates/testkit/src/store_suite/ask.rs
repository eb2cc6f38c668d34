//! How the suite talks to a store: blocking, and in the words of a test.

use crate::block_on::block_on;
use doorward_core::store::Store;
use doorward_core::store::fault::{Fault, Stop};
use doorward_core::store::tx::Tx;
use std::sync::Arc;

/// Asks one question.
///
/// # Panics
/// When it has no answer.
pub fn read<T: Send + 'static>(
    store: &Arc<dyn Store>,
    ask: impl FnMut(&mut dyn Tx) -> Result<T, Fault> + Send + 'static,
) -> T {
    block_on(store.read(ask)).expect("the store answers")
}

/// Changes something.
///
/// # Errors
/// The fault.
pub fn try_write<T: Send + 'static>(
    store: &Arc<dyn Store>,
    mut change: impl FnMut(&mut dyn Tx) -> Result<T, Fault> + Send + 'static,
) -> Result<T, Fault> {
    let answer = block_on(store.write(move |tx| change(tx).map_err(Stop::<()>::Fault)))?;
    Ok(answer.expect("nothing was refused"))
}

/// Changes something.
///
/// # Panics
/// When that fails.
pub fn write<T: Send + 'static>(
    store: &Arc<dyn Store>,
    change: impl FnMut(&mut dyn Tx) -> Result<T, Fault> + Send + 'static,
) -> T {
    try_write(store, change).expect("the store takes the change")
}

/// Changes something that a constraint must refuse, and tells which.
///
/// # Panics
/// When it is not refused.
pub fn violation<T: Send + 'static>(
    store: &Arc<dyn Store>,
    change: impl FnMut(&mut dyn Tx) -> Result<T, Fault> + Send + 'static,
) -> String {
    match try_write(store, change) {
        Err(Fault::Constraint { constraint }) => constraint,
        Err(fault) => panic!("not a constraint: {fault}"),
        Ok(_) => panic!("nothing was refused"),
    }
}
