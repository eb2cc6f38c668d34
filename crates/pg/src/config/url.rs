//! Takes a database URL apart: `postgres://user:password@host:port,host/database?name=value`. Stricter than libpq where
//! libpq would guess, because a wrong guess turns a piece of a password into a host that then stands in the log.

use std::fmt::Display;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use super::error::ConfigError;
use super::host::{Host, PORT};
use super::{Config, parameters};

/// Everything that could end a part of a URL, and everything that is not plain to read.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Reads the whole URL.
pub(super) fn config(url: &str) -> Result<Config, ConfigError> {
    let rest = url.strip_prefix("postgres://").or_else(|| url.strip_prefix("postgresql://"));
    let rest = rest.ok_or(ConfigError::Scheme)?;
    let (place, query) = rest.split_once('?').map_or((rest, None), |(place, query)| (place, Some(query)));
    let (authority, path) = place.split_once('/').unwrap_or((place, ""));
    if [query.unwrap_or_default(), path].iter().any(|part| part.contains('@'))
        || authority.matches('@').count() > 1
    {
        return Err(ConfigError::StrayAt);
    }
    let (credentials, hosts) = authority.split_once('@').unwrap_or(("", authority));
    let mut config = Config::on(hosts_of(hosts)?);
    (config.user, config.password) = credentials_of(credentials)?;
    config.dbname = database(path)?;
    parameters::apply(&mut config, &pairs(query.unwrap_or_default())?)?;
    Ok(config)
}

/// As it may stand in a URL.
pub(super) fn encoded(text: &str) -> impl Display {
    utf8_percent_encode(text, ENCODED)
}

/// A port's number; zero is nobody's.
pub(super) fn port(text: &str) -> Result<u16, ConfigError> {
    let port = text.parse().ok().filter(|port| *port != 0);
    port.ok_or(ConfigError::Part { part: "port", problem: "is not a number from 1 to 65535" })
}

/// Refuses what the protocol's strings cannot carry, too.
fn decoded(part: &'static str, text: &str) -> Result<String, ConfigError> {
    let text = percent_decode_str(text).decode_utf8();
    let text = text.map_err(|_| ConfigError::Part { part, problem: "is not UTF-8 once decoded" })?;
    if text.contains('\0') {
        return Err(ConfigError::Part { part, problem: "contains a NUL" });
    }
    Ok(text.into_owned())
}

fn credentials_of(text: &str) -> Result<(Option<String>, Option<String>), ConfigError> {
    let (user, password) =
        text.split_once(':').map_or((text, None), |(user, password)| (user, Some(password)));
    let user = decoded("user", user)?;
    let password = password.map(|password| decoded("password", password)).transpose()?;
    Ok((Some(user).filter(|user| !user.is_empty()), password.filter(|password| !password.is_empty())))
}

fn database(path: &str) -> Result<Option<String>, ConfigError> {
    if path.contains('/') {
        return Err(ConfigError::Part {
            part: "database name",
            problem: "contains a / that is not written %2F",
        });
    }
    let name = decoded("database name", path)?;
    Ok(Some(name).filter(|name| !name.is_empty()))
}

/// Nothing between `@` and `/` is no host; the parameter `host` may name some.
fn hosts_of(text: &str) -> Result<Vec<Host>, ConfigError> {
    if text.is_empty() {
        return Ok(Vec::new());
    }
    text.split(',').map(host).collect()
}

fn host(text: &str) -> Result<Host, ConfigError> {
    let (name, port) = match text.strip_prefix('[') {
        Some(bracketed) => address(bracketed)?,
        None => text.split_once(':').map_or((text, None), |(name, port)| (name, Some(port))),
    };
    let name = decoded("host", name)?;
    if name.is_empty() {
        return Err(ConfigError::Part { part: "host", problem: "is empty" });
    }
    Ok(Host::new(name, port.map_or(Ok(PORT), self::port)?))
}

/// An IPv6 address, whose opening bracket is already gone.
fn address(bracketed: &str) -> Result<(&str, Option<&str>), ConfigError> {
    let unreadable = ConfigError::Part { part: "host", problem: "is not an IPv6 address in brackets" };
    let (name, rest) = bracketed.split_once(']').ok_or(unreadable.clone())?;
    if name.parse::<std::net::Ipv6Addr>().is_err() {
        return Err(unreadable);
    }
    match rest.strip_prefix(':') {
        Some(port) => Ok((name, Some(port))),
        None if rest.is_empty() => Ok((name, None)),
        None => Err(unreadable),
    }
}

fn pairs(query: &str) -> Result<Vec<(String, String)>, ConfigError> {
    query.split('&').filter(|pair| !pair.is_empty()).map(pair).collect()
}

fn pair(text: &str) -> Result<(String, String), ConfigError> {
    let (name, value) = text
        .split_once('=')
        .ok_or(ConfigError::Part { part: "list of parameters", problem: "has one without =" })?;
    Ok((decoded("parameter", name)?, decoded("parameter", value)?))
}

#[cfg(test)]
#[path = "tests_url.rs"]
mod tests;
