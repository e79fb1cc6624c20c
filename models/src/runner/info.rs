//! What a runner says of itself and its machine.

use serde::{Deserialize, Serialize};

use super::HostPolicy;
use crate::value::ResourceName;

/// More than any honest version or host name needs (RFC 1035 allows 253 characters).
const MAX_TEXT: usize = 255;

/// What a machine is called that has no name of which one could be made.
const NAMELESS: &str = "runner";

/// What a runner says of itself and its machine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RunnerInfo {
    /// What kind of runner it is, for example `docker`.
    pub kind: String,
    /// The runner's own version.
    pub version: String,
    /// The version of the platform beneath, for example of the Docker Engine.
    pub platform_version: String,
    /// The operating system, for example `linux`.
    pub os: String,
    /// The processor architecture, for example `x86_64`.
    pub arch: String,
    /// The machine's host name.
    pub host_name: String,
    /// How many processors the machine has.
    pub cpus: u32,
    /// How much memory the machine has, in bytes.
    pub memory_bytes: u64,
    /// How large the disk is on which apps and volumes lie, in bytes; absent when it does not know.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disk_bytes: Option<u64>,
    /// Whether it can keep volumes; not when it does not say.
    #[serde(default)]
    pub volumes: bool,
    /// Whether it can ask registries what a tag means; not when it does not say.
    #[serde(default)]
    pub tags: bool,
    /// What its owner allows; absent when the runner does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy: Option<HostPolicy>,
}

impl RunnerInfo {
    /// The same with texts that can be shown to people whoever wrote them: printable ASCII, of a
    /// length that fits into a line. Nothing in it turns the direction of writing around, looks like
    /// another letter or moves a terminal's cursor.
    #[must_use]
    pub fn presentable(self) -> Self {
        Self {
            kind: presentable(&self.kind),
            version: presentable(&self.version),
            platform_version: presentable(&self.platform_version),
            os: presentable(&self.os),
            arch: presentable(&self.arch),
            host_name: presentable(&self.host_name),
            ..self
        }
    }

    /// A name for the runner, made of its machine's.
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

fn presentable(text: &str) -> String {
    let shown = text.chars().map(|letter| match letter {
        ' '..='~' => letter,
        _ => '?',
    });
    shown.take(MAX_TEXT).collect()
}

#[cfg(test)]
mod tests {
    use super::RunnerInfo;

    fn on(host_name: &str) -> RunnerInfo {
        RunnerInfo {
            kind: "docker".to_owned(),
            version: "0.1.0".to_owned(),
            platform_version: "20.10.24".to_owned(),
            os: "linux".to_owned(),
            arch: "x86_64".to_owned(),
            host_name: host_name.to_owned(),
            cpus: 2,
            memory_bytes: 1,
            disk_bytes: None,
            volumes: true,
            tags: true,
            policy: None,
        }
    }

    #[test]
    fn the_name_is_made_of_the_machines_and_is_always_one() {
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
        let hostile = on("a\u{1b}[2J\n\0\u{202e}\u{430}<b>").presentable();
        assert_eq!(hostile.host_name, "a?[2J????<b>");
        assert_eq!(on(&"x".repeat(10_000)).presentable().host_name.len(), 255);
    }
}
