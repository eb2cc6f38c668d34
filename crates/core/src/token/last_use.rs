//! When a credential was last used, and from where. Owns the record; it is kept beside the credential, because it changes with every
//! request and nothing is decided by it.

use doorward_protocol::id::Id;
use doorward_protocol::time::Seconds;
use std::net::IpAddr;

/// The last use of an API token, a client or a client secret, whichever the identifier names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct LastUse {
    /// What was used.
    pub id: Id,
    /// When.
    pub used_at: Seconds,
    /// Where from; of a use whose address is not known, where the one before it came from, if that is.
    pub address: Option<IpAddr>,
}
