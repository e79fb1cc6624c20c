//! Addresses of sockets.

use std::{
    fmt,
    net::{IpAddr, Ipv6Addr, SocketAddr},
    str::FromStr,
};

use serde::{Deserialize, Deserializer, Serialize};

/// The longest host name (RFC 1035 §2.3.4).
const MAX_HOST: usize = 253;

/// A host and a port, as `127.0.0.1:32768`, `runner.example.org:80` or `[::1]:80`.
///
/// It contains nothing else, so that it may stand in a URL.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct SocketAddress {
    /// A name or an IP address, without brackets.
    host: String,
    port: u16,
}

/// The error of a text that is no address of a socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("Enter a host and a port, for example 127.0.0.1:8080 or [::1]:8080.")]
pub struct InvalidSocketAddress;

impl SocketAddress {
    /// Returns the host: a name or an IP address, without brackets.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Returns the port.
    pub const fn port(&self) -> u16 {
        self.port
    }
}

impl fmt::Display for SocketAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { host, port } = self;
        if host.contains(':') {
            write!(f, "[{host}]:{port}")
        } else {
            write!(f, "{host}:{port}")
        }
    }
}

impl FromStr for SocketAddress {
    type Err = InvalidSocketAddress;

    fn from_str(text: &str) -> Result<Self, InvalidSocketAddress> {
        let (host, port) = text.rsplit_once(':').ok_or(InvalidSocketAddress)?;
        // Parsing alone would accept a sign before the number.
        let is_number = port.bytes().all(|b| b.is_ascii_digit());
        let port = port.parse().ok().filter(|_| is_number);
        let bracketed = host
            .strip_prefix('[')
            .and_then(|host| host.strip_suffix(']'));
        let host = match bracketed {
            Some(address) => address.parse::<Ipv6Addr>().ok().map(|ip| ip.to_string()),
            None => is_host(host).then(|| host.to_owned()),
        };
        Ok(Self {
            host: host.ok_or(InvalidSocketAddress)?,
            port: port.ok_or(InvalidSocketAddress)?,
        })
    }
}

fn is_host(text: &str) -> bool {
    (1..=MAX_HOST).contains(&text.len())
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b".-".contains(&b))
}

impl TryFrom<String> for SocketAddress {
    type Error = InvalidSocketAddress;

    fn try_from(text: String) -> Result<Self, InvalidSocketAddress> {
        text.parse()
    }
}

impl From<SocketAddress> for String {
    fn from(address: SocketAddress) -> Self {
        address.to_string()
    }
}

impl From<(IpAddr, u16)> for SocketAddress {
    fn from((ip, port): (IpAddr, u16)) -> Self {
        Self {
            host: ip.to_string(),
            port,
        }
    }
}

impl From<SocketAddr> for SocketAddress {
    fn from(address: SocketAddr) -> Self {
        Self::from((address.ip(), address.port()))
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for SocketAddress {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "SocketAddress".into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        String::json_schema(generator)
    }
}

/// Reads a list and leaves out the items that cannot be read.
///
/// It is for what another program reports: one wrong address must not cost the whole report.
///
/// # Errors
/// When it is no list.
pub(crate) fn readable<'de, T, D>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    T: Deserialize<'de>,
    D: Deserializer<'de>,
{
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Item<T> {
        Readable(T),
        Other(serde::de::IgnoredAny),
    }

    let items: Vec<Item<T>> = Vec::deserialize(deserializer)?;
    let readable = items.into_iter().filter_map(|item| match item {
        Item::Readable(item) => Some(item),
        Item::Other(_) => None,
    });
    Ok(readable.collect())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{SocketAddress, readable};

    #[test]
    fn an_address_is_the_same_text_again() {
        for (text, host, port) in [
            ("127.0.0.1:32768", "127.0.0.1", 32_768),
            ("[::1]:80", "::1", 80),
            ("runner-1.example.org:8080", "runner-1.example.org", 8_080),
        ] {
            let address: SocketAddress = serde_json::from_value(json!(text)).unwrap();
            assert_eq!((address.host(), address.port()), (host, port));
            assert_eq!(address.to_string(), text);
            assert_eq!(serde_json::to_value(&address).unwrap(), json!(text));
        }
    }

    #[test]
    fn a_published_address_is_a_host_and_a_port_only() {
        for wrong in [
            "",
            ":80",
            "a",
            "a:b",
            "a:+1",
            "a:",
            "a:65536",
            "::1:80",
            "[::1]",
            "[a]:80",
            "[fe80::1%25eth0]:80",
            "x@evil.example:80",
            "evil.example/#:80",
            "a b:80",
            "javascript:alert(1)//:80",
        ] {
            assert!(
                wrong.parse::<SocketAddress>().is_err(),
                "{wrong:?} was taken"
            );
        }
    }

    #[test]
    fn a_wrong_item_of_a_list_costs_no_other() {
        let list = json!(["a:1", "nowhere", 7, "b:2"]);
        let read: Vec<SocketAddress> = readable(list).unwrap();
        let read: Vec<String> = read.into_iter().map(String::from).collect();
        assert_eq!(read, ["a:1", "b:2"]);
    }
}
