//! The description of the management API (OpenAPI 3.1), made of the table of operations and the schemas of its types. Owns how these
//! are put into the words of OpenAPI; whatever it says of an operation is read from the table that also answers it.

use crate::api::operation::{Gives, Needs, Operation, Part, Segment, Takes, Verb};
use crate::api::operations::OPERATIONS;
use crate::api::schema::{self, Form};
use crate::api::{PATH, ask, body};
use crate::http::problem::Problem;
use doorward_protocol::permission::Permission;
use http::StatusCode;
use serde_json::{Map, Value, json};

/// The name of the one way to authenticate.
const TOKEN: &str = "token";

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
            "responses": problems(),
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
    }
}

fn security(needs: &Needs) -> Value {
    match needs {
        Needs::Nothing => json!([{ TOKEN: [] }]),
        Needs::One(permission) => json!([{ TOKEN: [permission] }]),
        Needs::Either(one, other) => json!([{ TOKEN: [one] }, { TOKEN: [other] }]),
    }
}

fn tags() -> Vec<Value> {
    let mut nouns: Vec<_> = vec![];
    for noun in OPERATIONS.iter().map(noun) {
        if !nouns.contains(&noun) {
            nouns.push(noun);
        }
    }
    nouns.into_iter().map(|noun| json!({ "name": noun })).collect()
}

fn asked(operation: &Operation) -> Vec<Value> {
    let mut asked: Vec<Value> = operation.segments().filter_map(in_path).collect();
    let shared = |name: &str| json!({ "$ref": format!("#/components/parameters/{name}") });
    if let Takes::Page(filters) = operation.5 {
        asked.extend([shared("limit"), shared("cursor")]);
        asked.extend(filters.iter().map(|filter| {
            json!({
                "name": filter.0, "in": "query", "description": filter.1,
                "required": filter.3 == Part::Needed, "schema": (filter.2)(),
            })
        }));
    }
    if operation.has_a_condition() {
        asked.push(shared("if-match"));
    }
    if operation.1 == Verb::Post {
        asked.push(shared("idempotency-key"));
    }
    asked
}

fn in_path(segment: Segment) -> Option<Value> {
    let Segment::Given(name) = segment else { return None };
    let schema = json!({ "type": "string", "minLength": 1 });
    Some(json!({ "name": name, "in": "path", "required": true, "schema": schema }))
}

fn request_body(takes: &Takes, schemas: &mut Map<String, Value>) -> Option<Value> {
    let (form, suffix, required) = match takes {
        Takes::Body(form) => (form, "", true),
        Takes::Perhaps(form) => (form, "", false),
        Takes::Patch(form) => (form, "Patch", true),
        Takes::Nothing | Takes::Page(_) => return None,
    };
    let name = format!("{}{suffix}", (form.name)());
    let media = json!({ "schema": reference(&name), "example": (form.sample)() });
    schemas.insert(name, body::schema(takes));
    let content: Map<_, _> =
        body::content_types(takes).iter().map(|kind| ((*kind).to_owned(), media.clone())).collect();
    Some(json!({ "required": required, "content": content }))
}

fn reference(name: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{name}") })
}

fn answers(operation: &Operation, schemas: &mut Map<String, Value>) -> Value {
    let status = operation.6.status();
    let mut answers = Map::from_iter([(status.to_string(), success(&operation.6, schemas))]);
    for status in refusals(operation) {
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
            "headers": { "ETag": etag, "Location": { "schema": { "type": "string" } } },
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
            "items": { "type": "array", "items": item },
            "next_cursor": { "type": ["string", "null"], "description": "Where the list goes on, if it does." },
        },
        "required": ["items", "next_cursor"],
    })
}

/// How a request may be refused: it follows from what it brings and what it is about.
pub(crate) fn refusals(operation: &Operation) -> Vec<StatusCode> {
    let changes = !operation.reads();
    let mut statuses = vec![StatusCode::BAD_REQUEST, StatusCode::UNAUTHORIZED, StatusCode::FORBIDDEN];
    statuses.extend(operation.names_an_object().then_some(StatusCode::NOT_FOUND));
    if changes {
        statuses.push(StatusCode::CONFLICT);
        statuses.extend(operation.has_a_condition().then_some(StatusCode::PRECONDITION_FAILED));
        statuses.push(StatusCode::PAYLOAD_TOO_LARGE);
        statuses.extend([StatusCode::UNSUPPORTED_MEDIA_TYPE, StatusCode::UNPROCESSABLE_ENTITY]);
    }
    statuses.push(StatusCode::SERVICE_UNAVAILABLE);
    statuses
}

/// Each way to be refused, once.
fn problems() -> Value {
    let mut statuses: Vec<_> = OPERATIONS.iter().flat_map(refusals).collect();
    statuses.sort_unstable();
    statuses.dedup();
    statuses.into_iter().map(|status| (status.as_u16().to_string(), problem(status))).collect()
}

fn problem(status: StatusCode) -> Value {
    let example = json!({
        "type": "about:blank",
        "title": status.canonical_reason(),
        "status": status.as_u16(),
        "detail": detail(status),
        "request_id": "01J8Z5T2K4Q7M0001",
    });
    json!({
        "description": detail(status),
        "content": { "application/problem+json": { "schema": reference("Problem"), "example": example } },
    })
}

fn detail(status: StatusCode) -> &'static str {
    match status.as_u16() {
        400 => {
            "The request is not as it has to be: no JSON, a member or parameter that there is not, a value of another kind."
        }
        401 => "There is no token, or none that is good.",
        403 => "The token, or its holder, may not do this.",
        404 => "There is no such object, or it is outside of the caller's organization.",
        409 => "The state of the object does not allow it.",
        412 => "The object has been changed since it was read.",
        413 => "The body is too large.",
        415 => "The body is of another type.",
        422 => "A member has a value that cannot stand.",
        _ => "Something that the server needs does not answer; trying again later helps.",
    }
}

fn parameters() -> Value {
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
            "description": "The states (`ETag`) in which the resource may be changed (RFC 9110 §13.1.1).",
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
