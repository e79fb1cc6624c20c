//! Digests of container images.

use std::{
    fmt::{self, Write as _},
    str::FromStr,
};

use serde::{Deserialize, Serialize};

/// The digest algorithms, and the number of hexadecimal digits of each.
///
/// Source: OCI image specification 1.1, "Digests".
const ALGORITHMS: [(&str, usize); 3] = [("sha256", 64), ("sha384", 96), ("sha512", 128)];

/// The digest of an image, for example `sha256:` and 64 hexadecimal digits.
///
/// Platforms build addresses and paths from it, so no value of this type is anything else. An
/// image that is in no registry has the id that its engine gave it, in the same form.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub struct ImageDigest(String);

impl ImageDigest {
    /// The digest with this SHA-256 hash.
    pub fn sha256(hash: [u8; 32]) -> Self {
        let mut text = "sha256:".to_owned();
        for byte in hash {
            let _ = write!(text, "{byte:02x}");
        }
        Self(text)
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name of the algorithm, for example `sha256`.
    pub fn algorithm(&self) -> &str {
        self.0.split_once(':').map_or("", |(name, _)| name)
    }

    /// The hexadecimal digits after the algorithm.
    pub fn digits(&self) -> &str {
        self.0.split_once(':').map_or("", |(_, digits)| digits)
    }
}

/// A text that is not the digest of an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an image digest; one is `sha256:` and 64 lowercase hexadecimal digits")]
pub struct InvalidImageDigest;

impl TryFrom<String> for ImageDigest {
    type Error = InvalidImageDigest;

    fn try_from(text: String) -> Result<Self, InvalidImageDigest> {
        if is_digest(&text) {
            Ok(Self(text))
        } else {
            Err(InvalidImageDigest)
        }
    }
}

impl From<ImageDigest> for String {
    fn from(digest: ImageDigest) -> Self {
        digest.0
    }
}

impl FromStr for ImageDigest {
    type Err = InvalidImageDigest;

    fn from_str(text: &str) -> Result<Self, InvalidImageDigest> {
        text.to_owned().try_into()
    }
}

impl fmt::Display for ImageDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// True if a text is a digest with an algorithm that engines support.
pub(super) fn is_digest(text: &str) -> bool {
    text.split_once(':').is_some_and(|(algorithm, digits)| {
        let mut known = ALGORITHMS.iter();
        known.any(|(name, length)| *name == algorithm && is_hex(digits, *length))
    })
}

/// True if a text has this many lowercase hexadecimal digits and nothing else.
pub(super) fn is_hex(text: &str, length: usize) -> bool {
    let is_digit = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
    text.len() == length && text.bytes().all(is_digit)
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for ImageDigest {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "ImageDigest".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let forms = ALGORITHMS.map(|(name, length)| format!("{name}:[0-9a-f]{{{length}}}"));
        schemars::json_schema!({
            "description": "The digest of an image.",
            "type": "string",
            "pattern": format!("^({})$", forms.join("|")),
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::ImageDigest;

    #[test]
    fn a_digest_is_an_algorithm_and_all_its_digits() {
        for (algorithm, digits) in [("sha256", 64), ("sha384", 96), ("sha512", 128)] {
            let text = format!("{algorithm}:{}", "0a".repeat(digits / 2));
            let digest: ImageDigest = serde_json::from_value(json!(text)).unwrap();
            assert_eq!(digest.algorithm(), algorithm);
            assert_eq!(digest.digits().len(), digits);
            assert_eq!(serde_json::to_value(&digest).unwrap(), json!(text));
        }
    }

    #[test]
    fn a_hash_becomes_a_digest() {
        let digest = ImageDigest::sha256([0x0a; 32]);
        assert_eq!(digest.as_str().parse(), Ok(digest.clone()));
        assert_eq!(digest.digits(), "0a".repeat(32));
    }

    #[test]
    fn a_digest_contains_nothing_that_leads_elsewhere() {
        let upper = format!("sha256:{}", "0A".repeat(32));
        for wrong in [
            "",
            "latest",
            "sha256:",
            "sha256:00",
            "../../containers",
            "sha256:../../containers/x/json",
            &"0a".repeat(32),
            &format!("md5:{}", "0".repeat(32)),
            &format!("sha256:{} ", "0a".repeat(32)),
            &upper,
        ] {
            assert!(wrong.parse::<ImageDigest>().is_err(), "{wrong:?} was taken");
            let read = serde_json::from_value::<ImageDigest>(json!(wrong));
            assert!(read.is_err(), "{wrong:?} was taken");
        }
    }
}
