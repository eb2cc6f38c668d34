//! Forward-auth: what a proxy is answered about the requests of others. `asked` has the proxy and what it sends, `answers` the table of
//! statuses, `peers` who may ask.

mod answers;
mod asked;
mod peers;
