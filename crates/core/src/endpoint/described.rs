//! The request that a token came with, as an API describes it when it introspects. Owns reading the description; what follows from it
//! is decided elsewhere.

use crate::grant;
use doorward_protocol::access::decision::{Asked, Origin};
use doorward_protocol::access::path::Path;
use doorward_protocol::error::OAuthError;
use doorward_protocol::params::Params;
use std::net::IpAddr;

/// What an API says of the request. RFC 7662 §2.1: "additional context for the query".
#[derive(Default)]
pub(super) struct Described<'a> {
    /// The API, by its identifier.
    pub(super) resource: Option<String>,
    method: Option<&'a str>,
    path: Option<&'a str>,
    client_ip: Option<&'a str>,
}

impl<'a> Described<'a> {
    pub(super) fn read(params: &'a Params<'_>) -> Result<Self, OAuthError> {
        // A target without one path is handed on as it is: it is odd as a path, too.
        let path = |target| Path::of_target(target).map_or(target, |path| path.as_str());
        Ok(Self {
            resource: grant::resource(params)?,
            method: params.value("method"),
            path: params.value("uri").map(path),
            client_ip: params.value("client_ip"),
        })
    }

    pub(super) fn asked(&self) -> Asked<'a> {
        let origin = match self.client_ip() {
            Some(address) => Origin::At(address),
            // Who describes a request leaves the judgement to us: where it comes from, nobody has said then.
            None if self.names_a_request() || self.is_odd() => Origin::Unknown,
            None => Origin::JudgedElsewhere,
        };
        Asked { method: self.method, path: self.path, origin }
    }

    /// Where it came from, where that is known.
    pub(super) fn client_ip(&self) -> Option<IpAddr> {
        self.client_ip?.parse().ok()
    }

    /// Whether it says where the request came from in a way that nobody can read.
    pub(super) fn is_odd(&self) -> bool {
        self.client_ip.is_some() && self.client_ip().is_none()
    }

    /// Whether it says what is to be done.
    pub(super) const fn names_a_request(&self) -> bool {
        self.method.is_some() || self.path.is_some()
    }
}
