//! What the Containerfile makes, run as a container would run it: the files that `packaging/container/rootfs` assembles as
//! root of the file system, read-only but for the state folder, as a user without any privilege. The image itself takes a
//! builder; all that is in it stands here.

use crate::doorward::Ran;
use crate::harness::until;
use doorward_testkit::http::{self, Credentials};
use doorward_testkit::ports::free_port;
use std::fs::{self, File};
use std::io::Write;
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

const REPOSITORY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");
/// The Containerfile's user.
const USER: u32 = 65532;

/// What a container's runtime does with a root file system, in a few lines. The state is a volume.
const CONFINE: &str = r#"
    set -e
    mount --make-rprivate /
    mount --bind "$ROOT" "$ROOT"
    mount --bind "$STATE" "$ROOT/var/lib/doorward"
    mount -t tmpfs tmpfs "$ROOT/tmp"
    mount -o remount,bind,ro "$ROOT"
    exec setpriv --no-new-privs chroot --userspec=65532:65532 "$ROOT" /usr/bin/doorward "$@"
"#;

/// A container's root and its volume.
struct Container {
    folder: tempfile::TempDir,
    port: u16,
}

/// A process in it.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

impl Container {
    /// Assembles one; none, said aloud, where this machine does not let us.
    fn assemble() -> Option<Self> {
        let probe =
            "mount -t tmpfs tmpfs /mnt && setpriv --no-new-privs chroot --userspec=65532:65532 / true";
        let able = Command::new("unshare").args(["--mount", "sh", "-c", probe]).output();
        if !able.is_ok_and(|able| able.status.success()) {
            drop(writeln!(std::io::stderr(), "skipped: needs root, and unshare with mounts of its own"));
            return None;
        }
        let container = Self { folder: tempfile::tempdir().unwrap(), port: free_port() };
        let script = Path::new(REPOSITORY).join("packaging/container/rootfs");
        let made =
            Command::new(script).arg(env!("CARGO_BIN_EXE_doorward")).arg(container.path("root")).status();
        assert!(made.unwrap().success());
        // A volume begins as what the image has there.
        fs::rename(container.path("root/var/lib/doorward"), container.path("state")).unwrap();
        fs::create_dir(container.path("root/var/lib/doorward")).unwrap();
        // Others look into the folder of a container, too.
        fs::set_permissions(container.folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
        Some(container)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new("unshare");
        command
            .args(["--mount", "sh", "-c", CONFINE, "sh"])
            .args(arguments)
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("ROOT", self.path("root"))
            .env("STATE", self.path("state"))
            .envs(environment())
            .env("DOORWARD__SERVER__ISSUER", self.url(""))
            .env("DOORWARD__SERVER__LISTEN", format!("127.0.0.1:{}", self.port))
            .env("DOORWARD__METRICS__LISTEN", "")
            .env("DOORWARD__KEYS__ALGORITHMS", "ES256")
            .stdin(Stdio::null());
        command
    }

    fn run(&self, arguments: &[&str]) -> Ran {
        Ran::of(&self.command(arguments).output().unwrap())
    }

    fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    /// Starts the server, and waits until it is ready.
    fn serve(&self) -> Running {
        let log = File::create(self.path("log")).unwrap();
        let mut server = Running(self.command(&["serve"]).stderr(log).spawn().unwrap());
        until("the server in the container is ready", || {
            if let Ok(Some(status)) = server.0.try_wait() {
                panic!("it ended with {status}: {}", fs::read_to_string(self.path("log")).unwrap());
            }
            http::get(&http::agent(), &self.url("/readyz"))
                .is_ok_and(|answer| answer.status == 200)
                .then_some(())
        });
        server
    }

    fn gives_a_token_to(&self, client: &Credentials) {
        let form = [("grant_type", "client_credentials")];
        let answer = http::post(&http::agent(), &self.url("/oauth2/token"), &form, Some(client)).unwrap();
        assert_eq!(answer.status, 200, "{answer:?}");
    }
}

/// What the Containerfile sets.
fn environment() -> Vec<(String, String)> {
    let text = fs::read_to_string(Path::new(REPOSITORY).join("Containerfile")).unwrap().replace("\\\n", " ");
    let line = text.lines().find_map(|line| line.strip_prefix("ENV ")).expect("a line");
    let pair = |word: &str| word.split_once('=').map(|(name, value)| (name.to_owned(), value.to_owned()));
    line.split_whitespace().map(|word| pair(word).expect("NAME=VALUE")).collect()
}

#[test]
fn a_container_serves_as_nobody_from_a_file_system_that_it_cannot_write_to() {
    let Some(container) = Container::assemble() else { return };
    container.run(&["keys", "init"]).ok();
    let mut server = container.serve();
    let client = container.run(&["client", "create", "--json", "--name", "Test"]).json();
    let text = |member: &str| client[member].as_str().unwrap().to_owned();
    let client = Credentials { client_id: text("client_id"), client_secret: text("client_secret") };
    container.gives_a_token_to(&client);
    let of_process = |file: &str| fs::read_to_string(format!("/proc/{}/{file}", server.0.id())).unwrap();
    let status = of_process("status");
    for line in ["Uid:\t65532\t65532\t65532\t65532", "CapEff:\t0000000000000000", "NoNewPrivs:\t1"] {
        assert!(status.lines().any(|said| said == line), "{line}: {status}");
    }
    let mounts = of_process("mountinfo");
    let root = mounts.lines().find(|line| line.split(' ').nth(4) == Some("/")).expect("a root");
    assert!(root.split(' ').nth(5).unwrap().split(',').any(|option| option == "ro"), "{root}");
    drop(Command::new("kill").args(["-TERM", &server.0.id().to_string()]).status());
    let ended = until("it stops", || server.0.try_wait().unwrap());
    assert!(ended.success(), "SIGTERM is enough");
    the_key_as_a_secret(&container, &client);
}

/// systemd passes a credential as root's file that our group reads, or as our own; so do secrets of containers.
fn the_key_as_a_secret(container: &Container, client: &Credentials) {
    let (key, secret) = (container.path("state/master.key"), container.path("root/run/secrets/master_key"));
    fs::rename(key, &secret).unwrap();
    for (owner, mode) in [(0, 0o440), (USER, 0o400)] {
        chown(&secret, Some(owner), Some(USER)).unwrap();
        fs::set_permissions(&secret, fs::Permissions::from_mode(mode)).unwrap();
        let _server = container.serve();
        container.gives_a_token_to(client);
    }
    chown(&secret, Some(0), Some(USER)).unwrap();
    fs::set_permissions(&secret, fs::Permissions::from_mode(0o444)).unwrap();
    assert!(container.run(&["serve"]).refused(1).contains("others may read it"));
}
