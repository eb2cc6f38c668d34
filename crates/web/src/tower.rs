//! Under tower: a thin shim that brings an [`App`] into axum, hyper and whatever else speaks [`tower_service::Service`]. Owns
//! the reading of bodies and the measure of heads; how connections come in, how long they stay and how many there are is the
//! host's server's business. Runs on tokio.
//!
//! ```
//! # use doorward_web::{app::App, tower};
//! # use std::net::SocketAddr;
//! # use std::sync::Arc;
//! # struct ConnectInfo(SocketAddr);
//! # fn mount(app: &Arc<App>) {
//! // Whoever accepts connections leaves the peer's address with each request; axum does it in its `ConnectInfo`.
//! let service = tower::service(app, |extensions| Some(extensions.get::<ConnectInfo>()?.0));
//! # }
//! ```

use crate::app::App;
use crate::http::body::{self, Body, BodyLength, Broken, Pieces};
use crate::http::unread::Unread;
use bytes::Bytes;
use doorward_core::context::Caller;
use http::header::CONNECTION;
use http::{Extensions, HeaderValue, Request, Response, Version};
use http_body::Body as HttpBody;
use http_body_util::Full;
use std::convert::Infallible;
use std::fmt;
use std::future::Future;
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};
use tower_service::Service;

/// Separators and line end of one header, and of the request line.
const MARKS: usize = 4;

type Peer = dyn Fn(&Extensions) -> Option<SocketAddr> + Send + Sync;

/// An [`App`] as a tower service, made by [`service`]; a clone answers for the same app.
#[derive(Clone)]
pub struct AppService {
    app: Arc<App>,
    peer: Arc<Peer>,
}

/// The app as a service for all its [paths](App::paths), and for what is below its [prefixes](App::prefixes), which begin at the
/// host's root: a router that takes a prefix off a request's path hides from the app what was asked. `peer` finds the socket's
/// peer in a request's extensions; without it nobody is told apart by address.
pub fn service(
    app: &Arc<App>,
    peer: impl Fn(&Extensions) -> Option<SocketAddr> + Send + Sync + 'static,
) -> AppService {
    AppService { app: Arc::clone(app), peer: Arc::new(peer) }
}

impl<B> Service<Request<B>> for AppService
where
    B: HttpBody<Data = Bytes> + Send + 'static,
{
    type Response = Response<Full<Bytes>>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let app = Arc::clone(&self.app);
        let caller = Caller { address: (self.peer)(request.extensions()).map(|peer| peer.ip()) };
        Box::pin(async move { Ok(answer(&app, request, caller).await.map(Full::new)) })
    }
}

async fn answer<B>(app: &App, request: Request<B>, caller: Caller) -> Response<Bytes>
where
    B: HttpBody<Data = Bytes> + Send,
{
    let settings = app.settings();
    let (head, body) = request.into_parts();
    let request = Request::from_parts(head, ());
    let length = if app.is_for_proxies(request.uri().path()) { BodyLength::None } else { length(&body) };
    let body = if size(&request) > settings.header_limit {
        Err(Unread::HeadTooLarge)
    } else {
        body::read(&mut Frames(pin!(body)), length, app.bodies(), settings).await
    };
    match body {
        Ok(Body { bytes, share }) => {
            let response = app.respond(request.map(|()| bytes), caller).await;
            // Only now the body is gone.
            drop(share);
            response
        }
        Err(unread) => refuse(app, request, caller, unread).await,
    }
}

async fn refuse(app: &App, request: Request<()>, caller: Caller, unread: Unread) -> Response<Bytes> {
    let version = request.version();
    let mut response = app.refuse(request.map(|()| Bytes::new()), caller, unread).await;
    // RFC 9113 §8.2.2: later versions have no such header, and lose nothing but this one stream.
    if version <= Version::HTTP_11 {
        response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    }
    response
}

fn length(body: &impl HttpBody) -> BodyLength {
    if body.is_end_stream() {
        return BodyLength::None;
    }
    body.size_hint().exact().map_or(BodyLength::Chunked, BodyLength::Known)
}

/// How many bytes request line and headers take, or would take in HTTP/1.1.
fn size(request: &Request<()>) -> usize {
    let target = request.uri().path_and_query().map_or(0, |target| target.as_str().len());
    let line = request.method().as_str().len() + target + "HTTP/1.1".len() + MARKS;
    let headers = request.headers().iter().map(|(name, value)| name.as_str().len() + value.len() + MARKS);
    line + headers.sum::<usize>()
}

/// A body's pieces, without its trailers.
struct Frames<'a, B>(Pin<&'a mut B>);

impl<B: HttpBody<Data = Bytes>> Pieces for Frames<'_, B> {
    fn poll_piece(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, Broken>>> {
        loop {
            match self.0.as_mut().poll_frame(cx) {
                Poll::Ready(Some(Ok(frame))) => {
                    if let Ok(piece) = frame.into_data() {
                        return Poll::Ready(Some(Ok(piece)));
                    }
                }
                Poll::Ready(Some(Err(_))) => return Poll::Ready(Some(Err(Broken))),
                Poll::Ready(None) => return Poll::Ready(None),
                Poll::Pending => return Poll::Pending,
            }
        }
    }
}

impl fmt::Debug for AppService {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AppService").finish_non_exhaustive()
    }
}
