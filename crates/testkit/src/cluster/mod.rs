//! A server of PostgreSQL's for one test, which may be stopped, killed and followed by its standby. Owns its processes and
//! its folder, both gone with the value; what is kept in it, and what is asked meanwhile, is the test's business.
//!
//! It is durable as servers are by default (`fsync`, `synchronous_commit`): tests that kill it are about that.

pub mod pooler;
mod processes;
mod programs;

use crate::databases::{ask, say};
use crate::ports::free_port;
use programs::Programs;
use std::fs;
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::Command;
use std::sync::Once;
use tempfile::TempDir;

/// The superuser, who needs no password.
const USER: &str = "postgres";
/// How a standby is known to its primary.
const STANDBY: &str = "standby";
/// What a start may take at most, and the end before it is a killing, in seconds.
const START: &str = "60";
const END: &str = "5";

/// A running server, its own processes and folder.
pub struct Cluster {
    programs: Programs,
    folder: TempDir,
    port: u16,
}

impl Cluster {
    /// Makes and starts one; none, said aloud, where the programs are missing.
    ///
    /// # Panics
    /// Where the programs are there and do not do it.
    #[must_use]
    pub fn start() -> Option<Self> {
        let cluster = Self::placed(found_or_say()?);
        let mut initdb = cluster.programs.command("initdb");
        initdb.args(["--no-sync", "--no-instructions", "--auth=trust", "--encoding=UTF8", "--locale=C"]);
        cluster.run(initdb.args(["--username", USER, "--pgdata"]).arg(cluster.data()));
        cluster.settle();
        cluster.control(&["start", "-t", START]);
        Some(cluster)
    }

    /// The URL of one of its databases; `postgres` is there from the beginning.
    #[must_use]
    pub fn url(&self, database: &str) -> String {
        format!("postgres://{USER}@{}/{database}", self.address())
    }

    /// Its host and port, as they stand in a URL.
    #[must_use]
    pub fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// Ends every session in the middle of what it does, as a crash would, and starts again from the log. Returns when
    /// connections are taken.
    pub fn restart_immediately(&self) {
        self.control(&["restart", "-m", "immediate", "-t", START]);
    }

    /// Halts all its processes where they are: connections stay open, and nobody answers.
    pub fn stop_signal(&self) {
        processes::halt(self.postmaster());
    }

    /// Lets them go on.
    pub fn continue_signal(&self) {
        processes::signal_all("CONT", self.postmaster());
    }

    /// Ends all its processes at once. It does not come back.
    pub fn kill(&self) {
        processes::halt(self.postmaster());
        processes::signal_all("KILL", self.postmaster());
    }

    /// Makes and starts a copy that follows this one. From then on a commit here is answered when it is on both.
    ///
    /// # Panics
    /// Where the programs do not do it.
    #[must_use]
    pub fn standby(&self) -> Self {
        let standby = Self::placed(self.programs.clone());
        let connection = format!("host=127.0.0.1 port={} user={USER} application_name={STANDBY}", self.port);
        let mut copy = self.programs.command("pg_basebackup");
        copy.args(["--checkpoint=fast", "--wal-method=stream", "--write-recovery-conf", "--no-sync"]);
        standby.run(copy.arg("--dbname").arg(connection).arg("--pgdata").arg(standby.data()));
        standby.settle();
        standby.control(&["start", "-t", START]);
        // Said to the primary alone, after the copy: the standby has nobody to wait for once it is promoted.
        say(&self.url(USER), &format!("ALTER SYSTEM SET synchronous_standby_names = '{STANDBY}'"));
        say(&self.url(USER), "SELECT pg_reload_conf()");
        let state = "SELECT sync_state FROM pg_stat_replication";
        processes::until("the standby is synchronous", || ask(&self.url(USER), state) == ["sync"]);
        standby
    }

    /// Makes a standby the primary. Returns when it takes changes.
    pub fn promote(&self) {
        self.control(&["promote", "-t", START]);
    }

    fn placed(programs: Programs) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        programs::hand_over(folder.path());
        Self { programs, folder, port: free_port() }
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// Where it listens; the last word in the file counts.
    fn settle(&self) {
        let words = format!(
            "port = {}\nlisten_addresses = '127.0.0.1'\nunix_socket_directories = '{}'\n",
            self.port,
            self.folder.path().display()
        );
        let file = fs::File::options().append(true).open(self.data().join("postgresql.conf"));
        file.and_then(|mut file| file.write_all(words.as_bytes())).expect("its settings can be written");
    }

    fn control(&self, what: &[&str]) {
        self.run(&mut self.pg_ctl(what));
    }

    fn pg_ctl(&self, what: &[&str]) -> Command {
        let mut command = self.programs.command("pg_ctl");
        command.args(what).args(["-s", "-w", "-D"]).arg(self.data());
        command.arg("-l").arg(self.folder.path().join("log"));
        command
    }

    fn run(&self, command: &mut Command) {
        let output = command.current_dir(self.folder.path()).output().expect("PostgreSQL's programs run");
        let log = fs::read_to_string(self.folder.path().join("log")).unwrap_or_default();
        assert!(output.status.success(), "{command:?}: {}\n{log}", String::from_utf8_lossy(&output.stderr));
    }

    /// None when it does not run.
    fn postmaster(&self) -> Option<u32> {
        fs::read_to_string(self.data().join("postmaster.pid")).ok()?.lines().next()?.parse().ok()
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        if self.postmaster().is_some_and(processes::runs) {
            self.continue_signal();
            // Asked first, because only then does it give back the memory that it shares.
            drop(self.pg_ctl(&["stop", "-m", "immediate", "-t", END]).output());
            self.kill();
        }
    }
}

/// The programs, or a word about it, once.
fn found_or_say() -> Option<Programs> {
    static SAID: Once = Once::new();
    let programs = Programs::find();
    if programs.is_none() {
        let words = "skipped: needs PostgreSQL's programs (initdb, pg_ctl)";
        SAID.call_once(|| drop(writeln!(io::stderr(), "{words}")));
    }
    programs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cluster_survives_what_tests_do_to_it_and_leaves_nothing_behind() {
        let Some(cluster) = Cluster::start() else { return };
        say(&cluster.url(USER), "CREATE TABLE kept (word text); INSERT INTO kept VALUES ('hello')");
        let standby = cluster.standby();
        cluster.restart_immediately();
        cluster.stop_signal();
        cluster.continue_signal();
        let words = |cluster: &Cluster| ask(&cluster.url(USER), "SELECT word FROM kept");
        assert_eq!(words(&cluster), ["hello"]);
        let (folder, postmaster) = (cluster.folder.path().to_owned(), cluster.postmaster().unwrap());
        cluster.kill();
        processes::until("it is dead", || !processes::runs(postmaster));
        standby.promote();
        say(&standby.url(USER), "INSERT INTO kept VALUES ('again')");
        assert_eq!(words(&standby), ["hello", "again"]);
        let postmaster = standby.postmaster().unwrap();
        drop((cluster, standby));
        assert!(!folder.exists() && !processes::runs(postmaster));
    }
}
