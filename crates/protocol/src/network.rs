//! A network of addresses, as operators write it: `10.0.0.0/8`, `2001:db8::/32`, or one address alone. Owns its reading,
//! and what is said about a wrong one; whose networks they are is the reader's business.

use ipnet::{IpNet, Ipv4Net};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

/// How many bits of an IPv4 address in IPv6's clothes stand before it.
const MAPPED: u8 = 96;

/// A network of addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Network(IpNet);

/// Why a text is not a network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InvalidNetwork {
    /// It is no address, with or without a length.
    NotANetwork,
    /// Its length is more than an address of its kind has bits: so many.
    TooLong(u8),
    /// It names an address within a network; the network itself is this one.
    NotItsFirst(Network),
    /// It is everybody.
    Everybody,
}

impl Network {
    /// Whether an address is in it. An IPv4 address is one in IPv6's clothes (RFC 4291 §2.5.5.2), too.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        self.0.contains(&address.to_canonical())
    }

    /// The addresses that two networks have in common: those of the smaller, or none.
    fn within(self, other: Self) -> Option<Self> {
        if other.0.contains(&self.0) { Some(self) } else { self.0.contains(&other.0).then_some(other) }
    }
}

/// The addresses that both lists let through, where an empty list lets through everybody; `None` where that is nobody.
#[must_use]
pub fn common(one: &[Network], other: &[Network]) -> Option<Vec<Network>> {
    if one.is_empty() || other.is_empty() {
        return Some([one, other].concat());
    }
    let mut common: Vec<Network> = Vec::new();
    for both in one.iter().flat_map(|one| other.iter().filter_map(|other| one.within(*other))) {
        if !common.contains(&both) {
            common.push(both);
        }
    }
    (!common.is_empty()).then_some(common)
}

/// Whether the second list lets everybody through whom the first one does, where an empty list lets through everybody. Each network
/// is looked for within one of the others: several that make one up together are not put together.
#[must_use]
pub fn all_within(inner: &[Network], outer: &[Network]) -> bool {
    let is_within = |network: &Network| outer.iter().any(|outer| outer.0.contains(&network.0));
    outer.is_empty() || (!inner.is_empty() && inner.iter().all(is_within))
}

impl FromStr for Network {
    type Err = InvalidNetwork;

    fn from_str(text: &str) -> Result<Self, InvalidNetwork> {
        let alone = || text.parse().map(|address: IpAddr| IpNet::from(address.to_canonical()));
        let written: IpNet = text.parse().or_else(|_| alone()).map_err(|_| wrong(text))?;
        let network = canonical(written);
        if network.prefix_len() == 0 {
            return Err(InvalidNetwork::Everybody);
        }
        if network.trunc() != network {
            return Err(InvalidNetwork::NotItsFirst(Self(network.trunc())));
        }
        Ok(Self(network))
    }
}

/// Why a text is none: most of it may be right.
fn wrong(text: &str) -> InvalidNetwork {
    let Some((address, length)) = text.split_once('/') else { return InvalidNetwork::NotANetwork };
    let exceeds = |bits: u8| length.parse::<u64>().is_ok_and(|length| length > bits.into());
    match address.parse() {
        Ok(IpAddr::V4(_)) if exceeds(32) => InvalidNetwork::TooLong(32),
        Ok(IpAddr::V6(_)) if exceeds(128) => InvalidNetwork::TooLong(128),
        _ => InvalidNetwork::NotANetwork,
    }
}

/// RFC 4291 §2.5.5.2: a network of mapped addresses is one of IPv4's.
fn canonical(network: IpNet) -> IpNet {
    let length = network.prefix_len().checked_sub(MAPPED);
    match (network.addr().to_canonical(), length) {
        (IpAddr::V4(address), Some(length)) if matches!(network, IpNet::V6(_)) => {
            Ipv4Net::new(address, length).map_or(network, IpNet::V4)
        }
        _ => network,
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Serialize for Network {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Network {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

impl fmt::Display for InvalidNetwork {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotANetwork => f.write_str("it is neither an address nor a network"),
            Self::TooLong(bits) => write!(f, "its prefix is too long: such an address has {bits} bits"),
            Self::NotItsFirst(network) => write!(f, "it is an address within {network}"),
            Self::Everybody => f.write_str("it is everybody"),
        }
    }
}

impl std::error::Error for InvalidNetwork {}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(text: &str) -> Result<String, InvalidNetwork> {
        text.parse().map(|network: Network| network.to_string())
    }

    fn contains(network: &str, address: &str) -> bool {
        network.parse::<Network>().unwrap().contains(address.parse().unwrap())
    }

    #[test]
    fn a_network_or_an_address_alone_is_read() {
        for (text, network) in [
            ("10.0.0.0/8", "10.0.0.0/8"),
            ("192.0.2.7", "192.0.2.7/32"),
            ("2001:db8::/32", "2001:db8::/32"),
            ("::1", "::1/128"),
            ("::ffff:192.0.2.7", "192.0.2.7/32"),
            ("::ffff:10.0.0.0/104", "10.0.0.0/8"),
        ] {
            assert_eq!(read(text).as_deref(), Ok(network), "{text}");
        }
    }

    #[test]
    fn what_is_none_is_refused_with_the_reason() {
        for (text, bits) in [("10.0.0.0/33", 32), ("2001:db8::/129", 128), ("10.0.0.0/999", 32)] {
            assert_eq!(read(text), Err(InvalidNetwork::TooLong(bits)), "{text}");
        }
        for text in ["", "proxy.example", "10.0.0/8", "10.0.0.0/-1", "10.0.0.0/", "fe80::1%eth0", " 10.0.0.1"]
        {
            assert_eq!(read(text), Err(InvalidNetwork::NotANetwork), "{text}");
        }
        for (text, meant) in [("10.0.0.1/8", "10.0.0.0/8"), ("2001:db8::1/32", "2001:db8::/32")] {
            let said = read(text).unwrap_err().to_string();
            assert_eq!(said, format!("it is an address within {meant}"));
        }
        for text in ["0.0.0.0/0", "::/0", "1.2.3.4/0", "::ffff:0.0.0.0/96"] {
            assert_eq!(read(text), Err(InvalidNetwork::Everybody), "{text}");
        }
    }

    /// RFC 4291 §2.5.5.2: an IPv4 address is the same in IPv6's clothes.
    #[test]
    fn an_address_is_in_a_network_whatever_it_wears() {
        assert!(contains("10.0.0.0/8", "10.1.2.3") && contains("10.0.0.0/8", "::ffff:10.1.2.3"));
        assert!(contains("::ffff:10.0.0.0/104", "10.1.2.3"));
        assert!(!contains("10.0.0.0/8", "11.0.0.1") && !contains("::/1", "10.1.2.3"));
        assert!(contains("2001:db8::/32", "2001:db8::1") && !contains("2001:db8::/32", "2001:db9::1"));
    }

    #[test]
    fn two_lists_have_in_common_what_both_let_through() {
        let list = |texts: &[&str]| texts.iter().map(|text| text.parse().unwrap()).collect::<Vec<Network>>();
        let common = |one: &[&str], other: &[&str]| common(&list(one), &list(other));
        assert_eq!(common(&[], &[]), Some(vec![]), "everybody");
        assert_eq!(common(&["10.0.0.0/8"], &[]), Some(list(&["10.0.0.0/8"])));
        assert_eq!(common(&[], &["10.0.0.0/8"]), Some(list(&["10.0.0.0/8"])));
        assert_eq!(common(&["10.0.0.0/8"], &["10.1.0.0/16", "192.0.2.1"]), Some(list(&["10.1.0.0/16"])));
        assert_eq!(common(&["10.1.0.0/16", "10.1.0.0/16"], &["10.0.0.0/8"]), Some(list(&["10.1.0.0/16"])));
        assert_eq!(
            common(&["10.0.0.0/8"], &["11.0.0.0/8", "2001:db8::/32"]),
            None,
            "nobody is not everybody"
        );
    }

    proptest! {
        #[test]
        fn whoever_both_lists_let_through_is_in_what_they_have_in_common(
            one in any_list(), other in any_list(), address in any::<[u8; 2]>(),
        ) {
            let address = IpAddr::from([10, 0, address[0] & 3, address[1]]);
            let lets = |list: &[Network]| list.is_empty() || list.iter().any(|network| network.contains(address));
            let both = common(&one, &other).is_some_and(|common| lets(&common));
            prop_assert_eq!(both, lets(&one) && lets(&other));
        }
    }

    fn any_list() -> impl Strategy<Value = Vec<Network>> {
        let network = (0..4_u8, any::<u8>(), 20..=32_u8).prop_map(|(third, fourth, length)| {
            let net = Ipv4Net::new([10, 0, third, fourth].into(), length).unwrap().trunc();
            Network(IpNet::V4(net))
        });
        proptest::collection::vec(network, 0..4)
    }
}
