//! The page of a refusal. Owns what a person is told of one: what it means, our own sentence, and the lines that help
//! whoever they turn to.

use crate::http::answer;
use crate::http::headers::Policy;
use crate::http::request_id::RequestId;
use crate::http::site::Site;
use crate::pages::templates::{Frame, Refused};
use crate::pages::{html, rendered, words};
use bytes::Bytes;
use doorward_protocol::error::OAuthError;
use http::Response;
use http::header::RETRY_AFTER;

/// RFC 6749 §4.1.2.1: a refusal that cannot go back to a client is shown to the person.
pub(crate) fn refused(error: &OAuthError, id: &RequestId, site: &Site) -> Response<Bytes> {
    let status = answer::status(error);
    let sentence = words::sentence(error.description());
    let template = Refused {
        frame: Frame(site),
        title: words::title(status),
        sentence: &sentence,
        status: &status.to_string(),
        error: error.code().as_str(),
        request_id: id.as_str(),
    };
    // Texts are always written; were one not, the status still says it.
    let mut response = rendered(&template, status, Policy::default(), site)
        .unwrap_or_else(|_| html(String::new(), status, Policy::default(), site));
    if let Some(wait) = error.retry_after() {
        response.headers_mut().insert(RETRY_AFTER, wait.0.into());
    }
    response
}
