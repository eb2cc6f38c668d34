//! What stands behind the URLs, one file each: extract, ask core, answer. Owns no rule of OAuth.

pub(crate) mod health;
pub(crate) mod introspect;
pub(crate) mod jwks;
pub(crate) mod revoke;
pub(crate) mod token;
