//! The members that a schema describes, as rows for people to read. Owns how the words of JSON Schema are put into ours; what the
//! schemas say is `schema`'s.

use serde_json::Value;

/// One member, or one parameter.
pub(crate) struct Row {
    /// Its name; of a member within another, with those before it.
    pub(crate) name: String,
    /// What kind of value it has.
    pub(crate) kind: String,
    /// Whether it has to be there.
    pub(crate) needed: bool,
    /// What it is where nothing is said.
    pub(crate) default: Option<String>,
    /// What the value may be.
    pub(crate) limits: Option<String>,
    pub(crate) description: String,
}

/// All members of an object, those within them right behind.
pub(crate) fn rows(schema: &Value) -> Vec<Row> {
    let mut rows = vec![];
    add(schema, "", &mut rows);
    rows
}

/// One value under a name.
pub(crate) fn row(name: &str, schema: &Value, needed: bool, description: &str) -> Row {
    let default = schema.get("default").filter(|default| !is_nothing(default));
    Row {
        name: name.to_owned(),
        kind: kind(schema),
        needed,
        default: default.map(ToString::to_string),
        limits: limits(schema),
        description: description.replace('`', ""),
    }
}

fn add(schema: &Value, before: &str, rows: &mut Vec<Row>) {
    let needed = schema.get("required").and_then(Value::as_array);
    for (name, member) in schema.get("properties").and_then(Value::as_object).into_iter().flatten() {
        let place = if before.is_empty() { name.clone() } else { format!("{before}.{name}") };
        let needed = needed.is_some_and(|needed| needed.iter().any(|needed| needed == name));
        let description = member.get("description").and_then(Value::as_str).unwrap_or_default();
        rows.push(row(&place, member, needed, description));
        let (within, suffix) = member.get("items").map_or((member, ""), |items| (items, "[]"));
        add(chosen(within), &format!("{place}{suffix}"), rows);
    }
}

/// What is there where something is: of two choices, one is that nothing is.
fn chosen(schema: &Value) -> &Value {
    let choices = schema.get("anyOf").and_then(Value::as_array);
    let something = choices.and_then(|choices| choices.iter().find(|choice| !is_null(choice)));
    something.unwrap_or(schema)
}

fn is_null(schema: &Value) -> bool {
    schema.get("type").is_some_and(|kind| kind == "null")
}

/// An empty default says no more than that the member may be left away.
fn is_nothing(value: &Value) -> bool {
    matches!(value, Value::Null | Value::Object(_))
        || *value == ""
        || value.as_array().is_some_and(Vec::is_empty)
}

/// The kind of a value, in the words of JSON.
fn kind(schema: &Value) -> String {
    if let Some(items) = schema.get("items") {
        return format!("list of {}s", kind(items));
    }
    let words: Vec<_> = match schema.get("type") {
        Some(Value::String(word)) => vec![word.as_str()],
        Some(Value::Array(words)) => words.iter().filter_map(Value::as_str).collect(),
        _ if schema.get("anyOf").is_some() => return format!("{} or null", kind(chosen(schema))),
        // One of several words, each with its meaning.
        _ => vec!["string"],
    };
    words.join(" or ")
}

/// What a value of that kind may be; of a list, its items.
fn limits(schema: &Value) -> Option<String> {
    let of = chosen(schema);
    let mut limits = vec![];
    limits.extend(words(of));
    limits.extend(between(of, ("minLength", "maxLength"), " characters"));
    limits.extend(between(of, ("minimum", "maximum"), ""));
    limits.extend(between(of, ("minItems", "maxItems"), " items"));
    let text = |name: &str| of.get(name).and_then(Value::as_str);
    limits.extend(text("pattern").map(str::to_owned));
    limits.extend(text("format").filter(|format| *format != "int64").map(str::to_owned));
    limits.extend(of.get("items").and_then(self::limits).map(|each| format!("each: {each}")));
    (!limits.is_empty()).then(|| limits.join("; "))
}

fn words(schema: &Value) -> Option<String> {
    let listed = schema.get("enum").and_then(Value::as_array).into_iter().flatten();
    let meant = schema.get("oneOf").and_then(Value::as_array).into_iter().flatten();
    let words = listed.chain(meant.filter_map(|choice| choice.get("const"))).filter(|word| !word.is_null());
    let words: Vec<_> =
        words.map(|word| word.as_str().map_or_else(|| word.to_string(), str::to_owned)).collect();
    (!words.is_empty()).then(|| words.join(", "))
}

fn between(schema: &Value, (least, most): (&str, &str), unit: &str) -> Option<String> {
    match (schema.get(least), schema.get(most)) {
        (Some(least), Some(most)) => Some(format!("{least} to {most}{unit}")),
        (Some(least), None) => Some(format!("at least {least}{unit}")),
        (None, Some(most)) => Some(format!("at most {most}{unit}")),
        (None, None) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn told(schema: &Value) -> Vec<(String, String, bool, String)> {
        let row = |row: Row| {
            let words = [row.default.unwrap_or_default(), row.limits.unwrap_or_default(), row.description];
            (row.name, row.kind, row.needed, words.join("|"))
        };
        rows(schema).into_iter().map(row).collect()
    }

    #[test]
    fn every_member_is_a_row_with_what_it_may_be() {
        let schema = json!({ "properties": {
            "a": { "type": "string", "minLength": 1, "maxLength": 9, "description": "A `b`." },
            "b": { "type": ["integer", "null"], "enum": [3, 6, null], "minimum": 0 },
            "c": { "type": "array", "default": [], "maxItems": 2, "items": {
                "type": "object", "properties": { "d": { "oneOf": [{ "const": "x" }, { "const": "y" }] } },
            } },
            "e": { "anyOf": [{ "type": "object", "properties": { "f": { "type": "boolean", "default": true } } }, { "type": "null" }] },
        }, "required": ["a"] });
        let row = |name: &str, kind: &str, needed, words: &str| {
            (name.to_owned(), kind.to_owned(), needed, words.to_owned())
        };
        assert_eq!(
            told(&schema),
            [
                row("a", "string", true, "|1 to 9 characters|A b."),
                row("b", "integer or null", false, "|3, 6; at least 0|"),
                row("c", "list of objects", false, "|at most 2 items|"),
                row("c[].d", "string", false, "|x, y|"),
                row("e", "object or null", false, "||"),
                row("e.f", "boolean", false, "true||"),
            ]
        );
    }
}
