//! The ballast: a file that only takes up room, thrown overboard when the disk is full so that what takes back can still
//! be written. Owns the file; the writer decides when, and what is written meanwhile.
//!
//! A full disk would otherwise hold the revocation of a stolen token back until somebody has made room. With it, new
//! tokens are refused from then on, and revocations go on for about as many pages as the ballast had.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// How often a dropped ballast is tried: everybody waits for the disk to have room again.
const URGENT: Duration = Duration::from_millis(500);

/// How often one is tried that there never was room for.
const EVERYDAY: Duration = Duration::from_secs(60);

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
        match self.open().and_then(|file| file.set_len(0).and_then(|()| file.sync_all())) {
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
                tracing::warn!(path = %self.path.display(), %error, "there is no room for the ballast");
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
        file.set_len(kept)?;
        filled
    }

    fn open(&self) -> io::Result<File> {
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(false);
        crate::database::owner_only(&mut options);
        options.open(&self.path)
    }
}

/// Fills a file with what no file system compresses away.
fn write(mut file: &File, size: u64) -> io::Result<()> {
    let mut block = vec![0_u8; 64 << 10];
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut left = size;
    while left > 0 {
        for word in block.chunks_exact_mut(8) {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
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
