//! Https, spoken here. Owns what is spoken (HTTP/1.1 and nothing else), the exchange of a certificate while the server
//! runs, and the end of a handshake that does not get on; leaves certificates, versions and ciphers to whoever makes the
//! configuration, and connections to `connection`, which stands below and sees the bytes as they come.

use crate::actix::connection::{Connection, Progress};
use actix_web::rt::net::TcpStream;
use rustls::ServerConfig;
use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::{Arc, PoisonError, RwLock};
use std::task::{Context, Poll};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

/// RFC 7301 §6: the one protocol that is spoken. Whoever offers others alone is refused in the handshake.
const HTTP_1_1: &[u8] = b"http/1.1";

/// With what handshakes are made. A copy is the same one: what replaces its configuration counts for all.
#[derive(Clone, Debug)]
pub struct Tls(Arc<RwLock<Arc<ServerConfig>>>);

impl Tls {
    /// With this configuration, for HTTP/1.1.
    #[must_use]
    pub fn new(config: ServerConfig) -> Self {
        Self(Arc::new(RwLock::new(ours(config))))
    }

    /// Lets each handshake from now on use another configuration. Connections that are open go on with theirs; sessions can
    /// be resumed as far as the configurations share what they are kept in.
    pub fn replace(&self, config: ServerConfig) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = ours(config);
    }

    /// Makes the handshake. It ends early when this other future does.
    pub(super) async fn accept(
        &self,
        io: Connection<TcpStream>,
        patience: impl Future<Output = ()>,
    ) -> io::Result<Transport> {
        let config = Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner));
        let outcome = tokio::select! {
            outcome = TlsAcceptor::from(config).accept(io) => outcome,
            () = patience => Err(io::ErrorKind::TimedOut.into()),
        };
        outcome.map(|stream| Transport::Tls(Box::new(stream))).inspect_err(failed)
    }
}

fn ours(mut config: ServerConfig) -> Arc<ServerConfig> {
    config.alpn_protocols = vec![HTTP_1_1.to_vec()];
    // RFC 8446 §8: what comes before the handshake is over could come again, and a request must not.
    config.max_early_data_size = 0;
    Arc::new(config)
}

/// Anybody can fail as often as they like, so it is counted and hardly told.
fn failed(error: &io::Error) {
    let reason = match error.kind() {
        io::ErrorKind::TimedOut => "late",
        io::ErrorKind::InvalidData => "refused",
        _ => "gone",
    };
    metrics::counter!("doorward_tls_handshake_failures_total", "reason" => reason).increment(1);
    tracing::debug!(reason, %error, "a handshake failed");
}

/// A connection as HTTP sees it.
pub(super) enum Transport {
    /// As it is.
    Plain(Connection<TcpStream>),
    /// Through TLS.
    Tls(Box<TlsStream<Connection<TcpStream>>>),
}

impl Transport {
    pub(super) fn progress(&self) -> Rc<Progress> {
        match self {
            Self::Plain(connection) => connection.progress(),
            Self::Tls(stream) => stream.get_ref().0.progress(),
        }
    }
}

impl AsyncRead for Transport {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(connection) => Pin::new(connection).poll_read(cx, into),
            Self::Tls(stream) => Pin::new(stream).poll_read(cx, into),
        }
    }
}

impl AsyncWrite for Transport {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Plain(connection) => Pin::new(connection).poll_write(cx, bytes),
            Self::Tls(stream) => Pin::new(stream).poll_write(cx, bytes),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(connection) => Pin::new(connection).poll_flush(cx),
            Self::Tls(stream) => Pin::new(stream).poll_flush(cx),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(connection) => Pin::new(connection).poll_shutdown(cx),
            Self::Tls(stream) => Pin::new(stream).poll_shutdown(cx),
        }
    }
}
