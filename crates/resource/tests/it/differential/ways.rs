//! The three ways of finding out whether a request may be made, and what each answers in the words that all have in common. Owns how
//! each is asked.

use crate::differential::request::Request;
use crate::server::Server;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use doorward_core::context::Caller;
use doorward_protocol::time::Lifetime;
use doorward_protocol::words::{CredentialForm, Level};
use doorward_resource::asked::Asked;
use doorward_resource::guard::{Admitted, Guard};
use doorward_resource::protected_api::ProtectedApi;
use doorward_resource::settings::Settings;
use doorward_testkit::block_on::block_on;
use doorward_web::app::App;
use doorward_web::settings::WebSettings;
use http::{Response, Uri};
use serde_json::Value;
use std::net::IpAddr;
use std::sync::Arc;
use url::form_urlencoded;

/// Where the proxy is that stands before everything.
const PROXY: &str = "172.31.0.1";
const PROXIES: &str = "172.31.0.0/16";

/// Who makes a request that is allowed: whom the token speaks for, its client, its own name and its scope.
pub(crate) type Who = [String; 4];

/// What a request comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// By a level, where one is told.
    Allowed(Option<Level>, Who),
    /// Without anybody: a browser's question.
    Preflight,
    NoCredential,
    InvalidToken,
    InsufficientScope(String),
    Forbidden,
    /// Nothing was found out.
    Fault(u16),
}

/// The server behind a proxy, by the calls of any framework.
pub(crate) struct Asking {
    app: Arc<App>,
    host: String,
    authorization: String,
}

impl Asking {
    /// As this client.
    pub(crate) fn new(server: &Server, (client_id, secret): (&str, &str)) -> Self {
        let settings =
            WebSettings { trusted_proxies: vec![PROXIES.parse().unwrap()], ..WebSettings::default() };
        let app = Arc::new(App::new(Arc::clone(&server.core), settings).unwrap());
        let host = server.issuer().replace("http://", "");
        let authorization = basic(client_id, secret);
        Self { app, host, authorization }
    }

    /// What a proxy is told at `/verify`.
    pub(crate) fn verify(&self, api: &str, token: Option<&str>, request: &Request) -> Verdict {
        let uri: Uri = format!("/verify?api={api}").parse().unwrap();
        let mut asked = http::Request::get(uri)
            .header("host", &self.host)
            .header("x-forwarded-method", request.method)
            .header("x-forwarded-uri", &request.target)
            .header("x-forwarded-for", request.from);
        if let Some(token) = token {
            asked = match request.how {
                CredentialForm::ApiKey => asked.header("x-api-key", token),
                _ => asked.header("authorization", authorization(token, request.how)),
            };
        }
        if request.is_cors {
            asked =
                asked.header("origin", "https://app.example").header("access-control-request-method", "PUT");
        }
        let caller = Caller { address: Some(PROXY.parse().unwrap()) };
        let answer = block_on(self.app.respond(asked.body(Bytes::new()).unwrap(), caller));
        let header = |name: &str| answer.headers().get(name).map(|value| value.to_str().unwrap());
        if answer.status() == 200 {
            let text = |name| header(name).unwrap_or_default().to_owned();
            let who = ["x-auth-subject", "x-auth-client", "x-auth-token-id", "x-auth-scope"].map(text);
            if who.iter().all(String::is_empty) {
                return Verdict::Preflight;
            }
            return Verdict::Allowed(header("x-auth-level").and_then(|level| level.parse().ok()), who);
        }
        refused(answer.status().as_u16(), header("www-authenticate"))
    }

    /// What the API is told by introspection (RFC 7662) that describes the request.
    pub(crate) fn introspect(&self, api: &str, token: &str, request: &Request) -> Verdict {
        let described = [("method", request.method), ("uri", &request.target), ("client_ip", request.from)];
        let answer = self.introspection(api, token, &described);
        let text = |member: &str| answer[member].as_str().unwrap_or_default().to_owned();
        if answer["active"] == true {
            let level = answer["access"][0]["level"].as_str().map(|level| level.parse().unwrap());
            return Verdict::Allowed(level, ["sub", "client_id", "jti", "scope"].map(text));
        }
        match text("error").as_str() {
            "insufficient_scope" => Verdict::InsufficientScope(text("scope")),
            "access_denied" => Verdict::Forbidden,
            "" => Verdict::InvalidToken,
            error => panic!("{error} is no word of introspection"),
        }
    }

    /// Whether a token is good at an API at all.
    pub(crate) fn is_good(&self, api: &str, token: &str) -> bool {
        self.introspection(api, token, &[])["active"] == true
    }

    fn introspection(&self, api: &str, token: &str, described: &[(&str, &str)]) -> Value {
        let form = [&[("token", token), ("resource", api)], described].concat();
        let answer = self.post("/oauth2/introspect", &form, Some(&self.authorization), None);
        assert_eq!(answer.status(), 200, "{answer:?}");
        serde_json::from_slice(answer.body()).unwrap()
    }

    /// A form, by somebody, from somewhere.
    pub(crate) fn post(
        &self,
        path: &str,
        form: &[(&str, &str)],
        authorization: Option<&str>,
        from: Option<&str>,
    ) -> Response<Bytes> {
        let mut asked = http::Request::post(path)
            .header("host", &self.host)
            .header("content-type", "application/x-www-form-urlencoded");
        if let Some(authorization) = authorization {
            asked = asked.header("authorization", authorization);
        }
        let form = form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
        let caller = Caller { address: from.map(|from| from.parse().unwrap()) };
        block_on(self.app.respond(asked.body(Bytes::from(form)).unwrap(), caller))
    }
}

pub(crate) fn basic(client_id: &str, secret: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{client_id}:{secret}")))
}

/// RFC 6750 §2.1, RFC 7617 §2: a token in the header `Authorization`.
fn authorization(token: &str, how: CredentialForm) -> String {
    match how {
        CredentialForm::Basic => basic(token, ""),
        _ => format!("Bearer {token}"),
    }
}

/// An API that decides by itself, behind the same proxy. A token ends when it ends, as at the server.
pub(crate) fn guard(server: &Server, api: &str, (client_id, secret): (&str, &str)) -> Guard {
    let settings = Settings {
        leeway: Lifetime::default(),
        trusted_proxies: vec![PROXIES.parse().unwrap()],
        ..Settings::default()
    };
    let api = ProtectedApi::builder(server.issuer(), api).clock(server.clock.clone()).settings(settings);
    api.introspect_as(client_id, secret).build().unwrap().guard()
}

/// What such an API decides.
pub(crate) fn decide(guard: &Guard, token: Option<&str>, request: &Request) -> Verdict {
    let token = token.filter(|_| request.how != CredentialForm::ApiKey);
    let line = token.map(|token| authorization(token, request.how));
    let authorization: Vec<_> = line.iter().map(String::as_bytes).collect();
    let forwarded = [request.from.as_bytes()];
    let peer = if request.by_proxy { PROXY } else { request.from };
    let asked = Asked {
        method: request.method,
        path: request.path(),
        peer: Some(peer.parse::<IpAddr>().unwrap()),
        authorization: &authorization,
        forwarded: if request.by_proxy { &forwarded } else { &[] },
        is_cors_request: request.is_cors,
    };
    match block_on(guard.admit(&asked)) {
        Ok(Admitted::With(access)) => {
            let client = access.client_id().unwrap_or_default().to_owned();
            let (jti, scope) = (access.jti().to_string(), access.scope().to_string());
            Verdict::Allowed(access.level(), [access.subject().to_owned(), client, jti, scope])
        }
        Ok(Admitted::Preflight) => Verdict::Preflight,
        Err(refusal) => refused(refusal.status(), refusal.challenge().as_deref()),
    }
}

/// RFC 6750 §3.1: what an answer means that lets nobody through.
fn refused(status: u16, challenge: Option<&str>) -> Verdict {
    let challenge = challenge.unwrap_or_default();
    let says = |error: &str| challenge.contains(&format!("error=\"{error}\""));
    let scope = || challenge.split_once("scope=\"").and_then(|(_, after)| after.split('"').next());
    match status {
        401 if challenge == "Bearer" => Verdict::NoCredential,
        401 if says("invalid_token") => Verdict::InvalidToken,
        403 if says("insufficient_scope") => {
            Verdict::InsufficientScope(scope().unwrap_or_default().to_owned())
        }
        403 if challenge.is_empty() => Verdict::Forbidden,
        status => Verdict::Fault(status),
    }
}
