//! Whose request it is: the address of the client, behind proxies too. Owns the way from the socket's peer and one header to
//! that address; what is limited, recorded or allowed by it goes by nothing else.
//!
//! **Each hop is believed by the one before it.** The peer is known from the socket. If it is a trusted proxy, the last
//! address of the header is the one that it was asked by; if that is a trusted proxy, too, so is the address before it. The
//! first address that is no proxy of ours is the client's: what stands further left, anybody may have written. A peer that
//! is not trusted is the client itself, whatever its headers say, and without trusted proxies no header is looked at.
//!
//! **What is no address ends the walk where it stands**: `unknown`, a made-up name (RFC 7239 §6.3), a host, an empty entry,
//! two values where one belongs. The client is then who was proven last, the nearest proxy or the peer. It is never nobody
//! (for whom no limit would count), never what stands beyond the junk, and no name is looked up. Whoever has the nearest
//! proxy write junk shares the limits of that proxy with all others who do, which is the worse bargain.
//!
//! **Entries are cut at commas from the right**, without regard to quotes: what a client sent stands on the left, and a quote
//! that it opens must not swallow what our proxy has added. Where a proxy itself quotes a comma (in a host that a client made
//! up, say), its own entry is cut in two, and the right part cannot be read: it holds an odd number of quotes, which are read
//! in pairs and stand nowhere else.

use crate::settings::{AddressHeader, WebSettings};
use doorward_protocol::network::Network;
use http::header::FORWARDED;
use http::{HeaderMap, HeaderName};
use std::net::{IpAddr, Ipv6Addr};

/// More proxies than anybody has in a row.
const MOST_HOPS: usize = 32;

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const X_REAL_IP: HeaderName = HeaderName::from_static("x-real-ip");

/// How clients' addresses are found.
pub(crate) struct ClientIp {
    trusted: Vec<Network>,
    form: AddressHeader,
    name: HeaderName,
}

impl ClientIp {
    /// As it was set.
    pub(crate) fn new(settings: &WebSettings) -> Self {
        let form = settings.client_address_header;
        let name = match form {
            AddressHeader::XForwardedFor => X_FORWARDED_FOR,
            AddressHeader::Forwarded => FORWARDED,
            AddressHeader::XRealIp => X_REAL_IP,
        };
        Self { trusted: settings.trusted_proxies.clone(), form, name }
    }

    /// The header that is read; none where nobody is believed.
    #[cfg(feature = "actix")]
    pub(crate) fn header(&self) -> Option<&HeaderName> {
        (!self.trusted.is_empty()).then_some(&self.name)
    }

    /// The address of the client. Where there is no peer, there is nobody to believe.
    pub(crate) fn of(&self, peer: Option<IpAddr>, headers: &HeaderMap) -> Option<IpAddr> {
        let peer = peer?.to_canonical();
        Some(if self.trusts(peer) { self.behind(peer, headers) } else { peer })
    }

    fn trusts(&self, address: IpAddr) -> bool {
        self.trusted.iter().any(|network| network.contains(address))
    }

    fn behind(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let lines = headers.get_all(&self.name).iter().map(http::HeaderValue::as_bytes);
        match self.form {
            AddressHeader::XRealIp => only(lines).and_then(address).unwrap_or(peer),
            AddressHeader::XForwardedFor => self.walk(peer, entries(lines).map(address)),
            AddressHeader::Forwarded => self.walk(peer, entries(lines).map(forwarded_for)),
        }
    }

    /// From hop to hop, for as long as each is known and trusted.
    fn walk(&self, peer: IpAddr, hops: impl Iterator<Item = Option<IpAddr>>) -> IpAddr {
        let mut proven = peer;
        for hop in hops.take(MOST_HOPS) {
            let Some(hop) = hop else { break };
            proven = hop;
            if !self.trusts(hop) {
                break;
            }
        }
        proven
    }
}

/// The one value, if there is exactly one: of two, nobody knows which one the proxy has set.
fn only<'a>(mut lines: impl Iterator<Item = &'a [u8]>) -> Option<&'a [u8]> {
    let line = lines.next()?;
    lines.next().is_none().then_some(line)
}

/// RFC 9110 §5.3: lines of one name are one list. Its entries, the last one first.
fn entries<'a>(lines: impl DoubleEndedIterator<Item = &'a [u8]>) -> impl Iterator<Item = &'a [u8]> {
    lines.rev().flat_map(|line| line.rsplit(|byte| *byte == b','))
}

/// An address, perhaps in brackets, perhaps with a port, which says nothing about who it is.
fn address(entry: &[u8]) -> Option<IpAddr> {
    let text = std::str::from_utf8(entry).ok()?.trim_matches([' ', '\t']);
    let address = match text.strip_prefix('[') {
        Some(rest) => {
            let (address, after) = rest.split_once(']')?;
            let is_whole = after.is_empty() || after.strip_prefix(':').is_some_and(is_port);
            address.parse::<Ipv6Addr>().ok().filter(|_| is_whole)?.into()
        }
        None => text.parse().ok().or_else(|| {
            let (address, port) = text.rsplit_once(':')?;
            is_port(port).then(|| address.parse().ok().filter(IpAddr::is_ipv4))?
        })?,
    };
    Some(address.to_canonical())
}

/// RFC 7239 §6: a number, or a made-up name.
fn is_port(text: &str) -> bool {
    let made_up = |name: &str| name.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b));
    text.parse::<u16>().is_ok() || text.strip_prefix('_').is_some_and(made_up)
}

/// RFC 7239 §4: the address in the one `for` among the pairs of an entry.
fn forwarded_for(entry: &[u8]) -> Option<IpAddr> {
    let mut rest = std::str::from_utf8(entry).ok()?;
    let mut found = None;
    loop {
        let (name, after) = rest.split_once('=')?;
        let (value, after) = value(after)?;
        let is_for = name.trim_matches([' ', '\t']).eq_ignore_ascii_case("for");
        if name.contains(['"', '\\']) || (is_for && found.replace(value).is_some()) {
            return None;
        }
        match after.trim_matches([' ', '\t']) {
            "" => return address(found?.as_bytes()),
            after => rest = after.strip_prefix(';')?,
        }
    }
}

/// A value and what follows it. In quotes nothing that is an address needs a backslash, so it stays where it is. Without
/// quotes, colons and brackets pass: more is written than the grammar allows.
fn value(text: &str) -> Option<(&str, &str)> {
    let Some(quoted) = text.strip_prefix('"') else {
        let end = text.find([';', ' ', '\t']).unwrap_or(text.len());
        let (value, after) = text.split_at(end);
        return (!value.contains(['"', '\\'])).then_some((value, after));
    };
    let mut escaped = false;
    let end = quoted.bytes().position(|byte| {
        let ends = byte == b'"' && !escaped;
        escaped = byte == b'\\' && !escaped;
        ends
    })?;
    Some((&quoted[..end], &quoted[end + 1..]))
}

#[cfg(test)]
#[path = "client_ip_tests.rs"]
mod tests;
