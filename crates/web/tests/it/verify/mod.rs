//! Forward-auth: what a proxy is answered about the requests of others. `asked` has the proxy and what it sends, `answers` the table of
//! statuses, `odd` what has no one reading, `peers` who may ask, `places` how the API is found and how it takes a token, `sent` the
//! requests that Envoy sends on, and `shims` the same over sockets.

mod answers;
pub(crate) mod asked;
mod odd;
mod peers;
mod places;
mod sent;
mod shims;
