//! The fields of log lines for people: as `tracing` writes them, with the `request_id` of the request that the thread is
//! answering, and the `trace_id` of its trace, behind those of each event that has none itself.

use super::traces::spans;
use doorward_web::http::request_id;
use std::fmt;
use tracing::field::{Field, Visit};
use tracing_subscriber::field::RecordFields;
use tracing_subscriber::fmt::FormatFields;
use tracing_subscriber::fmt::format::{DefaultFields, Writer};

/// Formats fields for people.
#[derive(Debug, Default)]
pub(crate) struct PrettyFields(DefaultFields);

impl<'writer> FormatFields<'writer> for PrettyFields {
    fn format_fields<R: RecordFields>(&self, mut writer: Writer<'writer>, fields: R) -> fmt::Result {
        let mut seen = Seen::default();
        fields.record(&mut seen);
        let (event, named) = (seen.message, seen.request_id);
        self.0.format_fields(writer.by_ref(), fields)?;
        if let Some(id) = request_id::current().filter(|_| event && !named) {
            write!(writer, " request_id={id}")?;
        }
        match spans::current() {
            Some(trace) if event => write!(writer, " trace_id={trace}"),
            _ => Ok(()),
        }
    }
}

/// What fields there are. Those of a span are formatted in the same way, but only events have a message.
#[derive(Default)]
struct Seen {
    message: bool,
    request_id: bool,
}

impl Visit for Seen {
    fn record_debug(&mut self, field: &Field, _: &dyn fmt::Debug) {
        self.message |= field.name() == "message";
        self.request_id |= field.name() == "request_id";
    }
}
