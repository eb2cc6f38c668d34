//! A connection at the end of the server. Owns when one that is kept is let go: once the server has stopped to listen and a
//! moment has passed, and never while something has come that was not answered.
//!
//! Actix's own way to stop drops what a connection has just brought in the moment in which it is told. A proxy cannot send such a
//! request again, unless it is one that may be sent twice. So the dispatcher is told nothing: to it, the peer hangs up, and only
//! where the peer has in fact nothing to say.

use crate::actix::connection::Progress;
use actix_server::GracefulShutdownSignal;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::sleep;

/// A connection that is let go when the server has ended.
pub(super) struct Parting<T> {
    io: T,
    progress: Rc<Progress>,
    farewell: Pin<Box<dyn Future<Output = ()>>>,
    is_over: bool,
}

/// The time in which connections that are kept may still bring a request.
#[derive(Clone)]
pub(super) struct Farewell {
    pub(super) stopping: GracefulShutdownSignal,
    /// From the moment in which the server stops to listen.
    pub(super) time: Duration,
}

impl Farewell {
    /// Resolves when kept connections are let go.
    pub(super) async fn over(self) {
        self.stopping.notified().await;
        sleep(self.time).await;
    }
}

impl<T> Parting<T> {
    /// A connection, what is known of its progress, and what resolves when it is let go.
    pub(super) fn new(io: T, progress: Rc<Progress>, farewell: impl Future<Output = ()> + 'static) -> Self {
        Self { io, progress, farewell: Box::pin(farewell), is_over: false }
    }

    pub(super) fn progress(&self) -> Rc<Progress> {
        Rc::clone(&self.progress)
    }

    fn is_let_go(&mut self, cx: &mut Context<'_>) -> bool {
        self.is_over = self.is_over || self.farewell.as_mut().poll(cx).is_ready();
        self.is_over && self.progress.is_idle()
    }
}

impl<T: AsyncRead + Unpin> AsyncRead for Parting<T> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let (before, has_room) = (into.filled().len(), into.remaining() > 0);
        match Pin::new(&mut self.io).poll_read(cx, into) {
            // Nothing has come: only then the end has.
            Poll::Pending if self.is_let_go(cx) => Poll::Ready(Ok(())),
            Poll::Ready(read) if read.is_err() || (has_room && into.filled().len() == before) => {
                self.progress.hang_up();
                Poll::Ready(read)
            }
            polled => polled,
        }
    }
}

impl<T: AsyncWrite + Unpin> AsyncWrite for Parting<T> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.io).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::future::ready;
    use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};
    use tokio::time::timeout;

    /// What has come when the farewell ends is read, and only then the connection ends; and not while a request is under way.
    #[tokio::test]
    async fn what_has_come_in_the_last_moment_is_read() {
        let (mut peer, io) = duplex(64);
        let progress = Rc::<Progress>::default();
        let mut parting = Parting::new(io, Rc::clone(&progress), ready(()));
        peer.write_all(b"GET").await.unwrap();
        let mut bytes = [0; 8];
        assert_eq!(parting.read(&mut bytes).await.unwrap(), 3);
        let under_way = progress.begin();
        let waits = timeout(Duration::from_millis(1), parting.read(&mut bytes)).await;
        assert!(waits.is_err(), "an answer is still to be written");
        drop(under_way);
        assert_eq!(parting.read(&mut bytes).await.unwrap(), 0);
    }
}
