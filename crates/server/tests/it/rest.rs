//! The management API of a running server, as whoever holds a token there calls it.

use crate::harness::Server;
use doorward_testkit::http::{self, Answer};
use serde_json::Value;

/// A token, and where it is used.
#[derive(Clone)]
pub(crate) struct Rest {
    agent: ureq::Agent,
    base: String,
    token: String,
}

impl Rest {
    pub(crate) fn new(server: &Server, token: &str) -> Self {
        Self { agent: server.agent().clone(), base: server.url("/api/v1"), token: token.to_owned() }
    }

    /// An answer, or none where the server was gone before it was whole.
    pub(crate) fn call(&self, method: &str, path: &str, body: Option<&Value>) -> Option<Answer> {
        let request = ureq::http::Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.base))
            .header("authorization", format!("Bearer {}", self.token));
        let request = match body {
            Some(body) => request.header("content-type", "application/json").body(body.to_string()),
            None => request.body(String::new()),
        };
        http::send(&self.agent, request.expect("a request")).ok()
    }

    #[track_caller]
    pub(crate) fn get(&self, path: &str) -> Answer {
        self.call("GET", path, None).expect("an answer")
    }

    #[track_caller]
    pub(crate) fn post(&self, path: &str, body: &Value) -> Answer {
        self.call("POST", path, Some(body)).expect("an answer")
    }

    /// What a call that must be heeded answers.
    #[track_caller]
    pub(crate) fn done(&self, path: &str, body: &Value) -> Value {
        let answer = self.post(path, body);
        assert!((200..300).contains(&answer.status), "{path}: {answer:?}");
        answer.json()
    }

    /// Everything in a list, page by page.
    pub(crate) fn all(&self, list: &str) -> Vec<Value> {
        let mut all = vec![];
        let mut cursor = String::new();
        loop {
            let sign = if list.contains('?') { '&' } else { '?' };
            let page = self.get(&format!("{list}{sign}limit=200{cursor}"));
            assert_eq!(page.status, 200, "{page:?}");
            let page = page.json();
            all.extend(page["items"].as_array().expect("a list").iter().cloned());
            let Some(next) = page["next_cursor"].as_str() else { return all };
            cursor = format!("&cursor={next}");
        }
    }

    /// What the trail says of these actions, in its order.
    pub(crate) fn events(&self, actions: &[&str]) -> Vec<Value> {
        let told = |event: &Value| actions.iter().any(|action| event["action"] == *action);
        self.all("/audit-events").into_iter().filter(told).collect()
    }
}

/// A member that is a text.
#[track_caller]
pub(crate) fn text(resource: &Value, member: &str) -> String {
    resource[member].as_str().unwrap_or_else(|| panic!("{member} in {resource}")).to_owned()
}
