//! nginx in front of one node or two, or of an API, set up word for word as the documentation says. Owns its process and its folder.

use crate::harness::until;
use std::io::Write;
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::{env, fs};

const DOCUMENTATION: &str = include_str!("../../../../docs/operations.md");

/// A running nginx.
pub(crate) struct Nginx {
    child: Child,
    pub(crate) port: u16,
    _folder: tempfile::TempDir,
}

impl Nginx {
    /// Starts one before these nodes; none, said aloud, where the program is missing.
    pub(crate) fn before(nodes: &[u16]) -> Option<Self> {
        let port = doorward_testkit::ports::free_port();
        Self::start(port, &balancing(port, nodes))
    }

    /// Starts one that listens on this port, by what stands in its block `http`.
    pub(crate) fn start(port: u16, http: &str) -> Option<Self> {
        let path = env::var_os("PATH").unwrap_or_default();
        let folders = env::split_paths(&path).chain(["/usr/sbin".into()]);
        let Some(program) = folders.map(|folder| folder.join("nginx")).find(|program| program.is_file())
        else {
            drop(writeln!(std::io::stderr(), "skipped: needs nginx"));
            return None;
        };
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("nginx.conf");
        fs::write(&file, settings(&folder.path().display().to_string(), http)).expect("it can be written");
        let mut command = Command::new(program);
        command.args(["-e", "stderr", "-c"]).arg(file).stdin(Stdio::null()).stderr(Stdio::null());
        let nginx = Self { child: command.spawn().expect("nginx runs"), port, _folder: folder };
        until("nginx listens", || TcpStream::connect(("127.0.0.1", port)).ok());
        Some(nginx)
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        // It takes its worker along, which a killed one would leave behind.
        let told = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status();
        if !told.is_ok_and(|told| told.success()) {
            drop(self.child.kill());
        }
        drop(self.child.wait());
    }
}

/// The documentation's words, with the addresses of here.
fn balancing(port: u16, nodes: &[u16]) -> String {
    let (_, after) =
        DOCUMENTATION.split_once("```nginx\nupstream").expect("the documentation has an example");
    let (example, _) = after.split_once("```").expect("which ends");
    let example = example
        .replace("10.0.0.1:8080", &format!("127.0.0.1:{}", nodes[0]))
        .replace("10.0.0.2:8080", &format!("127.0.0.1:{}", nodes[nodes.len() - 1]))
        .replace("server {\n", &format!("server {{\n    listen 127.0.0.1:{port};\n"));
    format!("upstream{example}")
}

/// Between what a process of a test's needs.
fn settings(folder: &str, http: &str) -> String {
    let paths = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .map(|name| format!("{name}_temp_path {folder};"));
    format!(
        "daemon off; pid {folder}/pid; worker_processes 1; events {{ worker_connections 256; }}\n\
         http {{ access_log off; {}\n{http}}}\n",
        paths.join(" ")
    )
}
