//! Pools of addresses for private networks.

use ipnet::Ipv4Net;

use super::checked_text;

/// Prefix length of one network: 128 addresses.
///
/// The engine takes the first and the last address, and the host the second, so 125 instances
/// of one environment fit on one runner. A pool of 16 bits holds 512 such networks.
const NETWORK_PREFIX: u8 = 25;
/// Ranges that no host of the internet has (RFC 1918 §3, RFC 6598 §7).
const PRIVATE: [&str; 4] = [
    "10.0.0.0/8",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "100.64.0.0/10",
];
/// Pools of a host whose owner chose none, in the order of their use.
///
/// Engines choose from 172.16.0.0/12 and 192.168.0.0/16 by themselves, and clouds and clusters
/// mostly begin at 10.0.0.0. The others are for hosts with a route to the whole of 10.0.0.0/8, as
/// many VPNs set.
const USUAL: [&str; 3] = ["10.201.0.0/16", "172.30.0.0/16", "192.168.128.0/17"];

checked_text! {
    /// A range of IPv4 addresses for private networks of environments.
    ///
    /// For example `10.201.0.0/16`.
    NetworkPool, check_pool
}

impl NetworkPool {
    /// Returns the pools of a host whose owner chose none, in the order of their use.
    pub fn usual() -> Vec<Self> {
        USUAL.map(Self::trusted).into()
    }

    /// Returns the networks of the pool, lowest addresses first.
    pub fn networks(&self) -> impl Iterator<Item = Ipv4Net> + use<> {
        let pool: Option<Ipv4Net> = self.as_str().parse().ok();
        let networks = pool.and_then(|pool| pool.subnets(NETWORK_PREFIX).ok());
        networks.into_iter().flatten()
    }
}

fn check_pool(text: &str) -> garde::Result {
    let is_pool = |pool: Ipv4Net| {
        pool.trunc() == pool
            && pool.prefix_len() <= NETWORK_PREFIX
            && PRIVATE.iter().any(|range| {
                let range: Option<Ipv4Net> = range.parse().ok();
                range.is_some_and(|range| range.contains(&pool))
            })
    };
    if text.parse().is_ok_and(is_pool) {
        Ok(())
    } else {
        Err(garde::Error::new(
            "Enter a range of private IPv4 addresses with a prefix length from 8 to 25, for \
             example 10.201.0.0/16.",
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::NetworkPool;

    #[test]
    fn a_pool_is_divided_into_networks_of_128_addresses() {
        let usual = NetworkPool::usual();
        for pool in &usual {
            assert!(NetworkPool::new(pool.as_str()).is_ok(), "{pool}");
        }
        let networks: Vec<_> = usual[0].networks().collect();
        assert_eq!(networks.len(), 512);
        assert_eq!(networks[0].to_string(), "10.201.0.0/25");
        assert_eq!(networks[511].to_string(), "10.201.255.128/25");
        let smallest = NetworkPool::new("192.168.7.128/25").unwrap();
        assert_eq!(smallest.networks().count(), 1);
    }

    #[test]
    fn a_range_that_no_network_can_have_is_refused() {
        for wrong in [
            "",
            "10.201.0.0",
            "10.201.0.0/26",
            "10.0.0.0/7",
            "10.201.0.1/16",
            "127.0.0.0/16",
            "169.254.0.0/16",
            "224.0.0.0/8",
            "0.0.0.0/8",
            "8.8.0.0/16",
            "172.0.0.0/8",
            "fd00::/16",
        ] {
            assert!(NetworkPool::new(wrong).is_err(), "{wrong:?}");
        }
    }
}
