//! The schemas of what requests and answers are made of (JSON Schema 2020-12, which OpenAPI 3.1 §4.8.24 speaks). Owns how they come
//! about: from the very types that are read and written, so that none is written down a second time; and the examples, which are
//! values of these types. What is checked against a schema stands in `shape`.

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Serialize;
use serde_json::{Map, Value, json};
use std::borrow::Cow;

/// A type that requests or answers are made of.
pub(crate) trait Sample: JsonSchema + Serialize {
    /// A value as it may well come.
    fn sample() -> Self;
}

/// A type, as the table of operations names it.
#[derive(Clone, Copy)]
pub(crate) struct Form {
    /// What it is called.
    pub(crate) name: fn() -> Cow<'static, str>,
    /// Its schema.
    pub(crate) schema: fn() -> Value,
    /// An example of it.
    pub(crate) sample: fn() -> Value,
}

impl Form {
    /// What is read from requests.
    pub(crate) const fn asked<T: Sample>() -> Self {
        Self { name: T::schema_name, schema: asked::<T>, sample: sample::<T> }
    }

    /// What is written into answers.
    pub(crate) const fn told<T: Sample>() -> Self {
        Self { name: T::schema_name, schema: told::<T>, sample: sample::<T> }
    }
}

/// The schema of a merge patch of what has this schema (RFC 7396): any member may be there or not, and `null` brings one that
/// need not be there back to what it is when nothing is said.
pub(crate) fn patch(schema: &Value) -> Value {
    let Some(members) = schema.get("properties").and_then(Value::as_object) else { return schema.clone() };
    let needed = schema.get("required").and_then(Value::as_array);
    let stays = |name: &str| needed.is_some_and(|needed| needed.iter().any(|needed| needed == name));
    let members: Map<_, _> = members
        .iter()
        .map(|(name, member)| {
            let member = patch(member);
            (name.clone(), if stays(name) { member } else { nullable(member) })
        })
        .collect();
    let mut patch = schema.clone();
    patch["properties"] = Value::Object(members);
    if let Some(patch) = patch.as_object_mut() {
        patch.remove("required");
        patch.remove("default");
    }
    patch
}

fn nullable(mut schema: Value) -> Value {
    if let Some(object) = schema.as_object_mut() {
        object.remove("default");
        if let Some(kind @ Value::String(_)) = object.get("type").cloned() {
            object.insert("type".to_owned(), json!([kind, "null"]));
            if let Some(Value::Array(words)) = object.get_mut("enum") {
                words.push(Value::Null);
            }
            return schema;
        }
    }
    schema
}

/// What is read of a type.
pub(crate) fn asked<T: JsonSchema>() -> Value {
    schema::<T>(SchemaSettings::draft2020_12().for_deserialize())
}

pub(crate) fn told<T: JsonSchema>() -> Value {
    schema::<T>(SchemaSettings::draft2020_12().for_serialize())
}

fn schema<T: JsonSchema>(settings: SchemaSettings) -> Value {
    let settings = settings.with(|settings| {
        settings.inline_subschemas = true;
        settings.meta_schema = None;
    });
    let mut schema = settings.into_generator().into_root_schema_for::<T>();
    // The name under which it is found says as much.
    schema.remove("title");
    schema.to_value()
}

fn sample<T: Sample>() -> Value {
    // What we write into answers can be written into an example.
    serde_json::to_value(T::sample()).unwrap_or_default()
}

/// Schemas of types from the floors below, which know nothing of schemas: each stands in for the type of its name.
macro_rules! stand_ins {
    ($($(#[$meta:meta])* $name:ident = $schema:expr;)+) => {$(
        $(#[$meta])*
        pub(crate) struct $name;

        impl JsonSchema for $name {
            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                $schema
            }
        }
    )+};
}

/// One of the registered words of a kind, whose spelling stands in `protocol`.
fn one_of<T: Serialize>(words: &[T]) -> Schema {
    json_schema!({ "type": "string", "enum": words })
}

stand_ins! {
    /// An internal identifier.
    Id = json_schema!({
        "type": "string", "pattern": "^[0-7][0-9A-HJKMNP-TV-Z]{25}$", "description": "An identifier (ULID)",
    });
    /// An instant.
    Instant = json_schema!({ "type": "string", "format": "date-time" });
    /// A time in seconds.
    Lifetime = json_schema!({ "type": "integer", "format": "int64", "minimum": 1 });
    /// The public name of a client.
    ClientId = json_schema!({ "type": "string", "pattern": "^[A-Za-z0-9._-]{3,64}$" });
    Algorithm = one_of(&doorward_protocol::jose::Algorithm::ALL);
    KeyState = one_of(&doorward_core::keys::signing_key::State::ALL);
    Permission = one_of(doorward_protocol::permission::Permission::ALL);
    Status = one_of(doorward_protocol::words::Status::ALL);
    UserStatus = one_of(doorward_protocol::words::UserStatus::ALL);
    TokenFormat = one_of(doorward_protocol::words::TokenFormat::ALL);
    GrantType = one_of(doorward_protocol::words::GrantType::ALL);
    AuthMethod = one_of(doorward_protocol::words::AuthMethod::ALL);
    ConsentMode = one_of(doorward_protocol::words::ConsentMode::ALL);
    Level = one_of(doorward_protocol::words::Level::ALL);
    Preflight = one_of(doorward_protocol::words::Preflight::ALL);
    ApiTokenStatus = one_of(doorward_protocol::words::ApiTokenStatus::ALL);
    ApiAccess = one_of(doorward_protocol::words::ApiAccess::ALL);
}
