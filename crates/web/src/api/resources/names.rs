//! The names of what a record refers to by identifier.

use doorward_core::cache::Cache;
use doorward_core::identity::group::Group;
use doorward_protocol::id::Id;

/// The groups with these identifiers, in the same order.
pub(crate) fn groups(ids: &[Id], cache: &Cache) -> Vec<Group> {
    let groups = cache.groups();
    ids.iter().filter_map(|id| groups.get(id).cloned()).collect()
}
