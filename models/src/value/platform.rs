//! Platform names.

use super::checked_text;
use crate::deployment::ImagePlatform;

/// Longer than the name of any architecture.
const MAX_PART: usize = 32;

checked_text! {
    /// A platform as named by images: operating system, architecture, maybe a variant.
    ///
    /// For example `linux/arm64` or `linux/arm/v7`.
    PlatformName, check_platform
}

impl PlatformName {
    /// Returns the platform.
    pub fn platform(&self) -> ImagePlatform {
        let mut parts = self.as_str().split('/').map(str::to_owned);
        ImagePlatform {
            os: parts.next().unwrap_or_default(),
            architecture: parts.next().unwrap_or_default(),
            variant: parts.next(),
        }
    }
}

fn check_platform(text: &str) -> garde::Result {
    let is_word = |part: &str| {
        (1..=MAX_PART).contains(&part.len())
            && part
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
    };
    let parts: Vec<&str> = text.split('/').collect();
    if (2..=3).contains(&parts.len()) && parts.into_iter().all(is_word) {
        Ok(())
    } else {
        Err(garde::Error::new(
            "Enter a platform, for example linux/arm64 or linux/arm/v7.",
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::PlatformName;

    #[test]
    fn a_platform_has_two_or_three_parts() {
        for right in ["linux/amd64", "linux/arm/v7", "windows/amd64"] {
            let name = PlatformName::new(right).unwrap();
            assert_eq!(name.platform().to_string(), right);
        }
        for wrong in [
            "",
            "linux",
            "linux/",
            "/amd64",
            "linux/arm/v7/x",
            "Linux/amd64",
            "a b/c",
        ] {
            assert!(PlatformName::new(wrong).is_err(), "{wrong:?} was taken");
        }
    }
}
