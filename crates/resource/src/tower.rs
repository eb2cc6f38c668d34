//! Under tower: [`Protect`] as a layer over any service of HTTP requests, and the API's metadata as a service. The layer leaves
//! [`Access`](crate::access::Access) in the request's extensions. A thin shim; what is let in is decided elsewhere.

use crate::metadata;
use crate::protect::Protect;
use crate::protected_api::ProtectedApi;
use crate::refusal::Refusal;
use bytes::Bytes;
use http::header::{AUTHORIZATION, HeaderName};
use http::{HeaderValue, Method, Request, Response, StatusCode};
use http_body_util::Full;
use std::convert::Infallible;
use std::future::{Future, Ready, ready};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use tower_layer::Layer;
use tower_service::Service;

/// A guarded service.
#[derive(Clone, Debug)]
pub struct Guarded<S> {
    service: S,
    guard: Arc<Protect>,
}

impl<S> Layer<S> for Protect {
    type Service = Guarded<S>;

    fn layer(&self, service: S) -> Guarded<S> {
        Guarded { service, guard: Arc::new(self.clone()) }
    }
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
        let guard = Arc::clone(&self.guard);
        // The one that was polled is the one that is called.
        let clone = self.service.clone();
        let mut service = std::mem::replace(&mut self.service, clone);
        Box::pin(async move {
            let values: Vec<_> = request.headers().get_all(AUTHORIZATION).iter().cloned().collect();
            match guard.admit(values.iter().map(HeaderValue::as_bytes)).await {
                Ok(access) => {
                    request.extensions_mut().insert(access);
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
