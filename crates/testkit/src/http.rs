//! A small HTTP client for tests: every answer is an answer, whatever its status, and redirects are looked at, not
//! followed. Owns requests and answers; who is asked, and as whom, is said by the test.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use std::time::Duration;
use ureq::config::{Config, ConfigBuilder};
use ureq::http::Uri;
use ureq::tls::{Certificate, RootCerts, TlsConfig};
use ureq::typestate::AgentScope;
use ureq::unversioned::resolver::{ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{DefaultConnector, NextTimeout};

/// No answer of ours takes that long.
const PATIENCE: Duration = Duration::from_secs(20);

/// A confidential client's name and secret.
#[derive(Clone, Debug)]
pub struct Credentials {
    /// The name.
    pub client_id: String,
    /// The secret, as it was printed.
    pub client_secret: String,
}

/// What came back.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The status code.
    pub status: u16,
    /// Names and values, in the order in which they came.
    pub headers: Vec<(String, String)>,
    /// The body, which must be text.
    pub body: String,
}

impl Credentials {
    /// RFC 6749 §2.3.1: the `Authorization` header. Our names and secrets need no form encoding.
    pub fn basic(&self) -> String {
        format!("Basic {}", STANDARD.encode(format!("{}:{}", self.client_id, self.client_secret)))
    }
}

impl Answer {
    /// The body as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error} in {self:?}"))
    }

    /// The first header of this name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }
}

/// A client with connections of its own.
pub fn agent() -> ureq::Agent {
    config().build().into()
}

/// A client whose connections all go to this port, whatever its URLs say: to one of several nodes that have one issuer.
pub fn agent_at(port: u16) -> ureq::Agent {
    ureq::Agent::with_parts(config().build(), DefaultConnector::default(), At(port))
}

/// The same over https, trusting this authority (in PEM) and no other.
pub fn agent_trusting(root: &[u8], port: u16) -> ureq::Agent {
    let root = Certificate::from_pem(root).expect("a certificate");
    let tls = TlsConfig::builder().root_certs(RootCerts::new_with_certs(&[root])).build();
    ureq::Agent::with_parts(config().tls_config(tls).build(), DefaultConnector::default(), At(port))
}

/// What every client here does; where its connections go is for a connector to say.
pub fn config() -> ConfigBuilder<AgentScope> {
    ureq::Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .max_redirects_will_error(false)
        .timeout_global(Some(PATIENCE))
}

/// Every name is this port's.
#[derive(Debug)]
pub struct At(pub u16);

impl Resolver for At {
    fn resolve(&self, _: &Uri, _: &Config, _: NextTimeout) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let mut addresses = self.empty();
        addresses.push(([127, 0, 0, 1], self.0).into());
        Ok(addresses)
    }
}

/// Asks by GET.
pub fn get(agent: &ureq::Agent, url: &str) -> Result<Answer, ureq::Error> {
    agent.get(url).call().and_then(answer)
}

/// Posts a form, as this client if one is named.
pub fn post(
    agent: &ureq::Agent,
    url: &str,
    form: &[(&str, &str)],
    client: Option<&Credentials>,
) -> Result<Answer, ureq::Error> {
    let mut request = agent.post(url);
    if let Some(client) = client {
        request = request.header("authorization", client.basic());
    }
    request.send_form(form.iter().copied()).and_then(answer)
}

/// Sends a request that is made already.
pub fn send(agent: &ureq::Agent, request: ureq::http::Request<String>) -> Result<Answer, ureq::Error> {
    agent.run(request).and_then(answer)
}

fn answer(mut response: ureq::http::Response<ureq::Body>) -> Result<Answer, ureq::Error> {
    let headers = response
        .headers()
        .iter()
        .map(|(name, value)| (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned()))
        .collect();
    Ok(Answer { status: response.status().as_u16(), headers, body: response.body_mut().read_to_string()? })
}
