//! The binary in a folder of its own: how it is called, and what it answers there. Owns the environment that every call
//! and every server of one test shares; running a server is `harness`'s part.

use crate::harness::until;
use doorward_testkit::databases::{FreshDatabase, ask, on_postgres, say};
use serde_json::Value;
use std::fs::File;
use std::io::{Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::Arc;
use tempfile::TempDir;

/// The API that a place may begin with.
pub(crate) const ORDERS: &str = "https://orders.example";

/// A folder that is home, state folder and working directory of every call. A copy is the same folder, with an environment
/// that can be told apart.
#[derive(Clone)]
pub(crate) struct Place {
    folder: Arc<TempDir>,
    /// On a server, where this run keeps its databases there.
    database: Option<Arc<FreshDatabase>>,
    variables: Vec<(String, String)>,
}

impl Place {
    /// An empty place: no configuration, no database, no key.
    pub(crate) fn bare() -> Self {
        let folder = Arc::new(TempDir::new().expect("a temporary folder"));
        Self { folder, database: None, variables: Vec::new() }
    }

    /// A place with a master key and an issuer, and signing keys of the one algorithm that is quick to make.
    pub(crate) fn ready() -> Self {
        let place = Self::configured();
        place.run(&["keys", "init"]).ok();
        place
    }

    /// The same, migrated: as after the first start of a server.
    pub(crate) fn migrated() -> Self {
        let place = Self::ready();
        place.run(&["migrate", "up"]).ok();
        place
    }

    /// A place where all is said that a server needs, and nothing is made yet.
    pub(crate) fn configured() -> Self {
        let mut place = Self::bare();
        if on_postgres() {
            let database = FreshDatabase::new();
            place = place.with("DOORWARD__DATABASE__URL", database.url());
            place = place.with("DOORWARD__DATABASE__CONNECTIONS", "4");
            place.database = Some(Arc::new(database));
        }
        place
            .with("DOORWARD__SERVER__ISSUER", "http://127.0.0.1:8080")
            .with("DOORWARD__KEYS__ALGORITHMS", "ES256")
            .with("DOORWARD__METRICS__LISTEN", "")
    }

    /// The same with another environment variable, or another value of it.
    pub(crate) fn with(mut self, variable: &str, text: &str) -> Self {
        self.variables.retain(|(name, _)| name != variable);
        self.variables.push((variable.to_owned(), text.to_owned()));
        self
    }

    /// A database that holds a person, `alice`, and an API, [`ORDERS`].
    pub(crate) fn with_alice_and_orders() -> Self {
        let place = Self::migrated();
        place.run(&["user", "create", "--username", "alice"]).ok();
        place.run(&["api", "create", "--name", "Orders", "--identifier", ORDERS]).ok();
        place
    }

    /// All rows of all tables, as text, where they are on a server; where they are in a file, it is in the folder.
    pub(crate) fn rows_on_server(&self) -> Option<Vec<String>> {
        let url = self.database.as_ref()?.url();
        let tables =
            "SELECT table_name::text FROM information_schema.tables WHERE table_schema = current_schema()";
        let rows = |table: &String| ask(url, &format!("SELECT t::text FROM \"{table}\" t"));
        Some(ask(url, tables).iter().flat_map(rows).collect())
    }

    /// Says something to the database in its own words, as somebody who has got hold of it.
    pub(crate) fn say_to_database(&self, words: &str) {
        match &self.database {
            Some(database) => say(database.url(), words),
            None => say(&format!("sqlite:{}", self.path("doorward.db").display()), words),
        }
    }

    /// A path in the folder.
    pub(crate) fn path(&self, name: impl AsRef<Path>) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The URL of the database.
    pub(crate) fn database(&self) -> String {
        let named = self.variables.iter().find(|(name, _)| name == "DOORWARD__DATABASE__URL");
        named.map_or_else(|| format!("sqlite:{}", self.path("doorward.db").display()), |(_, url)| url.clone())
    }

    /// What stands in a file of the folder.
    pub(crate) fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    /// A call that is not made yet.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_doorward"));
        self.furnish(&mut command).args(arguments);
        command
    }

    /// The folder and environment of a call, for any program.
    pub(crate) fn furnish<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        command
            .current_dir(self.folder.path())
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", self.folder.path())
            .env("STATE_DIRECTORY", self.folder.path())
            .envs(self.variables.iter().map(|(name, text)| (name, text)))
            .stdin(Stdio::null())
    }

    /// Calls the binary and waits for its end. A server that starts where it should refuse to, is ended.
    pub(crate) fn run(&self, arguments: &[&str]) -> Ran {
        self.run_with_input("", arguments)
    }

    /// The same, with this to read on standard input.
    pub(crate) fn run_with_input(&self, input: &str, arguments: &[&str]) -> Ran {
        let [mut stdin, stdout, stderr] = [(); 3].map(|()| tempfile::tempfile().expect("a temporary file"));
        stdin.write_all(input.as_bytes()).and_then(|()| stdin.rewind()).expect("it can be written");
        let mut command = self.command(arguments);
        command.stdin(stdin);
        command.stdout(stdout.try_clone().expect("a second handle"));
        command.stderr(stderr.try_clone().expect("a second handle"));
        let mut child = Ended(command.spawn().expect("the binary runs"));
        let status = until("the command ends", || child.0.try_wait().expect("our own child can be awaited"));
        let [stdout, stderr] = [stdout, stderr].map(whole);
        Ran { code: status.code(), stdout, stderr }
    }
}

/// A process that does not outlive the test.
struct Ended(Child);

impl Drop for Ended {
    fn drop(&mut self) {
        // It has mostly ended by itself.
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

/// All that was written to a file.
fn whole(mut file: File) -> String {
    let mut bytes = Vec::new();
    file.rewind().and_then(|()| file.read_to_end(&mut bytes)).expect("what was written can be read");
    String::from_utf8_lossy(&bytes).into_owned()
}

/// A call that has ended.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Ran {
    /// What came of a call.
    pub(crate) fn of(output: &Output) -> Self {
        Self {
            code: output.status.code(),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// What was printed by a call that must have succeeded.
    #[track_caller]
    pub(crate) fn ok(self) -> String {
        assert_eq!(self.code, Some(0), "{self:#?}");
        self.stdout
    }

    /// The same as JSON.
    #[track_caller]
    pub(crate) fn json(self) -> Value {
        let text = self.ok();
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error} in {text}"))
    }

    /// What was complained by a call that must have ended with this code, and printed nothing.
    #[track_caller]
    pub(crate) fn refused(self, code: i32) -> String {
        assert_eq!(self.code, Some(code), "{self:#?}");
        assert_eq!(self.stdout, "", "a refusal prints nothing where a script reads");
        self.stderr
    }

    /// The same as the problem object that `--json` asks for.
    #[track_caller]
    pub(crate) fn problem(self, code: i32) -> Value {
        let text = self.refused(code);
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error} in {text}"))
    }
}
