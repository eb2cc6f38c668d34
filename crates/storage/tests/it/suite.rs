//! The suite of `testkit`, on SQLite and on PostgreSQL.

#[cfg(feature = "sqlite")]
mod sqlite {
    use crate::fixture::Fixture;
    use doorward_core::store::Store;
    use std::sync::Arc;

    #[expect(clippy::unnecessary_wraps, reason = "there always is one")]
    fn empty_store() -> Option<Arc<dyn Store>> {
        Some(Arc::new(Fixture::new()))
    }

    doorward_testkit::store_suite!(empty_store);
}

#[cfg(feature = "postgres")]
mod postgres {
    use crate::server::Served;
    use doorward_core::store::Store;
    use std::sync::Arc;

    fn empty_store() -> Option<Arc<dyn Store>> {
        Some(Arc::new(Served::new()?))
    }

    doorward_testkit::store_suite!(empty_store);
}
