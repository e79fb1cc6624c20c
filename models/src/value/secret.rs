//! Secret values: passwords, tokens and keys that are never printed.

use std::fmt;

use garde::Validate;
use serde::{Deserialize, Serialize, Serializer};

/// Minimum length of a password, in characters.
///
/// NIST SP 800-63B-4 §3.1.1.2 says at least 8 with another factor and 15 without; ASVS 5.0 6.2.1
/// says 8.
const MIN_PASSWORD: usize = 10;
/// ASVS 5.0 6.2.9 wants at least 64; more than this only feeds the hash function.
const MAX_PASSWORD: usize = 256;

/// A secret becomes the value of an environment variable. Those are limited to 96 KiB.
const MAX_SECRET: usize = 64 * 1024;

/// A text that is never printed and never part of a response. It has no `Serialize`.
///
/// A request marks a field of this type with `#[secret]`. The endpoint macros then write it
/// with [`expose`], and refuse the mark in a response.
#[derive(Clone, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct SecretText(String);

impl SecretText {
    /// Wraps a text.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// Returns the text itself; this is the only access to it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for SecretText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[hidden]")
    }
}

impl Validate for SecretText {
    type Context = ();

    fn validate_into(
        &self,
        (): &(),
        parent: &mut dyn FnMut() -> garde::Path,
        report: &mut garde::Report,
    ) {
        if self.0.is_empty() || self.0.len() > 4096 {
            report.append(parent(), garde::Error::new("Use 1 to 4096 characters."));
        }
    }
}

/// Defines a kind of secret with its own validation.
///
/// Like [`SecretText`], it is never printed and cannot be part of a response.
macro_rules! kind_of_secret {
    (
        $(#[$meta:meta])*
        $name:ident($(#[$field:meta])*), $is_valid:expr, $message:literal
    ) => {
        $(#[$meta])*
        #[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
        #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
        #[serde(transparent)]
        pub struct $name($(#[$field])* SecretText);

        impl $name {
            /// Wraps a text.
            pub fn new(text: impl Into<String>) -> Self {
                Self(SecretText::new(text))
            }

            /// Returns the text itself; this is the only access to it.
            pub fn expose(&self) -> &str {
                self.0.expose()
            }
        }

        impl Validate for $name {
            type Context = ();

            fn validate_into(
                &self,
                (): &(),
                parent: &mut dyn FnMut() -> garde::Path,
                report: &mut garde::Report,
            ) {
                let is_valid: fn(&str) -> bool = $is_valid;
                if !is_valid(self.expose()) {
                    report.append(parent(), garde::Error::new($message));
                }
            }
        }

        impl Exposed for $name {
            fn exposed(&self) -> &str {
                self.expose()
            }
        }
    };
}

kind_of_secret! {
    /// A password, as typed by a person.
    Password(),
    |password| (MIN_PASSWORD..=MAX_PASSWORD).contains(&password.chars().count()),
    "Use 10 to 256 characters. A few random words make a good password."
}

kind_of_secret! {
    /// The value of a workspace's secret: a password, a key, a certificate. Its line breaks are
    /// LF.
    SecretValue(#[serde(deserialize_with = "super::newlines::read_secret")]),
    |value| (1..=MAX_SECRET).contains(&value.len()) && !value.contains('\0'),
    "Use 1 byte to 64 KiB of text without NUL characters."
}

/// Text inside a secret type, for [`expose`].
pub trait Exposed {
    /// Returns the text itself.
    fn exposed(&self) -> &str;
}

impl<T: Exposed> Exposed for Option<T> {
    /// Returns an empty text for `None`. A request omits such a field before this is called.
    fn exposed(&self) -> &str {
        self.as_ref().map_or("", Exposed::exposed)
    }
}

impl Exposed for SecretText {
    fn exposed(&self) -> &str {
        self.expose()
    }
}

/// Writes a secret into a request; only used through `#[secret]`.
///
/// # Errors
/// Those of the serializer.
pub fn expose<S: Serializer>(secret: &impl Exposed, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(secret.exposed())
}

/// A token that a response shows exactly once, at its creation. It is not stored readably.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct ShownOnce(String);

impl ShownOnce {
    /// Wraps a token that was just created.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// Returns the token itself.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for ShownOnce {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[shown once]")
    }
}

#[cfg(test)]
mod tests {
    use super::{Password, SecretText};

    #[test]
    fn a_secret_does_not_print_itself() {
        assert!(!format!("{:?}", SecretText::new("canary")).contains("canary"));
        assert!(!format!("{:?}", Password::new("canary")).contains("canary"));
    }
}
