//! The guard that decides: whether a request may go on, by the level that its token has at this API, by method, path and the client's
//! address. Owns that what is decided here is what the authorization server would decide; how it stands in a framework is said in
//! `actix` and `tower`.

use crate::access::Access;
use crate::asked::Asked;
use crate::protected_api::ProtectedApi;
use crate::refusal::Refusal;
#[cfg(feature = "tower")]
use std::net::IpAddr;

/// Middleware that lets requests through which their token lets through, with [`Access`] for their handler: `wrap` it in actix-web,
/// `layer` it in axum or tower. What a level lets through is said where the API is registered, and heard from there.
#[derive(Clone, Debug)]
pub struct Guard {
    api: ProtectedApi,
    /// Where a framework of tower's keeps the peer's address.
    #[cfg(feature = "tower")]
    pub(crate) peer: Option<fn(&http::Extensions) -> Option<IpAddr>>,
}

/// A request that may go on.
#[derive(Clone, Debug)]
pub enum Admitted {
    /// For whom its token speaks.
    With(Access),
    /// Without anybody: a CORS preflight, where the API lets these pass.
    Preflight,
}

impl Guard {
    pub(crate) fn new(api: ProtectedApi) -> Self {
        Self {
            api,
            #[cfg(feature = "tower")]
            peer: None,
        }
    }

    /// Where a request's extensions hold the address that it came from, under tower. Where nobody says so, tokens that are limited to
    /// networks are refused. Under axum, with the feature `axum`, it is its `ConnectInfo<SocketAddr>`.
    #[cfg(feature = "tower")]
    #[must_use]
    pub fn peer_from(self, peer: fn(&http::Extensions) -> Option<IpAddr>) -> Self {
        Self { peer: Some(peer), ..self }
    }

    /// The header in which proxies say for whom they ask, if any is read; in lower case.
    #[must_use]
    pub fn address_header(&self) -> Option<&'static str> {
        self.api.proxies().header()
    }

    /// Whether a request may go on.
    ///
    /// # Errors
    /// [`Refusal`], to answer with.
    pub async fn admit(&self, asked: &Asked<'_>) -> Result<Admitted, Refusal> {
        self.api.decide(asked).await
    }
}
