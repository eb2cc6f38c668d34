//! Where the server is reached: the socket, and the issuer that goes with it. Owns the one case in which the issuer is not
//! known before the socket: trying out on a port that the system chooses.

use crate::config::{Config, listening_at};
use crate::failure::Failure;
use crate::installation;
use doorward_core::issuer::Issuer;
use doorward_web::actix::tls::Tls;
use doorward_web::actix::{Listen, ServeOptions};
use std::io;
use std::net::{SocketAddr, TcpListener};

/// Where the server is reached.
pub(super) struct Doorstep {
    /// The issuer, below which everything is published.
    pub(super) issuer: Issuer,
    address: SocketAddr,
    bound: Option<TcpListener>,
}

/// Finds out where the server is to be reached. With `--dev --listen 127.0.0.1:0`, and no issuer named, the issuer follows
/// the port that was given.
pub(super) fn find(config: &Config) -> Result<Doorstep, Failure> {
    let address = config.server.listen;
    let named = config.issuer().map_err(|error| Failure::configuration(&[error]))?;
    if !config.dev || address.port() != 0 || named != listening_at(address) {
        return Ok(Doorstep { issuer: installation::issuer(named)?, address, bound: None });
    }
    let bind = || {
        let listener = TcpListener::bind(address)?;
        Ok((listener.local_addr()?, listener))
    };
    let (address, listener) = bind().map_err(|error| taken(address, &error))?;
    Ok(Doorstep { issuer: installation::issuer(&listening_at(address))?, address, bound: Some(listener) })
}

impl Doorstep {
    /// How to listen there.
    pub(super) fn options(&self, config: &Config, tls: Option<Tls>) -> ServeOptions {
        let bound = self.bound.as_ref().and_then(|listener| listener.try_clone().ok());
        ServeOptions {
            listen: vec![bound.map_or(Listen::Address(self.address), Listen::Listener)],
            tls,
            workers: config.server.workers,
            max_connections: config.server.max_connections,
            shutdown_grace: config.server.shutdown_grace.into(),
            ..ServeOptions::default()
        }
    }

    /// What is said when nobody can listen there.
    pub(super) fn taken(&self, error: &io::Error) -> Failure {
        taken(self.address, error)
    }
}

fn taken(address: SocketAddr, error: &io::Error) -> Failure {
    let failure = Failure::refused(format!("cannot listen on {address}: {error}"));
    match error.kind() {
        io::ErrorKind::AddrInUse => {
            failure.advise("Another program, perhaps another Doorward, is there already: stop it, or choose another with --listen.")
        }
        _ => failure,
    }
}
