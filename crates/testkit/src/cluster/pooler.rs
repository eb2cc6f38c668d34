//! pgbouncer in front of a cluster, in transaction mode: a client has a session of the server's for one transaction only.
//! Owns its process and folder.

use super::{Cluster, USER, processes, programs};
use crate::ports::free_port;
use std::fs;
use std::io::{self, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use tempfile::TempDir;

/// A running pgbouncer.
pub struct Pooler {
    child: Child,
    port: u16,
    _folder: TempDir,
}

impl Pooler {
    /// Starts one in front of a cluster, with so many connections to it; none, said aloud, where the program is missing.
    ///
    /// # Panics
    /// Where the program is there and does not do it.
    #[must_use]
    pub fn start(cluster: &Cluster, connections: usize) -> Option<Self> {
        let program = found_or_say()?;
        let (folder, port) = (tempfile::tempdir().expect("a temporary folder can be made"), free_port());
        programs::hand_over(folder.path());
        let file = folder.path().join("pgbouncer.ini");
        fs::write(&file, settings(cluster, folder.path(), port, connections)).expect("it can be written");
        let mut command = programs::unprivileged(&program);
        command.arg("--quiet").arg(file).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let pooler = Self { child: command.spawn().expect("pgbouncer runs"), port, _folder: folder };
        processes::until("pgbouncer listens", || TcpStream::connect(("127.0.0.1", port)).is_ok());
        Some(pooler)
    }

    /// The URL of one of the cluster's databases, by way of the pooler.
    #[must_use]
    pub fn url(&self, database: &str) -> String {
        format!("postgres://{USER}@127.0.0.1:{}/{database}?prepared_statements=false", self.port)
    }
}

impl Drop for Pooler {
    fn drop(&mut self) {
        // It may have ended by itself.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

fn settings(cluster: &Cluster, folder: &Path, port: u16, connections: usize) -> String {
    format!(
        "[databases]\n* = host=127.0.0.1 port={} user={USER}\n[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\n\
         unix_socket_dir =\nauth_type = any\npool_mode = transaction\ndefault_pool_size = {connections}\n\
         logfile = {}\n",
        cluster.port,
        folder.join("log").display()
    )
}

fn found_or_say() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::env::split_paths(&path).chain([PathBuf::from("/usr/sbin")]);
    let found = folders.map(|folder| folder.join("pgbouncer")).find(|program| program.is_file());
    if found.is_none() {
        drop(writeln!(io::stderr(), "skipped: needs pgbouncer"));
    }
    found
}
