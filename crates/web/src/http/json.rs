//! JSON that came from outside (RFC 8259). Owns what is read at all: one value, no member twice (RFC 8259 §4 leaves open what that
//! would mean), and not so deep that reading it becomes the caller's weapon. What its members mean is for whoever asked for it.

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};
use std::cell::RefCell;
use std::fmt;

/// Deeper than anything that is asked for.
const DEEPEST: usize = 16;

/// Why a text is no JSON that is read here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Malformed {
    /// It is not JSON.
    Syntax {
        /// Where reading ended.
        line: usize,
        /// And in which column of it.
        column: usize,
    },
    /// A member is there twice.
    Duplicate(String),
    /// It is too deep.
    TooDeep(String),
}

/// Reads one value.
pub(crate) fn read(text: &[u8]) -> Result<Value, Malformed> {
    let refused = RefCell::new(None);
    let mut reader = serde_json::Deserializer::from_slice(text);
    let place = Place { pointer: String::new(), depth: 0, refused: &refused };
    let value = place.deserialize(&mut reader).and_then(|value| reader.end().map(|()| value));
    value.map_err(|error| {
        let syntax = Malformed::Syntax { line: error.line(), column: error.column() };
        refused.take().unwrap_or(syntax)
    })
}

/// RFC 6901 §3: a name as a segment of a pointer.
pub(crate) fn segment(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

/// A value that is still to be read, and where it stands.
struct Place<'a> {
    pointer: String,
    depth: usize,
    refused: &'a RefCell<Option<Malformed>>,
}

impl Place<'_> {
    fn below<E: serde::de::Error>(&self, name: &str) -> Result<Self, E> {
        let pointer = format!("{}/{}", self.pointer, segment(name));
        if self.depth == DEEPEST {
            return self.refuse(Malformed::TooDeep(pointer));
        }
        Ok(Self { pointer, depth: self.depth + 1, refused: self.refused })
    }

    fn refuse<T, E: serde::de::Error>(&self, reason: Malformed) -> Result<T, E> {
        self.refused.replace(Some(reason));
        Err(E::custom("refused"))
    }
}

impl<'de> DeserializeSeed<'de> for Place<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<Value, D::Error> {
        reader.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Place<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<Value, E> {
        Number::from_f64(value).map(Value::Number).ok_or_else(|| E::custom("is no number"))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(Value::String(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut values = vec![];
        while let Some(value) = items.next_element_seed(self.below(&values.len().to_string())?)? {
            values.push(value);
        }
        Ok(Value::Array(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let mut values = Map::new();
        while let Some(name) = members.next_key::<String>()? {
            let place = self.below::<A::Error>(&name)?;
            if values.contains_key(&name) {
                return self.refuse(Malformed::Duplicate(place.pointer));
            }
            values.insert(name, members.next_value_seed(place)?);
        }
        Ok(Value::Object(values))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// RFC 8259 §4: names should be unique; here they must be.
    #[test]
    fn no_member_comes_twice() {
        assert_eq!(read(br#"{"a":1,"a":1}"#), Err(Malformed::Duplicate("/a".to_owned())));
        assert_eq!(read(br#"{"a":[{"b/c":1,"b\/c":2}]}"#), Err(Malformed::Duplicate("/a/0/b~1c".to_owned())));
        assert!(read(br#"{"a":{"b":1},"c":{"b":1}}"#).is_ok());
    }

    #[test]
    fn nothing_is_deeper_than_is_asked_for() {
        let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        assert!(read(nested(DEEPEST).as_bytes()).is_ok());
        assert!(matches!(read(nested(100_000).as_bytes()), Err(Malformed::TooDeep(_))));
    }

    #[test]
    fn what_is_no_json_is_told_where() {
        assert_eq!(read(b"{\"a\":}"), Err(Malformed::Syntax { line: 1, column: 6 }));
        for bad in ["", "{} {}", "{a:1}", "nul", "\u{feff}{}", "'a'", "[1,]"] {
            assert!(matches!(read(bad.as_bytes()), Err(Malformed::Syntax { .. })), "{bad}");
        }
        assert!(read(b"\"\xff\"").is_err());
    }

    proptest! {
        /// What it reads, it reads as everybody else.
        #[test]
        fn it_reads_what_serde_json_reads(text in "[\\[\\]{}:,\"a0-9 .e\\-\\\\u]{0,40}") {
            if let Ok(value) = read(text.as_bytes()) {
                prop_assert_eq!(value, serde_json::from_str::<Value>(&text).unwrap());
            }
        }
    }
}
