//! A running shop, in a folder of its own.

use diesel::prelude::*;
use doorward_testkit::ports::free_port;
use std::io::{BufRead, BufReader};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use tempfile::TempDir;

pub(crate) struct Shop {
    child: Child,
    port: u16,
    folder: TempDir,
    /// Carol's, as it was printed on the first start.
    pub(crate) password: String,
}

diesel::table! {
    sqlite_master (name) {
        name -> Text,
        r#type -> Text,
    }
}

impl Shop {
    pub(crate) fn open() -> Self {
        let (port, folder) = (free_port(), tempfile::tempdir().unwrap());
        let (child, said) = start(port, &folder);
        let password = said.iter().find_map(|line| line.split_once("password: ")).unwrap().1.to_owned();
        Self { child, port, folder, password }
    }

    /// Ends it without warning, and starts it again.
    pub(crate) fn restart(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        self.child = start(self.port, &self.folder).0;
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    pub(crate) fn issuer(&self) -> String {
        self.url("/auth")
    }

    /// The tables of its own database.
    pub(crate) fn tables(&self) -> Vec<String> {
        let path = self.folder.path().join("shop.db");
        let mut connection = SqliteConnection::establish(path.to_str().unwrap()).unwrap();
        let tables = sqlite_master::table.filter(sqlite_master::r#type.eq("table"));
        tables.select(sqlite_master::name).load(&mut connection).unwrap()
    }
}

impl Drop for Shop {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// Starts it and waits until it listens; what it said by then.
fn start(port: u16, folder: &TempDir) -> (Child, Vec<String>) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_embed-actix"));
    command.env("PORT", port.to_string()).current_dir(folder).stdout(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let (mut lines, mut said) = (BufReader::new(child.stdout.take().unwrap()).lines(), vec![]);
    while !said.last().is_some_and(|line: &String| line.starts_with("issuer:")) {
        match lines.next() {
            Some(line) => said.push(line.unwrap()),
            None => panic!("the shop did not open: {:?}", child.wait()),
        }
    }
    while TcpStream::connect(("127.0.0.1", port)).is_err() {
        std::thread::yield_now();
    }
    (child, said)
}
