//! Under axum, whose router takes the layer and the service of [`crate::tower`] as they are: [`Access`] as an extractor, and
//! [`Refusal`] as an answer.

use crate::access::Access;
use crate::refusal::Refusal;
use crate::tower;
use ::axum::extract::FromRequestParts;
use ::axum::response::{IntoResponse, Response};
use http::request::Parts;

/// What the request may do, for a handler behind [`Protect`](crate::protect::Protect) or [`Guard`](crate::guard::Guard). Without either in front the request is
/// refused (500): a handler that wants to know who asks never runs for somebody unknown.
impl<S: Send + Sync> FromRequestParts<S> for Access {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Refusal> {
        let access = parts.extensions.get::<Self>().cloned();
        access.ok_or_else(|| Refusal::broken("a handler asks for access that no guard has checked"))
    }
}

/// So that `access.require("orders:write")?` ends a handler.
impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        tower::response(&self)
    }
}
