//! Connections to the authorization server: plain on this machine, TLS everywhere else. Owns the step from a URL to a
//! stream; the roots that TLS trusts are [`crate::trust`]'s.

use http::Uri;
use hyper_util::client::legacy::connect::{Connected, Connection};
use hyper_util::rt::TokioIo;
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tower_service::Service;

#[derive(Clone)]
pub(super) struct Connector(Arc<ClientConfig>);

/// A stream, with or without TLS.
pub(super) struct Wire(Box<dyn Stream>);

trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

impl Connector {
    pub(super) fn new(tls: Arc<ClientConfig>) -> Self {
        Self(tls)
    }
}

impl Service<Uri> for Connector {
    type Response = TokioIo<Wire>;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = io::Result<TokioIo<Wire>>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        let tls = Arc::clone(&self.0);
        Box::pin(async move { wire(&uri, tls).await.map(TokioIo::new) })
    }
}

async fn wire(uri: &Uri, tls: Arc<ClientConfig>) -> io::Result<Wire> {
    let host = uri.host().ok_or_else(|| io::Error::other("a URL without a host"))?;
    // A socket is not told the brackets of an address.
    let host = host.trim_start_matches('[').trim_end_matches(']');
    let uses_tls = uri.scheme_str() == Some("https");
    let port = uri.port_u16().unwrap_or(if uses_tls { 443 } else { 80 });
    let stream = TcpStream::connect((host, port)).await?;
    // Requests are short; a connection that refuses the option works all the same.
    drop(stream.set_nodelay(true));
    if !uses_tls {
        return Ok(Wire(Box::new(stream)));
    }
    let name = ServerName::try_from(host.to_owned()).map_err(io::Error::other)?;
    Ok(Wire(Box::new(TlsConnector::from(tls).connect(name, stream).await?)))
}

impl Connection for Wire {
    fn connected(&self) -> Connected {
        Connected::new()
    }
}

impl AsyncRead for Wire {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        to: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut *self.0).poll_read(cx, to)
    }
}

impl AsyncWrite for Wire {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut *self.0).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut *self.0).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut *self.0).poll_shutdown(cx)
    }
}
