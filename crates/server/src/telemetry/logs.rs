//! Log events on standard error: one JSON object a line for machines, coloured text for people. Owns the filter's syntax
//! and the choice of form; the form for machines is in `json_lines`.

use super::json_lines::JsonLines;
use super::pretty_fields::PrettyFields;
use super::traces::TARGET;
use super::traces::spans::Traces;
use std::io::IsTerminal;
use tracing::{Dispatch, Subscriber};
use tracing_subscriber::fmt::format::JsonFields;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::{SubscriberInitExt, TryInitError};
use tracing_subscriber::{EnvFilter, Layer, Registry};

/// In which form events are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    /// For people on a terminal, for machines elsewhere.
    Auto,
    /// One JSON object a line.
    Json,
    /// Text, coloured on a terminal.
    Pretty,
}

impl Format {
    /// The format of this name.
    pub(crate) fn named(name: &str) -> Option<Self> {
        match name {
            "auto" => Some(Self::Auto),
            "json" => Some(Self::Json),
            "pretty" => Some(Self::Pretty),
            _ => None,
        }
    }
}

/// Sends the events of the whole process to standard error from now on. Fails if somebody else has done so before.
///
/// `level` is what [`filter`] reads; should it be something else after all, `info` is better than silence. Spans go their own
/// way, past the filter.
pub(crate) fn install(level: &str, format: Format, traces: &Traces) -> Result<(), TryInitError> {
    subscriber(level, format, traces).try_init()
}

fn subscriber(level: &str, format: Format, traces: &Traces) -> impl Subscriber + Into<Dispatch> + use<> {
    let terminal = std::io::stderr().is_terminal();
    let events = filter(&format!("{TARGET}=off,{}", quieted(level)));
    let events = events.unwrap_or_else(|| EnvFilter::new(format!("{TARGET}=off,info")));
    let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr).with_ansi(terminal);
    let lines: Box<dyn Layer<Registry> + Send + Sync> = match (format, terminal) {
        (Format::Pretty, _) | (Format::Auto, true) => lines.fmt_fields(PrettyFields::default()).boxed(),
        (Format::Json, _) | (Format::Auto, false) => {
            lines.fmt_fields(JsonFields::new()).event_format(JsonLines).with_ansi(false).boxed()
        }
    };
    tracing_subscriber::registry().with(lines.with_filter(events)).with(traces.layer())
}

/// The same filter, with actix's notes on its own starting and stopping left out unless they are asked for by name: what
/// operators need of them, we say ourselves.
fn quieted(level: &str) -> String {
    match level {
        "off" | "error" | "warn" => level.to_owned(),
        level => format!("actix_server=warn,{level}"),
    }
}

/// Reads a filter in the syntax of `tracing`: levels, and `TARGET=LEVEL`. There a misspelt level counts as a target and
/// switches everything else off, so a word alone must be a level here.
pub(crate) fn filter(text: &str) -> Option<EnvFilter> {
    const LEVELS: &[&str] = &["off", "error", "warn", "info", "debug", "trace"];
    let is_level = |word: &str| LEVELS.contains(&word);
    let sound = |directive: &str| match directive.rsplit_once('=') {
        Some((target, level)) => !target.is_empty() && is_level(level),
        None => is_level(directive),
    };
    let directives: Vec<_> = text.split(',').map(str::trim).collect();
    directives.iter().copied().all(sound).then(|| EnvFilter::builder().parse(directives.join(",")).ok())?
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::surroundings::Surroundings;
    use std::path::PathBuf;
    use tracing::level_filters::LevelFilter;

    #[test]
    fn a_filter_is_made_of_levels_and_targets() {
        for text in ["info", "off", "info,doorward_storage=debug", "warn, doorward_web::endpoint=trace"] {
            assert!(filter(text).is_some(), "{text}");
        }
    }

    /// What nobody takes costs a comparison of levels: spans are made only where there is a collector.
    #[test]
    fn without_a_collector_no_level_below_the_logs_is_looked_at() {
        let traces = Traces::begin(&Surroundings::new([], PathBuf::new())).unwrap();
        let hint = |level: &str| subscriber(level, Format::Json, &traces).max_level_hint();
        assert_eq!(hint("info"), Some(LevelFilter::INFO));
        assert_eq!(hint("off"), Some(LevelFilter::OFF));
    }

    #[test]
    fn actix_is_heard_only_when_it_is_asked_for() {
        assert_eq!(filter(&quieted("info")).unwrap().to_string(), "actix_server=warn,info");
        assert_eq!(
            filter(&quieted("info,actix_server=debug")).unwrap().to_string(),
            "actix_server=debug,info"
        );
        assert_eq!(filter(&quieted("off")).unwrap().to_string(), "off");
    }

    #[test]
    fn a_misspelt_level_is_no_filter() {
        for text in ["", "inof", "INFO ", "doorward_storage", "a=b", "=info", "info,,warn"] {
            assert!(filter(text).is_none(), "{text}");
        }
    }
}
