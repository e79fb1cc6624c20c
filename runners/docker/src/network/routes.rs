//! IPv4 routes of the host, as this process sees them.

use std::{fs, net::Ipv4Addr};

use ipnet::Ipv4Net;

/// The kernel's main routing table, see proc(5).
const TABLE: &str = "/proc/net/route";
/// Columns of a route's destination and mask.
const DESTINATION: usize = 1;
const MASK: usize = 7;

/// Shortest prefix of a route that says what is behind it.
///
/// Shorter ones are default routes, also the two halves that VPN clients set (`0.0.0.0/1` and
/// `128.0.0.0/1`, `redirect-gateway def1` of `OpenVPN`).
const LEAST_PREFIX: u8 = 8;

/// Reads the destinations of all routes but the default ones.
pub(super) fn read() -> Vec<Ipv4Net> {
    fs::read_to_string(TABLE).map_or_else(|_| Vec::new(), |text| destinations(&text))
}

fn destinations(text: &str) -> Vec<Ipv4Net> {
    let routes = text.lines().filter_map(|line| {
        let columns: Vec<&str> = line.split_whitespace().collect();
        let [destination, mask] = [DESTINATION, MASK].map(|n| columns.get(n).copied());
        let network = Ipv4Net::with_netmask(address(destination?)?, address(mask?)?);
        network.ok()
    });
    routes
        .filter(|route| route.prefix_len() >= LEAST_PREFIX)
        .collect()
}

/// Parses an address, which the kernel writes as a number in the host's byte order.
fn address(text: &str) -> Option<Ipv4Addr> {
    let number = u32::from_str_radix(text, 16).ok()?;
    Some(Ipv4Addr::from(number.to_ne_bytes()))
}

#[cfg(test)]
mod tests {
    use super::destinations;

    #[test]
    #[cfg(target_endian = "little")]
    fn routes_are_read_and_default_ones_are_not() {
        let table = "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\n\
                     eth0\t00000000\t010011AC\t0003\t0\t0\t0\t00000000\t0\t0\t0\n\
                     vpn0\t00000000\t00000000\t0003\t0\t0\t0\t00000080\t0\t0\t0\n\
                     vpn0\t00000080\t00000000\t0003\t0\t0\t0\t00000080\t0\t0\t0\n\
                     eth0\t000011AC\t00000000\t0001\t0\t0\t0\t0000FFFF\t0\t0\t0\n\
                     vpn0\t0700C90A\t00000000\t0005\t0\t0\t0\tFFFFFFFF\t0\t0\t0\n";
        let expected: [ipnet::Ipv4Net; 2] =
            ["172.17.0.0/16", "10.201.0.7/32"].map(|text| text.parse().unwrap());
        assert_eq!(destinations(table), expected);
    }
}
