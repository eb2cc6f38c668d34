//! Under actix: a thin shim that turns its requests into neutral ones and answers back. Owns what only a server can know
//! (how large a request is while it comes in, when it is late, who the peer is) and leaves every decision to [`App`].
//!
//! [`server`] stands on actix-http directly, below actix-web: there is nothing here to route or to extract, and the
//! connection itself must be watched over. [`configure`] mounts the same answers in a host's actix-web application.

pub mod handle;
pub mod pulse;
pub mod tls;

mod connection;
mod neutral;
mod parting;
mod refused;

use crate::actix::connection::{Connection, Patience, Progress};
use crate::actix::handle::Handle;
use crate::actix::neutral::Read;
use crate::actix::parting::{Farewell, Parting};
use crate::actix::pulse::Pulse;
use crate::actix::tls::{Tls, Transport};
use crate::app::App;
use crate::http::body::{self, Body, BodyLength};
use crate::http::unread::Unread;
use actix_http::body::BoxBody;
use actix_http::error::DispatchError;
use actix_http::{
    ConnectionType, HttpService, KeepAlive, Payload, Request, RequestHead, Response, StatusCode,
};
use actix_service::{ServiceFactoryExt, fn_service};
use actix_web::dev::{Server, ServiceRequest, ServiceResponse};
use actix_web::rt::net::TcpStream;
use actix_web::{Error, HttpResponse, web};
use bytes::Bytes;
use doorward_core::context::Caller;
use std::convert::Infallible;
use std::future::Future;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::net::TcpSocket;
use tokio::time::sleep;

/// Connections that the system keeps for us until we accept them.
const BACKLOG: u32 = 1024;

/// The shortest time that a connection can be given. Actix counts such times from a clock that ticks every half second; one
/// that has passed when it is set is never noticed, and the connection stays open for good.
const SHORTEST: Duration = Duration::from_secs(1);

/// How the server listens, and what it bears. Times of connections are at least a second.
#[derive(Debug)]
pub struct ServeOptions {
    /// Where it listens.
    pub listen: Vec<Listen>,
    /// With what https is spoken there; without it, plain http.
    pub tls: Option<Tls>,
    /// Threads that answer; each keeps its own connection to read the store by.
    pub workers: usize,
    /// Connections open at a time; more wait.
    pub max_connections: usize,
    /// What requests under way are given to finish when the server is stopped.
    pub shutdown_grace: Duration,
    /// How long connections that are kept may still bring a request once the server has stopped to listen. Each answer is then
    /// the last on its connection, so that whoever keeps it knows, and sends nothing into one that is just being closed. Those
    /// that bring nothing for so long are hardly used.
    pub farewell: Duration,
    /// How long an idle connection is kept. Longer than the 60 s after which proxies drop theirs, so that none sends a
    /// request into a connection that we are just closing. While three quarters of all connections are in use, a second.
    pub keep_alive: Duration,
    /// The time in which a request's line and headers must have arrived, and an answer been read: at most twice that. A
    /// handshake has it, too, before that.
    pub head_timeout: Duration,
    /// How long a connection whose body was refused stays open for the client to read why.
    pub linger: Duration,
    /// Where it can be felt that the workers turn.
    pub pulse: Pulse,
}

/// A place to listen.
#[derive(Debug)]
pub enum Listen {
    /// An address to bind.
    Address(SocketAddr),
    /// A socket that is bound already.
    Listener(TcpListener),
}

impl Default for ServeOptions {
    fn default() -> Self {
        Self {
            listen: vec![],
            tls: None,
            workers: 1,
            max_connections: 10_000,
            shutdown_grace: Duration::from_secs(10),
            farewell: Duration::from_secs(1),
            keep_alive: Duration::from_secs(75),
            head_timeout: Duration::from_secs(5),
            linger: Duration::from_secs(2),
            pulse: Pulse::default(),
        }
    }
}

/// Starts to listen. Returns the server, which runs while it is awaited, what stops it, and the addresses it listens on. It
/// takes no signals: stopping is for whoever holds the handle. To be called within a tokio runtime.
///
/// # Errors
/// When an address cannot be bound.
pub fn server(
    app: &Arc<App>,
    options: ServeOptions,
) -> io::Result<(impl Future<Output = io::Result<()>> + use<>, Handle, Vec<SocketAddr>)> {
    let workers = options.workers.max(1);
    // Counted by each worker for itself.
    let connections = options.max_connections.div_ceil(workers).max(1);
    let mut builder = Server::build()
        .workers(workers)
        .max_concurrent_connections(connections)
        .shutdown_timeout(whole_seconds(options.shutdown_grace))
        .disable_signals();
    let (stopping, leaving) = (builder.graceful_shutdown_signal(), Arc::new(AtomicBool::new(false)));
    let [head_timeout, keep_alive, linger] =
        [options.head_timeout, options.keep_alive, options.linger].map(|time| time.max(SHORTEST));
    let patience = Patience { head: head_timeout, keep_alive, crowded_from: few(connections) };
    let mut addresses = vec![];
    for place in options.listen {
        let (app, stopping, leaving) = (Arc::clone(app), stopping.clone(), Arc::clone(&leaving));
        let pulse = options.pulse.clone();
        let tls = options.tls.clone();
        let listener = place.bind()?;
        addresses.push(listener.local_addr()?);
        builder = builder.listen("doorward", listener, move || {
            let (app, stopping, leaving) = (Arc::clone(&app), stopping.clone(), Arc::clone(&leaving));
            pulse.begin();
            let (tls, farewell) =
                (tls.clone(), Farewell { stopping: stopping.clone(), time: options.farewell });
            let http = HttpService::build()
                // The connection does that, without a timer for each request.
                .keep_alive(KeepAlive::Os)
                .client_request_timeout(head_timeout)
                .client_disconnect_timeout(linger)
                .on_connect_ext(|io: &Parting<Transport>, data| drop(data.insert(io.progress())))
                .h1(fn_service(move |request| serve(Arc::clone(&app), Arc::clone(&leaving), request)));
            fn_service(move |io: TcpStream| {
                let (tls, farewell) = (tls.clone(), farewell.clone());
                async move {
                    // A connection that is reset already has none, and would be nobody's.
                    let peer = io.peer_addr().map_err(DispatchError::Io)?;
                    let opened = open(io, patience, tls.as_ref(), farewell).await;
                    opened.map(|transport| (transport, Some(peer))).map_err(DispatchError::Io)
                }
            })
            .and_then(http)
        })?;
    }
    let server = builder.run();
    let handle = Handle::new(server.handle(), leaving, Arc::clone(app));
    Ok((server, handle, addresses))
}

/// Answers the app's paths inside a host's own actix application. To be called at the root, since metadata stands beside
/// the issuer's path and not below it; the host's other routes stay what they are, and its server's limits on connections
/// hold.
pub fn configure(config: &mut web::ServiceConfig, app: &Arc<App>) {
    let below = app.prefixes().flat_map(|prefix| [prefix.to_owned(), format!("{prefix}/{{below:.*}}")]);
    for path in app.paths().map(str::to_owned).chain(below) {
        let app = Arc::clone(app);
        let service = fn_service(move |request| mounted(Arc::clone(&app), request));
        config.service(web::resource(path).default_service(service));
    }
}

async fn serve(
    app: Arc<App>,
    leaving: Arc<AtomicBool>,
    mut request: Request,
) -> Result<Response<BoxBody>, Infallible> {
    let progress = request.conn_data::<Rc<Progress>>().map(Rc::clone);
    let _under_way = progress.as_ref().map(Progress::begin);
    let payload = request.take_payload();
    let answer = answer(&app, request.head(), payload);
    let response = match progress.filter(|_| app.keeps_waiting(request.path())) {
        Some(progress) => tokio::select! {
            biased;
            response = answer => response,
            // Whoever waited is gone, or will not be told: their place among those who wait is another's.
            () = progress.peer_hung_up() => closing(Response::new(StatusCode::SERVICE_UNAVAILABLE)),
        },
        None => answer.await,
    };
    Ok(if leaving.load(Ordering::Acquire) { closing(response) } else { response })
}

async fn mounted(app: Arc<App>, request: ServiceRequest) -> Result<ServiceResponse, Error> {
    let (request, payload) = request.into_parts();
    // Of a connection that is reset already: it would be counted as nobody's.
    if request.head().peer_addr.is_none() && !app.settings().peerless {
        return Ok(ServiceResponse::new(request, HttpResponse::BadRequest().finish()));
    }
    let response = answer(&app, request.head(), payload).await;
    Ok(ServiceResponse::new(request, HttpResponse::from(response)))
}

async fn answer(app: &App, head: &RequestHead, mut payload: Payload) -> Response<BoxBody> {
    // The socket's peer. Whether somebody else is believed about the client, the app decides.
    let caller = Caller { address: head.peer_addr.map(|peer| peer.ip()) };
    let settings = app.settings();
    let for_proxy = app.is_for_proxies(head.uri.path());
    let Some(Read { request, size, body_length }) = neutral::read(head, app.address_header(), for_proxy)
    else {
        return closing(Response::with_body(StatusCode::BAD_REQUEST, refused::body(Bytes::new(), payload)));
    };
    let left = for_proxy && body_length.is_some();
    let body = if size > settings.header_limit {
        Err(Unread::HeadTooLarge)
    } else {
        let length = if for_proxy { BodyLength::None } else { body_length };
        body::read(&mut payload, length, app.bodies(), settings).await
    };
    match body {
        Ok(Body { bytes, share }) => {
            let response = app.respond(request.map(|()| bytes), caller).await;
            // Only now the body is gone.
            drop(share);
            let (head, body) = response.into_parts();
            if left {
                // What is left in the connection is not the next request.
                return closing(neutral::write(&head, refused::body(body, payload)));
            }
            neutral::write(&head, BoxBody::new(body))
        }
        Err(unread) => {
            let (head, body) = app.refuse(request.map(|()| Bytes::new()), caller, unread).await.into_parts();
            closing(neutral::write(&head, refused::body(body, payload)))
        }
    }
}

async fn open(
    io: TcpStream,
    patience: Patience,
    tls: Option<&Tls>,
    farewell: Farewell,
) -> io::Result<Parting<Transport>> {
    // Answers are written at once; a connection that refuses the option works all the same.
    drop(io.set_nodelay(true));
    let io = Connection::new(io, patience);
    let transport = match tls {
        None => Transport::Plain(io),
        Some(tls) => tls.accept(io, too_long(patience.head, farewell.clone())).await?,
    };
    let progress = transport.progress();
    Ok(Parting::new(transport, progress, farewell.over()))
}

/// Longer than a handshake may take: while the server stops, that is little.
async fn too_long(time: Duration, farewell: Farewell) {
    tokio::select! {
        () = sleep(time) => {}
        () = farewell.over() => {}
    }
}

/// After this answer nothing more is read from the connection.
fn closing(mut response: Response<BoxBody>) -> Response<BoxBody> {
    response.head_mut().set_connection_type(ConnectionType::Close);
    response
}

/// From three quarters on, free places are few.
const fn few(connections: usize) -> usize {
    connections - connections / 4
}

/// Rounded up: nobody gets less than was promised.
fn whole_seconds(time: Duration) -> u64 {
    time.as_secs() + u64::from(time.subsec_nanos() > 0)
}

impl Listen {
    fn bind(self) -> io::Result<TcpListener> {
        match self {
            Self::Address(address) => {
                let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
                socket.set_reuseaddr(true)?;
                socket.bind(address)?;
                socket.listen(BACKLOG)?.into_std()
            }
            Self::Listener(listener) => Ok(listener),
        }
    }
}
