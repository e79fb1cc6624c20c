//! Addresses of listeners that can be turned off.

use std::net::SocketAddr;

use serde::{Deserialize, Deserializer, de};

/// An address to listen on, or `off`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OptionalAddress {
    /// Listen here.
    On(SocketAddr),
    /// Do not listen.
    Off,
}

impl<'de> Deserialize<'de> for OptionalAddress {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        if text == "off" {
            return Ok(Self::Off);
        }
        text.parse().map(Self::On).map_err(|_| {
            de::Error::invalid_value(
                de::Unexpected::Str(&text),
                &"an address with a port, or \"off\"",
            )
        })
    }
}
