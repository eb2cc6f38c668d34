//! Authorization requests: from parameters to a request whose every part was checked. Owns the order of the checks, and with
//! it the line between an error that is shown on a page and one that goes back to the client.

pub mod answer;
pub mod authorization;
