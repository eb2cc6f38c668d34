//! The networks that a credential may be used from, as administrators write them. Owns the findings about a list of them; what a
//! network is stands in `protocol`.

use crate::manage::Findings;
use doorward_protocol::network::Network;

/// More than that is not a list that anybody keeps in mind.
const MOST: usize = 100;

/// Each network once; those that are none are noted under their place in the list.
pub(super) fn networks(pointer: &str, list: &[String], findings: &mut Findings) -> Vec<Network> {
    if list.len() > MOST {
        findings.add(pointer, format!("has at most {MOST} networks"));
    }
    let mut networks = Vec::with_capacity(list.len());
    for (at, text) in list.iter().take(MOST).enumerate() {
        let pointer = format!("{pointer}/{at}");
        let Some(network) = findings.check(&pointer, text.parse::<Network>()) else { continue };
        if networks.contains(&network) {
            findings.add(pointer, "is named once only");
        } else {
            networks.push(network);
        }
    }
    networks
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manage::Refused;
    use crate::store::fault::Stop;

    #[test]
    fn each_network_is_named_once_in_whatever_clothes() {
        let list = ["10.0.0.0/8", "nowhere", "::ffff:10.0.0.0/104", "192.0.2.7", "10.0.0.1/8", "0.0.0.0/0"];
        let mut findings = Findings::default();
        let read = networks("/allowed_ips", &list.map(str::to_owned), &mut findings);
        let read: Vec<_> = read.iter().map(ToString::to_string).collect();
        assert_eq!(read, ["10.0.0.0/8", "192.0.2.7/32"]);
        let Err(Stop::Refuse(Refused::Invalid(members))) = findings.refuse() else { panic!("no finding") };
        let pointers: Vec<_> = members.iter().map(|member| member.pointer.as_str()).collect();
        assert_eq!(pointers, ["/allowed_ips/1", "/allowed_ips/2", "/allowed_ips/4", "/allowed_ips/5"]);
    }
}
