//! PostgreSQL's own programs: where they lie, and as whom they run. Owns that they never run as root, which they refuse to.

use std::fs;
use std::os::unix::fs::{MetadataExt, chown};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Whom Debian's packages make for them.
const ACCOUNT: &str = "postgres";

/// The programs of one version.
#[derive(Clone)]
pub(super) struct Programs {
    folder: PathBuf,
}

impl Programs {
    /// Those in the path, or the newest where Debian keeps them.
    pub(super) fn find() -> Option<Self> {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let folders = std::env::split_paths(&path).chain(versions());
        let all = |folder: &PathBuf| {
            ["initdb", "pg_ctl", "pg_basebackup"].iter().all(|program| folder.join(program).is_file())
        };
        folders.into_iter().find(all).map(|folder| Self { folder })
    }

    /// One of them.
    pub(super) fn command(&self, program: &str) -> Command {
        unprivileged(&self.folder.join(program))
    }
}

/// Any program, as somebody who is not root. It becomes that process, so a signal to it reaches the program.
pub(super) fn unprivileged(program: &Path) -> Command {
    if !is_root() {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    command.args(["--reuid", ACCOUNT, "--regid", ACCOUNT, "--init-groups"]).arg(program);
    command
}

/// Gives a folder of ours to whom the programs run as.
pub(super) fn hand_over(folder: &Path) {
    if is_root() {
        chown(folder, Some(id("-u")), Some(id("-g"))).expect("root may give a folder away");
    }
}

fn id(which: &str) -> u32 {
    let output = Command::new("id").args([which, ACCOUNT]).output().expect("id runs");
    let text = String::from_utf8_lossy(&output.stdout);
    text.trim().parse().unwrap_or_else(|_| panic!("root runs PostgreSQL as {ACCOUNT}, whom nobody knows"))
}

fn is_root() -> bool {
    fs::metadata("/proc/self").is_ok_and(|own| own.uid() == 0)
}

/// The newest first.
fn versions() -> Vec<PathBuf> {
    let entries = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let number = |path: &PathBuf| path.file_name()?.to_str()?.parse::<u32>().ok();
    let mut folders: Vec<_> = entries.map(|entry| entry.path()).collect();
    folders.sort_by_key(|path| std::cmp::Reverse(number(path)));
    folders.into_iter().map(|path| path.join("bin")).collect()
}
