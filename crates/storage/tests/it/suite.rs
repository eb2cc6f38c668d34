//! The suite of `testkit`, on SQLite.

use crate::fixture::Fixture;
use doorward_core::store::Store;
use std::sync::Arc;

fn empty_store() -> Arc<dyn Store> {
    Arc::new(Fixture::new())
}

doorward_testkit::store_suite!(empty_store);
