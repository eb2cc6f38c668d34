//! The query of a request. Owns that nothing in it is passed over: what an operation does not know, it refuses, as a filter that
//! was misspelt would otherwise show everything.

use crate::api::ask::bad_parameter;
use crate::api::halt::Malformed;
use crate::api::operation::{Operation, Takes};
use doorward_protocol::params::Params;
use http::{StatusCode, Uri};

/// The parameters, each once and each known.
pub(super) fn read(operation: &Operation, uri: &Uri) -> Result<Vec<(String, String)>, Malformed> {
    let query = uri.query().unwrap_or_default();
    let params = Params::parse(query.as_bytes())
        .map_err(|refusal| Malformed::new(StatusCode::BAD_REQUEST, refusal.description().to_owned()))?;
    let pairs: Vec<_> = params.pairs().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    let unknown = pairs.iter().find(|(name, _)| !is_known(name, operation));
    unknown.map_or(Ok(()), |(name, _)| Err(bad_parameter(name, "is not a parameter that there is here")))?;
    Ok(pairs)
}

fn is_known(name: &str, operation: &Operation) -> bool {
    let Takes::Page(filters) = operation.5 else { return false };
    matches!(name, "limit" | "cursor") || filters.iter().any(|filter| filter.0 == name)
}
