//! The host name under which people open the dashboard.
//!
//! Cookies belong to a host name, whatever the port. Over plain HTTP, an app under the
//! dashboard's host name would receive the dashboard's cookies, so the two never share a name.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    sync::{PoisonError, RwLock},
    time::Duration,
};

use http::{Uri, uri::Authority};

/// The interval between lookups of the host name.
pub const RESOLVE_INTERVAL: Duration = Duration::from_mins(10);
/// The time limit of a lookup.
const RESOLVE_LIMIT: Duration = Duration::from_secs(5);

/// The dashboard's site: its scheme and host name.
#[derive(Debug)]
pub struct Site {
    /// The host in lower case; an IPv6 address in brackets.
    host: String,
    is_tls: bool,
    /// The addresses that the host name resolves to, as far as they are known.
    addresses: RwLock<Vec<IpAddr>>,
}

impl Site {
    /// The site of a URL such as `https://berth.example.org`.
    pub fn of(url: &str) -> Self {
        let uri: Uri = url.parse().unwrap_or_default();
        let host = uri.host().unwrap_or_default().to_ascii_lowercase();
        let addresses = RwLock::new(known_addresses(&host));
        Self {
            host,
            is_tls: uri.scheme_str() == Some("https"),
            addresses,
        }
    }

    /// True if people reach the site over TLS.
    pub const fn is_tls(&self) -> bool {
        self.is_tls
    }

    /// The name of a cookie.
    ///
    /// Over TLS it has the prefix `__Host-`, which makes browsers insist on `Secure`, `Path=/`
    /// and no `Domain`.
    pub const fn cookie_name(&self, tls: &'static str, plain: &'static str) -> &'static str {
        if self.is_tls { tls } else { plain }
    }

    /// True if a `Host` header names this site. The port is ignored: cookies do not depend on
    /// it, and a tunnel may have another one.
    pub fn matches_host(&self, host: &str) -> bool {
        let authority: Result<Authority, _> = host.trim().parse();
        authority.is_ok_and(|named| named.host().eq_ignore_ascii_case(&self.host))
    }

    /// Resolves the host name; a failure keeps the addresses known before.
    pub async fn resolve(&self) {
        if !known_addresses(&self.host).is_empty() {
            return;
        }
        let lookup = tokio::net::lookup_host((self.host.as_str(), 0));
        if let Ok(Ok(found)) = tokio::time::timeout(RESOLVE_LIMIT, lookup).await {
            let found = found.map(|address| address.ip().to_canonical()).collect();
            *self
                .addresses
                .write()
                .unwrap_or_else(PoisonError::into_inner) = found;
        }
    }

    /// True if browsers would send this site's cookies to apps on a published address.
    ///
    /// `runner` is the address that the runner connects from, which tells whether it is on the
    /// same host. Cookies of a site with TLS are never sent over plain HTTP.
    pub fn is_shared_with(&self, published: IpAddr, runner: Option<IpAddr>) -> bool {
        if self.is_tls {
            return false;
        }
        let (published, runner) = (published.to_canonical(), runner.map(|ip| ip.to_canonical()));
        let ours = self
            .addresses
            .read()
            .unwrap_or_else(PoisonError::into_inner);
        let is_here = runner.is_some_and(|ip| ip.is_loopback() || ours.contains(&ip));
        if published.is_unspecified() {
            is_here
        } else {
            ours.contains(&published) && (is_here || !published.is_loopback())
        }
    }
}

/// The addresses of a host name that needs no lookup.
///
/// `localhost` and the names below it are the loopback addresses in every browser (Let
/// localhost be localhost, RFC 6761 section 6.3).
fn known_addresses(host: &str) -> Vec<IpAddr> {
    if host == "localhost" || host.ends_with(".localhost") {
        return vec![Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()];
    }
    let literal = host.trim_start_matches('[').trim_end_matches(']').parse();
    literal
        .map(|ip: IpAddr| vec![ip.to_canonical()])
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use super::Site;

    #[test]
    fn a_site_is_named_by_its_host_with_any_port() {
        let site = Site::of("https://Berth.example.org:8443");
        for own in [
            "berth.example.org",
            "BERTH.example.org:8443",
            "berth.example.org:1",
        ] {
            assert!(site.matches_host(own), "{own}");
        }
        for other in [
            "",
            "evil",
            "berth.example.org.",
            "berth.example.org.evil",
            "evil.berth.example.org",
            "berth.example.org, evil",
            "127.0.0.1:8443",
            "\u{e4}",
        ] {
            assert!(!site.matches_host(other), "{other:?}");
        }
        assert!(Site::of("http://[::1]:3000").matches_host("[::1]:4000"));
        assert!(!Site::of("http://localhost:3000").matches_host("127.0.0.1:3000"));
    }

    #[test]
    fn a_host_is_shared_where_its_cookies_would_be_sent() {
        let ip = |text: &str| text.parse::<IpAddr>().unwrap();
        for (url, published, runner, is_shared) in [
            ("http://localhost:3000", "127.0.0.1", "127.0.0.1", true),
            ("http://berth.localhost", "127.0.0.1", "::1", true),
            (
                "http://127.0.0.1:3000",
                "::ffff:127.0.0.1",
                "127.0.0.1",
                true,
            ),
            ("http://localhost:3000", "0.0.0.0", "127.0.0.1", true),
            ("http://192.0.2.7:3000", "192.0.2.7", "192.0.2.7", true),
            ("http://192.0.2.7:3000", "192.0.2.7", "198.51.100.1", true),
            ("http://192.0.2.7:3000", "0.0.0.0", "192.0.2.7", true),
            ("http://[2001:db8::7]", "2001:db8::7", "2001:db8::7", true),
            // An address that the host name does not resolve to.
            ("http://localhost:3000", "127.0.0.2", "127.0.0.1", false),
            ("http://192.0.2.7:3000", "127.0.0.1", "127.0.0.1", false),
            // Another host has its own loopback and its own addresses.
            ("http://localhost:3000", "127.0.0.1", "192.0.2.9", false),
            ("http://192.0.2.7:3000", "0.0.0.0", "192.0.2.9", false),
            // Over TLS cookies are `Secure`.
            ("https://localhost", "127.0.0.1", "127.0.0.1", false),
            ("https://192.0.2.7", "0.0.0.0", "192.0.2.7", false),
        ] {
            let found = Site::of(url).is_shared_with(ip(published), Some(ip(runner)));
            assert_eq!(found, is_shared, "{url} and {published} from {runner}");
        }
    }
}
