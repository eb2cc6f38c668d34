//! A request, as far as a guard looks at it. Owns which of its parts those are, the same under any framework, and what makes it a CORS
//! preflight.

use std::net::IpAddr;

/// What a request asks for, from where, and with which credentials. All headers are given with each of their lines, in the order in
/// which they came.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// RFC 9110 §9.1: its method, in the spelling it came in.
    pub method: &'a str,
    /// RFC 9110 §4.2.3: its path as it came, without the query. One that a router has cut something off is not the request's.
    pub path: &'a str,
    /// The address that it came from, of a client or of a proxy.
    pub peer: Option<IpAddr>,
    /// The lines of its `Authorization` header.
    pub authorization: &'a [&'a [u8]],
    /// The lines of the header in which proxies say for whom they ask: the one that was set.
    pub forwarded: &'a [&'a [u8]],
    /// Fetch Standard §3.2.2: whether it has both `Origin` and `Access-Control-Request-Method`.
    pub is_cors_request: bool,
}

impl Asked<'_> {
    /// Fetch Standard §3.2.2: whether a browser asks what another origin may send. It brings no credentials with it.
    pub(crate) fn is_preflight(&self) -> bool {
        self.method == "OPTIONS" && self.is_cors_request
    }
}
