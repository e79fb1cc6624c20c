//! Client addresses of requests.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use axum::extract::ConnectInfo;
use http::{Extensions, HeaderMap};

use crate::client::ClientAddress;

/// Returns the client's address, looking through trusted proxies.
///
/// This is the peer's address or, when the peer is a trusted proxy, the last address in
/// `X-Forwarded-For` that is not a trusted proxy.
pub fn client_address(
    extensions: &Extensions,
    headers: &HeaderMap,
    trusts: impl Fn(IpAddr) -> bool,
) -> ClientAddress {
    if let Some(known) = extensions.get::<ClientAddress>() {
        return *known;
    }
    let peer = extensions
        .get::<ConnectInfo<SocketAddr>>()
        .map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |info| info.0.ip());
    if !trusts(peer) {
        return ClientAddress(peer);
    }
    let forwarded = headers
        .get_all("x-forwarded-for")
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .filter_map(|address| address.trim().parse().ok());
    let client = forwarded.collect::<Vec<IpAddr>>();
    let nearest = client.into_iter().rev().find(|address| !trusts(*address));
    ClientAddress(nearest.unwrap_or(peer))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(peer: &str, forwarded: &str, trusted: &[&str]) -> String {
        let mut extensions = Extensions::new();
        extensions.insert(ConnectInfo(SocketAddr::new(peer.parse().unwrap(), 1)));
        let mut headers = HeaderMap::new();
        headers.insert("x-forwarded-for", forwarded.parse().unwrap());
        let trusted: Vec<IpAddr> = trusted.iter().map(|a| a.parse().unwrap()).collect();
        client_address(&extensions, &headers, |peer| trusted.contains(&peer))
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
        // Entries that the client itself put before the proxy's entry do not count.
        assert_eq!(
            address("10.0.0.1", "1.1.1.1, 198.51.100.1", &["10.0.0.1"]),
            "198.51.100.1"
        );
    }
}
