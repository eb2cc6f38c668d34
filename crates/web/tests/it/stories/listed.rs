//! Long lists are read page by page while others go on making things: whatever was there all along comes once.

use crate::management::office::{Office, call};
use bytes::Bytes;
use doorward_core::context::Caller;
use doorward_testkit::block_on::block_on;
use http::Request;
use serde_json::{Value, json};
use std::thread;

/// How many are there from the beginning.
const THERE: usize = 7;
/// How many somebody else makes meanwhile.
const BESIDE: usize = 30;

fn made(office: &Office, path: &str, body: Value) -> String {
    let answer = office.post(path, body);
    assert_eq!(answer.status, 201, "{}", answer.body);
    answer.body["id"].as_str().unwrap().to_owned()
}

/// Every identifier of a list, by pages of two, with one made between any two pages, and others at the same time by somebody else, who
/// begins before the first page is asked for.
fn leafed(office: &Office, list: &str, make: (&str, fn(String) -> Value)) -> Vec<String> {
    let (path, body) = make;
    let writes = |request: Request<Bytes>| block_on(office.place.app.respond(request, Caller::default()));
    thread::scope(|scope| {
        let (begun, begins) = std::sync::mpsc::channel();
        scope.spawn(move || {
            for number in 0..BESIDE {
                let request = call(&office.root, "POST", path, Some(body(format!("beside-{number}"))));
                assert_eq!(writes(request).status(), 201);
                // Nobody listens to more than the first.
                begun.send(()).unwrap_or_default();
            }
        });
        begins.recv().unwrap();
        let (mut seen, mut cursor) = (vec![], String::new());
        loop {
            let page = office.get(&format!("{list}?limit=2{cursor}")).body;
            let items = page["items"].as_array().unwrap();
            seen.extend(items.iter().map(|item| item["id"].as_str().unwrap().to_owned()));
            let Some(next) = page["next_cursor"].as_str() else { break };
            cursor = format!("&cursor={next}");
            made(office, path, body(format!("between-{}", seen.len())));
        }
        seen
    })
}

/// All that were there are among those that were seen, and none was seen twice.
#[track_caller]
fn once_each(there: &[String], seen: &[String]) {
    for id in there {
        assert_eq!(seen.iter().filter(|one| *one == id).count(), 1, "{id} of {seen:?}");
    }
    let mut distinct = seen.to_vec();
    distinct.sort();
    distinct.dedup();
    assert_eq!(distinct.len(), seen.len(), "{seen:?}");
}

fn read_while_written(list: &str, make: (&str, fn(String) -> Value)) {
    let office = Office::new();
    let (path, body) = make;
    let there: Vec<_> =
        (0..THERE).map(|number| made(&office, path, body(format!("there-{number}")))).collect();
    once_each(&there, &leafed(&office, list, make));
}

#[test]
fn a_list_of_clients_neither_repeats_nor_skips() {
    read_while_written("/clients", ("/clients", |name| json!({"client_id": name, "name": "A client"})));
}

#[test]
fn a_list_of_users_neither_repeats_nor_skips() {
    read_while_written("/users", ("/users", |name| json!({ "username": name })));
}

#[test]
fn a_list_of_api_tokens_neither_repeats_nor_skips() {
    read_while_written("/api-tokens", ("/users/alice/api-tokens", |name| json!({ "name": name })));
}
