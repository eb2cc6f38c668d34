//! One request under way, as handlers see it, and what a refusal or a fault does to it. Owns the one place where faults are
//! logged: the source inside, the words of a refusal outside. In which form these leave stands in the table of URLs.

use crate::http::client_ip::ClientIp;
use crate::http::cookies::Held;
use crate::http::request_id::RequestId;
use crate::http::site::Site;
use crate::metrics::EndpointMetrics;
use bytes::Bytes;
use doorward_core::authorization_server::AuthorizationServer;
use doorward_core::context::Caller;
use doorward_core::store::fault::{Fault, Stop};
use doorward_protocol::error::OAuthError;
use http::{HeaderValue, Method, Request};
use std::net::IpAddr;

/// A request on its way to an answer.
pub(crate) struct Exchange<'a> {
    /// Who decides.
    pub(crate) server: &'a AuthorizationServer,
    /// What came.
    pub(crate) request: &'a Request<Bytes>,
    /// From whom.
    pub(crate) caller: Caller,
    /// By whom, as the socket knows it.
    pub(crate) peer: Option<IpAddr>,
    /// Who is believed about whom they ask for.
    pub(crate) clients: &'a ClientIp,
    /// Its name.
    pub(crate) id: RequestId,
    /// The pages' place and their cookies.
    pub(crate) site: &'a Site,
    /// What a 401 carries.
    pub(crate) challenge: &'a HeaderValue,
    /// What is counted about its endpoint.
    pub(crate) metrics: &'a EndpointMetrics,
}

impl Exchange<'_> {
    /// What a stop says to whoever asked; our trouble is logged.
    pub(crate) fn refusal(&self, stop: Stop<OAuthError>) -> OAuthError {
        match stop {
            Stop::Refuse(refusal) | Stop::RefuseAndCommit(refusal) => refusal,
            Stop::Fault(fault) => self.fault(&fault),
        }
    }

    /// What a fault says; the log has its source.
    pub(crate) fn fault(&self, fault: &Fault) -> OAuthError {
        tracing::error!(request_id = self.id.as_str(), endpoint = self.metrics.name(), %fault, "a request failed");
        fault.to_oauth_error()
    }

    /// Whether something was sent to be done, rather than asked for.
    pub(crate) fn is_post(&self) -> bool {
        *self.request.method() == Method::POST
    }

    /// What the browser brought.
    pub(crate) fn cookies(&self) -> Held<'_> {
        self.site.cookies.read(self.request.headers())
    }
}
