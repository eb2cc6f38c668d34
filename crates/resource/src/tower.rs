//! Under tower: [`Protect`] and [`Guard`] as layers over any service of HTTP requests, and the API's metadata as a service. A layer
//! leaves [`Access`] in the request's extensions. A thin shim; what is let in is decided elsewhere.

use crate::access::Access;
use crate::asked::Asked;
use crate::guard::{Admitted, Guard};
use crate::metadata;
use crate::protect::Protect;
use crate::protected_api::ProtectedApi;
use crate::refusal::Refusal;
use bytes::Bytes;
use http::header::{ACCESS_CONTROL_REQUEST_METHOD, AUTHORIZATION, HeaderName, ORIGIN};
use http::{Extensions, HeaderValue, Method, Request, Response, StatusCode, Uri};
use http_body_util::Full;
use std::convert::Infallible;
use std::future::{Future, Ready, ready};
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use tower_layer::Layer;
use tower_service::Service;

/// A guarded service.
#[derive(Clone, Debug)]
pub struct Guarded<S> {
    service: S,
    by: Arc<By>,
}

/// What stands before a service.
#[derive(Debug)]
enum By {
    Protect(Protect),
    Guard(Guard),
}

/// What of a request is looked at, taken out of it: its body need not bear being looked past from elsewhere.
struct Head {
    method: Method,
    uri: Uri,
    peer: Option<IpAddr>,
    authorization: Vec<HeaderValue>,
    forwarded: Vec<HeaderValue>,
    is_cors_request: bool,
}

impl<S> Layer<S> for Protect {
    type Service = Guarded<S>;

    fn layer(&self, service: S) -> Guarded<S> {
        Guarded { service, by: Arc::new(By::Protect(self.clone())) }
    }
}

impl<S> Layer<S> for Guard {
    type Service = Guarded<S>;

    fn layer(&self, service: S) -> Guarded<S> {
        Guarded { service, by: Arc::new(By::Guard(self.clone())) }
    }
}

impl By {
    /// What it looks at.
    fn head<B>(&self, request: &Request<B>) -> Head {
        let headers = request.headers();
        let lines = |name| headers.get_all(name).iter().cloned().collect();
        let (peer, forwarded) = match self {
            Self::Protect(_) => (None, vec![]),
            Self::Guard(guard) => (
                guard.peer.map_or_else(|| peer(request.extensions()), |peer| peer(request.extensions())),
                guard.address_header().map(lines).unwrap_or_default(),
            ),
        };
        Head {
            method: request.method().clone(),
            uri: original(request).clone(),
            peer,
            authorization: lines(AUTHORIZATION.as_str()),
            forwarded,
            is_cors_request: headers.contains_key(ORIGIN)
                && headers.contains_key(ACCESS_CONTROL_REQUEST_METHOD),
        }
    }

    async fn admit(&self, head: &Head) -> Result<Admitted, Refusal> {
        let authorization = head.authorization.iter().map(HeaderValue::as_bytes);
        let guard = match self {
            Self::Protect(protect) => return protect.admit(authorization).await.map(Admitted::With),
            Self::Guard(guard) => guard,
        };
        let asked = Asked {
            method: head.method.as_str(),
            path: head.uri.path(),
            peer: head.peer,
            authorization: &authorization.collect::<Vec<_>>(),
            forwarded: &head.forwarded.iter().map(HeaderValue::as_bytes).collect::<Vec<_>>(),
            is_cors_request: head.is_cors_request,
        };
        guard.admit(&asked).await
    }
}

/// The target as it came: a router of axum's cuts off what it has matched, and leaves the whole beside it.
fn original<B>(request: &Request<B>) -> &Uri {
    #[cfg(feature = "axum")]
    if let Some(original) = request.extensions().get::<::axum::extract::OriginalUri>() {
        return &original.0;
    }
    request.uri()
}

/// Where the framework keeps it.
fn peer(extensions: &Extensions) -> Option<IpAddr> {
    #[cfg(feature = "axum")]
    if let Some(info) = extensions.get::<::axum::extract::ConnectInfo<std::net::SocketAddr>>() {
        return Some(info.0.ip());
    }
    let _ = extensions;
    None
}

impl<S, B, R> Service<Request<B>> for Guarded<S>
where
    S: Service<Request<B>, Response = Response<R>> + Clone + Send + 'static,
    S::Future: Send,
    B: Send + 'static,
    R: From<Bytes>,
{
    type Response = Response<R>;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Response<R>, S::Error>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.service.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<B>) -> Self::Future {
        let (by, head) = (Arc::clone(&self.by), self.by.head(&request));
        // The one that was polled is the one that is called.
        let clone = self.service.clone();
        let mut service = std::mem::replace(&mut self.service, clone);
        Box::pin(async move {
            match by.admit(&head).await {
                Ok(admitted) => {
                    // Whom another guard has let in does not stand for this one.
                    match admitted {
                        Admitted::With(access) => drop(request.extensions_mut().insert(access)),
                        Admitted::Preflight => drop(request.extensions_mut().remove::<Access>()),
                    }
                    service.call(request).await
                }
                Err(refusal) => Ok(response(&refusal)),
            }
        })
    }
}

/// The answer to a request that is not let in.
pub fn response<R: From<Bytes>>(refusal: &Refusal) -> Response<R> {
    let mut response = Response::new(R::from(Bytes::from(refusal.body())));
    *response.status_mut() =
        StatusCode::from_u16(refusal.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    for (name, value) in refusal.headers() {
        // Our own words, scope tokens and a URL in normal form: always a header's value.
        if let Ok(value) = HeaderValue::try_from(value) {
            response.headers_mut().insert(HeaderName::from_static(name), value);
        }
    }
    response
}

/// The API's metadata as a service, for [`ProtectedApi::metadata_path`].
pub fn metadata(api: &ProtectedApi) -> Metadata {
    Metadata(api.metadata_json().map(|json| Bytes::from(json.to_owned())))
}

/// The service made by [`metadata()`].
#[derive(Clone, Debug)]
pub struct Metadata(Option<Bytes>);

impl<B> Service<Request<B>> for Metadata {
    type Response = Response<Full<Bytes>>;
    type Error = Infallible;
    type Future = Ready<Result<Self::Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        ready(Ok(described(request.method(), self.0.clone())))
    }
}

fn described(method: &Method, json: Option<Bytes>) -> Response<Full<Bytes>> {
    let Some(json) = json else { return empty(StatusCode::NOT_FOUND) };
    if *method != Method::GET && *method != Method::HEAD {
        let mut refused = empty(StatusCode::METHOD_NOT_ALLOWED);
        refused.headers_mut().insert("allow", HeaderValue::from_static("GET, HEAD"));
        return refused;
    }
    let mut response = Response::new(Full::new(json));
    let headers = [
        ("content-type", "application/json"),
        ("cache-control", metadata::CACHE_CONTROL),
        // Programs in browsers look for it, too, and it holds nothing that is not for everybody.
        ("access-control-allow-origin", "*"),
    ];
    for (name, value) in headers {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}

fn empty(status: StatusCode) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::default());
    *response.status_mut() = status;
    response
}
