//! Host names.

use garde::Validate;
use serde::{Deserialize, Serialize};

use super::trim;

/// The longest name (RFC 1035 §2.3.4), as text without the root's dot.
const MAX_NAME: usize = 253;
/// The longest label (RFC 1035 §2.3.4).
const MAX_LABEL: usize = 63;

/// The name of a host as in a URL, for example `app.example.org`.
///
/// It has one spelling: lower case, without a dot at its end, and in ASCII, so `xn--bcher-kva.ch`
/// stands for `bücher.ch`. An address is not a name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Validate)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[garde(transparent)]
#[serde(from = "String")]
pub struct Hostname(#[garde(custom(check))] String);

impl Hostname {
    /// Creates a name from a text.
    ///
    /// # Errors
    /// If it is not the name of a host.
    pub fn new(text: impl Into<String>) -> Result<Self, garde::Report> {
        let name = Self::from(text.into());
        name.validate()?;
        Ok(name)
    }

    /// Returns the name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<String> for Hostname {
    fn from(text: String) -> Self {
        let text = trim::trim(text).to_ascii_lowercase();
        match text.strip_suffix('.') {
            Some(name) => Self(name.to_owned()),
            None => Self(text),
        }
    }
}

impl std::fmt::Display for Hostname {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

#[expect(clippy::ptr_arg, reason = "the signature is garde's")]
fn check(text: &String, (): &()) -> garde::Result {
    // Browsers read a name with a number at its end as an address (WHATWG URL §3.5).
    let is_address = |last: &str| last.bytes().all(|b| b.is_ascii_digit());
    let last = text.rsplit('.').next().unwrap_or_default();
    if text.len() <= MAX_NAME && text.split('.').all(is_label) && !is_address(last) {
        Ok(())
    } else {
        Err(garde::Error::new(
            "Enter a host name, for example app.example.org.",
        ))
    }
}

/// True for a label of a host name (RFC 1123 §2.1).
fn is_label(text: &str) -> bool {
    (1..=MAX_LABEL).contains(&text.len())
        && !text.starts_with('-')
        && !text.ends_with('-')
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
}

#[cfg(test)]
mod tests {
    use super::Hostname;

    #[test]
    fn a_host_name_has_one_spelling() {
        for (written, name) in [
            ("localhost", "localhost"),
            (" App.Example.ORG. ", "app.example.org"),
            ("xn--bcher-kva.ch", "xn--bcher-kva.ch"),
            ("1.a", "1.a"),
        ] {
            assert_eq!(Hostname::new(written).unwrap().as_str(), name);
        }
    }

    #[test]
    fn an_invalid_host_name_is_refused() {
        let long = format!("{}.a", "b".repeat(64));
        let longer = ["c".repeat(60).as_str(); 5].join(".");
        for wrong in [
            "",
            ".",
            "a..b",
            "-a",
            "a-",
            "a_b",
            "a b",
            "a/b",
            "a:80",
            "*.a",
            "127.0.0.1",
            "[::1]",
            "bücher.ch",
            "a\0b",
            &long,
            &longer,
        ] {
            assert!(Hostname::new(wrong).is_err(), "{wrong:?} was taken");
        }
    }
}
