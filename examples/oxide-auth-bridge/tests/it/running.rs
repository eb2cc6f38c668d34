//! The program, running in a folder of its own; and the way to it over HTTP.

use oauth2::{HttpRequest, HttpResponse};
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use tempfile::TempDir;
use ureq::Agent;

/// Killed when dropped; the folder is removed with it.
pub(crate) struct Running {
    folder: TempDir,
    listen: String,
    child: Child,
    secret: String,
}

/// A status, a body, and where it leads.
pub(crate) type Answer = (u16, String, Option<String>);

impl Running {
    pub(crate) fn start() -> Self {
        let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let folder = tempfile::tempdir().unwrap();
        let (child, secret) = run(&folder, &free.to_string());
        Self { folder, listen: free.to_string(), child, secret: secret.unwrap() }
    }

    /// Kills it without warning, and starts it again on what it has left.
    pub(crate) fn restart(&mut self) {
        self.end();
        let (child, secret) = run(&self.folder, &self.listen);
        assert_eq!(secret, None, "nothing is registered twice");
        self.child = child;
    }

    /// The secret that it has told at its first start.
    pub(crate) fn secret(&self) -> String {
        self.secret.clone()
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.listen)
    }

    pub(crate) fn get(&self, url: &str, bearer: Option<&str>) -> Answer {
        let mut request = agent().get(url);
        if let Some(bearer) = bearer {
            request = request.header("Authorization", format!("Bearer {bearer}"));
        }
        answer(request.call().unwrap())
    }

    pub(crate) fn post(&self, url: &str, client: Option<(&str, &str)>, form: &[(&str, &str)]) -> Answer {
        let url = match client {
            // ureq makes the Authorization header of RFC 7617 out of this.
            Some((name, secret)) => url.replacen("://", &format!("://{name}:{secret}@"), 1),
            None => url.to_owned(),
        };
        answer(agent().post(url).send_form(form.iter().copied()).unwrap())
    }

    /// What the program protects.
    pub(crate) fn orders(&self, access_token: &str) -> (u16, String) {
        let (status, body, _) = self.get(&self.url("/orders"), Some(access_token));
        (status, body)
    }

    fn end(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.end();
    }
}

/// Starts it, waits until it listens, and tells the secret if it was told one.
fn run(folder: &TempDir, listen: &str) -> (Child, Option<String>) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_oxide-auth-bridge"));
    let mut child = command.arg(folder.path()).arg(listen).stdout(Stdio::piped()).spawn().unwrap();
    let mut secret = None;
    for line in BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap) {
        if let Some((_, told)) = line.split_once("with secret ") {
            secret = Some(told.to_owned());
        }
        if line.starts_with("listening") {
            return (child, secret);
        }
    }
    panic!("the program has ended: {:?}", child.wait());
}

/// Nobody is sent elsewhere with a secret in hand.
fn agent() -> Agent {
    Agent::config_builder().http_status_as_error(false).max_redirects(0).proxy(None).build().into()
}

fn answer(response: ureq::http::Response<ureq::Body>) -> Answer {
    let (head, mut body) = response.into_parts();
    let location = head.headers.get("location").map(|url| url.to_str().unwrap().to_owned());
    (head.status.as_u16(), body.read_to_string().unwrap(), location)
}

/// The HTTP client of the `oauth2` crate.
pub(crate) fn send(request: HttpRequest) -> Result<HttpResponse, ureq::Error> {
    let (head, mut body) = agent().run(request)?.into_parts();
    Ok(HttpResponse::from_parts(head, body.read_to_vec()?))
}
