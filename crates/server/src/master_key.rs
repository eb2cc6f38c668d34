//! The master key where it lies: a file, whose guard is `key_file`'s part, or a text from the environment. Owns reading,
//! making and extending it; what the key does is core's part. Its value never leaves this module but as a [`MasterKey`].

use crate::config::sections::MasterKey as Place;
use crate::failure::Failure;
use crate::{files, key_file};
use doorward_core::keys::master::MasterKey;
use doorward_core::random::SystemRandom;
use std::fs::File;
use std::io::{self, ErrorKind};
use std::path::Path;

/// What complaints call it.
const WHAT: &str = "master key";

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
    let text = key_file::read(WHAT, path, file)?;
    MasterKey::parse(text.expose()).map_err(|error| Failure::refused(format!("{}: {error}", path.display())))
}

fn missing(path: &Path) -> Failure {
    Failure::refused(format!("there is no master key at {}", path.display())).advise(
        "Make one with `doorward keys init`, and keep a copy of the file in another place than the database's backups.\n\
         If this installation had one before, put that one back: another key does not open its database.",
    )
}

fn cannot(what: &str, path: &Path, error: &io::Error) -> Failure {
    key_file::cannot(what, WHAT, path, error)
}
