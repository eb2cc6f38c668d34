//! What the running server tells its operators: log events on standard error, numbers for Prometheus, traces for
//! OpenTelemetry, and panics without
//! what they were about. Owns form and destination; what is worth saying is decided where it happens.

pub(crate) mod json_lines;
pub(crate) mod logs;
pub(crate) mod metrics;
pub(crate) mod panics;
pub(crate) mod pretty_fields;
pub(crate) mod traces;
