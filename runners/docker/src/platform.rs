//! Platforms of a host, and checks that images fit them.

use models::{
    deployment::{FailureCode, ImagePlatform},
    value::ImageReference,
};
use runner_common::RunnerError;

/// The platforms that a host runs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct HostPlatforms {
    /// The host's own platform.
    pub(crate) own: ImagePlatform,
    /// Platforms that the host's owner declares as emulated.
    pub(crate) emulated: Vec<ImagePlatform>,
}

impl HostPlatforms {
    /// Checks that an image's programs run here.
    ///
    /// # Errors
    /// [`mismatch`] when they do not.
    pub(crate) fn check(
        &self,
        image: &ImageReference,
        built_for: &ImagePlatform,
    ) -> Result<(), RunnerError> {
        if self.runs(built_for) {
            Ok(())
        } else {
            Err(self.mismatch(image, &[built_for.to_string()]))
        }
    }

    /// True if programs for a platform run here. An image that names none is assumed to run.
    pub(crate) fn runs(&self, built_for: &ImagePlatform) -> bool {
        let all = std::iter::once(&self.own).chain(&self.emulated);
        built_for.os.is_empty()
            || built_for.architecture.is_empty()
            || self.own.architecture.is_empty()
            || all.into_iter().any(|host| includes(host, built_for))
    }

    /// The error for an image that was built for these platforms only.
    pub(crate) fn mismatch(&self, image: &ImageReference, built_for: &[String]) -> RunnerError {
        let own = &self.own;
        RunnerError::user(
            FailureCode::ImagePlatformMismatch,
            format!(
                "The image {image} was built for {}, but the runner's host is {own}. Build it for \
                 {own} too (docker buildx build --platform {own}), or choose a runner with a \
                 matching platform. If the host can emulate the image's platform, its owner can \
                 add that platform to emulated_platforms in the policy file.",
                built_for.join(", ")
            ),
        )
    }
}

/// True if a host runs programs for another platform, by containerd's rules.
///
/// The rules are those of `platforms.Only`: 32-bit programs on their 64-bit successors, older
/// variants on newer ones.
fn includes(host: &ImagePlatform, built_for: &ImagePlatform) -> bool {
    if host.os != built_for.os {
        return false;
    }
    match (host.architecture.as_str(), built_for.architecture.as_str()) {
        ("amd64", "386") | ("arm64", "arm") => true,
        ("arm", "arm") => variant(built_for, 7) <= variant(host, 7),
        (own, other) => own == other,
    }
}

/// Returns the number of a variant, for example 7 of `v7`.
fn variant(platform: &ImagePlatform, default: u32) -> u32 {
    let variant = platform.variant.as_deref().unwrap_or_default();
    variant.trim_start_matches('v').parse().unwrap_or(default)
}

/// Returns the variant of a 32-bit ARM host by its kernel's name, such as `armv7l`.
pub(crate) fn variant_of(kernel_name: &str) -> Option<String> {
    let digits = kernel_name.strip_prefix("armv")?;
    let number = digits.chars().next().filter(char::is_ascii_digit)?;
    Some(format!("v{number}"))
}

#[cfg(test)]
mod tests {
    use models::{
        deployment::{FailureCode, Fault, ImagePlatform},
        value::{ImageReference, PlatformName},
    };
    use runner_common::Retry;

    use super::{HostPlatforms, variant_of};

    fn parse(text: &str) -> ImagePlatform {
        PlatformName::new(text).unwrap().platform()
    }

    fn host(own: &str, emulated: &[&str]) -> HostPlatforms {
        HostPlatforms {
            own: parse(own),
            emulated: emulated.iter().map(|text| parse(text)).collect(),
        }
    }

    #[test]
    fn a_host_runs_its_own_platform_and_older_variants() {
        for (own, image) in [
            ("linux/amd64", "linux/amd64"),
            ("linux/amd64", "linux/amd64/v3"),
            ("linux/amd64", "linux/386"),
            ("linux/arm64", "linux/arm64/v8"),
            ("linux/arm64", "linux/arm/v7"),
            ("linux/arm/v7", "linux/arm/v6"),
            ("linux/arm/v7", "linux/arm"),
            ("linux/riscv64", "linux/riscv64"),
        ] {
            assert!(host(own, &[]).runs(&parse(image)), "{image} on {own}");
        }
        for (own, image) in [
            ("linux/amd64", "linux/arm64"),
            ("linux/arm64", "linux/amd64"),
            ("linux/386", "linux/amd64"),
            ("linux/arm/v6", "linux/arm/v7"),
            ("linux/arm/v7", "linux/arm64"),
            ("linux/amd64", "windows/amd64"),
        ] {
            assert!(!host(own, &[]).runs(&parse(image)), "{image} on {own}");
        }
    }

    #[test]
    fn emulated_platforms_run_and_unknown_ones_are_tried() {
        let both = host("linux/amd64", &["linux/arm64"]);
        assert!(both.runs(&parse("linux/arm64/v8")));
        assert!(both.runs(&parse("linux/arm/v7")));
        assert!(!both.runs(&parse("linux/s390x")));
        assert!(both.runs(&ImagePlatform::default()));
        assert!(HostPlatforms::default().runs(&parse("linux/s390x")));
    }

    #[test]
    fn a_refusal_names_both_platforms() {
        let image = ImageReference::trusted("app:1");
        let other = parse("linux/arm64");
        let error = host("linux/amd64", &[]).check(&image, &other).unwrap_err();
        assert_eq!(
            (error.code.clone(), error.fault, error.retry),
            (
                FailureCode::ImagePlatformMismatch,
                Fault::User,
                Retry::Never
            )
        );
        assert!(error.message.contains("built for linux/arm64"), "{error}");
        assert!(error.message.contains("host is linux/amd64"), "{error}");
    }

    #[test]
    fn the_variant_of_a_host_is_in_its_kernels_name() {
        assert_eq!(variant_of("armv7l").as_deref(), Some("v7"));
        assert_eq!(variant_of("aarch64"), None);
    }
}
