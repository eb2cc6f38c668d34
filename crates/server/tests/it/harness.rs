//! A running server: started, asked, killed without warning, started again over the same database. Owns its process and
//! its port; the folder and the calls beside it are `doorward`'s part.

use crate::authority::{Authority, https_at};
use crate::doorward::{Place, Ran};
use doorward_testkit::http::{self, Answer, Credentials};
use doorward_testkit::ports::free_port;
use serde_json::Value;
use std::fs::File;
use std::process::{Child, Command, ExitStatus};
use std::time::{Duration, Instant};

/// Longer than any start or end takes, on a busy machine too.
const PATIENCE: Duration = Duration::from_secs(30);
/// Between two looks at something that is about to happen.
const GLANCE: Duration = Duration::from_millis(5);

/// A running server with a folder of its own, or one of several nodes that share a folder. Killed when dropped; the folder
/// is removed with its last node.
pub(crate) struct Server {
    place: Place,
    issuer: String,
    port: u16,
    /// The program that starts the server, with its arguments, where it does not start by itself.
    by: Vec<String>,
    child: Option<Child>,
    agent: ureq::Agent,
}

impl Server {
    /// Starts a server on an empty database and waits until it is ready.
    pub(crate) fn start() -> Self {
        Self::start_with(&[])
    }

    /// The same with further environment variables.
    pub(crate) fn start_with(variables: &[(&str, &str)]) -> Self {
        let place = Place::ready();
        let place = variables.iter().fold(place, |place, (variable, text)| place.with(variable, text));
        Self::start_at(place)
    }

    /// Starts a server in a place that was prepared, on a port of its own.
    pub(crate) fn start_at(place: Place) -> Self {
        Self::start_by(&[], place)
    }

    /// The same, by another program that starts the server as its own process.
    pub(crate) fn start_by(by: &[&str], place: Place) -> Self {
        let port = free_port();
        Self::start_node(by, place, format!("http://127.0.0.1:{port}"), port, http::agent_at(port))
    }

    /// Starts a server that speaks https itself, with a certificate of this authority's.
    pub(crate) fn start_https(place: Place, authority: &Authority) -> Self {
        let port = free_port();
        let agent = http::agent_trusting(authority.root(), port);
        Self::start_node(&[], https_at(place), format!("https://localhost:{port}"), port, agent)
    }

    /// Starts another node beside this one: the same issuer, database and keys, on a port of its own.
    pub(crate) fn start_beside(&self) -> Self {
        let port = free_port();
        Self::start_node(&[], self.place.clone(), self.issuer.clone(), port, http::agent_at(port))
    }

    fn start_node(by: &[&str], place: Place, issuer: String, port: u16, agent: ureq::Agent) -> Self {
        let place = place
            .with("DOORWARD__SERVER__ISSUER", &issuer)
            .with("DOORWARD__SERVER__LISTEN", &format!("127.0.0.1:{port}"));
        let by = by.iter().map(|word| (*word).to_owned()).collect();
        let mut server = Self { place, issuer, port, by, child: None, agent };
        server.restart();
        server
    }

    /// The issuer, which is also where the first node is reached.
    pub(crate) fn issuer(&self) -> String {
        self.issuer.clone()
    }

    /// An absolute URL below the issuer, which leads to this node by its own agent; the path begins with a slash.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.issuer)
    }

    /// An HTTP client that reaches this node and no other.
    pub(crate) fn agent(&self) -> &ureq::Agent {
        &self.agent
    }

    /// The address it listens on.
    pub(crate) fn address(&self) -> (&'static str, u16) {
        ("127.0.0.1", self.port)
    }

    /// The folder with database and key.
    pub(crate) fn place(&self) -> &Place {
        &self.place
    }

    /// Everything it has logged.
    pub(crate) fn log(&self) -> String {
        self.place.read(&self.log_name())
    }

    /// Where standard error of all its starts goes.
    fn log_name(&self) -> String {
        format!("server-{}.log", self.port)
    }

    /// The process, for signals and measurements.
    pub(crate) fn pid(&self) -> u32 {
        self.child.as_ref().expect("the server was not killed").id()
    }

    /// Starts it without waiting for anything; it must not be running.
    pub(crate) fn spawn(&mut self) {
        assert!(self.child.is_none(), "kill the server before it is started again");
        let log = File::options()
            .create(true)
            .append(true)
            .open(self.place.path(self.log_name()))
            .expect("a log file");
        let mut command = match &self.by[..] {
            [] => self.place.command(&["serve"]),
            [program, arguments @ ..] => {
                let mut command = Command::new(program);
                self.place.furnish(&mut command).args(arguments);
                command.args([env!("CARGO_BIN_EXE_doorward"), "serve"]);
                command
            }
        };
        let out = log.try_clone().expect("a second handle");
        self.child = Some(command.stdout(out).stderr(log).spawn().expect("the binary runs"));
    }

    /// Starts it (again) over the same database, and waits until it is ready.
    pub(crate) fn restart(&mut self) {
        self.kill();
        self.spawn();
        self.wait_until_ready();
    }

    /// Waits until `/readyz` says yes. Panics with the log when the process ends instead.
    pub(crate) fn wait_until_ready(&mut self) {
        let url = self.url("/readyz");
        let agent = self.agent.clone();
        until("the server is ready", || {
            if let Ok(Some(status)) = self.child.as_mut().expect("it was started").try_wait() {
                panic!("the server ended with {status}:\n{}", self.log());
            }
            http::get(&agent, &url).is_ok_and(|answer| answer.status == 200).then_some(())
        });
    }

    /// `kill -9`: no warning, no flushing, no farewell. Does nothing to a server that is not running.
    pub(crate) fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().expect("our own child can be killed");
            child.wait().expect("our own child can be awaited");
        }
    }

    /// Sends a signal by its name: `TERM`, `INT`.
    pub(crate) fn signal(&self, name: &str) {
        let sent = Command::new("kill").args([&format!("-{name}"), &self.pid().to_string()]).status();
        assert!(sent.expect("kill runs").success());
    }

    /// Waits for the end of a server that was told to end.
    pub(crate) fn wait_for_end(&mut self) -> ExitStatus {
        let mut child = self.child.take().expect("the server was not killed");
        until("the server ends", || child.try_wait().expect("our own child can be awaited"))
    }

    /// Calls the binary beside the server, on the same database.
    pub(crate) fn cli(&self, arguments: &[&str]) -> Ran {
        self.place.run(arguments)
    }

    /// Registers a confidential client for client_credentials, with further arguments, and has its secret.
    pub(crate) fn create_client(&self, arguments: &[&str]) -> Credentials {
        let arguments = [&["client", "create", "--json", "--name", "Test"], arguments].concat();
        let client = self.cli(&arguments).json();
        let text = |member: &str| {
            client[member].as_str().unwrap_or_else(|| panic!("{member} in {client}")).to_owned()
        };
        Credentials { client_id: text("client_id"), client_secret: text("client_secret") }
    }

    /// Registers an API, with further arguments. The server knows it when this returns.
    pub(crate) fn create_api(&self, identifier: &str, arguments: &[&str]) -> Value {
        let head = ["api", "create", "--json", "--name", "Test", "--identifier", identifier];
        let api = self.cli(&[&head, arguments].concat()).json();
        if self.child.is_some() {
            self.wait_until_known(identifier);
        }
        api
    }

    /// RFC 8707 §2: a resource that the server does not know yet is an invalid target.
    fn wait_until_known(&self, identifier: &str) {
        let probe = self.create_client(&[]);
        until("the API is known", || {
            let answer = self.token(&probe, &[("resource", identifier)]);
            (answer.status == 200 || answer.json()["error"] != "invalid_target").then_some(())
        });
        self.cli(&["client", "delete", &probe.client_id]).ok();
    }

    /// Asks by GET.
    pub(crate) fn get(&self, path: &str) -> Answer {
        http::get(&self.agent, &self.url(path))
            .unwrap_or_else(|error| panic!("{path}: {error}\n{}", self.log()))
    }

    /// Posts a form, as this client if one is named.
    pub(crate) fn post(&self, path: &str, form: &[(&str, &str)], client: Option<&Credentials>) -> Answer {
        http::post(&self.agent, &self.url(path), form, client)
            .unwrap_or_else(|error| panic!("{path}: {error}\n{}", self.log()))
    }

    /// RFC 6749 §4.4.2: asks for a token by client credentials, with further parameters.
    pub(crate) fn token(&self, client: &Credentials, parameters: &[(&str, &str)]) -> Answer {
        let form = [&[("grant_type", "client_credentials")], parameters].concat();
        self.post("/oauth2/token", &form, Some(client))
    }

    /// An access token, which must be given.
    #[track_caller]
    pub(crate) fn access_token(&self, client: &Credentials, parameters: &[(&str, &str)]) -> String {
        let answer = self.token(client, parameters);
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.json()["access_token"].as_str().expect("an access token").to_owned()
    }

    /// RFC 7662 §2.1: asks what a token is.
    pub(crate) fn introspect(&self, token: &str, client: &Credentials) -> Answer {
        self.post("/oauth2/introspect", &[("token", token)], Some(client))
    }

    /// RFC 7009 §2.1: takes a token back.
    pub(crate) fn revoke(&self, token: &str, client: &Credentials) -> Answer {
        self.post("/oauth2/revoke", &[("token", token)], Some(client))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Looks again and again, until there is something to see. Panics when it takes longer than anything should.
#[track_caller]
pub(crate) fn until<T>(what: &str, look: impl FnMut() -> Option<T>) -> T {
    within(PATIENCE, what, look)
}

/// The same, with a time limit that is part of what is tested.
#[track_caller]
#[expect(clippy::disallowed_methods, reason = "waiting for another process is elapsed time")]
pub(crate) fn within<T>(limit: Duration, what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let began = Instant::now();
    loop {
        if let Some(seen) = look() {
            return seen;
        }
        assert!(began.elapsed() < limit, "waited {limit:?} in vain until {what}");
        std::thread::park_timeout(GLANCE);
    }
}
