//! The ballast: a file that only takes up room, thrown overboard when the disk is full so that what takes back can still
//! be written. Owns the file; the writer decides when, and what is written meanwhile.
//!
//! A full disk would otherwise hold the revocation of a stolen token back until somebody has made room. With it, new
//! tokens are refused from then on, and revocations go on for about as many pages as the ballast had.
//!
//! Whatever else has the ballast's name is left alone, be it a link or somebody's file: it is emptied and filled, after all.

use std::fs::{File, Metadata, OpenOptions};
use std::io::{self, Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// How often a dropped ballast is tried: everybody waits for the disk to have room again.
const URGENT: Duration = Duration::from_millis(500);

/// How often one is tried that there never was room for.
const EVERYDAY: Duration = Duration::from_secs(60);

/// The pattern that fills the file follows from this, and we know a file of ours by it. Any number but zero will do.
const SEED: u64 = 0x9e37_79b9_7f4a_7c15;

/// What stays of the file when its room is given, so that it is known for ours afterwards.
const MARK: u64 = 8;

/// The file beside the database.
pub(crate) struct Ballast {
    path: PathBuf,
    size: u64,
    state: State,
    tried: Option<Instant>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// It takes up its room.
    Aboard,
    /// There was never room for it, or there is again but not enough.
    Missing,
    /// It was given up, and the disk is still full as far as we know.
    Overboard,
}

impl Ballast {
    /// Takes the ballast aboard if there is room; its absence is no reason not to serve.
    pub(crate) fn new(path: PathBuf, size: u64) -> Self {
        let mut ballast = Self { path, size, state: State::Missing, tried: None };
        ballast.load();
        ballast
    }

    /// Whether the database lives on the room it gave.
    pub(crate) fn is_overboard(&self) -> bool {
        self.state == State::Overboard
    }

    /// Gives the room to the database, if there is any to give.
    pub(crate) fn drop_overboard(&mut self) {
        if self.state != State::Aboard {
            return;
        }
        self.state = State::Overboard;
        self.tried = Some(now());
        match self.open().and_then(|file| file.set_len(MARK).and_then(|()| file.sync_all())) {
            Ok(()) => tracing::error!("the disk is full: the ballast was dropped, no new token is written"),
            Err(error) => tracing::error!(%error, "the disk is full, and the ballast could not be dropped"),
        }
    }

    /// Takes it aboard again when there is room for it, and half as much for the database to go on with.
    pub(crate) fn take_aboard(&mut self) {
        let pause = match self.state {
            State::Aboard => return,
            State::Overboard => URGENT,
            State::Missing => EVERYDAY,
        };
        if self.tried.is_none_or(|tried| now().duration_since(tried) >= pause) {
            self.load();
        }
    }

    fn load(&mut self) {
        let filled = self.fill();
        match &filled {
            Ok(()) if self.is_overboard() => {
                tracing::info!("the disk has room again, and the ballast is aboard");
            }
            Err(error) if self.tried.is_none() => {
                tracing::warn!(path = %self.path.display(), %error, "there is no ballast");
            }
            Ok(()) | Err(_) => {}
        }
        self.tried = Some(now());
        if filled.is_ok() {
            self.state = State::Aboard;
        }
    }

    /// Writes more than is kept: without room to spare, the next commit would find the disk full again.
    fn fill(&self) -> io::Result<()> {
        let file = self.open()?;
        if file.metadata()?.len() == self.size {
            return Ok(());
        }
        let filled = write(&file, self.size + self.size / 2).and_then(|()| file.sync_all());
        let kept = if filled.is_ok() { self.size } else { 0 };
        // Empty, not the mark alone: not even that may have found room.
        file.set_len(kept)?;
        filled
    }

    fn open(&self) -> io::Result<File> {
        match std::fs::symlink_metadata(&self.path) {
            Ok(found) => ours(&self.path, &found),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let mut options = OpenOptions::new();
                options.write(true).create_new(true);
                crate::sqlite::store::owner_only(&mut options);
                options.open(&self.path)
            }
            Err(error) => Err(error),
        }
    }
}

/// Opens the file of an earlier start. An empty one is as good: there is nothing in it to lose.
fn ours(path: &Path, found: &Metadata) -> io::Result<File> {
    if !found.is_file() {
        return Err(foreign());
    }
    let mut file = OpenOptions::new().read(true).write(true).open(path)?;
    let opened = file.metadata()?;
    if !opened.is_file() || !is_same(found, &opened) {
        return Err(foreign());
    }
    if opened.len() > 0 {
        let mut mark = [0; MARK as usize];
        file.read_exact(&mut mark).map_err(|_| foreign())?;
        if mark != first_word() {
            return Err(foreign());
        }
        file.rewind()?;
    }
    Ok(file)
}

/// Whether the name still meant the same file when it was opened, and not a link that was put in its place.
#[cfg(unix)]
fn is_same(found: &Metadata, opened: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    (found.dev(), found.ino()) == (opened.dev(), opened.ino())
}

#[cfg(not(unix))]
fn is_same(_: &Metadata, _: &Metadata) -> bool {
    true
}

fn foreign() -> io::Error {
    io::Error::new(io::ErrorKind::AlreadyExists, "something that is not the ballast has its name")
}

fn first_word() -> [u8; MARK as usize] {
    next(SEED).to_le_bytes()
}

/// Xorshift, after Marsaglia.
fn next(mut state: u64) -> u64 {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    state
}

/// Fills a file with what no file system compresses away.
fn write(mut file: &File, size: u64) -> io::Result<()> {
    let mut block = vec![0_u8; 64 << 10];
    let mut state = SEED;
    let mut left = size;
    while left > 0 {
        for word in block.chunks_exact_mut(8) {
            state = next(state);
            word.copy_from_slice(&state.to_le_bytes());
        }
        let part = block.len().min(usize::try_from(left).unwrap_or(usize::MAX));
        file.write_all(&block[..part])?;
        left -= part as u64;
    }
    Ok(())
}

#[expect(
    clippy::disallowed_methods,
    reason = "how long ago a disk was tried has nothing to do with the rules' clock"
)]
fn now() -> Instant {
    Instant::now()
}
