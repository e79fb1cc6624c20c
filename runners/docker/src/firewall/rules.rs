//! The firewall's rules, in the order of evaluation.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use models::runner::AppReach;
use nlink::netlink::nftables::{CtState, Field, Match, RuleSpec, Value, Verdict};

use crate::{
    network::DEVICE,
    registry_address::{METADATA, METADATA_V6},
};

/// The port of DNS.
const DNS: u16 = 53;
/// IPv4 link-local addresses, RFC 3927.
const LINK_LOCAL: (Ipv4Addr, u8) = (Ipv4Addr::new(169, 254, 0, 0), 16);
/// IPv6 link-local addresses, RFC 4291, 2.5.6.
const LINK_LOCAL_V6: (Ipv6Addr, u8) = (Ipv6Addr::new(0xfe80, 0, 0, 0, 0, 0, 0, 0), 10);
/// Protocol number of `ICMPv6`, without which IPv6 finds no neighbors.
const ICMP_V6: u8 = 58;

/// Rules for packets from apps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Rules {
    /// Rules for all packets, before address translation.
    pub(super) to_outside: Vec<RuleSpec>,
    /// Rules for packets to the host itself, after address translation.
    pub(super) to_host: Vec<RuleSpec>,
}

impl Rules {
    /// Builds the rules for a reach, with these nameservers always allowed.
    pub(super) fn new(reach: &AppReach, nameservers: &[IpAddr]) -> Self {
        let mut rules = Self {
            to_outside: Vec::new(),
            to_host: Vec::new(),
        };
        if !reach.metadata {
            rules.to_outside = dns(nameservers).chain(no_metadata()).collect();
        }
        if !reach.host {
            let ports = reach.host_ports.iter().flat_map(|port| {
                [Field::TcpDport, Field::UdpDport].map(|field| {
                    let is_port = Match::eq(field, *port);
                    from_apps().then(is_port).then(Verdict::Accept)
                })
            });
            rules.to_host = std::iter::once(answers())
                .chain([from_apps()
                    .then(Match::eq(Field::L4Proto, ICMP_V6))
                    .then(Verdict::Accept)])
                .chain(dns(nameservers))
                .chain(ports)
                .chain([from_apps().then(Verdict::Drop)])
                .collect();
        }
        rules
    }

    pub(super) fn len(&self) -> usize {
        self.to_outside.len() + self.to_host.len()
    }
}

/// Matches packets from every network of apps.
///
/// The name of each private network's bridge begins with that of the shared one, so rules need
/// not change when environments come and go.
fn from_apps() -> RuleSpec {
    let any = Value::NamePrefix(DEVICE.to_owned());
    RuleSpec::new().then(Match::eq(Field::Iifname, any))
}

/// Accepts replies of apps to the host: from their published ports, and to probes.
fn answers() -> RuleSpec {
    let known = CtState::ESTABLISHED | CtState::RELATED;
    let is_answer = Match::eq(Field::CtState, known);
    from_apps().then(is_answer).then(Verdict::Accept)
}

/// Accepts DNS to the host's nameservers: the engine asks from the app's network.
fn dns(nameservers: &[IpAddr]) -> impl Iterator<Item = RuleSpec> {
    nameservers.iter().flat_map(|address| {
        [Field::UdpDport, Field::TcpDport].map(|field| {
            let to_server = Match::eq(destination(*address), *address);
            let asks = Match::eq(field, DNS);
            from_apps().then(to_server).then(asks).then(Verdict::Accept)
        })
    })
}

fn no_metadata() -> impl Iterator<Item = RuleSpec> {
    let (v4, length_v4) = LINK_LOCAL;
    let (v6, length_v6) = LINK_LOCAL_V6;
    let metadata = METADATA.map(IpAddr::from).into_iter();
    let single = metadata.chain(METADATA_V6.map(IpAddr::from));
    let single = single.map(|address| Match::eq(destination(address), address));
    // Neighbor discovery uses link-local addresses, so only TCP and UDP are dropped.
    let link_v6 = [Field::TcpDport, Field::UdpDport].map(|field| {
        let to_link = Match::eq(Field::Ip6Daddr, Value::Prefix(v6.into(), length_v6));
        let any_port = Match::eq(field, Value::range(0u16, u16::MAX));
        from_apps().then(to_link).then(any_port).then(Verdict::Drop)
    });
    let link = Match::eq(Field::Ip4Daddr, Value::Prefix(v4.into(), length_v4));
    let addresses = std::iter::once(link).chain(single);
    addresses
        .map(|address| from_apps().then(address).then(Verdict::Drop))
        .chain(link_v6)
}

const fn destination(address: IpAddr) -> Field {
    match address {
        IpAddr::V4(_) => Field::Ip4Daddr,
        IpAddr::V6(_) => Field::Ip6Daddr,
    }
}

#[cfg(test)]
mod tests {
    use models::runner::AppReach;
    use nlink::netlink::nftables::Family;

    use super::Rules;

    fn shown(reach: &AppReach) -> String {
        let nameservers = ["169.254.169.254", "192.0.2.53"].map(|text| text.parse().unwrap());
        let rules = Rules::new(reach, &nameservers);
        let lines = |rules: &[nlink::netlink::nftables::RuleSpec]| {
            let lines = rules
                .iter()
                .map(|rule| rule.nft_syntax(Family::Inet).unwrap());
            lines.collect::<Vec<_>>().join("\n")
        };
        format!(
            "to outside:\n{}\n\nto the host:\n{}\n",
            lines(&rules.to_outside),
            lines(&rules.to_host)
        )
    }

    #[test]
    fn apps_reach_nameservers_and_nothing_else_of_the_host() {
        insta::assert_snapshot!(shown(&AppReach::default()));
    }

    #[test]
    fn a_policy_opens_ports_of_the_host_one_by_one() {
        let reach = AppReach {
            host_ports: vec![443, 5432],
            metadata: true,
            ..AppReach::default()
        };
        insta::assert_snapshot!(shown(&reach));
    }

    #[test]
    fn a_policy_opens_the_host_and_keeps_the_metadata_service_closed() {
        let reach = AppReach {
            host: true,
            ..AppReach::default()
        };
        let shown = shown(&reach);
        assert!(shown.contains("169.254.0.0/16 drop"), "{shown}");
        assert!(shown.ends_with("to the host:\n\n"), "{shown}");
    }
}
