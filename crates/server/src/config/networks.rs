//! Networks of addresses as operators write them: a list in the file, commas elsewhere. Owns what they are told to write
//! instead of what cannot stand; the rules are the web floor's.

use super::error::Problem;
use super::setting::Kind;
use doorward_protocol::network::{InvalidNetwork, Network};

/// Reads a list with commas. Nothing at all is an empty one.
pub(crate) fn read_text(text: &str) -> Result<Vec<Network>, Problem> {
    if text.trim().is_empty() {
        return Ok(Vec::new());
    }
    text.split(',').map(|network| one(network.trim())).collect()
}

/// Reads a list.
pub(crate) fn read(list: &[String]) -> Result<Vec<Network>, Problem> {
    list.iter().map(|network| one(network)).collect()
}

fn one(text: &str) -> Result<Network, Problem> {
    text.parse().map_err(|reason: InvalidNetwork| {
        let right = match reason {
            InvalidNetwork::NotANetwork => format!("write {}", Kind::Networks.form()),
            InvalidNetwork::TooLong(bits) => format!("write a prefix of at most {bits} bits"),
            InvalidNetwork::NotItsFirst(network) => format!("write {network}, or the address alone"),
            InvalidNetwork::Everybody => {
                "name the proxies alone: anybody who is trusted may claim to be anybody".to_owned()
            }
        };
        Problem::new(format!("{text:?} will not do: {reason}"), right)
    })
}
