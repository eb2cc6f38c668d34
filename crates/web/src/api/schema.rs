//! The schemas of what requests and answers are made of (JSON Schema 2020-12, which OpenAPI 3.1 §4.8.24 speaks). Owns how they come
//! about: from the very types that are read and written, so that none is written down a second time; and the examples, which are
//! values of these types. What is checked against a schema stands in `shape`.

use doorward_protocol::token_text::{self, TokenType};
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

/// A type with a value that is shown once: in the answer to its making.
pub(crate) trait ShownOnce: Sample {
    /// An example of that answer, with a value of the right form that nobody ever had.
    fn made() -> Self;
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

    /// The same in the answer to its making, which shows what no other does.
    pub(crate) const fn told_once<T: ShownOnce>() -> Self {
        Self { sample: made::<T>, ..Self::told::<T>() }
    }
}

/// The schema of a merge patch of what has this schema (RFC 7396): any member may be there or not, and `null` brings one that
/// need not be there back to what it is when nothing is said.
pub(crate) fn patch(schema: &Value) -> Value {
    let Some(members) = schema.get("properties").and_then(Value::as_object) else { return of_map(schema) };
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

/// Of what has members of any name, any may be taken away.
fn of_map(schema: &Value) -> Value {
    let mut patch = schema.clone();
    if let Some(any) = schema.get("additionalProperties").filter(|any| any.is_object()) {
        patch["additionalProperties"] = nullable(any.clone());
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
    let mut schema = schema.to_value();
    unwrap(&mut schema);
    schema
}

/// Lines end where they do in our sources for the sake of whoever reads those.
fn unwrap(schema: &mut Value) {
    match schema {
        Value::Object(words) => {
            if let Some(Value::String(text)) = words.get_mut("description") {
                *text = text.replace('\n', " ");
            }
            words.values_mut().for_each(unwrap);
        }
        Value::Array(schemas) => schemas.iter_mut().for_each(unwrap),
        _ => {}
    }
}

fn sample<T: Sample>() -> Value {
    written(&T::sample())
}

fn made<T: ShownOnce>() -> Value {
    written(&T::made())
}

/// What we write into answers can be written into an example.
fn written(value: &impl Serialize) -> Value {
    serde_json::to_value(value).unwrap_or_default()
}

/// A secret of a kind for an example, and the end of it that stays visible: a text that is written as one, of a number that chance
/// does not draw.
pub(crate) fn made_up(kind: TokenType) -> (String, String) {
    let text = token_text::write(kind, &[0; 32]).expose().to_owned();
    let last_four = text[text.len() - 4..].to_owned();
    (text, last_four)
}

/// A hundred years.
pub(crate) const MOST_DAYS: u32 = 36_500;

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
    /// A day.
    Date = json_schema!({ "type": "string", "format": "date" });
    /// A time in days.
    Days = json_schema!({
        "type": "integer", "minimum": 0, "maximum": MOST_DAYS, "description": "A whole number of days, 36500 at most",
    });
    /// An address.
    Address = json_schema!({
        "anyOf": [{ "type": "string", "format": "ipv4" }, { "type": "string", "format": "ipv6" }],
        "description": "An address (IPv4 or IPv6)",
    });
    /// A time in seconds.
    Lifetime = json_schema!({ "type": "integer", "format": "int64", "minimum": 1 });
    /// A text in a query, which holds no NUL.
    Text = json_schema!({ "type": "string", "pattern": "^[^\\u0000]*$" });
    /// The public name of a client.
    ClientId = json_schema!({ "type": "string", "pattern": "^[A-Za-z0-9._-]{3,64}$" });
    /// RFC 3986 §3: a URI with its scheme.
    Uri = json_schema!({ "type": "string", "format": "uri", "maxLength": 2000 });
    /// RFC 5321 §2.3.11, §4.5.3.1.3.
    Email = json_schema!({ "type": "string", "format": "email", "maxLength": 254 });
    /// RFC 6749 §3.3: one token of a scope.
    ScopeToken = json_schema!({ "type": "string", "pattern": "^[\\x21\\x23-\\x5B\\x5D-\\x7E]+$" });
    /// An address or a network.
    Network = json_schema!({ "type": "string", "maxLength": 49 });
    /// RFC 9110 §9.1.
    Method = json_schema!({ "type": "string", "pattern": "^[A-Z_-]{1,32}$" });
    /// A pattern of paths.
    PathPattern = json_schema!({ "type": "string", "pattern": "^/", "maxLength": 256 });
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
    CredentialForm = one_of(doorward_protocol::words::CredentialForm::ALL);
    ApiTokenStatus = one_of(doorward_protocol::words::ApiTokenStatus::ALL);
    FieldType = one_of(doorward_protocol::words::FieldType::ALL);
    Release = one_of(doorward_protocol::words::Release::ALL);
    AccessRequestStatus = one_of(doorward_protocol::words::AccessRequestStatus::ALL);
    ApiAccess = one_of(doorward_protocol::words::ApiAccess::ALL);
}
