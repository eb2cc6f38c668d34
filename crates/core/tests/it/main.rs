//! The rules, end to end on a real SQLite: what a client, an API and an administrator can see of them. The clock stands
//! still and moves only when told to.
#![forbid(unsafe_code)]
#![expect(clippy::unwrap_used, reason = "a helper that unwraps fails the test that called it")]

mod access_requests;
mod administrators;
mod api_accounts;
mod api_tokens;
mod authorizations;
mod bounds;
#[cfg(feature = "oxide-auth-bridge")]
mod bridge;
mod caching;
mod client_secrets;
mod escalation;
mod feed;
#[cfg(feature = "oxide-auth-bridge")]
mod flows;
mod house;
mod introspection;
mod keys;
mod leaked;
mod managed_tokens;
mod management;
mod memberships;
mod on_postgres;
#[cfg(feature = "oxide-auth-bridge")]
mod oracle;
mod people;
mod revocation;
mod setup_links;
mod sign_in;
mod sweeping;
mod tokens;
mod trail;
mod uses;
mod vault;
