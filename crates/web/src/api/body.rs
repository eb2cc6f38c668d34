//! The body of a request. Owns which types of content are read, and that the body has the shape that the operation's schema says;
//! that its values can stand is `manage`'s to say.

use crate::api::halt::Malformed;
use crate::api::operation::{Gives, Operation, Takes};
use crate::api::operations::OPERATIONS;
use crate::api::{schema, shape};
use crate::http::json::{self, Malformed as NotRead};
use crate::http::problem::Wrong;
use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, Request, StatusCode};
use serde_json::{Map, Value, json};
use std::sync::LazyLock;

const JSON: &str = "application/json";
/// RFC 7396 §4.
const MERGE_PATCH: &str = "application/merge-patch+json";

/// The schema of each operation's body.
static SHAPES: LazyLock<Vec<Value>> =
    LazyLock::new(|| OPERATIONS.iter().map(|operation| schema(&operation.5)).collect());

/// What a request may bring, as a schema.
pub(super) fn schema(takes: &Takes) -> Value {
    match takes {
        Takes::Body(form) | Takes::Perhaps(form) => (form.schema)(),
        Takes::Patch(form) => schema::patch(&(form.schema)()),
        Takes::Nothing | Takes::Page(_) | Takes::Query(_) => {
            json!({ "type": "object", "additionalProperties": false })
        }
    }
}

/// The types of content in which it may come.
pub(super) const fn content_types(takes: &Takes) -> &'static [&'static str] {
    match takes {
        Takes::Patch(_) => &[MERGE_PATCH, JSON],
        _ => &[JSON],
    }
}

/// The members of each operation's answer that its patch does not change.
static KEPT: LazyLock<Vec<Vec<String>>> = LazyLock::new(|| OPERATIONS.iter().map(kept).collect());

fn kept(operation: &Operation) -> Vec<String> {
    let (Takes::Patch(_), Gives::One(form)) = (&operation.5, &operation.6) else { return vec![] };
    let members =
        |schema: Value| schema.get("properties").and_then(Value::as_object).cloned().unwrap_or_default();
    let chosen = members(schema(&operation.5));
    members((form.schema)())
        .into_iter()
        .map(|(name, _)| name)
        .filter(|name| !chosen.contains_key(name))
        .collect()
}

/// The body of a request to the operation at this place of the table, where one that may be left away is empty; and what of a patch tells
/// of members that it cannot change.
pub(super) fn read(
    at: usize,
    operation: &Operation,
    request: &Request<Bytes>,
) -> Result<(Value, Map<String, Value>), Malformed> {
    let takes = &operation.5;
    let needed = matches!(takes, Takes::Body(_) | Takes::Patch(_));
    let typed = request.headers().contains_key(CONTENT_TYPE);
    if request.body().is_empty() && !needed {
        return Ok((Value::Object(Map::new()), Map::new()));
    }
    if !is_one_of(content_types(takes), request.headers()) && (needed || typed || !request.body().is_empty())
    {
        return Err(other_type(takes));
    }
    let mut value = json::read(request.body()).map_err(not_read)?;
    unfraction(&mut value);
    let kept = value.as_object_mut().map(|members| set_aside(members, &KEPT[at])).unwrap_or_default();
    let misfits = shape::misfits(&value, &SHAPES[at]);
    if misfits.is_empty() {
        return Ok((value, kept));
    }
    // What is not where it belongs is told before what cannot be so: the two have different statuses.
    let status = if misfits.iter().any(|misfit| !misfit.is_value) {
        StatusCode::BAD_REQUEST
    } else {
        StatusCode::UNPROCESSABLE_ENTITY
    };
    let errors = misfits.into_iter().map(|misfit| Wrong::member(misfit.pointer, misfit.detail)).collect();
    Err(Malformed::listed(status, errors))
}

fn set_aside(members: &mut Map<String, Value>, names: &[String]) -> Map<String, Value> {
    names.iter().filter_map(|name| members.remove_entry(name)).collect()
}

/// JSON Schema Core 2020-12 §4.2.3: a number is whole if it has no fraction, also where it is written as `60.0` or `6e1`.
fn unfraction(value: &mut Value) {
    match value {
        Value::Number(number) if number.is_f64() => {
            let whole = number.as_f64().filter(|number| number.fract() == 0.0);
            if let Some(whole) = whole.and_then(|whole| format!("{whole:.0}").parse::<i64>().ok()) {
                *value = whole.into();
            }
        }
        Value::Array(items) => items.iter_mut().for_each(unfraction),
        Value::Object(members) => members.values_mut().for_each(unfraction),
        _ => {}
    }
}

/// RFC 9110 §15.5.16: what could be read instead is told.
fn other_type(takes: &Takes) -> Malformed {
    let types = content_types(takes).join(" or ");
    Malformed::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, format!("the body is of the type {types}"))
}

fn not_read(reason: NotRead) -> Malformed {
    let wrong =
        |pointer, detail| Malformed::listed(StatusCode::BAD_REQUEST, vec![Wrong::member(pointer, detail)]);
    match reason {
        NotRead::Duplicate(pointer) => wrong(pointer, "is there twice"),
        NotRead::TooDeep(pointer) => wrong(pointer, "is deeper than anything that is asked for"),
        // Nothing at all was read.
        NotRead::Syntax { column: 0, line: 0 | 1 } => {
            Malformed::new(StatusCode::BAD_REQUEST, "a JSON object is needed as the body".to_owned())
        }
        NotRead::Syntax { line, column } => Malformed::new(
            StatusCode::BAD_REQUEST,
            format!("the body is not JSON: reading it ended in line {line}, column {column}"),
        ),
    }
}

/// RFC 8259 §11: JSON has no charset; one that is named all the same is the only one there is (§8.1).
fn is_one_of(types: &[&str], headers: &HeaderMap) -> bool {
    let mut values = headers.get_all(CONTENT_TYPE).iter();
    let (Some(value), None) = (values.next(), values.next()) else { return false };
    let Ok(text) = value.to_str() else { return false };
    let (media_type, parameters) = text.split_once(';').unwrap_or((text, ""));
    let charset = parameters.trim().to_ascii_lowercase().replace('"', "");
    types.iter().any(|known| media_type.trim().eq_ignore_ascii_case(known))
        && matches!(charset.as_str(), "" | "charset=utf-8")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_whole_number_is_one_however_it_is_written() {
        let mut value =
            json!({ "a": [60.0, 6e1, -0.0, 60.5, 1e300], "b": { "c": 9_007_199_254_740_993_i64 } });
        unfraction(&mut value);
        assert_eq!(value, json!({ "a": [60, 60, 0, 60.5, 1e300], "b": { "c": 9_007_199_254_740_993_i64 } }));
    }

    /// RFC 8259 §8.1, §11: JSON is UTF-8, whether it says so or not.
    #[test]
    fn only_json_is_json() {
        let json =
            |value: &str| is_one_of(&[JSON], &[(CONTENT_TYPE, value.parse().unwrap())].into_iter().collect());
        for good in [
            JSON,
            "Application/JSON",
            "application/json; charset=UTF-8",
            "application/json;charset=\"utf-8\"",
        ] {
            assert!(json(good), "{good}");
        }
        for bad in [
            "",
            "text/json",
            "application/jsonp",
            "application/json; charset=latin1",
            MERGE_PATCH,
            "text/plain",
        ] {
            assert!(!json(bad), "{bad}");
        }
        assert!(!is_one_of(&[JSON], &HeaderMap::new()));
    }
}
