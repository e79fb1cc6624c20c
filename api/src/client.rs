//! Clients: the place that a call comes from, and the account and browser behind a sign-in.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use models::value::Email;
use sha2::{Digest, Sha256};

/// The address of a client, behind the proxies that the configuration trusts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ClientAddress(pub IpAddr);

/// An account, whether it exists or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Account(pub(crate) [u8; 16]);

/// A browser, as far as one account is concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct DeviceId(pub(crate) [u8; 16]);

/// The origin of an attempt to sign in.
#[derive(Clone, Copy, Debug)]
pub struct Client {
    /// The address that it comes from.
    pub address: ClientAddress,
    /// The browser, when the account was signed in to from it before.
    pub device: Option<DeviceId>,
}

impl ClientAddress {
    /// The network that limits count together: an IPv4 address, also behind a translator (RFC 6052,
    /// section 2.1), or of an IPv6 one the /64, the least that one customer is given (RFC 6177, section 2) and may
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

impl Account {
    /// The account of this address, in whatever case it is written.
    pub fn of(email: &Email) -> Self {
        let hash = Sha256::digest(email.as_str().to_lowercase());
        // Half of it is more than enough to tell all accounts apart.
        Self(std::array::from_fn(|index| hash[index]))
    }
}

#[cfg(test)]
mod tests {
    use super::ClientAddress;

    #[test]
    fn limits_count_what_one_customer_has() {
        let network = |text: &str| ClientAddress(text.parse().unwrap()).network().0.to_string();
        assert_eq!(network("203.0.113.9"), "203.0.113.9");
        assert_eq!(network("::ffff:203.0.113.9"), "203.0.113.9");
        assert_eq!(network("64:ff9b::203.0.113.9"), "203.0.113.9");
        assert_eq!(network("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::");
        assert_ne!(network("2001:db8:1:3::1"), network("2001:db8:1:2::1"));
    }
}
