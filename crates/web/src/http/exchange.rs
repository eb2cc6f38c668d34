//! One request under way, as handlers see it, and how what core says about it becomes an answer. Owns the one place where
//! faults are logged: the source inside, the form of RFC 6749 §5.2 outside.

use crate::http::answer;
use crate::http::request_id::RequestId;
use crate::metrics::EndpointMetrics;
use bytes::Bytes;
use doorward_core::authorization_server::AuthorizationServer;
use doorward_core::context::Caller;
use doorward_core::store::fault::{Fault, Stop};
use doorward_protocol::error::OAuthError;
use http::{HeaderValue, Request, Response};

/// A request on its way to an answer.
pub(crate) struct Exchange<'a> {
    /// Who decides.
    pub(crate) server: &'a AuthorizationServer,
    /// What came.
    pub(crate) request: &'a Request<Bytes>,
    /// From whom.
    pub(crate) caller: Caller,
    /// Its name.
    pub(crate) id: RequestId,
    /// What a 401 carries.
    pub(crate) challenge: &'a HeaderValue,
    /// What is counted about its endpoint.
    pub(crate) metrics: &'a EndpointMetrics,
}

impl Exchange<'_> {
    /// The answer, whichever way it went.
    pub(crate) fn answer(&self, outcome: Result<Response<Bytes>, Stop<OAuthError>>) -> Response<Bytes> {
        match outcome {
            Ok(response) => response,
            Err(Stop::Refuse(refusal) | Stop::RefuseAndCommit(refusal)) => self.refuse(&refusal),
            Err(Stop::Fault(fault)) => self.fail(&fault),
        }
    }

    /// A refusal, counted.
    pub(crate) fn refuse(&self, refusal: &OAuthError) -> Response<Bytes> {
        self.metrics.refused(refusal.code());
        answer::refusal(refusal, self.challenge)
    }

    fn fail(&self, fault: &Fault) -> Response<Bytes> {
        tracing::error!(request_id = self.id.as_str(), endpoint = self.metrics.name(), %fault, "a request failed");
        self.refuse(&fault.to_oauth_error())
    }
}
