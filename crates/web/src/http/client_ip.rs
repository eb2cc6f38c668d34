//! Whose request it is: the address of the client, behind proxies too. Owns where the peer and the one header that proxies speak
//! in are found in a request, and that what is limited, recorded or allowed by an address goes by nothing else; what they come to
//! is `protocol::client_address`'s.

use crate::settings::WebSettings;
use doorward_protocol::client_address::{Proxies, Unreadable};
use http::{HeaderMap, HeaderName};
use std::net::IpAddr;

/// How clients' addresses are found.
pub(crate) struct ClientIp {
    proxies: Proxies,
    name: HeaderName,
}

/// What a trusted proxy says of whom it asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Client {
    /// This is where they are.
    At(IpAddr),
    /// Nothing.
    Untold,
    /// Something that is no address.
    Unreadable,
}

impl ClientIp {
    /// As it was set.
    pub(crate) fn new(settings: &WebSettings) -> Self {
        let header = settings.client_address_header;
        Self {
            proxies: Proxies::new(settings.trusted_proxies.clone(), header),
            name: HeaderName::from_static(header.name()),
        }
    }

    /// The header that is read; none where nobody is believed.
    #[cfg(feature = "actix")]
    pub(crate) fn header(&self) -> Option<&HeaderName> {
        self.proxies.header().map(|_| &self.name)
    }

    /// The address of the client, or of whoever was proven last where a proxy says nothing readable. Where there is no peer, there is
    /// nobody to believe.
    pub(crate) fn of(&self, peer: Option<IpAddr>, headers: &HeaderMap) -> Option<IpAddr> {
        Some(self.proven(peer?, headers).unwrap_or_else(|unreadable| unreadable.0))
    }

    /// The same where an answer is for a proxy alone, about somebody behind it: nothing is made up for what it does not say. `None` is
    /// a peer that nobody trusts.
    pub(crate) fn behind_trusted(&self, peer: Option<IpAddr>, headers: &HeaderMap) -> Option<Client> {
        let peer = peer.filter(|peer| self.proxies.trusts(peer.to_canonical()))?;
        Some(match self.proven(peer, headers) {
            _ if !headers.contains_key(&self.name) => Client::Untold,
            Ok(address) => Client::At(address),
            Err(_) => Client::Unreadable,
        })
    }

    fn proven(&self, peer: IpAddr, headers: &HeaderMap) -> Result<IpAddr, Unreadable> {
        let lines = headers.get_all(&self.name).iter().map(http::HeaderValue::as_bytes);
        self.proxies.client(peer, lines)
    }
}

#[cfg(test)]
#[path = "client_ip_tests.rs"]
mod tests;
