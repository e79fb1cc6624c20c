//! Container registries, and the user names for pulling from them.

use std::{net::Ipv6Addr, str::FromStr};

use garde::Validate;
use serde::{Deserialize, Serialize};

use super::{checked_text, image::stands_for_host, trim};

/// A host name of 253 characters (RFC 1035 §2.3.4), a colon and a port.
const MAX_HOST: usize = 259;
/// Names of robot and service accounts are long.
const MAX_USER_NAME: usize = 255;

/// The registry of images that name no host.
const DEFAULT: &str = "docker.io";
/// Other names of the same registry. The first one is the key that `docker login` stores.
const DEFAULT_ALIASES: [&str; 2] = ["index.docker.io", "registry-1.docker.io"];

/// The host of a registry as it appears in image names.
///
/// For example `ghcr.io` or `registry.example.org:5000`. Each host has one spelling, so that
/// equal hosts are the same registry: lower case, IPv6 addresses in the form of RFC 5952, and
/// `docker.io` in place of its other names. A name without a dot or a port is upper case, which
/// is how engines distinguish it from a namespace.
#[derive(
    Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Validate,
)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[garde(transparent)]
#[serde(from = "String")]
pub struct RegistryHost(#[garde(custom(check_host))] String);

impl RegistryHost {
    /// Creates a host from a text.
    ///
    /// # Errors
    /// If it is not the host of a registry.
    pub fn new(text: impl Into<String>) -> Result<Self, garde::Report> {
        let host = Self::from(text.into());
        host.validate()?;
        Ok(host)
    }

    /// Returns the registry of images that name no host.
    pub fn default_registry() -> Self {
        Self(DEFAULT.to_owned())
    }

    /// True if it is the registry of images that name no host.
    pub fn is_default_registry(&self) -> bool {
        self.0 == DEFAULT
    }

    /// Returns the host as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for RegistryHost {
    type Err = garde::Report;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::new(text)
    }
}

impl From<String> for RegistryHost {
    fn from(text: String) -> Self {
        let text = trim::trim(text);
        let host = text.to_ascii_lowercase();
        if DEFAULT_ALIASES.contains(&host.as_str()) {
            Self::default_registry()
        } else if let Some((address, port)) = bracketed(&host) {
            Self(format!("[{address}]{port}"))
        } else if stands_for_host(&text) && !stands_for_host(&host) {
            Self(text.to_ascii_uppercase())
        } else {
            Self(host)
        }
    }
}

/// True if a text is a host with or without a port, as in an image name.
///
/// Source: distribution/reference, `DomainRegexp`.
pub(super) fn is_host(text: &str) -> bool {
    if text.len() > MAX_HOST || !stands_for_host(text) {
        return false;
    }
    let (is_name, port) = if let Some((_, port)) = bracketed(text) {
        (true, port)
    } else {
        let (name, port) = text.split_at(text.find(':').unwrap_or(text.len()));
        (name.split('.').all(is_label), port)
    };
    is_name && (port.is_empty() || port.strip_prefix(':').is_some_and(is_port))
}

/// Splits an IPv6 address in brackets from the text that follows it.
///
/// Engines do not accept an address with a zone or an embedded IPv4 address.
fn bracketed(text: &str) -> Option<(Ipv6Addr, &str)> {
    let (address, behind) = text.strip_prefix('[')?.split_once(']')?;
    let is_plain = address.bytes().all(|b| b.is_ascii_hexdigit() || b == b':');
    is_plain
        .then(|| address.parse().ok())
        .flatten()
        .map(|address| (address, behind))
}

fn is_label(text: &str) -> bool {
    !text.is_empty()
        && !text.starts_with('-')
        && !text.ends_with('-')
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
}

/// Checks that a port consists of digits. Parsing alone would accept a sign before the number.
fn is_port(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_digit()) && text.parse::<u16>().is_ok()
}

impl std::fmt::Display for RegistryHost {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

checked_text! {
    /// The user name for pulling from a registry.
    ///
    /// It is the name of a person or a robot, or the placeholder that the registry requires
    /// with a token.
    RegistryUserName, check_user_name
}

#[expect(clippy::ptr_arg, reason = "the signature is garde's")]
fn check_host(text: &String, (): &()) -> garde::Result {
    if is_host(text) {
        Ok(())
    } else {
        Err(garde::Error::new(
            "Enter the registry host as it appears in image names, for example ghcr.io or \
             registry.example.org:5000.",
        ))
    }
}

fn check_user_name(text: &str) -> garde::Result {
    // The name precedes a colon in a header (RFC 7617 §2).
    let fits = (1..=MAX_USER_NAME).contains(&text.len())
        && !text.contains(':')
        && !text.chars().any(char::is_control);
    if fits {
        Ok(())
    } else {
        Err(garde::Error::new(
            "Use 1 to 255 characters without a colon.",
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::{RegistryHost, RegistryUserName};

    #[test]
    fn one_registry_has_one_name() {
        for (typed, kept) in [
            ("ghcr.io", "ghcr.io"),
            ("GHCR.io", "ghcr.io"),
            ("docker.io", "docker.io"),
            ("index.docker.io", "docker.io"),
            ("Registry-1.docker.io", "docker.io"),
            ("localhost:5000", "localhost:5000"),
            ("localhost", "localhost"),
        ] {
            assert_eq!(RegistryHost::new(typed).unwrap().as_str(), kept, "{typed}");
            let read: RegistryHost = serde_json::from_value(typed.into()).unwrap();
            assert_eq!(read.as_str(), kept, "{typed}");
        }
    }

    #[test]
    fn an_invalid_registry_is_refused() {
        let long = format!("{}.io", "a".repeat(260));
        for wrong in [
            "",
            "ghcr",
            "https://ghcr.io",
            "ghcr.io/",
            "ghcr.io/team",
            "user@ghcr.io",
            "ghcr.io:",
            "ghcr.io:70000",
            "ghcr.io:+80",
            "ghcr..io",
            "-a.io",
            "a b.io",
            "$(id).io",
            "ghcr.io\na",
            "[::1",
            "[::ffff:1.2.3.4]",
            "[fe80::1%eth0]",
            "*.io",
            long.as_str(),
        ] {
            assert!(RegistryHost::new(wrong).is_err(), "{wrong:?} was taken");
        }
    }

    #[test]
    fn a_user_name_fits_before_a_colon() {
        for right in [
            "ada",
            "robot$team+ci",
            "_json_key",
            "AWS",
            "ada@example.org",
        ] {
            assert!(
                RegistryUserName::new(right).is_ok(),
                "{right:?} was refused"
            );
        }
        let long = "a".repeat(256);
        for wrong in ["", "a:b", "a\nb", "a\0", long.as_str()] {
            assert!(RegistryUserName::new(wrong).is_err(), "{wrong:?} was taken");
        }
    }
}
