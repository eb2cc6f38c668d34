//! The master key where it lies: a file whose owner and mode are checked, or a text from the environment. Owns reading,
//! making and extending it; what the key does is core's part. Its value never leaves this module but as a [`MasterKey`].

use crate::config::sections::MasterKey as Place;
use crate::failure::Failure;
use crate::files;
use doorward_core::keys::master::MasterKey;
use doorward_core::random::SystemRandom;
use doorward_protocol::secret::Secret;
use std::fs::File;
use std::io::{self, ErrorKind, Read};
use std::path::Path;

/// No master key has more versions than fit in here.
const LONGEST_FILE: u64 = 64 * 1024;

/// Reads the master key. Without one nothing at rest can be read or protected, so there is no fallback.
pub(crate) fn read(place: &Place) -> Result<MasterKey, Failure> {
    match place {
        Place::File(path) => read_file(path),
        Place::Text(text) => MasterKey::parse(text.expose())
            .map_err(|error| Failure::refused(format!("keys.master_key: {error}"))),
    }
}

/// Makes a master key in a new file.
pub(crate) fn create(path: &Path) -> Result<MasterKey, Failure> {
    let key = MasterKey::generate(&SystemRandom::default()).map_err(Failure::unreachable)?;
    files::make_folder_of(path).map_err(|error| cannot("written", path, &error))?;
    match files::create(path, key.to_text().expose()) {
        Ok(()) => Ok(key),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Err(Failure::refused(format!(
            "{} is there already, and a master key is never overwritten: the database it belongs to would be lost",
            path.display()
        ))
        .advise("To have a newer version in the same file, run `doorward keys init --next-version`.")),
        Err(error) => Err(cannot("written", path, &error)),
    }
}

/// Adds a version to the master key in a file, and keeps the older ones.
pub(crate) fn append(path: &Path) -> Result<MasterKey, Failure> {
    let key = read_file(path)?.with_next_version(&SystemRandom::default()).map_err(Failure::refused)?;
    files::replace(path, key.to_text().expose()).map_err(|error| cannot("written", path, &error))?;
    Ok(key)
}

/// Where the key is, for people.
pub(crate) fn describe(place: &Place) -> String {
    match place {
        Place::File(path) => path.display().to_string(),
        Place::Text(_) => "keys.master_key (environment)".to_owned(),
    }
}

fn read_file(path: &Path) -> Result<MasterKey, Failure> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Err(missing(path)),
        Err(error) => return Err(cannot("read", path, &error)),
    };
    guarded(path, &file)?;
    // Sized at once: a text that grows leaves unwiped copies of itself behind.
    let mut text = String::with_capacity(usize::try_from(LONGEST_FILE).unwrap_or(0));
    file.take(LONGEST_FILE).read_to_string(&mut text).map_err(|error| cannot("read", path, &error))?;
    let text = Secret::new(text);
    MasterKey::parse(text.expose()).map_err(|error| Failure::refused(format!("{}: {error}", path.display())))
}

fn missing(path: &Path) -> Failure {
    Failure::refused(format!("there is no master key at {}", path.display())).advise(
        "Make one with `doorward keys init`, and keep a copy of the file in another place than the database's backups.\n\
         If this installation had one before, put that one back: another key does not open its database.",
    )
}

fn cannot(what: &str, path: &Path, error: &io::Error) -> Failure {
    Failure::refused(format!("the master key {} cannot be {what}: {error}", path.display()))
}

/// Whether nobody else can read or replace the key. The open file is asked, not the path, which could be another by now.
#[cfg(unix)]
fn guarded(path: &Path, file: &File) -> Result<(), Failure> {
    use std::os::unix::fs::MetadataExt;
    let metadata = file.metadata().map_err(|error| cannot("read", path, &error))?;
    let complain = |what: String| Failure::refused(format!("the master key {}: {what}", path.display()));
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
fn guarded(_: &Path, _: &File) -> Result<(), Failure> {
    Ok(())
}
