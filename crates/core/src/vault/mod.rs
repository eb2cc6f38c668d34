//! The vault: other people's credentials, kept for API accounts. Owns the catalogue of those for whom credentials can be registered
//! ([`provider`]) and the records of what was registered ([`registered_auth`]), whose secrets lie here in their sealed form only. Who
//! may see, change, reveal or release them is `manage`'s business.

pub mod pattern;
pub mod provider;
pub mod registered_auth;
