//! Files that must not be half there, and that nobody else may read. Owns how they are written; what stands in them is
//! their owners' business.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Makes a new file, readable by its owner alone, and has it on the disk when this returns. An existing file is left as
/// it is, and is an error.
pub(crate) fn create(path: &Path, text: &str) -> io::Result<()> {
    let mut file = owner_only(OpenOptions::new().write(true).create_new(true)).open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    sync_folder(path)
}

/// Replaces a file at one blow: a reader, and a machine that loses its power, finds the old text or the new one.
pub(crate) fn replace(path: &Path, text: &str) -> io::Result<()> {
    let beside = beside(path);
    // Left over from an attempt that was interrupted.
    match std::fs::remove_file(&beside) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    create(&beside, text)?;
    std::fs::rename(&beside, path)?;
    sync_folder(path)
}

/// Makes the folder that a file is to lie in, for its owner alone, if it is not there.
pub(crate) fn make_folder_of(path: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.recursive(true).create(folder(path))
}

fn owner_only(options: &mut OpenOptions) -> &mut OpenOptions {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
    options
}

/// A new name is durable only once its folder is.
fn sync_folder(path: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(folder(path))?.sync_all() } else { Ok(()) }
}

fn folder(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

fn beside(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".new");
    name.into()
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    fn mode(path: &Path) -> u32 {
        std::fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn a_new_file_is_for_its_owner_alone_and_never_replaces_another() {
        let folder = tempfile::TempDir::new().unwrap();
        let path = folder.path().join("a");
        create(&path, "one").unwrap();
        assert_eq!(mode(&path), 0o600);
        assert_eq!(create(&path, "two").unwrap_err().kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "one");
    }

    #[test]
    fn a_replaced_file_keeps_nothing_of_the_old_one_nor_of_an_attempt_that_failed() {
        let folder = tempfile::TempDir::new().unwrap();
        let path = folder.path().join("a");
        create(&path, "the old text").unwrap();
        std::fs::write(folder.path().join("a.new"), "half of an att").unwrap();
        replace(&path, "new").unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "new");
        assert_eq!(mode(&path), 0o600);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_folder_that_is_made_is_for_its_owner_alone() {
        let folder = tempfile::TempDir::new().unwrap();
        let path = folder.path().join("b/c/file");
        make_folder_of(&path).unwrap();
        assert_eq!(mode(path.parent().unwrap()), 0o700);
        make_folder_of(&path).unwrap();
    }
}
