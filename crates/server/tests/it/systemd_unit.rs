//! The unit in `packaging/systemd`: that systemd understands it, finds it tight, and that what it forbids is nothing that the
//! server does. The last is seen from the server's system calls, so no running systemd is needed.

use crate::doorward::Place;
use crate::harness::Server;
use doorward_testkit::http;
use doorward_testkit::ports::free_port;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

const UNIT: &str = include_str!("../../../../packaging/systemd/doorward.service");
const PORT_443: &str = include_str!("../../../../packaging/systemd/port-443.conf");
/// Tenths, as systemd-analyze counts how exposed a unit is: 1.1 of 10 today, and 1.4 with the right to port 443.
const MOST_EXPOSED: [&str; 2] = ["11", "14"];

/// Whether a program is there; said aloud where it is not.
fn has(program: &str) -> bool {
    let has = Command::new(program).arg("--version").output().is_ok_and(|output| output.status.success());
    if !has {
        drop(writeln!(std::io::stderr(), "skipped: needs {program}"));
    }
    has
}

/// The unit in a folder of its own, for the binary of this build.
fn unit(folder: &Path, drop_in: Option<&str>) -> PathBuf {
    let (path, binary) = (folder.join("doorward.service"), env!("CARGO_BIN_EXE_doorward"));
    fs::write(&path, UNIT.replace("/usr/bin/doorward", binary)).unwrap();
    if let Some(drop_in) = drop_in {
        // systemd-analyze reads no drop-ins of files that it is given; later lines count as they would.
        let text = fs::read_to_string(&path).unwrap();
        fs::write(&path, text.replace("[Install]", &format!("{drop_in}\n[Install]"))).unwrap();
    }
    path
}

#[track_caller]
fn analyze(arguments: &[&str], unit: &Path) {
    let output = Command::new("systemd-analyze").args(arguments).arg(unit).output().unwrap();
    let [out, err] = [&output.stdout, &output.stderr].map(|bytes| String::from_utf8_lossy(bytes));
    assert!(output.status.success() && err.trim().is_empty(), "{out}\n{err}");
}

#[test]
fn systemd_understands_the_unit_and_finds_it_tight() {
    if !has("systemd-analyze") {
        return;
    }
    for (drop_in, most) in [None, Some(PORT_443)].into_iter().zip(MOST_EXPOSED) {
        let folder = tempfile::tempdir().unwrap();
        let unit = unit(folder.path(), drop_in);
        analyze(&["verify", "--man=no"], &unit);
        analyze(&["security", "--offline=true", &format!("--threshold={most}")], &unit);
    }
}

/// The server stops in time, whatever its defaults are; and each line of the unit that a secret comes by has its file.
#[test]
fn the_unit_takes_the_key_as_a_credential_and_gives_it_time_to_stop() {
    let value =
        |name: &str| UNIT.lines().find_map(|line| line.strip_prefix(&format!("{name}="))).expect(name);
    assert_eq!(value("LoadCredential").split_once(':').unwrap().0, "master_key");
    assert_eq!(value("Type"), "notify");
    let (stop, files): (u64, u64) =
        (value("TimeoutStopSec").parse().unwrap(), value("LimitNOFILE").parse().unwrap());
    assert!(stop > 10 && files > 2 * 10_000);
}

/// The system calls of a set, those of the sets in it included.
fn calls_of(set: &str, into: &mut BTreeSet<String>) {
    let output =
        Command::new("systemd-analyze").args(["--no-pager", "syscall-filter", set]).output().unwrap();
    assert!(output.status.success(), "{set}");
    for line in String::from_utf8_lossy(&output.stdout).lines().skip(1).map(str::trim) {
        match line {
            _ if line.is_empty() || line.starts_with('#') => {}
            _ if line.starts_with('@') => calls_of(line, into),
            _ => drop(into.insert(line.to_owned())),
        }
    }
}

fn allowed() -> BTreeSet<String> {
    let (mut allowed, mut forbidden) = (BTreeSet::new(), BTreeSet::new());
    for line in UNIT.lines().filter_map(|line| line.strip_prefix("SystemCallFilter=")) {
        let (sets, into) = line.strip_prefix('~').map_or((line, &mut allowed), |sets| (sets, &mut forbidden));
        sets.split_whitespace().for_each(|set| calls_of(set, into));
    }
    &allowed - &forbidden
}

/// `PID call(arguments…`, by the call.
fn traced(text: &str) -> BTreeMap<&str, Vec<&str>> {
    let mut calls: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for line in text.lines() {
        let call = line.trim_start_matches(|c: char| c.is_ascii_digit() || c == ' ');
        if let Some((name, rest)) = call.split_once('(')
            && !name.contains(' ')
        {
            calls.entry(name).or_default().push(rest);
        }
    }
    calls
}

#[test]
fn the_server_does_nothing_that_the_unit_forbids() {
    if !has("systemd-analyze") || !has("strace") {
        return;
    }
    let place = Place::ready();
    let trace = place.path("calls");
    // The tracer is a grandchild, so that the child is the server itself.
    let tracer = ["strace", "-D", "-f", "-qq", "-o", trace.to_str().unwrap()];
    let mut server = Server::start_by(
        &tracer,
        place.with("DOORWARD__METRICS__LISTEN", &format!("127.0.0.1:{}", free_port())),
    );
    let client = server.create_client(&[]);
    server.cli(&["keys", "rotate", "--json"]).ok();
    let token = server.access_token(&client, &[]);
    server.revoke(&token, &client);
    let form = [("username", "nobody"), ("password", "tidy kettle moss")];
    http::post(server.agent(), &server.url("/login"), &form, None).unwrap();
    server.signal("TERM");
    server.wait_for_end();
    let text = fs::read_to_string(&trace).unwrap();
    let calls = traced(&text);
    let mut allowed = allowed();
    // SQLite gives what it makes to the owner of the database, as root only; tests may run as root, the unit does not.
    allowed.insert("fchown".to_owned());
    let forbidden: Vec<_> = calls.keys().filter(|call| !allowed.contains(**call)).collect();
    assert_eq!(forbidden, [&""; 0]);
    assert!(calls.contains_key("execve") && calls.contains_key("accept4") && calls.len() > 30, "{calls:?}");
    let families = UNIT.lines().find_map(|line| line.strip_prefix("RestrictAddressFamilies=")).unwrap();
    for socket in &calls["socket"] {
        assert!(families.split(' ').any(|family| socket.starts_with(family)), "{socket}");
    }
    for mapped in calls["mmap"].iter().chain(&calls["mprotect"]) {
        assert!(!mapped.contains("PROT_WRITE|PROT_EXEC"), "MemoryDenyWriteExecute: {mapped}");
    }
}
