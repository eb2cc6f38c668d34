//! Access: which API a token is for, and what it may do there. Owns the registered API and the one way to a granted
//! scope; minting is `token`'s business.

pub mod access_request;
pub mod api;
pub mod audience;
pub mod consent;
pub mod exchanged;
pub mod granted;
pub mod location;
