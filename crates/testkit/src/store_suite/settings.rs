//! Facts about the installation.

use super::ask::{read, violation, write};
use doorward_core::store::Store;
use std::sync::Arc;

/// The first value stands: two nodes that start at once agree on one.
pub fn a_setting_is_recorded_once(store: &Arc<dyn Store>) {
    assert_eq!(read(store, |tx| tx.setting("issuer")), None);
    write(store, |tx| tx.insert_setting("issuer", "https://a.example"));
    violation(store, |tx| tx.insert_setting("issuer", "https://b.example"));
    assert_eq!(read(store, |tx| tx.setting("issuer")).as_deref(), Some("https://a.example"));
}
