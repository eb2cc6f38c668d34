//! APIs that decide by themselves what a token may do, with the resource crate's guard, under either framework. Owns how they are set
//! up, what their answers mean, and how they are known to have heard of a change; what is asked of them is the story's.

use crate::harness::{Server, until};
use crate::plain::Plain;
use crate::story::refused;
use actix_web::{HttpServer, web};
use doorward_protocol::time::Lifetime;
use doorward_protocol::words::{Level, TokenFormat};
use doorward_resource::access::Access;
use doorward_resource::protected_api::ProtectedApi;
use doorward_resource::settings::Settings;
use doorward_testkit::http::{self, Credentials};
use doorward_testkit::story::{API, Case, Outcome, Request, Token, Way};
use serde_json::{Value, json};
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::mpsc;
use std::thread::{self, JoinHandle};

/// More than anything of the story happens.
const TOKENS: usize = 20;

/// An API, and what it is found out by whether it has heard of everything so far.
pub(crate) struct Guarded<'a> {
    name: &'static str,
    port: u16,
    _running: Running,
    server: &'a Server,
    management: String,
    /// API tokens that are revoked one by one, as identifier and value.
    tokens: Vec<(String, String)>,
    takes_part: bool,
    format: TokenFormat,
}

enum Running {
    Actix(actix_web::dev::ServerHandle, Option<JoinHandle<()>>),
    Axum(Option<tokio::sync::oneshot::Sender<()>>, Option<JoinHandle<()>>),
}

/// The story's API, as its developers set it up. What was said once counts until the feed says otherwise: nothing here is found
/// out because it was asked again in time.
pub(crate) fn api(server: &Server, asking: &Credentials) -> ProtectedApi {
    let settings = Settings { introspection_kept: Lifetime::minutes(60), ..Settings::default() };
    let api = ProtectedApi::builder(server.issuer(), API).settings(settings);
    api.introspect_as(&asking.client_id, &asking.client_secret).build().expect("it is set up well")
}

impl<'a> Guarded<'a> {
    /// One under actix-web, and one under tower, each with a memory of its own.
    pub(crate) fn both(
        server: &'a Server,
        management: &str,
        asking: &Credentials,
        format: TokenFormat,
    ) -> [Self; 2] {
        [("actix", actix(api(server, asking))), ("tower", axum(&api(server, asking)))].map(
            |(name, (port, running))| {
                let tokens = tokens(name, server, management);
                let management = management.to_owned();
                let guarded = Self {
                    name,
                    port,
                    _running: running,
                    server,
                    management,
                    tokens,
                    takes_part: true,
                    format,
                };
                // So that what becomes of them is heard, and not asked.
                for (_, token) in &guarded.tokens {
                    assert_eq!(guarded.asked_with(token), Outcome::Passed(Level::Read));
                }
                guarded
            },
        )
    }

    fn asked_with(&self, token: &str) -> Outcome {
        let token = Some(token);
        self.answer(&Request { token, method: "GET", target: "/items/7", from: Ipv4Addr::LOCALHOST })
    }

    fn answer(&self, request: &Request<'_>) -> Outcome {
        let bearer = request.token.map(|token| format!("Bearer {token}"));
        let mut plain = Plain::new(request.method, request.target);
        plain.headers.extend(bearer.as_deref().map(|bearer| ("Authorization", bearer)));
        let answer = plain.send(self.port, request.from);
        match (answer.status, answer.header("x-level")) {
            (200, Some(level)) => Outcome::Passed(level.parse().expect("it is let in by a level")),
            _ => refused(&answer),
        }
    }
}

impl Way for Guarded<'_> {
    fn name(&self) -> &str {
        self.name
    }

    /// The feed does not tell of a single opaque token that its client has revoked: what was said of it counts for as long as it is
    /// kept, which is forever here.
    fn is_for(&self, case: &Case) -> bool {
        let is_revoked = case.token == Some(Token::AccessRead) && case.expected == Outcome::InvalidToken;
        self.format == TokenFormat::Jwt || !is_revoked
    }

    fn ask(&mut self, request: &Request<'_>) -> Outcome {
        self.answer(request)
    }

    /// Changes are heard in the order in which they were made: whoever refuses a token that was revoked after one has heard of it. An
    /// API that is switched off, or on again, says so itself.
    fn hear(&mut self) {
        let (id, token) = self.tokens.pop().expect("there is a token for each change");
        if self.takes_part && matches!(self.asked_with(&token), Outcome::Passed(_)) {
            manage(self.server, &self.management, &format!("/api-tokens/{id}/revoke"), &json!({}));
            let outcome = until("a change is heard of", || {
                let outcome = self.asked_with(&token);
                (!matches!(outcome, Outcome::Passed(_))).then_some(outcome)
            });
            self.takes_part = outcome != Outcome::Forbidden;
        } else if self.takes_part {
            self.takes_part = false;
        } else {
            until("the API takes part again", || {
                matches!(self.asked_with(&token), Outcome::Passed(_)).then_some(())
            });
            self.takes_part = true;
        }
    }
}

/// API tokens of somebody's who is not in the story.
fn tokens(name: &str, server: &Server, management: &str) -> Vec<(String, String)> {
    manage(server, management, "/users", &json!({"username": name}));
    let text = |made: &Value, member: &str| made[member].as_str().expect("it is made").to_owned();
    let make = |at: usize| {
        let members = json!({"name": at.to_string(), "access": [{"api": API, "level": "read"}]});
        let made = manage(server, management, &format!("/users/{name}/api-tokens"), &members);
        (text(&made, "id"), text(&made, "token"))
    };
    (0..TOKENS).map(make).collect()
}

/// What came of a call of the management API that must succeed.
pub(crate) fn manage(server: &Server, token: &str, path: &str, members: &Value) -> Value {
    let request = ureq::http::Request::post(server.url(&format!("/api/v1{path}")))
        .header("authorization", format!("Bearer {token}"))
        .header("content-type", "application/json")
        .body(members.to_string());
    let answer = http::send(server.agent(), request.expect("a request")).expect("the server answers");
    assert!((200..300).contains(&answer.status), "{path}: {answer:?}");
    if answer.body.is_empty() { Value::Null } else { answer.json() }
}

fn level(access: &Access) -> String {
    access.level().expect("a guard lets in by a level").to_string()
}

fn actix(api: ProtectedApi) -> (u16, Running) {
    async fn pass(access: Access) -> actix_web::HttpResponse {
        actix_web::HttpResponse::Ok().insert_header(("x-level", level(&access))).finish()
    }
    let (tell, told) = mpsc::channel();
    let thread = thread::spawn(move || {
        let app = move || actix_web::App::new().wrap(api.guard()).default_service(web::route().to(pass));
        let host = HttpServer::new(app).workers(1).disable_signals().bind(("127.0.0.1", 0));
        let host = host.expect("a free port");
        let port = host.addrs()[0].port();
        let running = host.run();
        tell.send((port, running.handle())).expect("somebody waits");
        actix_web::rt::System::new().block_on(running).expect("it ends well");
    });
    let (port, handle) = told.recv().expect("it listens");
    (port, Running::Actix(handle, Some(thread)))
}

fn axum(api: &ProtectedApi) -> (u16, Running) {
    async fn pass(access: Access) -> [(&'static str, String); 1] {
        [("x-level", level(&access))]
    }
    let router = axum::Router::new().fallback(pass).layer(api.guard());
    let ((tell, told), (stop, stopped)) = (mpsc::channel(), tokio::sync::oneshot::channel::<()>());
    let thread = thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        runtime.expect("a runtime").block_on(async move {
            let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.expect("a free port");
            tell.send(listener.local_addr().expect("it is bound").port()).expect("somebody waits");
            let service = router.into_make_service_with_connect_info::<SocketAddr>();
            tokio::select! {
                served = axum::serve(listener, service) => served.expect("it serves"),
                _ = stopped => {}
            }
        });
    });
    (told.recv().expect("it listens"), Running::Axum(Some(stop), Some(thread)))
}

impl Drop for Running {
    fn drop(&mut self) {
        let thread = match self {
            Self::Actix(handle, thread) => {
                drop(handle.stop(false));
                thread.take()
            }
            Self::Axum(stop, thread) => {
                drop(stop.take());
                thread.take()
            }
        };
        drop(thread.map(JoinHandle::join));
    }
}
