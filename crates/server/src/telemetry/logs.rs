//! Log events on standard error: one JSON object a line for machines, coloured text for people. Owns the filter's syntax
//! and the choice of form; the form for machines is in `json_lines`.

use super::json_lines::JsonLines;
use super::pretty_fields::PrettyFields;
use std::io::IsTerminal;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::format::JsonFields;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::{SubscriberInitExt, TryInitError};

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
/// `level` is what [`filter`] reads; should it be something else after all, `info` is better than silence.
pub(crate) fn install(level: &str, format: Format) -> Result<(), TryInitError> {
    let terminal = std::io::stderr().is_terminal();
    let events = filter(&quieted(level)).unwrap_or_else(|| EnvFilter::new("info"));
    let registry = tracing_subscriber::registry().with(events);
    let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr).with_ansi(terminal);
    match (format, terminal) {
        (Format::Pretty, _) | (Format::Auto, true) => {
            registry.with(lines.fmt_fields(PrettyFields::default())).try_init()
        }
        (Format::Json, _) | (Format::Auto, false) => registry
            .with(lines.fmt_fields(JsonFields::new()).event_format(JsonLines).with_ansi(false))
            .try_init(),
    }
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

    #[test]
    fn a_filter_is_made_of_levels_and_targets() {
        for text in ["info", "off", "info,doorward_storage=debug", "warn, doorward_web::endpoint=trace"] {
            assert!(filter(text).is_some(), "{text}");
        }
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
