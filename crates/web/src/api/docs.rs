//! The description of the management API as a page for people. Owns what of the table is put on it; the document for programs is
//! `openapi`'s.

use crate::api::members::{self, Row};
use crate::api::operation::{Gives, Operation, Part, Segment, Takes};
use crate::api::operations::OPERATIONS;
use crate::api::schema::Form;
use crate::api::{PATH, body, openapi, refusals};
use crate::http::site::Site;
use serde_json::{Value, json};

/// All operations of a noun.
pub(crate) struct Chapter {
    pub(crate) noun: &'static str,
    pub(crate) about: &'static str,
    pub(crate) resources: Vec<Resource>,
    pub(crate) entries: Vec<Entry>,
}

/// What answers are made of: told once, and referred to by every operation that gives it.
pub(crate) struct Resource {
    pub(crate) name: String,
    pub(crate) rows: Vec<Row>,
}

/// One operation.
pub(crate) struct Entry {
    pub(crate) name: &'static str,
    pub(crate) method: &'static str,
    pub(crate) path: String,
    pub(crate) summary: &'static str,
    pub(crate) needed: String,
    pub(crate) parameters: Vec<Row>,
    pub(crate) members: Vec<Row>,
    pub(crate) call: String,
    pub(crate) status: u16,
    /// How much of which resource is given.
    pub(crate) given: Option<(&'static str, String)>,
    pub(crate) answer: Option<String>,
    pub(crate) refusals: Vec<(u16, &'static str)>,
}

/// The whole table, noun by noun, at the server of this issuer.
pub(crate) fn chapters(issuer: &str, site: &Site) -> Vec<Chapter> {
    let (mut chapters, mut known): (Vec<Chapter>, Vec<String>) = (vec![], vec![]);
    for operation in OPERATIONS {
        let noun = openapi::noun(operation);
        let at = chapters.iter().position(|chapter| chapter.noun == noun).unwrap_or(chapters.len());
        if at == chapters.len() {
            chapters.push(Chapter { noun, about: openapi::about(noun), resources: vec![], entries: vec![] });
        }
        if let Some(form) = form(&operation.6).filter(|form| !known.contains(&name(form))) {
            known.push(name(form));
            chapters[at].resources.push(Resource { name: name(form), rows: members::rows(&(form.schema)()) });
        }
        chapters[at].entries.push(entry(operation, issuer, site));
    }
    chapters
}

fn entry(operation: &Operation, issuer: &str, site: &Site) -> Entry {
    let refusals = refusals::of(operation).into_iter();
    Entry {
        name: operation.name(),
        method: operation.1.as_str(),
        path: format!("{}{}", site.endpoint(PATH), operation.2),
        summary: operation.4,
        needed: openapi::needed(&operation.3).replace('`', ""),
        parameters: parameters(operation),
        members: members::rows(&body::schema(&operation.5)),
        call: call(operation, &format!("{issuer}{PATH}{}", operation.2)),
        status: operation.6.status(),
        given: form(&operation.6).map(|form| (how_much(&operation.6), name(form))),
        answer: answer(&operation.6),
        refusals: refusals.map(|status| (status.as_u16(), refusals::meaning(status))).collect(),
    }
}

fn form(gives: &Gives) -> Option<&Form> {
    match gives {
        Gives::Nothing => None,
        Gives::One(form) | Gives::Made(form) | Gives::Page(form) => Some(form),
    }
}

fn name(form: &Form) -> String {
    (form.name)().into_owned()
}

const fn how_much(gives: &Gives) -> &'static str {
    match gives {
        Gives::Page(_) => "a page of a list of",
        _ => "one",
    }
}

/// Those of the path, of the query and of the headers.
fn parameters(operation: &Operation) -> Vec<Row> {
    let shared = openapi::parameters();
    let shared = |name: &str| {
        let parameter = &shared[name];
        let text = |member: &str| parameter[member].as_str().unwrap_or_default();
        members::row(text("name"), &parameter["schema"], false, text("description"))
    };
    let mut rows: Vec<_> = operation.segments().filter_map(in_path).collect();
    let filter = |filter: &crate::api::operation::Filter| {
        members::row(filter.0, &(filter.2)(), filter.3 == Part::Needed, filter.1)
    };
    rows.extend(operation.5.filters().iter().map(filter));
    if matches!(operation.5, Takes::Page(_)) {
        rows.extend(["limit", "cursor"].map(shared));
    }
    rows.extend(openapi::headers(operation).map(shared));
    rows
}

fn in_path(segment: Segment) -> Option<Row> {
    let Segment::Given(name) = segment else { return None };
    Some(members::row(name, &json!({ "type": "string" }), true, openapi::identified(name)))
}

/// The call as somebody types it who has put a token, and what the path names, into variables.
fn call(operation: &Operation, url: &str) -> String {
    let place = url.replace("{id}", "$ID").replace("{secret}", "$SECRET_ID").replace("{user}", "$USER_ID");
    let query = operation.5.filters().iter().find(|filter| filter.3 == Part::Needed);
    let query = query.map(|filter| format!("?{}=alice", filter.0)).unwrap_or_default();
    let call =
        format!("curl -X {} \"{place}{query}\" -H \"authorization: Bearer $TOKEN\"", operation.1.as_str());
    match sample(&operation.5) {
        Some(body) => {
            let body = body.to_string().replace('\'', "'\\''");
            format!("{call} -H 'content-type: application/json' -d '{body}'")
        }
        None => call,
    }
}

fn sample(takes: &Takes) -> Option<Value> {
    match takes {
        Takes::Body(form) | Takes::Perhaps(form) | Takes::Patch(form) => Some((form.sample)()),
        Takes::Nothing | Takes::Page(_) | Takes::Query(_) => None,
    }
}

fn answer(gives: &Gives) -> Option<String> {
    let sample = (form(gives)?.sample)();
    let whole = match gives {
        Gives::Page(_) => json!({ "items": [sample], "next_cursor": null }),
        _ => sample,
    };
    serde_json::to_string_pretty(&whole).ok()
}
