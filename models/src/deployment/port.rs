//! Ports that an app listens on.

use garde::Validate;
use serde::{Deserialize, Serialize};

use crate::value::SocketAddress;

/// A port that an app listens on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, Validate)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Port {
    /// The port's number inside the instance.
    #[garde(range(min = 1))]
    pub number: u16,
    /// The protocol; HTTP when left out.
    #[garde(skip)]
    #[serde(default)]
    pub protocol: Protocol,
}

impl Port {
    /// Creates a port that speaks HTTP.
    pub const fn http(number: u16) -> Self {
        Self {
            number,
            protocol: Protocol::Http,
        }
    }

    /// True if it speaks HTTP.
    pub const fn is_http(self) -> bool {
        matches!(self.protocol, Protocol::Http)
    }
}

/// The protocol of a port.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Protocol {
    /// HTTP, over TCP.
    #[default]
    Http,
    /// Anything over TCP.
    Tcp,
    /// Anything over UDP.
    Udp,
}

/// The transport of a protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Transport {
    /// TCP.
    Tcp,
    /// UDP.
    Udp,
}

impl Protocol {
    /// All protocols.
    pub const ALL: [Self; 3] = [Self::Http, Self::Tcp, Self::Udp];

    /// The protocol's name on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Tcp => "tcp",
            Self::Udp => "udp",
        }
    }

    /// Returns the transport of the protocol.
    pub const fn transport(self) -> Transport {
        match self {
            Self::Http | Self::Tcp => Transport::Tcp,
            Self::Udp => Transport::Udp,
        }
    }
}

impl Transport {
    /// The transport's name on container platforms.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Tcp => "tcp",
            Self::Udp => "udp",
        }
    }
}

/// A port of an instance, and the address at which it can be reached.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PublishedPort {
    /// The port inside the instance.
    #[serde(flatten)]
    pub port: Port,
    /// `host:port` as seen from the runner's own network, such as `127.0.0.1:32768`.
    pub address: SocketAddress,
}

impl PublishedPort {
    /// Returns the URL of the first HTTP port, as `http://host:port`.
    pub fn url(ports: &[Self]) -> Option<String> {
        let http = ports.iter().find(|published| published.port.is_http());
        http.map(|published| format!("http://{}", published.address))
    }

    /// Returns the address of a port.
    pub fn address_of(ports: &[Self], number: u16, transport: Transport) -> Option<&SocketAddress> {
        let found = ports.iter().find(|published| {
            published.port.number == number && published.port.protocol.transport() == transport
        });
        found.map(|published| &published.address)
    }
}
