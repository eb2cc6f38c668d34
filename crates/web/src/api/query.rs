//! The query of a request. Owns that nothing in it is passed over: what an operation does not know, it refuses, as a filter that
//! was misspelt would otherwise show everything; and that whoever is refused is told what there is.

use crate::api::ask::bad_parameter;
use crate::api::halt::Malformed;
use crate::api::operation::{Filter, Operation, Takes};
use crate::api::schema;
use doorward_protocol::params::Params;
use http::{StatusCode, Uri};
use serde_json::Value;
use std::str::FromStr;

/// Of a value of which there is no more to say.
const NOTHING_ELSE: &str = "has no such value";

/// As many days as somebody may ask for.
pub(crate) struct Days(pub(crate) u32);

impl FromStr for Days {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let days = text.parse().ok().filter(|days| (0..=schema::MOST_DAYS).contains(days));
        days.map(Self).ok_or(())
    }
}

/// The parameters, each once and each known.
pub(super) fn read(operation: &Operation, uri: &Uri) -> Result<Vec<(String, String)>, Malformed> {
    let query = uri.query().unwrap_or_default();
    let params = Params::parse(query.as_bytes())
        .map_err(|refusal| Malformed::new(StatusCode::BAD_REQUEST, refusal.description().to_owned()))?;
    let pairs: Vec<_> = params.pairs().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    let known = known(operation);
    match pairs.iter().find(|(name, _)| !known.contains(&name.as_str())) {
        Some((name, _)) if known.is_empty() => {
            Err(bad_parameter(name, "is no parameter here: there is none"))
        }
        Some((name, _)) => {
            Err(bad_parameter(name, format!("is no parameter here: those are {}", known.join(", "))))
        }
        None => Ok(pairs),
    }
}

fn known(operation: &Operation) -> Vec<&'static str> {
    let place: &[_] = if matches!(operation.5, Takes::Page(_)) { &["limit", "cursor"] } else { &[] };
    place.iter().copied().chain(operation.5.filters().iter().map(|filter| filter.0)).collect()
}

/// What a filter's value may be, for whoever has brought another.
pub(super) fn allowed(name: &str, operation: &Operation) -> String {
    let schema =
        operation.5.filters().iter().find(|filter| filter.0 == name).map(|Filter(_, _, schema, _)| schema());
    let says = |word: &str| schema.as_ref().and_then(|schema| schema.get(word));
    if let Some(words) = says("enum").and_then(Value::as_array) {
        let words: Vec<_> = words.iter().filter_map(Value::as_str).collect();
        return format!("is one of {}", words.join(", "));
    }
    match says("description").and_then(Value::as_str).and_then(|text| text.split_once(' ')) {
        Some((article, what)) => format!("is {} {what}", article.to_lowercase()),
        None => NOTHING_ELSE.to_owned(),
    }
}
