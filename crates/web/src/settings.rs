//! What whoever runs the web floor may set. Owns the values and their defaults; where they come from is the caller's
//! business.

use doorward_protocol::client_address::AddressHeader;
use doorward_protocol::network::Network;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// Gives all numbers in Prometheus' text format.
pub type MetricsText = Arc<dyn Fn() -> String + Send + Sync>;

/// Makes the span of a request part of the trace that its `traceparent` names.
pub type TraceParent = fn(&tracing::Span, &str);

/// The settings of an [`App`](crate::app::App).
#[derive(Clone)]
pub struct WebSettings {
    /// The largest body that is read, in bytes.
    pub body_limit: usize,
    /// The most bytes that the bodies of all requests together may take up; a request beyond it is refused for the moment.
    /// Bodies as small as forms usually are do not count.
    pub body_budget: usize,
    /// The time in which a body must have arrived as a whole.
    pub body_timeout: Duration,
    /// The largest request line with all headers, in bytes.
    pub header_limit: usize,
    /// Hosts (with their port) whose requests are sent on to the issuer by 308: `localhost:8080` while somebody tries
    /// the server out. Empty in production.
    pub redirected_hosts: Vec<String>,
    /// A stylesheet of the host's, by its path from the root of the issuer's host (`/static/shop.css`), which every page loads
    /// after its own. From elsewhere none is loaded, whatever is named here.
    pub stylesheet: Option<String>,
    /// Whether `/healthz` and `/readyz` are served: a host has its own.
    pub probes: bool,
    /// Where proxies stand whose word on a client's address counts. Empty: the peer is the client, whatever a header says.
    pub trusted_proxies: Vec<Network>,
    /// The one header in which they say it. Another one is never read.
    pub client_address_header: AddressHeader,
    /// Whether `/ext-authz` is served, where Envoy asks about requests by sending them on without their body.
    pub ext_authz: bool,
    /// Whether requests come without a peer's address, as through a unix socket of a host's. Otherwise one that does is refused: its
    /// connection is gone already, and it would be counted as nobody's.
    pub peerless: bool,
    /// Served at `/metrics`; without it there is no such path.
    pub metrics: Option<MetricsText>,
    /// What must hold, besides a store that answers and a key that signs, for `/readyz` to say so.
    pub ready: Vec<ReadyCheck>,
    /// How a caller's trace is continued; without it nobody's is.
    pub trace_parent: Option<TraceParent>,
}

/// One more thing that must hold before traffic is sent here.
#[derive(Clone)]
pub struct ReadyCheck {
    /// What is said when it does not hold.
    pub reason: &'static str,
    /// Whether it holds; must not block.
    pub holds: Arc<dyn Fn() -> bool + Send + Sync>,
}

impl Default for WebSettings {
    fn default() -> Self {
        Self {
            body_limit: 64 * 1024,
            body_budget: 32 * 1024 * 1024,
            body_timeout: Duration::from_secs(10),
            header_limit: 16 * 1024,
            redirected_hosts: vec![],
            stylesheet: None,
            probes: true,
            ext_authz: false,
            peerless: false,
            trusted_proxies: vec![],
            client_address_header: AddressHeader::default(),
            metrics: None,
            ready: vec![],
            trace_parent: None,
        }
    }
}

impl WebSettings {
    /// The defaults inside a host: its own `/healthz`, `/readyz` and `/metrics` are left alone.
    #[must_use]
    pub fn embedded() -> Self {
        Self { probes: false, ..Self::default() }
    }
}

impl fmt::Debug for WebSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WebSettings")
            .field("body_limit", &self.body_limit)
            .field("body_budget", &self.body_budget)
            .field("body_timeout", &self.body_timeout)
            .field("header_limit", &self.header_limit)
            .field("redirected_hosts", &self.redirected_hosts)
            .field("stylesheet", &self.stylesheet)
            .field("probes", &self.probes)
            .field("ext_authz", &self.ext_authz)
            .field("peerless", &self.peerless)
            .field("trusted_proxies", &self.trusted_proxies)
            .field("client_address_header", &self.client_address_header)
            .field("metrics", &self.metrics.is_some())
            .field("ready", &self.ready.iter().map(|check| check.reason).collect::<Vec<_>>())
            .field("trace_parent", &self.trace_parent.is_some())
            .finish()
    }
}
