//! The processes of a cluster: the postmaster and its children, each of which leads a group of its own. Owns finding and
//! signalling them; what the signal is for is said in `mod.rs`.

use std::fs;
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

/// Between two looks, and how many of them are enough: half a minute.
const GLANCE: Duration = Duration::from_millis(10);
const GLANCES: usize = 3_000;

/// Halts a postmaster and its children: first itself, so that no child is born meanwhile.
pub(super) fn halt(postmaster: Option<u32>) {
    postmaster.inspect(|postmaster| signal("STOP", &[*postmaster]));
    signal_all("STOP", postmaster);
}

/// Signals a postmaster and all its children.
pub(super) fn signal_all(name: &str, postmaster: Option<u32>) {
    let Some(postmaster) = postmaster else { return };
    let mut all = children(postmaster);
    all.push(postmaster);
    signal(name, &all);
}

/// Whether there is such a process that has not ended.
pub(super) fn runs(process: u32) -> bool {
    state(process).is_some_and(|(state, _)| state != "Z")
}

/// Looks again and again, until it is so.
pub(super) fn until(what: &str, so: impl Fn() -> bool) {
    for _ in 0..GLANCES {
        if so() {
            return;
        }
        thread::park_timeout(GLANCE);
    }
    panic!("waited in vain until {what}");
}

/// One that has ended meanwhile is no trouble.
fn signal(name: &str, processes: &[u32]) {
    let ids = processes.iter().map(u32::to_string);
    drop(Command::new("kill").arg(format!("-{name}")).args(ids).stderr(Stdio::null()).status());
}

fn children(parent: u32) -> Vec<u32> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    let processes = entries.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    processes.filter(|process| state(*process).is_some_and(|(_, theirs)| theirs == parent)).collect()
}

/// proc(5), `/proc/pid/stat`: after the name in parentheses, the state and the parent.
fn state(process: u32) -> Option<(String, u32)> {
    let text = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    let mut fields = text.rsplit_once(") ")?.1.split(' ');
    Some((fields.next()?.to_owned(), fields.next()?.parse().ok()?))
}
