//! Caddy in front of an API. Owns its process and its folder.

use crate::harness::until;
use std::io::Write;
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::{env, fs};

/// A running Caddy.
pub(crate) struct Caddy {
    child: Child,
    _folder: tempfile::TempDir,
}

impl Caddy {
    /// Starts one that listens on this port, by these words; none, said aloud, where the program is missing.
    pub(crate) fn start(port: u16, words: &str) -> Option<Self> {
        let path = env::var_os("PATH").unwrap_or_default();
        let Some(program) =
            env::split_paths(&path).map(|folder| folder.join("caddy")).find(|program| program.is_file())
        else {
            drop(writeln!(std::io::stderr(), "skipped: needs caddy"));
            return None;
        };
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("Caddyfile");
        fs::write(&file, words).expect("it can be written");
        let mut command = Command::new(program);
        command.args(["run", "--adapter", "caddyfile", "--config"]).arg(file);
        for variable in ["HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME"] {
            command.env(variable, folder.path());
        }
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let caddy = Self { child: command.spawn().expect("Caddy runs"), _folder: folder };
        until("Caddy listens", || TcpStream::connect(("127.0.0.1", port)).ok());
        Some(caddy)
    }
}

impl Drop for Caddy {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
