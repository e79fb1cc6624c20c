//! The server's URL.

use std::{fmt, str::FromStr};

use http::Uri;

/// Path of the endpoint for runner links.
const LINK_PATH: &str = "/api/v1/runner/link";
/// Path of the endpoint for registrations.
const REGISTRATION_PATH: &str = "/api/v1/runner/registration";

/// The URL of a server, as people write it.
///
/// For example `http://host:3000` or `https://berth.example.org`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerUrl {
    shown: String,
    link: Uri,
    registration: Uri,
}

/// The text is not the URL of a server.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a valid server URL; use one such as http://localhost:3000")]
pub struct ServerUrlInvalid(String);

impl ServerUrl {
    /// Returns the URL of the link: `ws` for `http`, `wss` for `https`.
    pub(crate) const fn link(&self) -> &Uri {
        &self.link
    }

    /// Returns the URL for registrations.
    pub(crate) const fn registration(&self) -> &Uri {
        &self.registration
    }
}

impl FromStr for ServerUrl {
    type Err = ServerUrlInvalid;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let invalid = || ServerUrlInvalid(text.to_owned());
        // The parser ignores everything after a `#`, yet it would be shown.
        if text.trim().contains(|c: char| c == '#' || c.is_control()) {
            return Err(invalid());
        }
        let uri: Uri = text.trim().parse().map_err(|_| invalid())?;
        let scheme = match uri.scheme_str() {
            Some("http" | "ws") => "ws",
            Some("https" | "wss") => "wss",
            _ => return Err(invalid()),
        };
        let authority = uri.authority().ok_or_else(invalid)?;
        // A name and password before the host would end up in logs.
        let has_name = authority.as_str().contains('@');
        if has_name || authority.host().is_empty() || uri.query().is_some() {
            return Err(invalid());
        }
        let at = |path| {
            let below = uri.path().trim_end_matches('/');
            let address = format!("{scheme}://{authority}{below}{path}");
            address.parse().map_err(|_| invalid())
        };
        Ok(Self {
            shown: text.trim().to_owned(),
            link: at(LINK_PATH)?,
            registration: at(REGISTRATION_PATH)?,
        })
    }
}

impl fmt::Display for ServerUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown)
    }
}

#[cfg(test)]
mod tests {
    use super::ServerUrl;

    fn link(text: &str) -> Option<String> {
        let url = text.parse::<ServerUrl>().ok()?;
        Some(url.link().to_string())
    }

    #[test]
    fn the_link_is_derived_from_the_address_that_people_know() {
        for (address, expected) in [
            (
                "http://localhost:3000",
                "ws://localhost:3000/api/v1/runner/link",
            ),
            (
                "https://berth.example.org/",
                "wss://berth.example.org/api/v1/runner/link",
            ),
            ("http://[::1]:3000", "ws://[::1]:3000/api/v1/runner/link"),
            (
                "https://example.org/berth",
                "wss://example.org/berth/api/v1/runner/link",
            ),
        ] {
            assert_eq!(link(address).as_deref(), Some(expected));
            let registration = address
                .parse::<ServerUrl>()
                .unwrap()
                .registration()
                .to_string();
            assert_eq!(
                registration,
                expected.replace("/runner/link", "/runner/registration")
            );
        }
    }

    #[test]
    fn an_invalid_server_address_is_refused() {
        for wrong in [
            "",
            "localhost:3000",
            "ftp://host",
            "http://",
            "http://:80",
            "http://host#\u{7}",
            "http://user:pw@host",
            "/x",
        ] {
            assert_eq!(link(wrong), None, "{wrong:?} was taken");
        }
    }
}
