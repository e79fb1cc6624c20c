//! Free addresses for a network.

use bollard::models::Network;
use ipnet::Ipv4Net;

/// True if no network of the engine and no route of the host has these addresses.
pub(super) fn is_free(wanted: Ipv4Net, networks: &[Network], routes: &[Ipv4Net]) -> bool {
    let ranges = networks
        .iter()
        .filter_map(|network| network.ipam.as_ref()?.config.as_ref())
        .flatten();
    let mut taken = ranges
        .filter_map(|range| range.subnet.as_deref()?.parse().ok())
        .chain(routes.iter().copied());
    !taken.any(|taken: Ipv4Net| taken.contains(&wanted) || wanted.contains(&taken))
}

#[cfg(test)]
mod tests {
    use bollard::models::{Ipam, IpamConfig, Network};

    use super::is_free;

    fn with(subnet: &str) -> Network {
        let range = IpamConfig {
            subnet: Some(subnet.to_owned()),
            ..IpamConfig::default()
        };
        Network {
            ipam: Some(Ipam {
                config: Some(vec![range]),
                ..Ipam::default()
            }),
            ..Network::default()
        }
    }

    #[test]
    fn addresses_are_free_beside_networks_and_routes_only() {
        let wanted = "10.201.0.128/25".parse().unwrap();
        let free = |networks: &[Network], routes: &[&str]| {
            let routes: Vec<_> = routes.iter().map(|route| route.parse().unwrap()).collect();
            is_free(wanted, networks, &routes)
        };
        assert!(free(&[], &[]));
        assert!(free(
            &[with("10.201.0.0/25"), with("fd00::/64"), Network::default()],
            &["10.201.1.0/24"]
        ));
        for taken in [
            "10.201.0.128/25",
            "10.201.0.0/16",
            "10.0.0.0/8",
            "10.201.0.200/32",
        ] {
            assert!(!free(&[with(taken)], &[]), "a network with {taken}");
            assert!(!free(&[], &[taken]), "a route to {taken}");
        }
    }
}
