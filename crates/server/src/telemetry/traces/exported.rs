//! Traces for OpenTelemetry, in a build with the feature `otel`: the spans that web and core begin under one target, sent to a
//! collector by OTLP over HTTP. Owns what is sent and whose traces are continued; how it is sent is the standard's part, set by
//! its `OTEL_…` variables, so that whoever operates other services need learn nothing new.
//!
//! Spans carry closed words and our own identifiers only, and no log events: what is not recorded need not be kept secret.
//! A collector that is slow or away costs spans, never a request.

use super::TARGET;
use super::collector::Collector;
use crate::config::surroundings::Surroundings;
use opentelemetry::propagation::TextMapPropagator;
use opentelemetry::trace::{TraceContextExt, TracerProvider};
use opentelemetry::{Context, KeyValue};
use opentelemetry_otlp::{SpanExporter, WithHttpConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::{Sampler, SdkTracerProvider};
use std::collections::HashMap;
use std::time::Duration;
use tracing::{Span, Subscriber};
use tracing_opentelemetry::OpenTelemetrySpanExt;
use tracing_subscriber::Layer;
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::registry::LookupSpan;

const NAME: &str = env!("CARGO_PKG_NAME");
/// At the end what is left has so long to be sent.
const FAREWELL: Duration = Duration::from_secs(2);
/// W3C Trace Context §3.2.
const TRACEPARENT: &str = "traceparent";

/// The way of spans out of the process, if a collector is named.
pub(crate) struct Traces(Option<SdkTracerProvider>);

impl Traces {
    /// Opens it, where the environment names a collector.
    pub(crate) fn begin(surroundings: &Surroundings) -> Result<Self, String> {
        if super::endpoint(surroundings).is_none() {
            return Ok(Self(None));
        }
        let exporter = SpanExporter::builder().with_http().with_http_client(Collector::new(surroundings));
        let exporter = exporter.build().map_err(|error| format!("traces cannot be sent: {error}"))?;
        let provider =
            SdkTracerProvider::builder().with_resource(resource(surroundings)).with_batch_exporter(exporter);
        // The standard's own default would let any caller keep its requests out of the traces.
        let provider = match surroundings.text("OTEL_TRACES_SAMPLER") {
            Some(_) => provider,
            None => provider.with_sampler(Sampler::AlwaysOn),
        };
        Ok(Self(Some(provider.build())))
    }

    /// What takes our spans, and nothing else.
    pub(crate) fn layer<S>(&self) -> Option<impl Layer<S> + Send + Sync + use<S>>
    where
        S: Subscriber + for<'span> LookupSpan<'span> + Send + Sync,
    {
        let tracer = self.0.as_ref()?.tracer(NAME);
        let layer = tracing_opentelemetry::layer()
            .with_tracer(tracer)
            .with_location(false)
            .with_threads(false)
            .with_target(false)
            .with_level(false)
            .with_tracked_inactivity(false);
        Some(layer.with_filter(filter_fn(|metadata| metadata.is_span() && metadata.target() == TARGET)))
    }

    /// Says where traces go.
    pub(crate) fn announce(&self, surroundings: &Surroundings) {
        if let (Some(_), Some(endpoint)) = (&self.0, super::endpoint(surroundings)) {
            tracing::info!(endpoint = super::shown(endpoint), "sending traces");
        }
    }

    /// Sends what is left, if somebody takes it soon.
    pub(crate) fn end(self) {
        let Some(provider) = self.0 else { return };
        if let Err(error) = provider.shutdown_with_timeout(FAREWELL) {
            tracing::warn!(%error, "the last traces were not sent");
        }
    }
}

/// What continues a caller's trace, unless the environment says that nobody's is continued.
pub(crate) fn continued(surroundings: &Surroundings) -> Option<fn(&Span, &str)> {
    let propagators = surroundings.text("OTEL_PROPAGATORS").unwrap_or("tracecontext");
    propagators
        .split(',')
        .any(|propagator| propagator.trim() == "tracecontext")
        .then_some(continue_trace as _)
}

fn continue_trace(span: &Span, traceparent: &str) {
    let headers = HashMap::from([(TRACEPARENT.to_owned(), traceparent.to_owned())]);
    let parent = TraceContextPropagator::new().extract_with_context(&Context::new(), &headers);
    if parent.span().span_context().is_valid() {
        // A span that nobody takes has no parent, either.
        drop(span.set_parent(parent));
    }
}

/// The trace that this thread is in.
pub(crate) fn current() -> Option<String> {
    Context::map_current(|context| {
        let span = context.span();
        let span = span.span_context();
        span.is_valid().then(|| span.trace_id().to_string())
    })
}

fn resource(surroundings: &Surroundings) -> Resource {
    let resource =
        Resource::builder().with_attribute(KeyValue::new("service.version", env!("CARGO_PKG_VERSION")));
    let attributes = surroundings.text("OTEL_RESOURCE_ATTRIBUTES").unwrap_or_default();
    let named = surroundings.text("OTEL_SERVICE_NAME").is_some() || attributes.contains("service.name=");
    if named { resource.build() } else { resource.with_service_name(NAME).build() }
}
