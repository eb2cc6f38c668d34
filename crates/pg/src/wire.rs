//! Reads along on the wire, beginnings only: whether the server has answered everything it was asked, what it said about
//! the transaction, and how it wants the password. tokio-postgres keeps all that to itself; diesel's transaction manager
//! has to know the one, and whoever has a password the other.
//!
//! PostgreSQL documentation, "Message Formats": a message is one byte for its kind, four for its length (which counts
//! itself), and the body. A client's first message has no kind.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering};
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_postgres::tls::{ChannelBinding, TlsStream};

/// Any stream of bytes to a server, with or without TLS.
pub(crate) trait Transport: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Transport for T {}

/// What the server said last about the session's transaction (the body of `ReadyForQuery`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Status {
    /// `I`: none is open.
    Idle,
    /// `T`: one is open.
    InTransaction,
    /// `E`: one is open and can only be rolled back.
    Failed,
}

/// What reading along has shown; shared by the stream and the session that uses it.
#[derive(Debug)]
pub(crate) struct Wire {
    /// Requests that the server ends with `ReadyForQuery`: the start of the session, each `Sync`, each simple query.
    asked: AtomicU64,
    answered: AtomicU64,
    status: AtomicU8,
    /// The server has refused something and not said yet that it is ready for more.
    owes: AtomicBool,
}

impl Wire {
    /// Nothing was said yet.
    pub(crate) fn new() -> Self {
        let status = AtomicU8::new(b'I');
        Self { asked: AtomicU64::new(1), answered: AtomicU64::new(0), status, owes: AtomicBool::new(false) }
    }

    /// Whether the server has nothing left to say to what was sent. It may refuse a request of which the end, which it waits
    /// for, is not sent yet.
    pub(crate) fn is_settled(&self) -> bool {
        !self.owes.load(Ordering::Relaxed)
            && self.answered.load(Ordering::Relaxed) >= self.asked.load(Ordering::Relaxed)
    }

    /// The transaction's status after the last answer.
    pub(crate) fn status(&self) -> Status {
        match self.status.load(Ordering::Relaxed) {
            b'T' => Status::InTransaction,
            b'E' => Status::Failed,
            _ => Status::Idle,
        }
    }

    fn sent(&self, kind: u8) {
        if matches!(kind, b'S' | b'Q') {
            self.asked.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn received(&self, kind: u8, first: u8) {
        match kind {
            b'Z' => {
                self.status.store(first, Ordering::Relaxed);
                self.answered.fetch_add(1, Ordering::Relaxed);
                self.owes.store(false, Ordering::Relaxed);
            }
            b'E' => self.owes.store(true, Ordering::Relaxed),
            _ => {}
        }
    }
}

/// What is known of who is at the other end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Peer {
    /// A certificate as it was asked for, or a folder that others cannot write.
    Proven,
    /// Nothing that would keep another one from answering.
    Unproven,
}

/// The body of `AuthenticationCleartextPassword`.
const CLEARTEXT: [u8; 4] = [0, 0, 0, 3];

/// A stream that is read along.
pub(crate) struct Watched {
    inner: Box<dyn Transport>,
    peer: Peer,
    binding: Option<Vec<u8>>,
    wire: Arc<Wire>,
    from_server: Messages,
    to_server: Messages,
}

impl Watched {
    /// Watches a stream on which nothing was said yet. `binding` is the hash of the server's certificate, if there is one
    /// (RFC 5929 §4).
    pub(crate) fn new(
        inner: Box<dyn Transport>,
        peer: Peer,
        binding: Option<Vec<u8>>,
        wire: Arc<Wire>,
    ) -> Self {
        let (from_server, to_server) = (Messages::typed(), Messages::from_a_client());
        Self { inner, peer, binding, wire, from_server, to_server }
    }
}

impl AsyncRead for Watched {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = &mut *self;
        let before = buffer.filled().len();
        ready!(Pin::new(&mut this.inner).poll_read(context, buffer))?;
        let mut asks_for_the_password = false;
        this.from_server.walk(&buffer.filled()[before..], |kind, start| {
            this.wire.received(kind, start[0]);
            asks_for_the_password |= kind == b'R' && start == CLEARTEXT;
        });
        if asks_for_the_password && this.peer == Peer::Unproven {
            return Poll::Ready(Err(io::Error::other(
                "the server asks for the password as it is, and has not proved that it is the one: let it ask by \
                 scram-sha-256, or use sslmode=verify-full",
            )));
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Watched {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = &mut *self;
        let written = ready!(Pin::new(&mut this.inner).poll_write(context, bytes))?;
        this.to_server.walk(&bytes[..written], |kind, _| this.wire.sent(kind));
        Poll::Ready(Ok(written))
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(context)
    }
}

impl TlsStream for Watched {
    fn channel_binding(&self) -> ChannelBinding {
        self.binding.clone().map_or_else(ChannelBinding::none, ChannelBinding::tls_server_end_point)
    }
}

/// Where one direction stands between two messages or inside one.
struct Messages {
    header: [u8; HEADER],
    /// How much of the header has passed.
    seen: usize,
    /// How much of the body is still to pass; meaningless before the header is complete.
    body: usize,
    /// How the body begins, as far as it has passed.
    start: [u8; START],
    /// How much of that.
    begun: usize,
    /// Whether this message has been told of.
    told: bool,
}

const HEADER: usize = 5;
const START: usize = 4;

impl Messages {
    /// Every message says its kind.
    fn typed() -> Self {
        Self { header: [0; HEADER], seen: 0, body: 0, start: [0; START], begun: 0, told: false }
    }

    /// The first message says only its length: as if its kind, zero, had passed already.
    fn from_a_client() -> Self {
        Self { seen: 1, ..Self::typed() }
    }

    /// Follows the bytes; calls `seen` once for each message with its kind and the first bytes of its body (0 where it has
    /// none).
    fn walk(&mut self, mut bytes: &[u8], mut seen: impl FnMut(u8, [u8; START])) {
        while let Some(&next) = bytes.first() {
            if self.seen < HEADER {
                self.header[self.seen] = next;
                self.seen += 1;
                bytes = &bytes[1..];
                self.open();
            } else if self.begun < START {
                self.start[self.begun] = next;
                self.begun += 1;
                self.body -= 1;
                bytes = &bytes[1..];
            } else {
                let passed = self.body.min(bytes.len());
                self.body -= passed;
                bytes = &bytes[passed..];
            }
            self.tell(&mut seen);
        }
    }

    /// Reads the length once the header is complete.
    fn open(&mut self) {
        if self.seen < HEADER {
            return;
        }
        let [_, length @ ..] = self.header;
        self.body = (u32::from_be_bytes(length) as usize).saturating_sub(4);
        (self.start, self.begun, self.told) = ([0; START], 0, false);
    }

    /// Tells of a message as soon as its beginning is known, and is ready for the next when it has passed.
    fn tell(&mut self, seen: &mut impl FnMut(u8, [u8; START])) {
        if self.seen < HEADER {
            return;
        }
        if !self.told && (self.begun == START || self.body == 0) {
            self.told = true;
            seen(self.header[0], self.start);
        }
        if self.body == 0 {
            self.seen = 0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{CLEARTEXT, Messages, Wire};

    fn seen(mut messages: Messages, bytes: &[u8], piece: usize) -> Vec<(u8, [u8; 4])> {
        let mut found = Vec::new();
        for piece in bytes.chunks(piece) {
            messages.walk(piece, |kind, start| found.push((kind, start)));
        }
        found
    }

    /// However the stream is cut, the same messages pass.
    #[test]
    fn messages_are_seen_in_pieces_of_any_size() {
        let bytes = b"1\0\0\0\x04D\0\0\0\x0aZZZZZZR\0\0\0\x08\0\0\0\x03Z\0\0\0\x05TZ\0\0\0\x05E";
        for piece in 1..=bytes.len() {
            assert_eq!(
                seen(Messages::typed(), bytes, piece),
                [
                    (b'1', [0; 4]),
                    (b'D', [b'Z'; 4]),
                    (b'R', CLEARTEXT),
                    (b'Z', [b'T', 0, 0, 0]),
                    (b'Z', [b'E', 0, 0, 0])
                ]
            );
        }
    }

    /// A start-up message has no kind, and its text does not count as one.
    #[test]
    fn the_first_message_of_a_client_has_no_kind() {
        let bytes = b"\0\0\0\x0a\0\x03\0\0SSS\0\0\0\x04Q\0\0\0\x06x\0";
        for piece in 1..=bytes.len() {
            let [none, query] = [[0; 4], [b'x', 0, 0, 0]];
            assert_eq!(
                seen(Messages::from_a_client(), bytes, piece),
                [(0, [0, 3, 0, 0]), (b'S', none), (b'Q', query)]
            );
        }
    }

    /// A server may refuse what it has only half heard; it is ready when it says so.
    #[test]
    fn a_refusal_before_the_end_of_the_request_does_not_settle_it() {
        let wire = Wire::new();
        wire.received(b'Z', b'I');
        assert!(wire.is_settled());
        wire.received(b'E', b'S');
        assert!(!wire.is_settled());
        wire.sent(b'S');
        assert!(!wire.is_settled());
        wire.received(b'Z', b'E');
        assert!(wire.is_settled());
    }
}
