//! Nameservers of the host, as the engine reads them.
//!
//! The engine gives each app a nameserver of its own, which forwards to the host's: from the
//! app's network, except for loopback ones, which it asks itself.

use std::{fs, net::IpAddr};

/// Files that name nameservers, see resolv.conf(5).
///
/// The second one has the servers behind the stub of systemd-resolved. The engine reads it when
/// the first one names only that stub.
const FILES: [&str; 2] = ["/etc/resolv.conf", "/run/systemd/resolve/resolv.conf"];
/// Most nameservers; more than any resolver asks.
const MAX: usize = 8;

/// Reads the nameservers that are asked from the network of apps.
pub(super) fn read() -> Vec<IpAddr> {
    let files = FILES
        .iter()
        .filter_map(|file| fs::read_to_string(file).ok());
    let mut found: Vec<IpAddr> = Vec::new();
    for address in files.flat_map(|text| named(&text)) {
        if found.len() < MAX && !found.contains(&address) {
            found.push(address);
        }
    }
    found
}

fn named(text: &str) -> Vec<IpAddr> {
    let named = text.lines().filter_map(|line| {
        let mut words = line.split_whitespace();
        words.next().filter(|word| *word == "nameserver")?;
        // An IPv6 address may have a zone.
        words.next()?.split('%').next()?.parse().ok()
    });
    named
        .filter(|address: &IpAddr| !address.is_loopback())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::named;

    #[test]
    fn nameservers_are_read_and_loopback_ones_are_the_engines_own() {
        let text = "# nameserver 192.0.2.9\nsearch example.org\nnameserver 127.0.0.53\n\
                    nameserver\t192.0.2.53 \nnameserver fe80::1%eth0\nnameserver none\nnameserver\n";
        let expected: [std::net::IpAddr; 2] =
            ["192.0.2.53", "fe80::1"].map(|text| text.parse().unwrap());
        assert_eq!(named(text), expected);
    }
}
