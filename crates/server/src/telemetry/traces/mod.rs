//! Traces: where a request's time went, for a collector of OpenTelemetry's. Owns which spans are meant and where they go; a
//! build without the feature `otel` has none, and says so where somebody expects some.

#[cfg(feature = "otel")]
mod collector;
#[cfg_attr(feature = "otel", path = "exported.rs")]
#[cfg_attr(not(feature = "otel"), path = "absent.rs")]
pub(crate) mod spans;

use crate::config::surroundings::Surroundings;

/// Under this target web and core begin the spans that are meant, and nothing else. Log lines leave them out: without
/// anybody who takes them they cost nothing.
pub(crate) const TARGET: &str = "doorward::trace";

/// Where the environment wants traces to be sent, by the standard's variables.
fn endpoint(surroundings: &Surroundings) -> Option<&str> {
    let variables = ["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT"];
    let off = surroundings.text("OTEL_SDK_DISABLED").is_some_and(|text| text.eq_ignore_ascii_case("true"));
    variables.into_iter().find_map(|variable| surroundings.text(variable)).filter(|_| !off)
}

/// An endpoint as logs may show it: a URL may hold a password.
fn shown(endpoint: &str) -> String {
    let Ok(mut url) = url::Url::parse(endpoint) else { return "no URL".to_owned() };
    let bare = url.set_username("").and_then(|()| url.set_password(None));
    url.set_query(None);
    if bare.is_ok() { url.into() } else { url.scheme().to_owned() }
}
