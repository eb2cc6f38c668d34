//! Identity: people, the organizations and groups they belong to, how they prove who they are, and the browser sessions
//! that remember it. Owns the records and their rules; signing in is a step of `sign_in`, pages are another crate's.

pub mod attempts;
pub mod authentication;
pub mod claims;
pub mod group;
pub mod hashing;
pub mod organization;
pub mod password;
pub mod session;
pub mod user;
