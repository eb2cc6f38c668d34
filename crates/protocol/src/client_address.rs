//! Whose request it is: the address of the client, behind proxies too. Owns the way from the socket's peer and one header to
//! that address, which the server and an API by itself go alike; where peer and header come from is the caller's part.
//!
//! **Each hop is believed by the one before it.** The peer is known from the socket. If it is a trusted proxy, the last
//! address of the header is the one that it was asked by; if that is a trusted proxy, too, so is the address before it. The
//! first address that is no proxy of ours is the client's: what stands further left, anybody may have written. A peer that
//! is not trusted is the client itself, whatever its headers say, and without trusted proxies no header is looked at.
//!
//! **What is no address ends the walk where it stands**: `unknown`, a made-up name (RFC 7239 §6.3), a host, an empty entry,
//! two values where one belongs. Who was proven last, the nearest proxy or the peer, is then the nearest to a client that is known:
//! enough to count by, and not enough to let somebody in by. It is never nobody (for whom no limit would count), never what stands
//! beyond the junk, and no name is looked up. Whoever has the nearest proxy write junk shares the limits of that proxy with all
//! others who do, which is the worse bargain.
//!
//! **Entries are cut at commas from the right**, without regard to quotes: what a client sent stands on the left, and a quote
//! that it opens must not swallow what our proxy has added. Where a proxy itself quotes a comma (in a host that a client made
//! up, say), its own entry is cut in two, and the right part cannot be read: it holds an odd number of quotes, which are read
//! in pairs and stand nowhere else.

use crate::network::Network;
use std::net::{IpAddr, Ipv6Addr};

/// More proxies than anybody has in a row.
const MOST_HOPS: usize = 32;

/// The header in which a proxy says for whom it asks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AddressHeader {
    /// `X-Forwarded-For`: addresses, to which each proxy adds its peer's on the right.
    #[default]
    XForwardedFor,
    /// `Forwarded` (RFC 7239): the same as `for=` among other things.
    Forwarded,
    /// `X-Real-IP`: one address, which the nearest proxy sets.
    XRealIp,
}

/// The proxies that are believed, and the one header in which they say for whom they ask.
#[derive(Clone, Debug, Default)]
pub struct Proxies {
    trusted: Vec<Network>,
    header: AddressHeader,
}

/// What a proxy says of its client cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a trusted proxy says nothing readable about its client; {0} was proven last")]
pub struct Unreadable(
    /// Who was proven last.
    pub IpAddr,
);

impl AddressHeader {
    /// Its name, in lower case.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::XForwardedFor => "x-forwarded-for",
            Self::Forwarded => "forwarded",
            Self::XRealIp => "x-real-ip",
        }
    }
}

impl Proxies {
    /// Proxies in these networks. Where there are none, the peer is the client.
    #[must_use]
    pub const fn new(trusted: Vec<Network>, header: AddressHeader) -> Self {
        Self { trusted, header }
    }

    /// The header that is read; none where nobody is believed.
    #[must_use]
    pub fn header(&self) -> Option<&'static str> {
        (!self.trusted.is_empty()).then_some(self.header.name())
    }

    /// Whether it is a proxy that is believed.
    #[must_use]
    pub fn trusts(&self, address: IpAddr) -> bool {
        self.trusted.iter().any(|network| network.contains(address))
    }

    /// The address of the client, by its peer and the lines of [`header`](Self::header), in the order in which they came.
    ///
    /// # Errors
    /// [`Unreadable`] where a proxy that is believed has said something that is no address.
    pub fn client<'a>(
        &self,
        peer: IpAddr,
        lines: impl DoubleEndedIterator<Item = &'a [u8]>,
    ) -> Result<IpAddr, Unreadable> {
        let peer = peer.to_canonical();
        if !self.trusts(peer) {
            return Ok(peer);
        }
        match self.header {
            AddressHeader::XRealIp => {
                only(lines).map_or(Ok(peer), |line| line.and_then(address).ok_or(Unreadable(peer)))
            }
            AddressHeader::XForwardedFor => self.walk(peer, entries(lines).map(address)),
            AddressHeader::Forwarded => self.walk(peer, entries(lines).map(forwarded_for)),
        }
    }

    /// From hop to hop, for as long as each is known and trusted.
    fn walk(&self, peer: IpAddr, hops: impl Iterator<Item = Option<IpAddr>>) -> Result<IpAddr, Unreadable> {
        let mut proven = peer;
        for (number, hop) in hops.enumerate() {
            let Some(hop) = hop.filter(|_| number < MOST_HOPS) else { return Err(Unreadable(proven)) };
            proven = hop;
            if !self.trusts(hop) {
                break;
            }
        }
        Ok(proven)
    }
}

/// The one value, if there is any; and it, if there is exactly one: of two, nobody knows which one the proxy has set.
fn only<'a>(mut lines: impl Iterator<Item = &'a [u8]>) -> Option<Option<&'a [u8]>> {
    let line = lines.next()?;
    Some(lines.next().is_none().then_some(line))
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
#[path = "tests_client_address.rs"]
mod tests;
