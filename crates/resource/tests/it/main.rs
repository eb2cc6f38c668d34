//! An API and the authorization server that it trusts, both over real sockets: what is let in, what is refused and in which
//! words, and what happens when keys change or the server is gone.

#![expect(clippy::unwrap_used, reason = "in a test, what cannot be had is a failure")]

mod api_tokens;
mod challenges;
mod differential;
mod feed;
mod forged;
mod guard;
mod hostile;
mod hosts;
mod keys;
mod opaque;
mod outages;
mod revocations;
mod server;
mod signed;
mod socket;
mod teller;
mod withdrawn;
mod workers;
