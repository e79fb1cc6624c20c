//! Where a request came from.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use axum::extract::ConnectInfo;
use http::{Extensions, HeaderMap};

/// The address of the client, behind the proxies that the configuration trusts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ClientAddress(pub IpAddr);

impl ClientAddress {
    /// Finds the client's address: the peer's, or, when the peer is a trusted proxy, the last
    /// address in `X-Forwarded-For` that is not one.
    pub fn of(
        extensions: &Extensions,
        headers: &HeaderMap,
        trusts: impl Fn(IpAddr) -> bool,
    ) -> Self {
        if let Some(known) = extensions.get::<Self>() {
            return *known;
        }
        let peer = extensions
            .get::<ConnectInfo<SocketAddr>>()
            .map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |info| info.0.ip());
        if !trusts(peer) {
            return Self(peer);
        }
        let forwarded = headers
            .get_all("x-forwarded-for")
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','))
            .filter_map(|address| address.trim().parse().ok());
        let client = forwarded.collect::<Vec<IpAddr>>();
        Self(
            client
                .into_iter()
                .rev()
                .find(|address| !trusts(*address))
                .unwrap_or(peer),
        )
    }
}

impl ClientAddress {
    /// What limits count together: an IPv4 address, also behind a translator (RFC 6052, section 2.1),
    /// or of an IPv6 one the /64, the least that one customer is given (RFC 6177, section 2) and may
    /// choose addresses from at will.
    #[must_use]
    pub fn network(self) -> Self {
        match self.0.to_canonical() {
            IpAddr::V4(address) => Self(address.into()),
            IpAddr::V6(address) => match address.segments() {
                [0x64, 0xff9b, 0, 0, 0, 0, _, _] => {
                    let [.., a, b, c, d] = address.octets();
                    Self(Ipv4Addr::new(a, b, c, d).into())
                }
                [a, b, c, d, ..] => Self(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into()),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_count_what_one_customer_has() {
        let network = |text: &str| ClientAddress(text.parse().unwrap()).network().0.to_string();
        assert_eq!(network("203.0.113.9"), "203.0.113.9");
        assert_eq!(network("::ffff:203.0.113.9"), "203.0.113.9");
        assert_eq!(network("64:ff9b::203.0.113.9"), "203.0.113.9");
        assert_eq!(network("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::");
        assert_ne!(network("2001:db8:1:3::1"), network("2001:db8:1:2::1"));
    }

    fn address(peer: &str, forwarded: &str, trusted: &[&str]) -> String {
        let mut extensions = Extensions::new();
        extensions.insert(ConnectInfo(SocketAddr::new(peer.parse().unwrap(), 1)));
        let mut headers = HeaderMap::new();
        headers.insert("x-forwarded-for", forwarded.parse().unwrap());
        let trusted: Vec<IpAddr> = trusted.iter().map(|a| a.parse().unwrap()).collect();
        ClientAddress::of(&extensions, &headers, |peer| trusted.contains(&peer))
            .0
            .to_string()
    }

    #[test]
    fn a_forwarded_address_counts_only_from_a_trusted_proxy() {
        assert_eq!(address("203.0.113.9", "198.51.100.1", &[]), "203.0.113.9");
        assert_eq!(
            address("10.0.0.1", "198.51.100.1", &["10.0.0.1"]),
            "198.51.100.1"
        );
        // What the client itself put in front of the proxy's entry does not count.
        assert_eq!(
            address("10.0.0.1", "1.1.1.1, 198.51.100.1", &["10.0.0.1"]),
            "198.51.100.1"
        );
    }
}
