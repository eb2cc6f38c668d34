//! What stands behind the URLs, one file each: extract, ask core, answer. Owns no rule of OAuth.

pub(crate) mod account;
pub(crate) mod authorize;
pub(crate) mod consent;
pub(crate) mod end_session;
pub(crate) mod health;
pub(crate) mod introspect;
pub(crate) mod jwks;
pub(crate) mod leaked_tokens;
pub(crate) mod revocations;
pub(crate) mod revoke;
pub(crate) mod setup;
pub(crate) mod sign_in;
pub(crate) mod token;
pub(crate) mod userinfo;
pub(crate) mod verify;
