//! TLS to a server: rustls on ring, whatever provider the process may have installed. Owns what is checked for each
//! `sslmode`; tokio-postgres asks the server for TLS and refuses to go on without.

mod end_point;
mod roots;
mod unnamed;

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;

use rustls::ClientConfig;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::ServerName;
use tokio_postgres::tls::TlsConnect;

use crate::config::host::Host;
use crate::config::{Roots, SslMode};
use crate::wire::{Peer, Transport, Watched, Wire};

/// Makes a watched stream of a socket, through a TLS handshake or just so.
pub(crate) enum Connector {
    /// The socket as it is, and what is known of its other end.
    Plain(Peer),
    /// A handshake with the server of this name.
    Tls {
        /// What is checked.
        config: Arc<ClientConfig>,
        /// The name or address in the URL.
        name: ServerName<'static>,
    },
}

impl Connector {
    /// What the mode asks for, with the roots read afresh: whoever exchanges an authority's file need not restart us.
    pub(crate) fn new(mode: SslMode, roots: &Roots, host: &Host) -> io::Result<Self> {
        let name = match host {
            Host::Tcp { name, .. } => name.clone(),
            Host::Unix { .. } => return Ok(Self::Plain(Peer::Proven)),
        };
        let config = match mode {
            SslMode::Disable => return Ok(Self::Plain(Peer::Unproven)),
            SslMode::VerifyCa => any_name(roots)?,
            SslMode::VerifyFull => named(roots)?,
        };
        let name = ServerName::try_from(name);
        let name =
            name.map_err(|_| io::Error::other("the host's name is not one that a certificate can bear"))?;
        Ok(Self::Tls { config: Arc::new(config), name })
    }

    /// Lets what is said be seen.
    pub(crate) fn watched_by(self, wire: &Arc<Wire>) -> Watching {
        Watching { connector: self, wire: Arc::clone(wire) }
    }
}

/// A connector whose stream is watched.
pub(crate) struct Watching {
    connector: Connector,
    wire: Arc<Wire>,
}

impl TlsConnect<Box<dyn Transport>> for Watching {
    type Stream = Watched;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = io::Result<Watched>> + Send>>;

    fn connect(self, socket: Box<dyn Transport>) -> Self::Future {
        Box::pin(async move {
            match self.connector {
                Connector::Plain(peer) => Ok(Watched::new(socket, peer, None, self.wire)),
                Connector::Tls { config, name } => {
                    let (stream, binding) = handshake(config, name, socket).await?;
                    Ok(Watched::new(Box::new(stream), Peer::Proven, binding, self.wire))
                }
            }
        })
    }
}

async fn handshake(
    config: Arc<ClientConfig>,
    name: ServerName<'static>,
    socket: Box<dyn Transport>,
) -> io::Result<(impl Transport, Option<Vec<u8>>)> {
    let stream = tokio_rustls::TlsConnector::from(config).connect(name, socket).await?;
    let certificate = stream.get_ref().1.peer_certificates().and_then(<[_]>::first);
    let binding = certificate.and_then(|certificate| end_point::hash(certificate));
    Ok((stream, binding))
}

fn provider() -> Arc<CryptoProvider> {
    Arc::new(rustls::crypto::ring::default_provider())
}

fn named(roots: &Roots) -> io::Result<ClientConfig> {
    let config = ClientConfig::builder_with_provider(provider());
    let config = config.with_safe_default_protocol_versions().map_err(io::Error::other)?;
    Ok(config.with_root_certificates(roots::read(roots)?).with_no_client_auth())
}

fn any_name(roots: &Roots) -> io::Result<ClientConfig> {
    let verifier = unnamed::AnyName::new(roots::read(roots)?, provider());
    let config = ClientConfig::builder_with_provider(provider());
    let config = config.with_safe_default_protocol_versions().map_err(io::Error::other)?;
    Ok(config.dangerous().with_custom_certificate_verifier(Arc::new(verifier)).with_no_client_auth())
}
