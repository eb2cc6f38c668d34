//! What a browser is shown or sent to, written down: core's [`Turn`] as an HTTP answer. Owns statuses, cookies, redirects
//! and which page needs what in its headers; what pages say stands in `templates/`, what comes next is core's decision.

pub(crate) mod api;
pub(crate) mod assets;
pub(crate) mod refused;
pub(crate) mod words;

mod show;
mod templates;
#[cfg(test)]
mod tests_answers;
#[cfg(test)]
mod tests_contract;
#[cfg(test)]
mod tests_escaping;
#[cfg(test)]
mod tests_samples;

use crate::http::answer;
use crate::http::headers::{self, Policy};
use crate::http::site::Site;
use askama::Template;
use bytes::Bytes;
use doorward_core::endpoint::page::{Then, Turn};
use doorward_core::request::answer::AuthorizationAnswer;
use doorward_core::store::fault::Fault;
use doorward_protocol::words::ResponseMode;
use http::header::{CONTENT_TYPE, LOCATION, SET_COOKIE};
use http::{HeaderValue, Response, StatusCode};
use templates::{FormPost, Frame};

const HTML: HeaderValue = HeaderValue::from_static("text/html; charset=utf-8");

/// The answer that brings a browser where it belongs.
///
/// # Errors
/// A fault where core names something that is no header's value, or a page cannot be written.
pub(crate) fn answer(turn: Turn, site: &Site) -> Result<Response<Bytes>, Fault> {
    let cookies = site.cookies.set(&turn.cookies)?;
    let mut response = match turn.then {
        Then::Show(page) => show::show(page, site)?,
        Then::Go(path) => go(&path, site)?,
        Then::Leave(url) => redirect(&url, site)?,
        Then::Answer(answer) => answer_client(&answer, site)?,
    };
    for cookie in cookies {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
    Ok(response)
}

/// A path begins with a slash: behind a host's name, anything else would be more of that name.
fn go(path: &str, site: &Site) -> Result<Response<Bytes>, Fault> {
    if !path.starts_with('/') {
        return Err(Fault::broken("a redirect below the issuer names no path"));
    }
    redirect(&site.url(path), site)
}

/// RFC 9700 §4.12: 303, after which no browser sends again what was posted.
fn redirect(url: &str, site: &Site) -> Result<Response<Bytes>, Fault> {
    if !url.bytes().all(|b| b.is_ascii_graphic()) {
        return Err(Fault::broken("a redirect names no URL"));
    }
    let mut location = HeaderValue::from_str(url).map_err(Fault::broken)?;
    location.set_sensitive(true);
    let mut response = answer::empty(StatusCode::SEE_OTHER);
    headers::redirect(response.headers_mut(), site.is_secure());
    response.headers_mut().insert(LOCATION, location);
    Ok(response)
}

fn answer_client(answer: &AuthorizationAnswer, site: &Site) -> Result<Response<Bytes>, Fault> {
    match answer.reply.mode {
        ResponseMode::Query => redirect(&answer.location(), site),
        ResponseMode::FormPost => {
            let policy = Policy { form_target: Some(answer.reply.target.origin()), script: true };
            rendered(&FormPost { frame: Frame(site), answer }, StatusCode::OK, policy, site)
        }
    }
}

/// A page, with all that its headers say.
fn rendered(
    template: &impl Template,
    status: StatusCode,
    policy: Policy<'_>,
    site: &Site,
) -> Result<Response<Bytes>, Fault> {
    Ok(html(template.render().map_err(Fault::broken)?, status, policy, site))
}

fn html(text: String, status: StatusCode, policy: Policy<'_>, site: &Site) -> Response<Bytes> {
    let mut response = answer::with_body(status, text.into());
    response.headers_mut().insert(CONTENT_TYPE, HTML);
    headers::page(response.headers_mut(), policy, site.is_secure());
    response
}
