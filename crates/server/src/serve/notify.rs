//! What the service manager is told, in the words of sd_notify(3): that the server begins, stands, lives and ends. Owns the
//! socket and the words; when each is said is for `serve` and `watchdog`. Where nobody listens, nothing is said.

use crate::config::surroundings::Surroundings;
use std::fmt::Display;
use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// A start that goes on asks for so much more time, over and over.
const MORE: Duration = Duration::from_secs(30);
/// How often it asks.
const ASKING: Duration = Duration::from_secs(10);
/// What it takes to end beside the time for requests: closing the database, and a busy machine.
const SLACK: Duration = Duration::from_secs(15);

/// The way to the service manager. It ends with the process: children inherit neither the socket nor a word of it.
#[derive(Clone, Debug, Default)]
pub(super) struct Notify(Option<Arc<socket::Socket>>);

impl Notify {
    /// The way to the one that started this process, if it listens.
    pub(super) fn find(surroundings: &Surroundings) -> Self {
        let Some(name) = surroundings.notify_socket() else { return Self::default() };
        match socket::Socket::connect(name) {
            Ok(socket) => Self(Some(Arc::new(socket))),
            Err(error) => {
                tracing::warn!(%error, "the service manager cannot be told anything: NOTIFY_SOCKET is of no use");
                Self::default()
            }
        }
    }

    /// Says that the start takes as long as it takes (a migration may take long), until the guard is gone.
    pub(super) fn starting(&self) -> Starting {
        self.tell("STATUS=opening the database");
        let (end, ended) = channel();
        let notify = self.clone();
        let asking = self.0.is_some().then(|| {
            thread::Builder::new().name("starting".to_owned()).spawn(move || {
                loop {
                    notify.tell(&format!("EXTEND_TIMEOUT_USEC={}", MORE.as_micros()));
                    if ended.recv_timeout(ASKING) != Err(RecvTimeoutError::Timeout) {
                        return;
                    }
                }
            })
        });
        Starting { end: Some(end), asking: asking.and_then(Result::ok) }
    }

    /// Says that requests are answered.
    pub(super) fn ready(&self, status: impl Display) {
        self.tell(&format!("READY=1\nSTATUS={status}"));
    }

    /// Says that the server lives.
    pub(super) fn alive(&self) {
        self.tell("WATCHDOG=1");
    }

    /// Says that the server ends, and how long that may take at most.
    pub(super) fn stopping(&self, at_most: Duration) {
        let time = (at_most + SLACK).as_micros();
        self.tell(&format!("STOPPING=1\nSTATUS=finishing what is under way\nEXTEND_TIMEOUT_USEC={time}"));
    }

    fn tell(&self, words: &str) {
        let Some(socket) = &self.0 else { return };
        if let Err(error) = socket.send(words) {
            tracing::warn!(%error, "the service manager did not hear from us");
        }
    }
}

/// A start under way.
pub(super) struct Starting {
    /// Taken on the way out, which ends the thread.
    end: Option<Sender<()>>,
    asking: Option<JoinHandle<()>>,
}

impl Drop for Starting {
    fn drop(&mut self) {
        self.end = None;
        if let Some(asking) = self.asking.take() {
            // It has nothing to tell.
            drop(asking.join());
        }
    }
}

#[cfg(unix)]
mod socket {
    use std::ffi::OsStr;
    use std::io;
    use std::os::unix::ffi::OsStrExt;
    use std::os::unix::net::{SocketAddr, UnixDatagram};
    use std::time::Duration;

    /// Nobody waits longer for a service manager that does not read.
    const PATIENCE: Duration = Duration::from_secs(1);

    #[derive(Debug)]
    pub(super) struct Socket(UnixDatagram);

    impl Socket {
        /// sd_notify(3): an absolute path, or `@` and a name in the abstract namespace.
        pub(super) fn connect(name: &OsStr) -> io::Result<Self> {
            let address = match name.as_bytes() {
                [b'@', name @ ..] => abstract_name(name)?,
                [b'/', ..] => SocketAddr::from_pathname(name)?,
                _ => return Err(io::ErrorKind::Unsupported.into()),
            };
            let socket = UnixDatagram::unbound()?;
            socket.connect_addr(&address)?;
            socket.set_write_timeout(Some(PATIENCE))?;
            Ok(Self(socket))
        }

        pub(super) fn send(&self, words: &str) -> io::Result<()> {
            self.0.send(words.as_bytes()).map(drop)
        }
    }

    #[cfg(target_os = "linux")]
    fn abstract_name(name: &[u8]) -> io::Result<SocketAddr> {
        <SocketAddr as std::os::linux::net::SocketAddrExt>::from_abstract_name(name)
    }

    #[cfg(not(target_os = "linux"))]
    fn abstract_name(_: &[u8]) -> io::Result<SocketAddr> {
        Err(io::ErrorKind::Unsupported.into())
    }
}

#[cfg(not(unix))]
mod socket {
    use std::ffi::OsStr;
    use std::io;

    #[derive(Debug)]
    pub(super) enum Socket {}

    impl Socket {
        pub(super) fn connect(_: &OsStr) -> io::Result<Self> {
            Err(io::ErrorKind::Unsupported.into())
        }

        pub(super) fn send(&self, _: &str) -> io::Result<()> {
            match *self {}
        }
    }
}
