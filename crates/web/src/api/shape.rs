//! Whether a value has the shape that its schema says. Owns the words of JSON Schema that our types use, and what is said of a
//! value that does not keep to them: everything at once, each with its place. What a well-formed value means, and whether it can
//! stand, is `manage`'s to say.

use crate::http::json::segment;
use doorward_protocol::time::Seconds;
use serde_json::{Map, Number, Value};

/// What does not fit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Misfit {
    /// RFC 6901: where.
    pub(crate) pointer: String,
    /// What would be right.
    pub(crate) detail: String,
    /// Whether it is a value of the right kind that cannot stand, rather than one of another kind, or in a place where none is.
    pub(crate) is_value: bool,
}

/// Everything in a value that does not fit the schema.
pub(crate) fn misfits(value: &Value, schema: &Value) -> Vec<Misfit> {
    let mut found = Shape(vec![]);
    found.check(value, schema, "");
    found.0
}

struct Shape(Vec<Misfit>);

impl Shape {
    fn check(&mut self, value: &Value, schema: &Value, at: &str) {
        if let Some(choices) = schema.get("anyOf").or_else(|| schema.get("oneOf")).and_then(Value::as_array) {
            return self.check_any(value, choices, at);
        }
        if let Some(kinds) = schema.get("type")
            && !listed(kinds).any(|kind| is(value, kind))
        {
            return self.misshapen(at, format!("is {}", kinds_in_words(kinds)));
        }
        if let Some(words) = schema.get("enum").and_then(Value::as_array)
            && !words.contains(value)
        {
            let words: Vec<_> = words.iter().filter(|word| !word.is_null()).map(in_text).collect();
            return self.wrong(at, format!("is one of: {}", words.join(", ")));
        }
        match value {
            Value::Object(members) => self.check_members(members, schema, at),
            Value::Array(items) => self.check_items(items, schema, at),
            Value::Number(number) => self.check_bounds(number, schema, at),
            Value::String(text) => self.check_text(text, schema, at),
            Value::Null | Value::Bool(_) => {}
        }
    }

    /// One of the choices fits, or it is said what is wrong by the one that comes nearest.
    fn check_any(&mut self, value: &Value, choices: &[Value], at: &str) {
        let attempts = choices.iter().map(|choice| {
            let mut attempt = Self(vec![]);
            attempt.check(value, choice, at);
            attempt.0
        });
        // Of the right kind, and then with the fewest faults.
        let nearest = attempts.min_by_key(|found| {
            (found.iter().any(|misfit| misfit.pointer == at && !misfit.is_value), found.len())
        });
        self.0.extend(nearest.unwrap_or_default());
    }

    fn check_members(&mut self, members: &Map<String, Value>, schema: &Value, at: &str) {
        let known = schema.get("properties").and_then(Value::as_object);
        let is_closed = |word: &str| schema.get(word) == Some(&Value::Bool(false));
        let any = schema.get("additionalProperties").filter(|any| any.is_object());
        let closed = is_closed("additionalProperties") || is_closed("unevaluatedProperties");
        for (name, member) in members {
            let place = format!("{at}/{}", segment(name));
            match known.and_then(|known| known.get(name)) {
                Some(schema) => self.check(member, schema, &place),
                None if closed => self.misshapen(&place, "is not a member that there is here".to_owned()),
                None => any.into_iter().for_each(|any| self.check(member, any, &place)),
            }
        }
        for name in schema.get("required").into_iter().flat_map(listed) {
            if !members.contains_key(name) {
                self.wrong(&format!("{at}/{}", segment(name)), "is needed".to_owned());
            }
        }
    }

    fn check_items(&mut self, items: &[Value], schema: &Value, at: &str) {
        if let Some(most) = schema.get("maxItems").and_then(Value::as_u64)
            && items.len() as u64 > most
        {
            self.wrong(at, format!("has at most {most} items"));
        }
        let Some(schema) = schema.get("items") else { return };
        for (position, item) in items.iter().enumerate() {
            self.check(item, schema, &format!("{at}/{position}"));
        }
    }

    fn check_bounds(&mut self, number: &Number, schema: &Value, at: &str) {
        if schema.get("format").and_then(Value::as_str) == Some("int64") && !number.is_i64() {
            return self.wrong(at, "is a number of 64 bits".to_owned());
        }
        let number = number.as_f64();
        let bound = |name: &str| schema.get(name).and_then(Value::as_f64);
        if let (Some(number), Some(least)) = (number, bound("minimum"))
            && number < least
        {
            self.wrong(at, format!("is at least {least}"));
        }
        if let (Some(number), Some(most)) = (number, bound("maximum"))
            && number > most
        {
            self.wrong(at, format!("is at most {most}"));
        }
    }

    fn check_text(&mut self, text: &str, schema: &Value, at: &str) {
        let bound = |name: &str| schema.get(name).and_then(Value::as_u64);
        if schema.get("format").and_then(Value::as_str) == Some("date-time")
            && text.parse::<Seconds>().is_err()
        {
            self.wrong(at, "is an instant, such as 2026-11-23T00:00:00Z".to_owned());
        }
        let length = text.chars().count() as u64;
        match bound("minLength").filter(|least| length < *least) {
            Some(1) => self.wrong(at, "is not empty".to_owned()),
            Some(least) => self.wrong(at, format!("has at least {least} characters")),
            None => {}
        }
        if let Some(most) = bound("maxLength").filter(|most| length > *most) {
            self.wrong(at, format!("has at most {most} characters"));
        }
    }

    fn misshapen(&mut self, at: &str, detail: String) {
        self.0.push(Misfit { pointer: at.to_owned(), detail, is_value: false });
    }

    fn wrong(&mut self, at: &str, detail: String) {
        self.0.push(Misfit { pointer: at.to_owned(), detail, is_value: true });
    }
}

fn listed(words: &Value) -> impl Iterator<Item = &str> {
    let several = words.as_array().into_iter().flatten();
    words.as_str().into_iter().chain(several.filter_map(Value::as_str))
}

fn is(value: &Value, kind: &str) -> bool {
    match kind {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "integer" => value.as_f64().is_some_and(|number| number.fract() == 0.0),
        "number" => value.is_number(),
        "string" => value.is_string(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        _ => false,
    }
}

/// A word without its quotes.
fn in_text(word: &Value) -> String {
    word.as_str().map_or_else(|| word.to_string(), str::to_owned)
}

fn kinds_in_words(kinds: &Value) -> String {
    let words: Vec<_> = listed(kinds).map(in_words).collect();
    words.join(" or ")
}

fn in_words(kind: &str) -> &str {
    match kind {
        "boolean" => "true or false",
        "integer" => "a whole number",
        "number" => "a number",
        "string" => "a text",
        "array" => "a list",
        "object" => "an object",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn found(value: &Value) -> Vec<(String, bool)> {
        let schema = json!({
            "type": "object",
            "properties": {
                "name": { "type": "string", "minLength": 1, "maxLength": 3 },
                "level": { "type": ["string", "null"], "enum": ["read", "full", null] },
                "seconds": { "type": "integer", "minimum": 1, "maximum": 9 },
                "large": { "type": "integer", "format": "int64" },
                "list": { "type": "array", "items": { "type": "string" }, "maxItems": 2 },
                "in/side": { "anyOf": [{ "type": "null" }, {
                    "type": "object", "properties": { "on": { "type": "boolean" } }, "additionalProperties": false,
                }] },
            },
            "required": ["name"],
            "additionalProperties": false,
        });
        misfits(value, &schema).into_iter().map(|misfit| (misfit.pointer, misfit.is_value)).collect()
    }

    #[test]
    fn what_fits_is_let_through() {
        for good in [
            json!({ "name": "abc" }),
            json!({ "name": "äöü", "level": null, "seconds": 9, "list": ["a", "b"], "in/side": { "on": true } }),
            json!({ "name": "a", "level": "full", "list": [], "in/side": null }),
        ] {
            assert_eq!(found(&good), [], "{good}");
        }
    }

    #[test]
    fn everything_that_does_not_fit_is_told_with_its_place() {
        let misshapen =
            json!({ "nam": 1, "level": 1, "seconds": 1.5, "list": ["a", 2], "in/side": { "off": 1 } });
        let places = ["/in~1side/off", "/level", "/list/1", "/nam", "/seconds"];
        let mut expected: Vec<_> = places.map(|place| (place.to_owned(), false)).to_vec();
        expected.push(("/name".to_owned(), true));
        assert_eq!(found(&misshapen), expected);
        let wrong =
            json!({ "name": "", "level": "none", "seconds": 0, "large": 1e300, "list": ["a", "b", "c"] });
        let places = ["/large", "/level", "/list", "/name", "/seconds"];
        assert_eq!(found(&wrong), places.map(|place| (place.to_owned(), true)));
        assert_eq!(found(&json!([])), [(String::new(), false)]);
        assert_eq!(found(&json!({ "name": "a", "in/side": 1 })), [("/in~1side".to_owned(), false)]);
    }
}
