//! Under actix-web: [`Protect`] and [`Guard`] as middleware, [`Access`] as an extractor, [`Refusal`] as an answer, and the API's
//! metadata. A thin shim; what is let in is decided elsewhere.

use crate::access::Access;
use crate::asked::Asked;
use crate::guard::{Admitted, Guard};
use crate::metadata;
use crate::protect::Protect;
use crate::protected_api::ProtectedApi;
use crate::refusal::Refusal;
use actix_web::body::EitherBody;
use actix_web::dev::{Payload, Service, ServiceRequest, ServiceResponse, Transform};
use actix_web::http::StatusCode;
use actix_web::http::header::{
    ACCESS_CONTROL_REQUEST_METHOD, AUTHORIZATION, HeaderName, HeaderValue, ORIGIN,
};
use actix_web::{Error, FromRequest, HttpMessage, HttpRequest, HttpResponse, ResponseError, web};
use std::future::{Future, Ready, ready};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

/// Serves the API's metadata, where it has any: `App::new().configure(actix::metadata(&api))`. To be called at the root: the
/// path is one from the host's root.
pub fn metadata(api: &ProtectedApi) -> impl FnOnce(&mut web::ServiceConfig) + use<> {
    let document = api.metadata_path().zip(api.metadata_json());
    let document = document.map(|(path, json)| (path.to_owned(), json.to_owned()));
    move |config| {
        let Some((path, json)) = document else { return };
        config.route(&path, web::get().to(move || ready(described(json.clone()))));
    }
}

fn described(json: String) -> HttpResponse {
    HttpResponse::Ok()
        .content_type("application/json")
        .insert_header(("cache-control", metadata::CACHE_CONTROL))
        // Programs in browsers look for it, too, and it holds nothing that is not for everybody.
        .insert_header(("access-control-allow-origin", "*"))
        .body(json)
}

/// A guarded service.
pub struct Guarded<S> {
    service: Rc<S>,
    by: Rc<By>,
}

/// What stands before a service.
enum By {
    Protect(Protect),
    Guard(Guard),
}

impl<S, B> Transform<S, ServiceRequest> for Protect
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error> + 'static,
    B: 'static,
{
    type Response = ServiceResponse<EitherBody<B>>;
    type Error = Error;
    type Transform = Guarded<S>;
    type InitError = ();
    type Future = Ready<Result<Guarded<S>, ()>>;

    fn new_transform(&self, service: S) -> Self::Future {
        ready(Ok(Guarded { service: Rc::new(service), by: Rc::new(By::Protect(self.clone())) }))
    }
}

impl<S, B> Transform<S, ServiceRequest> for Guard
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error> + 'static,
    B: 'static,
{
    type Response = ServiceResponse<EitherBody<B>>;
    type Error = Error;
    type Transform = Guarded<S>;
    type InitError = ();
    type Future = Ready<Result<Guarded<S>, ()>>;

    fn new_transform(&self, service: S) -> Self::Future {
        ready(Ok(Guarded { service: Rc::new(service), by: Rc::new(By::Guard(self.clone())) }))
    }
}

impl By {
    async fn admit(&self, request: &ServiceRequest) -> Result<Admitted, Refusal> {
        let lines = |name| request.headers().get_all(name).map(HeaderValue::as_bytes);
        let guard = match self {
            Self::Protect(protect) => return protect.admit(lines(&AUTHORIZATION)).await.map(Admitted::With),
            Self::Guard(guard) => guard,
        };
        let forwarded = guard.address_header().map(HeaderName::from_static);
        let forwarded: Vec<_> = forwarded.iter().flat_map(lines).collect();
        let authorization: Vec<_> = lines(&AUTHORIZATION).collect();
        let asked = Asked {
            method: request.method().as_str(),
            path: request.uri().path(),
            peer: request.peer_addr().map(|peer| peer.ip()),
            authorization: &authorization,
            forwarded: &forwarded,
            is_cors_request: [&ORIGIN, &ACCESS_CONTROL_REQUEST_METHOD]
                .iter()
                .all(|name| request.headers().contains_key(*name)),
        };
        guard.admit(&asked).await
    }
}

impl<S, B> Service<ServiceRequest> for Guarded<S>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error> + 'static,
    B: 'static,
{
    type Response = ServiceResponse<EitherBody<B>>;
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Error>>>>;

    fn poll_ready(&self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        self.service.poll_ready(cx)
    }

    fn call(&self, request: ServiceRequest) -> Self::Future {
        let (service, by) = (Rc::clone(&self.service), Rc::clone(&self.by));
        Box::pin(async move {
            match by.admit(&request).await {
                Ok(admitted) => {
                    // Whom another guard has let in does not stand for this one.
                    match admitted {
                        Admitted::With(access) => drop(request.extensions_mut().insert(access)),
                        Admitted::Preflight => drop(request.extensions_mut().remove::<Access>()),
                    }
                    service.call(request).await.map(ServiceResponse::map_into_left_body)
                }
                Err(refusal) => Ok(request.into_response(refusal.error_response()).map_into_right_body()),
            }
        })
    }
}

/// What the request may do, for a handler behind [`Protect`] or [`Guard`]. Without either in front the request is refused (500): a
/// handler that wants to know who asks never runs for somebody unknown.
impl FromRequest for Access {
    type Error = Refusal;
    type Future = Ready<Result<Self, Refusal>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let access = request.extensions().get::<Self>().cloned();
        ready(access.ok_or_else(|| Refusal::broken("a handler asks for access that no guard has checked")))
    }
}

/// So that `access.require("orders:write")?` ends a handler.
impl ResponseError for Refusal {
    fn status_code(&self) -> StatusCode {
        StatusCode::from_u16(self.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    fn error_response(&self) -> HttpResponse {
        let mut response = HttpResponse::build(self.status_code());
        for (name, value) in self.headers() {
            response.insert_header((HeaderName::from_static(name), value));
        }
        response.body(self.body())
    }
}
