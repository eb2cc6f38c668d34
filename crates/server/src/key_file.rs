//! A file with a key that nobody else may have: its owner and mode are checked before it is read. Owns that guard for the
//! master key and for the key of a certificate; what stands in the file is their business.

use crate::failure::Failure;
use doorward_protocol::secret::Secret;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// No key, with all its versions, is longer.
const LONGEST: u64 = 64 * 1024;

/// The text of an open file, if nobody else has it.
pub(crate) fn read(key: &str, path: &Path, file: File) -> Result<Secret, Failure> {
    guarded(key, path, &file)?;
    // Sized at once: a text that grows leaves unwiped copies of itself behind.
    let mut text = String::with_capacity(usize::try_from(LONGEST).unwrap_or(0));
    file.take(LONGEST).read_to_string(&mut text).map_err(|error| cannot("read", key, path, &error))?;
    Ok(Secret::new(text))
}

/// What is said of a key that the system does not hand out or take.
pub(crate) fn cannot(what: &str, key: &str, path: &Path, error: &io::Error) -> Failure {
    Failure::refused(format!("the {key} {} cannot be {what}: {error}", path.display()))
}

/// Whether nobody else can read or replace the key. The open file is asked, not the path, which could be another by now.
#[cfg(unix)]
fn guarded(key: &str, path: &Path, file: &File) -> Result<(), Failure> {
    use std::os::unix::fs::MetadataExt;
    let metadata = file.metadata().map_err(|error| cannot("read", key, path, &error))?;
    let complain = |what: String| Failure::refused(format!("the {key} {}: {what}", path.display()));
    if !metadata.is_file() {
        return Err(complain("it is not a regular file".to_owned()));
    }
    let us = rustix::process::geteuid().as_raw();
    if ![0, us].contains(&metadata.uid()) {
        return Err(complain(format!(
            "it belongs to user {}, not to this one ({us}) or root",
            metadata.uid()
        ))
        .advise(format!("Run `chown {us} '{}'` if that file is the right one.", path.display())));
    }
    if metadata.mode() & forbidden(metadata.uid(), us) != 0 {
        return Err(complain(format!("others may read it (mode {:04o})", metadata.mode() & 0o7777)).advise(
            format!("Run `chmod 600 '{}'`. Who could read it until now may have a copy.", path.display()),
        ));
    }
    Ok(())
}

/// The bits that must not be set. A service manager passes credentials as root's files with mode 0440, and the access list
/// that lets our user in shows as the group's bits: reading by the group is all right there.
#[cfg(unix)]
const fn forbidden(owner: u32, us: u32) -> u32 {
    if owner == 0 && us != 0 { 0o037 } else { 0o077 }
}

/// Elsewhere the folder's access list guards the file.
#[cfg(not(unix))]
fn guarded(_: &str, _: &Path, _: &File) -> Result<(), Failure> {
    Ok(())
}
