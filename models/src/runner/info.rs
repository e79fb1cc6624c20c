//! A runner's description of itself and its host.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use super::HostPolicy;
use crate::value::ResourceName;

/// Maximum length of a text: more than any honest version or host name needs.
///
/// RFC 1035 allows 253 characters.
const MAX_TEXT: usize = 255;

/// More than any honest list of tested versions needs.
const MAX_TESTED: usize = 20;

/// The suggested name of a runner whose host name contains no usable characters.
const NAMELESS: &str = "runner";

/// A runner's description of itself and its host.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is an ability of its own, in any combination"
)]
pub struct RunnerInfo {
    /// The kind of runner, for example `docker`.
    pub kind: String,
    /// The runner's own version.
    pub version: String,
    /// The version of the platform, for example of the Docker Engine.
    pub platform_version: String,
    /// The version of the platform's API that the runner uses; absent if it has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub platform_api: Option<String>,
    /// The platform versions that this runner version was tested with, oldest first.
    ///
    /// For example `20.10`; empty if the runner reports none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tested_platforms: Vec<String>,
    /// The operating system, for example `linux`.
    pub os: String,
    /// The processor architecture, for example `x86_64`.
    pub arch: String,
    /// The host name.
    pub host_name: String,
    /// The number of the host's processors.
    pub cpus: u32,
    /// The memory of the host, in bytes.
    pub memory_bytes: u64,
    /// The size of the disk with apps and volumes, in bytes; absent if unknown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disk_bytes: Option<u64>,
    /// True if it can keep volumes; false if the runner does not report it.
    #[serde(default)]
    pub volumes: bool,
    /// True if it can ask registries for tags; false if the runner does not report it.
    #[serde(default)]
    pub tags: bool,
    /// True if it supports runs; false if the runner does not report it.
    #[serde(default)]
    pub runs: bool,
    /// True if it has private networks; false if the runner does not report it.
    #[serde(default)]
    pub private_networks: bool,
    /// The state of the firewall between apps and the host. Absent if not reported.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub app_firewall: Option<AppFirewall>,
    /// The address on which it publishes the ports of apps. Absent if not reported.
    ///
    /// An unspecified address (`0.0.0.0`, `::`) stands for all addresses of the host.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub publish_address: Option<IpAddr>,
    /// The host policy; absent if the runner does not report it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy: Option<HostPolicy>,
}

/// The result of comparing a platform's version with the tested ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PlatformSupport {
    /// The runner was tested with this version.
    Tested,
    /// The version is older than the newest tested one, and was not tested.
    Untested,
    /// The version is newer than any tested one.
    Newer,
}

/// The state of the firewall between apps and their host.
///
/// It keeps apps from other ports of the host and from the metadata service of its cloud.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum AppFirewall {
    /// The firewall is active; only the exceptions of the host policy are open.
    Closed,
    /// The host policy opens everything to apps.
    Open,
    /// The firewall is inactive, because the runner may not set rules on its host.
    Unavailable,
}

impl RunnerInfo {
    /// Sanitizes all texts, so that they can be shown to people.
    ///
    /// The result is printable ASCII that fits into a line. It cannot reverse the direction of
    /// writing, imitate other letters or move a terminal's cursor.
    #[must_use]
    pub fn sanitized(self) -> Self {
        Self {
            kind: sanitized(&self.kind),
            version: sanitized(&self.version),
            platform_version: sanitized(&self.platform_version),
            platform_api: self.platform_api.as_deref().map(sanitized),
            tested_platforms: self
                .tested_platforms
                .iter()
                .take(MAX_TESTED)
                .map(|version| sanitized(version))
                .collect(),
            os: sanitized(&self.os),
            arch: sanitized(&self.arch),
            host_name: sanitized(&self.host_name),
            ..self
        }
    }

    /// Compares the platform's version with those that the runner was tested with.
    ///
    /// Returns `None` if the runner reports no tested versions.
    pub fn platform_support(&self) -> Option<PlatformSupport> {
        let version = numbers(&self.platform_version);
        let tested = self.tested_platforms.iter().map(|tested| numbers(tested));
        let newest = tested.clone().max()?;
        Some(
            if tested.clone().any(|tested| version.starts_with(&tested)) {
                PlatformSupport::Tested
            } else if version > newest {
                PlatformSupport::Newer
            } else {
                PlatformSupport::Untested
            },
        )
    }

    /// Returns a name for the runner, derived from its host name.
    pub fn suggested_name(&self) -> ResourceName {
        let host = self.host_name.split('.').next().unwrap_or_default();
        let plain = host
            .chars()
            .map(|letter| match letter.to_ascii_lowercase() {
                plain if plain.is_ascii_lowercase() || plain.is_ascii_digit() => plain,
                _ => '-',
            });
        let plain: String = plain
            .skip_while(|c| !c.is_ascii_lowercase())
            .take(63)
            .collect();
        ResourceName::new(plain.trim_end_matches('-'))
            .unwrap_or_else(|_| ResourceName::trusted(NAMELESS))
    }
}

/// Returns the numbers at the start of a version: `28.5.2+dfsg4` is 28, 5, 2.
fn numbers(version: &str) -> Vec<u32> {
    let digits = |part: &str| {
        let end = part.find(|c: char| !c.is_ascii_digit());
        part[..end.unwrap_or(part.len())].parse().ok()
    };
    version.split('.').map_while(digits).collect()
}

fn sanitized(text: &str) -> String {
    let shown = text.chars().map(|letter| match letter {
        ' '..='~' => letter,
        _ => '?',
    });
    shown.take(MAX_TEXT).collect()
}

#[cfg(test)]
mod tests {
    use super::{PlatformSupport, RunnerInfo};

    fn on(host_name: &str) -> RunnerInfo {
        RunnerInfo {
            kind: "docker".to_owned(),
            version: "0.1.0".to_owned(),
            platform_version: "20.10.24".to_owned(),
            platform_api: Some("1.41".to_owned()),
            tested_platforms: ["20.10", "26.1", "28.5"].map(str::to_owned).into(),
            os: "linux".to_owned(),
            arch: "x86_64".to_owned(),
            host_name: host_name.to_owned(),
            cpus: 2,
            memory_bytes: 1,
            disk_bytes: None,
            volumes: true,
            tags: true,
            private_networks: true,
            runs: true,
            app_firewall: None,
            publish_address: None,
            policy: None,
        }
    }

    #[test]
    fn the_name_is_made_of_the_hosts_and_is_always_one() {
        for (host, name) in [
            ("build-box", "build-box"),
            ("Shed.example.org", "shed"),
            ("10-my_host!", "my-host"),
            ("", "runner"),
            ("42", "runner"),
            ("\u{202e}ä", "runner"),
        ] {
            assert_eq!(on(host).suggested_name().as_str(), name, "{host:?}");
        }
        let long = "a".repeat(300);
        assert_eq!(on(&long).suggested_name().as_str().len(), 63);
    }

    #[test]
    fn texts_are_one_line_of_plain_letters() {
        let hostile = on("a\u{1b}[2J\n\0\u{202e}\u{430}<b>").sanitized();
        assert_eq!(hostile.host_name, "a?[2J????<b>");
        assert_eq!(on(&"x".repeat(10_000)).sanitized().host_name.len(), 255);
    }

    #[test]
    fn a_platform_is_tested_or_newer_or_neither_by_its_numbers() {
        use PlatformSupport::{Newer, Tested, Untested};
        for (version, standing) in [
            ("20.10.24+dfsg1", Tested),
            ("26.1.5+dfsg1", Tested),
            ("28.5.2", Tested),
            ("28.5", Tested),
            ("28.50.1", Newer),
            ("28.6.0-rc.1", Newer),
            ("29.0.0", Newer),
            ("100.0", Newer),
            ("27.5.1", Untested),
            ("19.03.1", Untested),
            ("dev", Untested),
        ] {
            let mut info = on("a");
            info.platform_version = version.to_owned();
            assert_eq!(info.platform_support(), Some(standing), "{version}");
        }
        let mut silent = on("a");
        silent.tested_platforms.clear();
        assert_eq!(silent.platform_support(), None);
    }

    #[test]
    fn a_list_of_tested_versions_is_short_and_of_plain_letters() {
        let mut hostile = on("a");
        hostile.tested_platforms = vec!["\u{1b}".repeat(10_000); 10_000];
        let shown = hostile.sanitized().tested_platforms;
        assert_eq!(shown.len(), 20);
        assert!(
            shown
                .iter()
                .all(|text| text.len() == 255 && !text.contains('\u{1b}'))
        );
    }
}
