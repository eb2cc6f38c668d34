//! The description of the management API as a page for people. Owns what of the table is put on it; the document for programs is
//! `openapi`'s.

use crate::api::operation::{Gives, Operation, Takes};
use crate::api::operations::OPERATIONS;
use crate::api::{PATH, openapi};
use crate::http::site::Site;
use serde_json::Value;

/// All operations of a noun.
pub(crate) struct Chapter {
    pub(crate) noun: &'static str,
    pub(crate) entries: Vec<Entry>,
}

/// One operation.
pub(crate) struct Entry {
    pub(crate) name: &'static str,
    pub(crate) method: &'static str,
    pub(crate) path: String,
    pub(crate) summary: &'static str,
    pub(crate) needed: String,
    pub(crate) parameters: Vec<(&'static str, &'static str)>,
    pub(crate) request: Option<String>,
    pub(crate) status: u16,
    pub(crate) answer: Option<String>,
    pub(crate) refusals: String,
}

/// The whole table, noun by noun.
pub(crate) fn chapters(site: &Site) -> Vec<Chapter> {
    let mut chapters: Vec<Chapter> = vec![];
    for operation in OPERATIONS {
        let (noun, entry) = (openapi::noun(operation), entry(operation, site));
        match chapters.iter_mut().find(|chapter| chapter.noun == noun) {
            Some(chapter) => chapter.entries.push(entry),
            None => chapters.push(Chapter { noun, entries: vec![entry] }),
        }
    }
    chapters
}

fn entry(operation: &Operation, site: &Site) -> Entry {
    let statuses: Vec<_> =
        crate::api::refusals::of(operation).iter().map(|status| status.as_str().to_owned()).collect();
    Entry {
        name: operation.name(),
        method: operation.1.as_str(),
        path: format!("{}{}", site.endpoint(PATH), operation.2),
        summary: operation.4,
        needed: openapi::needed(&operation.3).replace('`', ""),
        parameters: parameters(&operation.5),
        request: request(&operation.5),
        status: operation.6.status(),
        answer: answer(&operation.6),
        refusals: statuses.join(", "),
    }
}

fn parameters(takes: &Takes) -> Vec<(&'static str, &'static str)> {
    let Takes::Page(filters) = takes else { return vec![] };
    let page = [("limit", "How many items a page has, up to 200."), ("cursor", "Where the page begins.")];
    filters.iter().map(|filter| (filter.0, filter.1)).chain(page).collect()
}

fn request(takes: &Takes) -> Option<String> {
    match takes {
        Takes::Body(form) | Takes::Perhaps(form) | Takes::Patch(form) => Some(pretty(&(form.sample)())),
        Takes::Nothing | Takes::Page(_) => None,
    }
}

fn answer(gives: &Gives) -> Option<String> {
    match gives {
        Gives::Nothing => None,
        Gives::One(form) | Gives::Made(form) => Some(pretty(&(form.sample)())),
        Gives::Page(form) => {
            Some(pretty(&serde_json::json!({ "items": [(form.sample)()], "next_cursor": null })))
        }
    }
}

fn pretty(value: &Value) -> String {
    serde_json::to_string_pretty(value).unwrap_or_default()
}
