//! A server, and those who call its management API: `root`, who may everything, `auditor`, who may see everything, and `bob`, who
//! may nothing there.

use crate::flows::browser::Browser;
use crate::flows::place::{Place, done, tokens};
use bytes::Bytes;
use doorward_core::audit::event::Event;
use doorward_core::context::Caller;
use doorward_core::manage::{clients, users};
use doorward_protocol::permission::Permission;
use doorward_protocol::words::ConsentMode;
use doorward_testkit::block_on::block_on;
use doorward_testkit::builders::scope;
use doorward_testkit::calls::by_operator;
use http::{Request, Response};
use serde_json::Value;

/// The client by which people call.
pub(crate) const DESK: &str = "desk";

pub(crate) struct Office {
    pub(crate) place: Place,
    pub(crate) root: String,
    pub(crate) auditor: String,
    pub(crate) bob: String,
}

/// An answer, read.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Value,
    pub(crate) response: Response<Bytes>,
}

impl Office {
    pub(crate) fn new() -> Self {
        let mut place = Place::new();
        let members = clients::Members {
            consent: ConsentMode::Implicit,
            scopes: scope(&format!("openid profile offline_access {}", every_permission())),
            ..Place::members()
        };
        place.register(DESK, members);
        for (name, group) in [("root", "Administrators"), ("auditor", "Auditors")] {
            place.user(name);
            done(users::update(name, &by_operator(&place.context()), &place.context(), move |members| {
                members.groups = vec![group.to_owned()];
                Ok(())
            }));
        }
        done(users::update("bob", &by_operator(&place.context()), &place.context(), |members| {
            members.groups.clear();
            Ok(())
        }));
        let [root, auditor, bob] =
            ["root", "auditor", "bob"].map(|name| token(&place, DESK, name, &every_permission()));
        Self { place, root, auditor, bob }
    }

    /// What somebody holds who asked for this scope.
    pub(crate) fn token(&self, username: &str, scope: &str) -> String {
        self.token_through(DESK, username, scope)
    }

    /// The same through another client.
    pub(crate) fn token_through(&self, client: &str, username: &str, scope: &str) -> String {
        token(&self.place, client, username, scope)
    }

    pub(crate) fn send(&self, request: Request<Bytes>) -> Answer {
        let response = block_on(self.place.app.respond(request, Caller::default()));
        let body = serde_json::from_slice(response.body()).unwrap_or(Value::Null);
        Answer { status: response.status().as_u16(), body, response }
    }

    /// A call with a token, and with a body where one is given.
    pub(crate) fn call(&self, token: &str, method: &str, path: &str, body: Option<Value>) -> Answer {
        self.send(call(token, method, path, body))
    }

    pub(crate) fn get(&self, path: &str) -> Answer {
        self.call(&self.root, "GET", path, None)
    }

    pub(crate) fn post(&self, path: &str, body: Value) -> Answer {
        self.call(&self.root, "POST", path, Some(body))
    }

    pub(crate) fn patch(&self, path: &str, body: Value) -> Answer {
        self.call(&self.root, "PATCH", path, Some(body))
    }

    /// Everything that was recorded.
    pub(crate) fn events(&self) -> Vec<Event> {
        let read = self.place.server.cache().store().read(|tx| tx.events(None, 10_000));
        block_on(read).unwrap()
    }
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> &str {
        crate::support::header(&self.response, name)
    }

    /// The status, and the places of what is wrong.
    pub(crate) fn wrong(&self) -> (u16, Vec<&str>) {
        let errors = self.body["errors"].as_array().map(Vec::as_slice).unwrap_or_default();
        let places =
            errors.iter().filter_map(|error| error["pointer"].as_str().or(error["parameter"].as_str()));
        (self.status, places.collect())
    }
}

/// A request below the API's path.
pub(crate) fn call(token: &str, method: &str, path: &str, body: Option<Value>) -> Request<Bytes> {
    let request =
        Request::builder().method(method).uri(format!("/api/v1{path}")).header("host", "as.example");
    let request = match token {
        "" => request,
        token => request.header("authorization", format!("Bearer {token}")),
    };
    match body {
        Some(body) => request.header("content-type", "application/json").body(Bytes::from(body.to_string())),
        None => request.body(Bytes::new()),
    }
    .unwrap()
}

pub(crate) fn every_permission() -> String {
    Permission::ALL.iter().map(|permission| permission.as_str()).collect::<Vec<_>>().join(" ")
}

fn token(place: &Place, client: &str, username: &str, scope: &str) -> String {
    let code = place.code(&Browser::new(place), &place.request(client, &[("scope", scope)]), username);
    tokens(&place.redeem(client, &code)).access().to_owned()
}
