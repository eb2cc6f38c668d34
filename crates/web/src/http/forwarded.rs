//! The request that a proxy asks about, as it tells of it in headers. Owns their two spellings, and that there is one reading of what
//! they say: nothing is guessed, nothing repaired. Whether the proxy is to be believed was found out before, and what follows from the
//! request is core's.
//!
//! **What a proxy does not set, its client may have.** So both spellings are read wherever both are there, and have to say the same:
//! a client that adds the one its proxy leaves alone is refused instead of believed. A header that is there twice, or that is not
//! plain text, has no reading; an empty one says nothing.

use doorward_core::bearer::brought::Brought;
use doorward_protocol::access::path::Path;
use http::header::{ACCESS_CONTROL_REQUEST_METHOD, AUTHORIZATION, ORIGIN};
use http::{HeaderMap, HeaderName, Method};

const METHOD: [HeaderName; 2] =
    [HeaderName::from_static("x-forwarded-method"), HeaderName::from_static("x-original-method")];
const HOST: HeaderName = HeaderName::from_static("x-forwarded-host");
const URI: HeaderName = HeaderName::from_static("x-forwarded-uri");
const URL: HeaderName = HeaderName::from_static("x-original-url");
const API_KEY: HeaderName = HeaderName::from_static("x-api-key");

/// What has no one reading, in words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Odd(pub(crate) &'static str);

/// What a proxy tells of a request.
pub(crate) struct Told<'a> {
    pub(crate) method: &'a str,
    /// Where that is said, as it is written.
    pub(crate) host: Option<&'a str>,
    pub(crate) path: Path<'a>,
    /// What stands behind the path, where anything does.
    pub(crate) query: Option<&'a str>,
}

impl<'a> Told<'a> {
    pub(crate) fn read(headers: &'a HeaderMap) -> Result<Self, Odd> {
        let [method, original_method] = METHOD.map(|name| only(headers, &name));
        let original = only(headers, &URL)?.map(split).transpose()?;
        let (original_host, original_target) = original.unzip();
        let target = same(only(headers, &URI)?, original_target, |one, other| one == other)?;
        let target = target.ok_or(Odd("no X-Forwarded-Uri or X-Original-URL is told"))?;
        Ok(Self {
            host: same(only(headers, &HOST)?, original_host.flatten(), str::eq_ignore_ascii_case)?,
            method: same(method?, original_method?, |one, other| one == other)?
                .ok_or(Odd("no X-Forwarded-Method or X-Original-Method is told"))?,
            path: path(target)?,
            query: target.split_once('?').map(|(_, query)| query),
        })
    }
}

/// Where the token of a request may stand.
pub(crate) fn brought(headers: &HeaderMap) -> Result<Brought<'_>, Odd> {
    Ok(Brought { authorization: only(headers, &AUTHORIZATION)?, api_key: only(headers, &API_KEY)? })
}

/// Fetch §3.2.2: whether a request is a browser's question whether it may make another one.
pub(crate) fn is_preflight(method: &str, headers: &HeaderMap) -> Result<bool, Odd> {
    let asks = [only(headers, &ORIGIN)?, only(headers, &ACCESS_CONTROL_REQUEST_METHOD)?];
    Ok(method == Method::OPTIONS.as_str() && asks.iter().all(Option::is_some))
}

/// RFC 9112 §3.2.1: a target from the root on, whose path is read the same by everybody.
pub(crate) fn path(target: &str) -> Result<Path<'_>, Odd> {
    let odd = Odd("the request's path has more than one reading");
    if target.starts_with('/') { Path::of_target(target).map_err(|_| odd) } else { Err(odd) }
}

/// The one value that a header has.
fn only<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Result<Option<&'a str>, Odd> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (_, Some(_)) => Err(Odd("a header is there twice")),
        (value, None) => Ok(value
            .map(|value| value.to_str().map_err(|_| Odd("a header is no plain text")))
            .transpose()?
            .filter(|text| !text.is_empty())),
    }
}

/// What is said in two ways is said once.
fn same<'a>(
    one: Option<&'a str>,
    other: Option<&'a str>,
    is_same: impl Fn(&'a str, &'a str) -> bool,
) -> Result<Option<&'a str>, Odd> {
    match (one, other) {
        (Some(one), Some(other)) if !is_same(one, other) => {
            Err(Odd("X-Forwarded-… and X-Original-… do not say the same"))
        }
        (one, other) => Ok(one.or(other)),
    }
}

/// Host and target of a URL, or of a target alone.
fn split(url: &str) -> Result<(Option<&str>, &str), Odd> {
    if url.starts_with('/') {
        return Ok((None, url));
    }
    let odd = Odd("X-Original-URL is neither a URL nor a path");
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://")).ok_or(odd)?;
    let at = rest.find('/').ok_or(odd)?;
    Ok((Some(&rest[..at]), &rest[at..]))
}
