//! What a redirect URI may look like. Owns every rule on its text and the sentence for each refusal; leaves the
//! comparison with a request, and what depends on the client, to [`super`]. The rules are narrower than RFC 3986 by
//! intent: whatever passes is read in the same way by every parser, browsers' included, and comes back unchanged.

use url::form_urlencoded;

/// Longer ones break in address bars, proxies and logs.
const LONGEST: usize = 2000;

/// What the answer to an authorization request may carry (RFC 6749 §4.1.2, §4.1.2.1, §4.2.2, RFC 9207 §2, JARM §2.3,
/// OpenID Connect Core §3.2.2.5, OpenID Connect Session Management §2).
const RESPONSE_PARAMETERS: &[&str] = &[
    "code",
    "state",
    "iss",
    "error",
    "error_description",
    "error_uri",
    "response",
    "access_token",
    "token_type",
    "expires_in",
    "scope",
    "id_token",
    "session_state",
];

/// Why a text cannot be registered as a redirect URI: one sentence per cause, for the administrator who typed it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RedirectUriError {
    /// Nothing at all.
    #[error("a redirect URI cannot be empty")]
    Empty,
    /// More than 2000 characters.
    #[error("a redirect URI has at most {LONGEST} characters")]
    TooLong,
    /// A tab or line break that a browser would drop, plain or percent-encoded.
    #[error(
        "a redirect URI holds no control characters, percent-encoded or not: look for a tab or a line break"
    )]
    Control,
    /// A space.
    #[error("a redirect URI holds no spaces: write %20 where one is meant, and list several URIs separately")]
    Space,
    /// Anything beyond ASCII.
    #[error("a redirect URI is written in ASCII: a host as punycode (xn--…), anything else percent-encoded")]
    NotAscii,
    /// A backslash, which browsers read as a slash.
    #[error("a redirect URI holds no backslash: browsers read it as a slash")]
    Backslash,
    /// An asterisk (RFC 9700 §4.1.3).
    #[error("a redirect URI holds no '*', because it is compared as a whole: register every URI in full")]
    Wildcard,
    /// RFC 6749 §3.1.2: "The endpoint URI MUST NOT include a fragment component."
    #[error("a redirect URI has no fragment: leave out '#' and what follows")]
    Fragment,
    /// A character that RFC 3986 §2 or a browser wants percent-encoded.
    #[error("the character {0} is percent-encoded in a path or a query")]
    Character(char),
    /// A percent sign without its two digits (RFC 3986 §2.1).
    #[error("a '%' is followed by two hexadecimal digits; a percent sign itself is written %25")]
    Percent,
    /// RFC 6749 §3.1.2: the URI is absolute.
    #[error("a redirect URI begins with its scheme, as in https://app.example.com/callback")]
    Relative,
    /// A scheme without a dot that is neither https nor http.
    #[error("the scheme is https, http on the loopback interface, or a private one such as com.example.app")]
    Scheme,
    /// RFC 8252 §7.1: a domain name in reverse order.
    #[error(
        "a private scheme is a domain name in reverse, such as com.example.app: letters, digits, '-' and dots"
    )]
    PrivateUseName,
    /// RFC 8252 §7.1: `com.example.app:/callback`.
    #[error("after a private scheme stands a path that begins with a slash, as in com.example.app:/callback")]
    PrivateUsePath,
    /// RFC 8252 §8.4.
    #[error(
        "a private scheme is for public clients: any app on a device can claim it, and no app keeps a secret"
    )]
    PrivateUseOfConfidential,
    /// Schemes and hosts are compared as written.
    #[error("scheme and host are written in lower case")]
    UpperCase,
    /// `https:host`, which a browser mends.
    #[error("after http: or https: stand two slashes and the host")]
    NoAuthority,
    /// A name or password before the host.
    #[error("a redirect URI holds no user name or password, and no '@' before its path")]
    Userinfo,
    /// Two slashes and no host.
    #[error("the host is missing")]
    NoHost,
    /// A spelling of the host that a browser would change: `127.1`, `0x7f.1`, `a..b`, `%61.example`, `[0::1]`.
    #[error(
        "the host is not spelled as browsers spell it: a plain domain name, four decimal numbers, or [IPv6]"
    )]
    Host,
    /// Not a number from 1 to 65535 in its shortest form.
    #[error("a port is a number from 1 to 65535 without leading zeros")]
    Port,
    /// RFC 9700 §2.6: plain http reaches beyond this machine.
    #[error("http is for 127.0.0.1, [::1] and localhost only: use https")]
    PlainHttp,
    /// `.` or `..`, in any spelling that some parser resolves.
    #[error("the path holds no '.' or '..' segments, percent-encoded or not")]
    DotSegment,
    /// The query already says what only an answer may say.
    #[error("the query cannot hold '{0}', because the answer carries a parameter of that name")]
    ResponseParameter(&'static str),
}

/// The kinds of redirect URI (RFC 8252 §7).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Kind {
    /// A web application's, or an app's claimed https URI.
    Https,
    /// `http` on 127.0.0.1 or [::1].
    LoopbackAddress,
    /// `http` on the name `localhost`.
    Localhost,
    /// An app's own scheme.
    PrivateUse,
}

/// The kind of a URI, and where its two interesting places are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Shape {
    /// What it is.
    pub(super) kind: Kind,
    /// Where the host ends; with a private-use scheme, where the scheme ends.
    pub(super) host_end: usize,
    /// Where the port ends, if there is one; path or query follow.
    pub(super) port_end: usize,
}

/// Checks a text against every rule that does not depend on the client.
pub(super) fn shape(text: &str) -> Result<Shape, RedirectUriError> {
    check_characters(text)?;
    let (scheme, rest) = text.split_once(':').ok_or(RedirectUriError::Relative)?;
    check_scheme(scheme)?;
    match rest.strip_prefix("//") {
        Some(hierarchy) => with_authority(scheme, hierarchy),
        None if !is_private_use(scheme) => Err(RedirectUriError::NoAuthority),
        None if !rest.starts_with('/') => Err(RedirectUriError::PrivateUsePath),
        None => {
            check_path_and_query(rest)?;
            Ok(private_use(scheme))
        }
    }
}

/// What may stand nowhere in a redirect URI.
fn check_characters(text: &str) -> Result<(), RedirectUriError> {
    if text.is_empty() {
        return Err(RedirectUriError::Empty);
    }
    if text.len() > LONGEST {
        return Err(RedirectUriError::TooLong);
    }
    text.chars().try_for_each(|c| match c {
        ' ' => Err(RedirectUriError::Space),
        '\\' => Err(RedirectUriError::Backslash),
        '*' => Err(RedirectUriError::Wildcard),
        '#' => Err(RedirectUriError::Fragment),
        _ if c.is_ascii_control() => Err(RedirectUriError::Control),
        _ if !c.is_ascii() => Err(RedirectUriError::NotAscii),
        _ => Ok(()),
    })
}

/// Allowed are two words and whatever is a domain name in reverse: every scheme that a browser acts upon itself
/// (`javascript`, `data`, `file`, `blob`, …) has no dot, and no list of those would ever be complete.
fn check_scheme(scheme: &str) -> Result<(), RedirectUriError> {
    let is_scheme = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.bytes().all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b));
    if !is_scheme {
        return Err(RedirectUriError::Relative);
    }
    if scheme.bytes().any(|b| b.is_ascii_uppercase()) {
        return Err(RedirectUriError::UpperCase);
    }
    match scheme {
        "https" | "http" => Ok(()),
        _ if !is_private_use(scheme) => Err(RedirectUriError::Scheme),
        _ if scheme.contains('+') || scheme.split('.').any(str::is_empty) => {
            Err(RedirectUriError::PrivateUseName)
        }
        _ => Ok(()),
    }
}

fn is_private_use(scheme: &str) -> bool {
    scheme.contains('.')
}

const fn private_use(scheme: &str) -> Shape {
    let after_colon = scheme.len() + 1;
    Shape { kind: Kind::PrivateUse, host_end: after_colon, port_end: after_colon }
}

/// The part after `scheme://`. A private-use scheme has no use for a host, but apps write one (`app.scheme://callback`);
/// it is held to the same rules, and to no fewer.
fn with_authority(scheme: &str, hierarchy: &str) -> Result<Shape, RedirectUriError> {
    let (authority, tail) = hierarchy.split_at(hierarchy.find(['/', '?']).unwrap_or(hierarchy.len()));
    if authority.contains('@') {
        return Err(RedirectUriError::Userinfo);
    }
    let (host, port) = authority.split_at(host_length(authority));
    check_host(host)?;
    if port_length(port) != Some(port.len()) {
        return Err(RedirectUriError::Port);
    }
    check_path_and_query(tail)?;
    let kind = match (scheme, host) {
        ("https", _) => Kind::Https,
        ("http", "127.0.0.1" | "[::1]") => Kind::LoopbackAddress,
        ("http", "localhost") => Kind::Localhost,
        ("http", _) => return Err(RedirectUriError::PlainHttp),
        _ => return Ok(private_use(scheme)),
    };
    let host_end = scheme.len() + "://".len() + host.len();
    Ok(Shape { kind, host_end, port_end: host_end + port.len() })
}

/// Up to the closing bracket of an IPv6 address, or to the colon before the port.
fn host_length(authority: &str) -> usize {
    let end = match authority.starts_with('[') {
        true => authority.find(']').map(|bracket| bracket + 1),
        false => authority.find(':'),
    };
    end.unwrap_or(authority.len())
}

/// A host must be spelled as the WHATWG's host parser would spell it: that refuses numbers in disguise (`0x7f.1`,
/// `2130706433`), percent-encoding, uncompressed IPv6 and punycode that decodes to nothing.
fn check_host(host: &str) -> Result<(), RedirectUriError> {
    if host.is_empty() {
        return Err(RedirectUriError::NoHost);
    }
    if host.bytes().any(|b| b.is_ascii_uppercase()) {
        return Err(RedirectUriError::UpperCase);
    }
    let is_name = host.bytes().all(|b| b.is_ascii_alphanumeric() || b".-_".contains(&b))
        && !host.split('.').any(str::is_empty);
    let comes_back = url::Host::parse(host).is_ok_and(|parsed| parsed.to_string() == host);
    if (is_name || host.starts_with('[')) && comes_back { Ok(()) } else { Err(RedirectUriError::Host) }
}

/// The length of the `:port` that a text begins with: zero if it begins with none, `None` if what follows the colon is
/// not a port in its shortest form. A default port that is written out (`https://app.example:443/`) stays in the text
/// and in the comparison: a client that asks for it has it registered so, and every other client does not.
pub(super) fn port_length(text: &str) -> Option<usize> {
    let Some(after_colon) = text.strip_prefix(':') else { return Some(0) };
    let digits = after_colon.bytes().take_while(u8::is_ascii_digit).count();
    let port: u16 = after_colon[..digits].parse().ok()?;
    (port > 0 && !after_colon.starts_with('0')).then_some(1 + digits)
}

fn check_path_and_query(tail: &str) -> Result<(), RedirectUriError> {
    tail.chars().find(|c| is_rewritten(*c)).map_or(Ok(()), |c| Err(RedirectUriError::Character(c)))?;
    check_percent_encoding(tail)?;
    let (path, query) = tail.split_once('?').unwrap_or((tail, ""));
    check_segments(path)?;
    let names = form_urlencoded::parse(query.as_bytes()).map(|(name, _)| name);
    match names.filter_map(|name| RESPONSE_PARAMETERS.iter().find(|known| **known == name)).next() {
        Some(name) => Err(RedirectUriError::ResponseParameter(name)),
        None => Ok(()),
    }
}

/// Outside RFC 3986 §3.3 and §3.4, or (the apostrophe) percent-encoded by browsers in a query.
const fn is_rewritten(c: char) -> bool {
    matches!(c, '"' | '\'' | '<' | '>' | '[' | ']' | '^' | '`' | '{' | '|' | '}')
}

/// RFC 3986 §2.1, and nothing hidden that could split a line where it is decoded.
fn check_percent_encoding(tail: &str) -> Result<(), RedirectUriError> {
    tail.split('%').skip(1).try_for_each(|after| match after.as_bytes() {
        [high, low, ..] if !high.is_ascii_hexdigit() || !low.is_ascii_hexdigit() => {
            Err(RedirectUriError::Percent)
        }
        [b'0' | b'1', ..] | [b'7', b'f' | b'F', ..] => Err(RedirectUriError::Control),
        [_, _, ..] => Ok(()),
        _ => Err(RedirectUriError::Percent),
    })
}

/// A segment counts as a dot segment in whatever spelling some parser resolves it: percent-encoded, behind an encoded
/// slash, or with path parameters as in `..;/`.
fn check_segments(path: &str) -> Result<(), RedirectUriError> {
    let spelled_out = [("%2e", "."), ("%2f", "/"), ("%5c", "/"), ("%3b", ";")]
        .iter()
        .fold(path.to_ascii_lowercase(), |path, (encoded, plain)| path.replace(encoded, plain));
    let is_dots = |segment: &str| matches!(segment.split(';').next(), Some("." | ".."));
    if spelled_out.split('/').any(is_dots) { Err(RedirectUriError::DotSegment) } else { Ok(()) }
}
