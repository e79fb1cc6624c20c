//! Clients: the address of a call, and the account and browser of a sign-in.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use models::value::Email;
use sha2::{Digest, Sha256};

/// The address of a client, behind the proxies that the configuration trusts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ClientAddress(pub IpAddr);

/// A hashed account name, of an existing account or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Account(pub(crate) [u8; 16]);

/// A browser, within one account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct DeviceId(pub(crate) [u8; 16]);

/// The origin of an attempt to sign in.
#[derive(Clone, Copy, Debug)]
pub struct Client {
    /// The address of the attempt.
    pub address: ClientAddress,
    /// The browser, if it signed in to the account before.
    pub device: Option<DeviceId>,
}

impl ClientAddress {
    /// The network of the address, which limits count as one.
    ///
    /// It is a single IPv4 address, also behind a translator (RFC 6052, section 2.1), or the
    /// /64 of an IPv6 address: the least that one customer is given (RFC 6177, section 2), and
    /// may choose addresses from at will.
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
    /// The account of an email address, in any case.
    pub fn of(email: &Email) -> Self {
        let hash = Sha256::digest(email.as_str().to_lowercase());
        // Half of the hash is more than enough to distinguish all accounts.
        Self(std::array::from_fn(|index| hash[index]))
    }
}

#[cfg(test)]
mod tests {
    use super::ClientAddress;

    #[test]
    fn limits_count_by_the_network_of_one_customer() {
        let network = |text: &str| ClientAddress(text.parse().unwrap()).network().0.to_string();
        assert_eq!(network("203.0.113.9"), "203.0.113.9");
        assert_eq!(network("::ffff:203.0.113.9"), "203.0.113.9");
        assert_eq!(network("64:ff9b::203.0.113.9"), "203.0.113.9");
        assert_eq!(network("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::");
        assert_ne!(network("2001:db8:1:3::1"), network("2001:db8:1:2::1"));
    }
}
