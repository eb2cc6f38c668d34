//! Servers of a test's own, for what cannot be tried on somebody else's: certificates, standbys, restarts, stopped
//! processes. They listen on a free port of the loopback and on a unix socket, and end with the test.

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

use crate::database::{PATIENCE, skipped};

/// The superuser's name and password. Over TCP the password is asked for, on the unix socket it is not.
pub(crate) const USER: &str = "doorward";
pub(crate) const PASSWORD: &str = "s3cret";

/// Makes and ends a server quickly; what it holds need not outlive a crash.
const SETTINGS: &str = "fsync = off\nlisten_addresses = '127.0.0.1'\nmax_wal_senders = 4\n";

/// A server.
pub(crate) struct Cluster {
    folder: TempDir,
    pub(crate) port: u16,
    tools: PathBuf,
}

/// Starts a server with more settings, or says aloud that the tools are missing.
pub(crate) fn cluster(settings: &str) -> Option<Cluster> {
    let Some(tools) = tools() else {
        skipped("PostgreSQL's initdb and pg_ctl");
        return None;
    };
    let cluster = Cluster { folder: folder(), port: free_port(), tools };
    fs::write(cluster.path("password"), PASSWORD).expect("a file");
    cluster.own("password", 0o600);
    let (data, password) = (cluster.path("data"), cluster.path("password"));
    let mut initdb = cluster.tool("initdb");
    initdb.args(["-N", "-A", "scram-sha-256", "--auth-local=trust", "-U", USER, "-D"]).arg(data);
    run(initdb.arg("--pwfile").arg(password));
    cluster.set(settings);
    cluster.control(&["start"]);
    Some(cluster)
}

impl Cluster {
    /// A URL for TCP, with the password, and patience for a machine that has much to do.
    pub(crate) fn url(&self) -> String {
        format!("postgres://{USER}:{PASSWORD}@127.0.0.1:{}/postgres?{PATIENCE}", self.port)
    }

    /// A URL for the unix socket.
    pub(crate) fn socket_url(&self) -> String {
        format!(
            "postgres://{USER}@/postgres?host={}&port={}&{PATIENCE}",
            self.folder.path().display(),
            self.port
        )
    }

    /// A file or folder of the cluster's.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Gives a file to the server, which insists on being the only one who reads its keys.
    pub(crate) fn own(&self, name: &str, mode: u32) {
        let path = self.path(name);
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).expect("our file");
        give_away(&path);
    }

    /// Adds settings; some need a restart.
    pub(crate) fn set(&self, settings: &str) {
        let file = self.path("data/postgresql.conf");
        let old = fs::read_to_string(&file).expect("a configuration");
        let (port, folder) = (self.port, self.folder.path().display());
        let own = format!("port = {port}\nunix_socket_directories = '{folder}'\n");
        fs::write(file, format!("{old}\n{SETTINGS}{own}{settings}\n")).expect("a configuration");
    }

    /// The process that begins sessions.
    pub(crate) fn postmaster(&self) -> i64 {
        let told = fs::read_to_string(self.path("data/postmaster.pid")).expect("it runs");
        told.lines().next().and_then(|process| process.parse().ok()).expect("its first line is the process")
    }

    /// Starts, stops or restarts the server and waits for it.
    pub(crate) fn control(&self, action: &[&str]) {
        run(self
            .tool("pg_ctl")
            .args(["-w", "-s", "-D"])
            .arg(self.path("data"))
            .arg("-l")
            .arg(self.path("log"))
            .args(action));
    }

    /// A standby of this server.
    pub(crate) fn standby(&self) -> Cluster {
        let standby = Cluster { folder: folder(), port: free_port(), tools: self.tools.clone() };
        let primary = format!("host={} port={} user={USER}", self.folder.path().display(), self.port);
        run(self
            .tool("pg_basebackup")
            .args(["-R", "-c", "fast", "-d", &primary, "-D"])
            .arg(standby.path("data")));
        standby.set("");
        standby.control(&["start"]);
        standby
    }

    /// A command to be run as whom the server runs as.
    pub(crate) fn as_server(&self, program: &Path) -> Command {
        if !is_root() {
            return Command::new(program);
        }
        let mut command = Command::new("setpriv");
        command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups", "--"]).arg(program);
        command
    }

    fn tool(&self, name: &str) -> Command {
        self.as_server(&self.tools.join(name))
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        let mut stop = self.tool("pg_ctl");
        stop.args(["-w", "-s", "-m", "immediate", "-D"]).arg(self.path("data")).arg("stop");
        let _ = stop.stdout(Stdio::null()).stderr(Stdio::null()).status();
    }
}

/// Sends a signal to a process of the server's, such as `STOP`.
pub(crate) fn signal(name: &str, process: i64) {
    run(Command::new("kill").args(["-s", name, &process.to_string()]));
}

/// Runs a command that has to succeed.
pub(crate) fn run(command: &mut Command) {
    // Not `output()`: a server inherits the pipes, and reading them would last as long as it does.
    let file = tempfile::tempfile().expect("a file");
    let (out, err) = (file.try_clone().expect("a file"), file.try_clone().expect("a file"));
    let status = command.stdin(Stdio::null()).stdout(out).stderr(err).status();
    let status = status.unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(status.success(), "{command:?}: {}", told(file));
}

fn told(mut file: fs::File) -> String {
    use std::io::{Read as _, Seek as _};
    let mut text = String::new();
    let _ = file.rewind().and_then(|()| file.read_to_string(&mut text));
    text
}

/// A free port, as long as nobody else takes it.
pub(crate) fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.local_addr().expect("an address").port()
}

/// Short, since the path of a unix socket has to fit into 107 bytes.
fn folder() -> TempDir {
    let folder = tempfile::Builder::new().prefix("pgh-").tempdir().expect("a folder");
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).expect("our folder");
    give_away(folder.path());
    folder
}

fn give_away(path: &Path) {
    if is_root() {
        run(Command::new("chown").arg("postgres:postgres").arg(path));
    }
}

/// PostgreSQL refuses to run as root.
fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt as _;
    fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0)
}

/// Debian keeps the tools out of the path, one folder for each version.
fn tools() -> Option<PathBuf> {
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut folders: Vec<PathBuf> = versions.map(|version| version.path().join("bin")).collect();
    folders.sort();
    folders.reverse();
    let path = std::env::var_os("PATH").unwrap_or_default();
    folders.extend(std::env::split_paths(&path));
    folders.into_iter().find(|folder| folder.join("initdb").exists() && folder.join("pg_ctl").exists())
}
