//! A step of a story: something that is done, and the one event that it leaves.

use crate::flows::place::{Place, json};
use crate::management::office::{Answer, Office, call};
use bytes::Bytes;
use doorward_core::context::Caller;
use doorward_protocol::id::Id;
use doorward_testkit::block_on::block_on;
use http::Response;
use serde_json::Value;
use std::collections::BTreeSet;

impl Office {
    /// Does something as `root`, with a body or with none (`null`). It succeeds and leaves one event, of this action and about these
    /// objects: each `noun:identifier`, or a noun alone for what the answer is about.
    #[track_caller]
    pub(crate) fn step(&self, method: &str, path: &str, body: Value, told: (&str, &[&str])) -> Answer {
        let before: BTreeSet<Id> = self.events().iter().map(|event| event.id).collect();
        let answer = self.call(&self.root, method, path, Some(body).filter(|body| !body.is_null()));
        assert!((200..300).contains(&answer.status), "{method} {path}: {}", answer.body);
        let fresh: Vec<_> = self.events().into_iter().filter(|event| !before.contains(&event.id)).collect();
        let (action, objects) = told;
        let object = |object: &&str| match object.contains(':') {
            true => (*object).to_owned(),
            false => format!("{object}:{}", answer.body["id"].as_str().unwrap_or_default()),
        };
        let objects: Vec<_> = objects.iter().map(object).collect();
        let seen: Vec<_> =
            fresh.iter().map(|event| (event.action.as_str(), event.objects.as_str())).collect();
        assert_eq!(seen, [(action, objects.join(" ").as_str())], "{method} {path}");
        assert_eq!(fresh[0].user, Some(self.place.user_id("root")));
        answer
    }

    /// Is refused something, which leaves no event.
    #[track_caller]
    pub(crate) fn refused(&self, token: &str, method: &str, path: &str, body: Option<Value>) -> Answer {
        let before = self.events().len();
        let answer = self.call(token, method, path, body);
        assert!(answer.status >= 400, "{method} {path}: {}", answer.body);
        assert_eq!(self.events().len(), before, "{method} {path} leaves no event");
        answer
    }

    /// The status of a call from an address.
    pub(crate) fn status_from(&self, address: &str, token: &str, method: &str, path: &str) -> u16 {
        let caller = Caller { address: Some(address.parse().unwrap()) };
        block_on(self.place.app.respond(call(token, method, path, None), caller)).status().as_u16()
    }
}

/// A member of an answer that is a text.
#[track_caller]
pub(crate) fn text(value: &Value, name: &str) -> String {
    value[name].as_str().unwrap_or_else(|| panic!("{name} in {value}")).to_owned()
}

/// The access token that was granted.
#[track_caller]
pub(crate) fn access_token(answer: &Response<Bytes>) -> String {
    text(&json(answer), "access_token")
}

/// Whether the desk is told that a token is good for this method, from within the networks of these stories.
pub(crate) fn is_good(place: &Place, token: &str, method: &str) -> bool {
    place.desk(token, &[("method", method), ("uri", "/orders/7"), ("client_ip", "10.1.2.3")])["active"]
        == true
}
