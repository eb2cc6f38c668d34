//! The description of the management API (OpenAPI 3.1), made of the table of operations and the schemas of its types. Owns how these
//! are put into the words of OpenAPI; whatever it says of an operation is read from the table that also answers it.

use crate::api::operation::{Gives, Needs, Operation, Part, Segment, Takes, Verb};
use crate::api::operations::OPERATIONS;
use crate::api::router::LONGEST_SEGMENT;
use crate::api::schema::{self, Form};
use crate::api::{PATH, ask, body, refusals};
use crate::http::problem::Problem;
use doorward_protocol::permission::Permission;
use serde_json::{Map, Value, json};

/// The name of the one way to authenticate.
const TOKEN: &str = "token";
/// What a patch may hold besides its members.
const PATCH: &str = "A merge patch (RFC 7396): what is not named stays. The whole resource may be sent back, too: a member of it that \
    cannot be changed is let through as long as it is as it was.";

/// The document of a server whose issuer this is.
pub(crate) fn document(issuer: &str) -> Value {
    let mut schemas = Map::from_iter([("Problem".to_owned(), schema::told::<Problem<'_>>())]);
    let mut paths = Map::new();
    for operation in OPERATIONS {
        let path = paths.entry(operation.2).or_insert_with(|| json!({}));
        path[operation.1.as_str().to_ascii_lowercase()] = described(operation, &mut schemas);
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Doorward management API",
            "version": "1",
            "description": "What administrators manage: people, clients, APIs and what they hold. A call is allowed by what \
                the token opens (scopes, level) and what its holder may (permissions), within their organization.",
        },
        "servers": [{ "url": format!("{issuer}{PATH}") }],
        "tags": tags(),
        "paths": paths,
        "components": {
            "schemas": schemas,
            "responses": refusals::problems(),
            "securitySchemes": { TOKEN: {
                "type": "http",
                "scheme": "bearer",
                "description": format!("An access token for the API `{issuer}/api`, or an API token that has a level there."),
            } },
            "parameters": parameters(),
        },
    })
}

fn described(operation: &Operation, schemas: &mut Map<String, Value>) -> Value {
    let mut described = json!({
        "operationId": operation.name(),
        "tags": [noun(operation)],
        "summary": operation.4,
        "description": needed(&operation.3),
        "security": security(&operation.3),
        "x-permission": operation.permissions(),
        "parameters": asked(operation),
        "responses": answers(operation, schemas),
    });
    if let Some(body) = request_body(&operation.5, schemas) {
        described["requestBody"] = body;
    }
    described
}

/// What it is about: the first word of its name.
pub(crate) fn noun(operation: &Operation) -> &'static str {
    operation.name().split('.').next().unwrap_or_default()
}

/// What it takes to be allowed, as a sentence.
pub(crate) fn needed(needs: &Needs) -> String {
    match needs {
        Needs::Nothing => "Needs no permission.".to_owned(),
        Needs::One(permission) => format!("Needs the permission `{permission}`."),
        Needs::Either(one, other) => format!("Needs the permission `{one}` or `{other}`."),
        Needs::OneOf(one, another, third) => {
            format!(
                "Needs the permission `{one}` or `{another}`, or, for a token of an API account, `{third}`."
            )
        }
        Needs::EitherOrAccount(one, other) => {
            format!("Needs the permission `{one}` or `{other}`; an API account needs none for its own.")
        }
    }
}

fn security(needs: &Needs) -> Value {
    match needs {
        Needs::Nothing => json!([{ TOKEN: [] }]),
        Needs::One(permission) => json!([{ TOKEN: [permission] }]),
        Needs::Either(one, other) | Needs::EitherOrAccount(one, other) => {
            json!([{ TOKEN: [one] }, { TOKEN: [other] }])
        }
        Needs::OneOf(one, another, third) => {
            json!([{ TOKEN: [one] }, { TOKEN: [another] }, { TOKEN: [third] }])
        }
    }
}

fn tags() -> Vec<Value> {
    let mut nouns: Vec<_> = vec![];
    for noun in OPERATIONS.iter().map(noun) {
        if !nouns.contains(&noun) {
            nouns.push(noun);
        }
    }
    nouns.into_iter().map(|noun| json!({ "name": noun, "description": about(noun) })).collect()
}

/// What a noun is, in a sentence.
pub(crate) fn about(noun: &str) -> &'static str {
    match noun {
        "organizations" => {
            "Whom people and clients may belong to: whoever manages within one sees nothing outside of it."
        }
        "users" => "People of the built-in directory, and what they hold.",
        "groups" => "What their members, people and clients, may do at this API.",
        "apis" => "APIs that tokens are for, with their scopes, and what the levels of access mean there.",
        "clients" => "Programs that get tokens, their secrets, and the users who belong to them.",
        "access-requests" => "Who asks for API access, and what was decided about it.",
        "api-accounts" => {
            "Programs of people's and organizations' own, with a level at each API, a secret, and API tokens of theirs."
        }
        "api-tokens" => "Tokens of people's for their programs, with a level at each API.",
        "consents" => "What people allow clients to do for them.",
        "audit-events" => "Who did what to which object, when, and from where.",
        "sessions" => "Browsers in which people have signed in.",
        "signing-keys" => "What tokens are signed with.",
        "providers" => {
            "The catalogue of third parties, and what signing in there takes: fields, and presets that fill them in."
        }
        "registered-auths" => {
            "Credentials at third parties, kept under API accounts. Their secrets are sealed, and masked in every answer but those \
             that reveal them to a person and release them to their account, each of which is recorded before anything leaves."
        }
        "me" => "Whoever calls, and their own API tokens.",
        _ => "",
    }
}

fn asked(operation: &Operation) -> Vec<Value> {
    let mut asked: Vec<Value> = operation.segments().filter_map(in_path).collect();
    let shared = |name: &str| json!({ "$ref": format!("#/components/parameters/{name}") });
    if matches!(operation.5, Takes::Page(_)) {
        asked.extend([shared("limit"), shared("cursor")]);
    }
    asked.extend(operation.5.filters().iter().map(|filter| {
        json!({
            "name": filter.0, "in": "query", "description": filter.1,
            "required": filter.3 == Part::Needed, "schema": (filter.2)(),
        })
    }));
    asked.extend(headers(operation).map(shared));
    asked
}

/// The headers that it heeds, by their names among the shared parameters.
pub(crate) fn headers(operation: &Operation) -> impl Iterator<Item = &'static str> {
    let state = operation.has_a_condition().then_some("if-match");
    let key = (operation.1 == Verb::Post && !operation.discloses()).then_some("idempotency-key");
    state.into_iter().chain(key)
}

fn in_path(segment: Segment) -> Option<Value> {
    let Segment::Given(name) = segment else { return None };
    let schema = json!({ "type": "string", "minLength": 1, "maxLength": LONGEST_SEGMENT });
    let description = identified(name);
    Some(
        json!({ "name": name, "in": "path", "required": true, "description": description, "schema": schema }),
    )
}

/// What a segment of a path stands for.
pub(crate) fn identified(name: &str) -> &'static str {
    match name {
        "secret" => "The secret, by its `id`.",
        "user" => "The user, by `id` or `username`.",
        _ => {
            "The object, by its `id`; a user also by `username`, a client by `client_id`, an API by its encoded `identifier`, a provider by `key`."
        }
    }
}

fn request_body(takes: &Takes, schemas: &mut Map<String, Value>) -> Option<Value> {
    let (form, suffix, required) = match takes {
        Takes::Body(form) => (form, "", true),
        Takes::Perhaps(form) => (form, "", false),
        Takes::Patch(form) => (form, "Patch", true),
        Takes::Nothing | Takes::Page(_) | Takes::Query(_) => return None,
    };
    let name = format!("{}{suffix}", (form.name)());
    let media = json!({ "schema": reference(&name), "example": (form.sample)() });
    schemas.insert(name, body::schema(takes));
    let content: Map<_, _> =
        body::content_types(takes).iter().map(|kind| ((*kind).to_owned(), media.clone())).collect();
    let mut body = json!({ "required": required, "content": content });
    if matches!(takes, Takes::Patch(_)) {
        body["description"] = json!(PATCH);
    }
    Some(body)
}

fn reference(name: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{name}") })
}

fn answers(operation: &Operation, schemas: &mut Map<String, Value>) -> Value {
    let status = operation.6.status();
    let mut answers = Map::from_iter([(status.to_string(), success(&operation.6, schemas))]);
    for status in refusals::of(operation) {
        answers.insert(
            status.as_u16().to_string(),
            json!({ "$ref": format!("#/components/responses/{}", status.as_u16()) }),
        );
    }
    Value::Object(answers)
}

fn success(gives: &Gives, schemas: &mut Map<String, Value>) -> Value {
    let mut resource = |form: &Form| {
        let name = (form.name)().into_owned();
        schemas.insert(name.clone(), (form.schema)());
        reference(&name)
    };
    let etag = json!({ "description": "The state of the resource, for `If-Match`.", "schema": { "type": "string" } });
    let location =
        json!({ "description": "Where it is.", "schema": { "type": "string", "format": "uri-reference" } });
    let content = |schema: Value, example: Value| json!({ "application/json": { "schema": schema, "example": example } });
    match gives {
        Gives::Nothing => json!({ "description": "It is done." }),
        Gives::One(form) => json!({
            "description": "The resource as it is now.",
            "headers": { "ETag": etag },
            "content": content(resource(form), (form.sample)()),
        }),
        Gives::Made(form) => json!({
            "description": "The resource that was made.",
            "headers": { "ETag": etag, "Location": location },
            "content": content(resource(form), (form.sample)()),
        }),
        Gives::Page(form) => json!({
            "description": "A page of the list.",
            "content": content(page(&resource(form)), json!({ "items": [(form.sample)()], "next_cursor": null })),
        }),
    }
}

fn page(item: &Value) -> Value {
    json!({
        "type": "object",
        "properties": {
            "items": { "type": "array", "items": item, "description": "What is on this page." },
            "next_cursor": { "type": ["string", "null"], "description": "Where the list goes on: the `cursor` of the next page; null on the last." },
        },
        "required": ["items", "next_cursor"],
    })
}

pub(crate) fn parameters() -> Value {
    json!({
        "limit": {
            "name": "limit", "in": "query", "description": "How many items a page has.",
            "schema": { "type": "integer", "minimum": 1, "maximum": 200, "default": 50 },
        },
        "cursor": {
            "name": "cursor", "in": "query", "description": "Where the page begins: `next_cursor` of the page before.",
            "schema": { "type": "string", "pattern": ask::CURSOR },
        },
        "if-match": {
            "name": "If-Match", "in": "header", "schema": { "type": "string" },
            "description": "The states (`ETag`) in which the object may be changed (RFC 9110 §13.1.1): in any other, the answer is 412. \
                A secret of a client has its client's."
        },
        "idempotency-key": {
            "name": "Idempotency-Key", "in": "header",
            "schema": { "type": "string", "minLength": 1, "maxLength": 255 },
            "description": "Sent again under the same key within an hour, the request is carried out once, and answered the same.",
        },
    })
}

/// Whatever permission there is can be asked for as a scope under its name.
pub(crate) fn permissions() -> impl Iterator<Item = (&'static str, &'static str)> {
    Permission::ALL.iter().map(|permission| (permission.as_str(), permission.meaning()))
}
