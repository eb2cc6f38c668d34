//! Traces in a build without the feature `otel`: there are none. Owns saying so to whoever expects some.

use crate::config::surroundings::Surroundings;
use tracing::{Span, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Identity;

/// No traces.
pub(crate) struct Traces;

impl Traces {
    pub(crate) fn begin(_: &Surroundings) -> Result<Self, String> {
        Ok(Self)
    }

    pub(crate) fn layer<S: Subscriber>(&self) -> Option<impl Layer<S> + Send + Sync + use<S>> {
        None::<Identity>
    }

    /// Says that a collector waits in vain.
    pub(crate) fn announce(&self, surroundings: &Surroundings) {
        if let Some(endpoint) = super::endpoint(surroundings) {
            let endpoint = super::shown(endpoint);
            tracing::warn!(endpoint, "no traces are sent: this build is without the feature `otel`");
        }
    }

    pub(crate) fn end(self) {}
}

/// Nobody's trace is continued.
pub(crate) const fn continued(_: &Surroundings) -> Option<fn(&Span, &str)> {
    None
}

/// Nobody is in a trace.
pub(crate) const fn current() -> Option<String> {
    None
}
