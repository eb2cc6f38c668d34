//! A running library, in a folder of its own.

use doorward_core::keys::master::MasterKey;
use doorward_core::random::SystemRandom;
use doorward_testkit::ports::free_port;
use std::io::{BufRead, BufReader};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use tempfile::TempDir;

pub(crate) struct Library {
    child: Child,
    port: u16,
    _folder: TempDir,
    /// Dora's card, as it was printed on the first start.
    pub(crate) card: String,
    /// The reading list's secret.
    pub(crate) client_secret: String,
}

impl Library {
    pub(crate) fn open() -> Self {
        let (port, folder) = (free_port(), tempfile::tempdir().unwrap());
        let key = MasterKey::generate(&SystemRandom::default()).unwrap().to_text();
        let mut command = Command::new(env!("CARGO_BIN_EXE_embed-axum"));
        command.env("PORT", port.to_string()).env("MASTER_KEY", key.expose()).env_remove("DATABASE_URL");
        let mut child = command.current_dir(&folder).stdout(Stdio::piped()).spawn().unwrap();
        let (mut lines, mut said) = (BufReader::new(child.stdout.take().unwrap()).lines(), vec![]);
        while !said.last().is_some_and(|line: &String| line.starts_with("issuer:")) {
            match lines.next() {
                Some(line) => said.push(line.unwrap()),
                None => panic!("the library did not open: {:?}", child.wait()),
            }
        }
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            std::thread::yield_now();
        }
        let after = |word: &str| said.iter().find_map(|line| line.split_once(word)).unwrap().1.to_owned();
        Self { child, port, _folder: folder, card: after("card: "), client_secret: after("secret: ") }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    pub(crate) fn issuer(&self) -> String {
        self.url("/auth")
    }
}

impl Drop for Library {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
