//! Opens the socket to one address: TCP with keep-alive, so that a peer that vanished is noticed, or a unix socket.

use std::io;
use std::net::SocketAddr;
use std::path::Path;

use socket2::{SockRef, TcpKeepalive};
use tokio::net::{TcpStream, UnixStream};

use crate::config::KeepAlive;
use crate::wire::Transport;

/// A place to connect to, its name resolved.
#[derive(Clone, Debug)]
pub(crate) enum Address {
    /// A TCP port.
    Tcp(SocketAddr),
    /// A unix socket's path.
    Unix(std::path::PathBuf),
}

/// Connects. No time-out of its own: the attempt as a whole has one.
pub(crate) async fn open(address: &Address, keep_alive: &KeepAlive) -> io::Result<Box<dyn Transport>> {
    match address {
        Address::Tcp(address) => Ok(Box::new(tcp(*address, keep_alive).await?)),
        Address::Unix(path) => Ok(Box::new(UnixStream::connect(path).await?)),
    }
}

/// The socket's path in its folder, as the server names it.
pub(crate) fn unix_path(folder: &Path, port: u16) -> std::path::PathBuf {
    folder.join(format!(".s.PGSQL.{port}"))
}

async fn tcp(address: SocketAddr, keep_alive: &KeepAlive) -> io::Result<TcpStream> {
    let stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    let socket = SockRef::from(&stream);
    if keep_alive.on {
        let probes = TcpKeepalive::new().with_time(keep_alive.idle).with_interval(keep_alive.interval);
        socket.set_tcp_keepalive(&probes.with_retries(keep_alive.count))?;
    }
    #[cfg(target_os = "linux")]
    if !keep_alive.user_timeout.is_zero() {
        socket.set_tcp_user_timeout(Some(keep_alive.user_timeout))?;
    }
    Ok(stream)
}
