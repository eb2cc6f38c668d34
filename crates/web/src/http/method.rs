//! The methods an endpoint takes. Owns the sets there are, and how each is listed to clients.

use http::{HeaderValue, Method};

/// The methods of one endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Methods {
    /// POST alone (RFC 6749 §3.2).
    Post,
    /// GET, and HEAD with it (RFC 9110 §9.3.2).
    Read,
    /// A page and the form in it; a protocol endpoint that takes either (OpenID Connect Core §3.1.2.1, §5.3.1).
    ReadAndPost,
    /// Whatever the operation takes, which says so itself.
    All,
}

impl Methods {
    pub(crate) fn include(self, method: &Method) -> bool {
        match self {
            Self::Post => *method == Method::POST,
            Self::Read => *method == Method::GET || *method == Method::HEAD,
            Self::All => true,
            Self::ReadAndPost => Self::Read.include(method) || Self::Post.include(method),
        }
    }

    /// RFC 9110 §10.2.1: the list, as `Allow` and a preflight's answer carry it.
    pub(crate) fn listed(self) -> HeaderValue {
        HeaderValue::from_static(match self {
            Self::Post => "POST",
            Self::Read => "GET, HEAD",
            Self::ReadAndPost => "GET, HEAD, POST",
            Self::All => "GET, HEAD, POST, PATCH, DELETE",
        })
    }
}
