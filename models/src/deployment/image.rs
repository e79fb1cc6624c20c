//! The configuration of an image: the part of the OCI configuration for running it.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::VolumeMount;

/// The longest text that is stored of an image. Real entry points and paths are far shorter.
const MAX_TEXT: usize = 1024;
/// The longest list that is stored of an image.
const MAX_ITEMS: usize = 50;

/// The configuration of an image, from its OCI image configuration.
///
/// The author of the image controls every text in it, so it is only shown, never trusted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ImageDescription {
    /// The program and its first arguments.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub entrypoint: Vec<String>,
    /// Arguments after the entry point; the whole command of an image without one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub command: Vec<String>,
    /// The user that the program runs as; root if absent.
    ///
    /// `name` or `uid`, each optionally with `:group`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// The folder that the program starts in; the root folder if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub working_directory: Option<String>,
    /// The signal that asks the program to stop, by name or number. `SIGTERM` if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stop_signal: Option<String>,
    /// The health check; absent if the image has none or disables it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub health_check: Option<ImageHealthCheck>,
    /// The folders that the image declares as volumes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub volumes: Vec<String>,
    /// The ports that the image declares, for example `8080/tcp`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub exposed_ports: Vec<String>,
    /// The platform that the image was built for.
    #[serde(default)]
    pub platform: ImagePlatform,
}

/// The health check of an image. Times are 0 where the image leaves them to the engine.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ImageHealthCheck {
    /// The check, as the image declares it. It is `CMD` and a program with its arguments, or
    /// `CMD-SHELL` and one command line.
    pub test: Vec<String>,
    /// The time between two checks, in milliseconds.
    #[serde(default)]
    pub interval_ms: u64,
    /// The time limit of one check, in milliseconds.
    #[serde(default)]
    pub timeout_ms: u64,
    /// The time after a start during which failed checks do not count, in milliseconds.
    #[serde(default)]
    pub start_period_ms: u64,
    /// The number of consecutive failed checks that make an instance unhealthy.
    #[serde(default)]
    pub retries: u32,
}

/// A platform, in the terms of the OCI image specification.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ImagePlatform {
    /// The operating system, for example `linux`.
    #[serde(default)]
    pub os: String,
    /// The processor architecture, for example `amd64`.
    #[serde(default)]
    pub architecture: String,
    /// The variant of the architecture, for example `v7` of `arm`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub variant: Option<String>,
}

impl ImageDescription {
    /// Returns the folders that the image declares as volumes, as engines read them.
    ///
    /// Each path is absolute and normalized, and occurs once.
    pub fn declared_volumes(&self) -> BTreeSet<String> {
        self.volumes
            .iter()
            .map(|folder| sanitized(folder))
            .collect()
    }

    /// Returns the declared folders that none of these volumes covers.
    ///
    /// Engines give each such folder an anonymous volume, which is removed with its instance.
    pub fn unmounted_volumes(&self, mounts: &[VolumeMount]) -> Vec<String> {
        let is_mounted = |folder: &String| mounts.iter().any(|m| m.path.as_str() == folder);
        let mut folders = self.declared_volumes();
        folders.retain(|folder| !is_mounted(folder));
        folders.into_iter().collect()
    }

    /// Limits the size of all fields, so that no image fills a frame, a row or a page.
    ///
    /// Cuts long lists, and replaces long texts and control characters.
    #[must_use]
    pub fn truncated(self) -> Self {
        Self {
            entrypoint: list(self.entrypoint),
            command: list(self.command),
            user: self.user.map(text),
            working_directory: self.working_directory.map(text),
            stop_signal: self.stop_signal.map(text),
            health_check: self.health_check.map(|check| ImageHealthCheck {
                test: list(check.test),
                ..check
            }),
            volumes: list(self.volumes),
            exposed_ports: list(self.exposed_ports),
            platform: ImagePlatform {
                os: text(self.platform.os),
                architecture: text(self.platform.architecture),
                variant: self.platform.variant.map(text),
            },
        }
    }
}

fn sanitized(path: &str) -> String {
    let mut parts = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    format!("/{}", parts.join("/"))
}

fn list(mut items: Vec<String>) -> Vec<String> {
    items.truncate(MAX_ITEMS);
    items.into_iter().map(text).collect()
}

/// Replaces control characters. Line breaks and tabs stay, because entry points contain
/// scripts.
fn text(text: String) -> String {
    let is_shown = |letter: char| matches!(letter, '\n' | '\t') || !letter.is_control();
    if text.len() <= MAX_TEXT && text.chars().all(is_shown) {
        return text;
    }
    let shown = text.chars().filter(|letter| is_shown(*letter));
    let mut cut: String = shown.take(MAX_TEXT / 4).collect();
    cut.push('…');
    cut
}

impl std::fmt::Display for ImagePlatform {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.os, self.architecture)?;
        match &self.variant {
            Some(variant) => write!(f, "/{variant}"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{ImageDescription, ImagePlatform, VolumeMount};
    use crate::{VolumeId, value::ContainerPath};

    #[test]
    fn a_platform_is_written_as_the_engines_write_it() {
        let platform = |os: &str, architecture: &str, variant: Option<&str>| {
            let platform = ImagePlatform {
                os: os.to_owned(),
                architecture: architecture.to_owned(),
                variant: variant.map(str::to_owned),
            };
            platform.to_string()
        };
        assert_eq!(platform("linux", "amd64", None), "linux/amd64");
        assert_eq!(platform("linux", "arm", Some("v7")), "linux/arm/v7");
    }

    #[test]
    fn a_declared_folder_is_kept_only_where_a_volume_stands() {
        let image = ImageDescription {
            volumes: ["/data/", "data", "//cache/./x/../", "/logs"]
                .map(str::to_owned)
                .into(),
            ..ImageDescription::default()
        };
        let at = |path: &str| VolumeMount {
            volume_id: VolumeId::from_uuid(uuid::Uuid::from_u128(1)),
            path: ContainerPath::new(path).unwrap(),
        };
        assert_eq!(image.unmounted_volumes(&[]), ["/cache", "/data", "/logs"]);
        let mounts = [at("/data"), at("/log")];
        assert_eq!(image.unmounted_volumes(&mounts), ["/cache", "/logs"]);
    }

    #[test]
    fn a_description_keeps_its_texts_and_loses_its_excess() {
        let image = ImageDescription {
            entrypoint: vec!["/bin/sh".to_owned(), "-c".to_owned(), "a\n\tb é".to_owned()],
            ..ImageDescription::default()
        };
        assert_eq!(image.clone().truncated(), image);

        let hostile = ImageDescription {
            command: vec!["x".repeat(100_000); 10_000],
            user: Some("a\u{1b}[2J".to_owned()),
            ..ImageDescription::default()
        };
        let truncated = hostile.truncated();
        assert_eq!(truncated.user.as_deref(), Some("a[2J…"));
        assert_eq!(truncated.command.len(), 50);
        assert!(truncated.command.iter().all(|text| text.len() < 1024));
    }
}
