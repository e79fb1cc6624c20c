//! Types for values that people type, with their validation.
//!
//! Each type is checked with [`garde`] wherever a request or a frame is read, so all code
//! behind such a boundary can trust it.

mod base64;
mod container;
mod email;
mod environment;
mod git;
mod hostname;
mod image;
mod image_digest;
mod internal_registry;
mod name;
mod network_pool;
pub mod newlines;
mod path_prefix;
mod platform;
mod registry;
mod registry_pattern;
pub mod secret;
mod socket_address;
pub mod trim;
mod unix;
mod user_code;

pub use base64::Base64;
pub use container::{Argument, ContainerPath, FileContent, UrlPath, lines};
pub use email::Email;
pub use environment::{EnvironmentName, EnvironmentValue, EnvironmentVariable};
pub(crate) use environment::{is_false, nothing_beside, one_source};
pub use git::{GitBranch, GitRepository};
pub use hostname::Hostname;
pub use image::ImageReference;
pub use image_digest::{ImageDigest, InvalidImageDigest};
pub use internal_registry::InternalRegistry;
pub use name::{DisplayName, MAX_DISPLAY_NAME, ResourceName, SecretName};
pub use network_pool::NetworkPool;
pub use path_prefix::PathPrefix;
pub use platform::PlatformName;
pub use registry::{RegistryHost, RegistryUserName};
pub use registry_pattern::RegistryPattern;
pub use secret::{Password, SecretText, SecretValue, ShownOnce};
pub(crate) use socket_address::readable;
pub use socket_address::{InvalidSocketAddress, SocketAddress};
pub use unix::{ContainerUser, FileMode};
pub use user_code::UserCode;

/// Defines a newtype over `String` that a function validates.
///
/// By default, it is a text of one line, without [blanks](trim) at its ends. The macro can be
/// told another way of reading: `hidden lines` unifies [line breaks](newlines) and never prints
/// the text, `verbatim` changes nothing.
macro_rules! checked_text {
    ($(#[$doc:meta])* $name:ident, $check:path) => {
        $crate::value::checked_text! {
            @define $(#[$doc])* $name, $check, $crate::value::trim::trim,
            "crate::value::trim::read"
        }
        $crate::value::checked_text! { @shown $name }
    };
    ($(#[$doc:meta])* $name:ident, $check:path, hidden lines) => {
        $crate::value::checked_text! {
            @define $(#[$doc])* $name, $check, $crate::value::newlines::line_feeds,
            "crate::value::newlines::read"
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("[hidden]")
            }
        }
    };
    ($(#[$doc:meta])* $name:ident, $check:path, verbatim) => {
        $crate::value::checked_text! {
            @define $(#[$doc])* $name, $check, std::convert::identity,
            "serde::Deserialize::deserialize"
        }
        $crate::value::checked_text! { @shown $name }
    };
    (@define $(#[$doc:meta])* $name:ident, $check:path, $clean:path, $read:literal) => {
        $(#[$doc])*
        #[derive(
            Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash,
            serde::Serialize, serde::Deserialize, garde::Validate,
        )]
        #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
        #[garde(transparent)]
        #[serde(transparent)]
        pub struct $name(
            #[garde(custom(|text: &String, (): &()| $check(text)))]
            #[serde(deserialize_with = $read)]
            String,
        );

        impl $name {
            /// Creates a value from a text, which it cleans and checks as on the wire.
            ///
            /// # Errors
            /// If the text violates the type's rule.
            pub fn new(text: impl Into<String>) -> Result<Self, garde::Report> {
                let value = Self($clean(text.into()));
                garde::Validate::validate(&value)?;
                Ok(value)
            }

            /// Wraps a text that was checked before, such as one from our own database.
            pub fn trusted(text: impl Into<String>) -> Self {
                Self(text.into())
            }

            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::str::FromStr for $name {
            type Err = garde::Report;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Self::new(text)
            }
        }
    };
    (@shown $name:ident) => {
        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.debug_tuple(stringify!($name)).field(&self.0).finish()
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}
use checked_text;
