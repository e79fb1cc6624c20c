//! Names and paths that people type.

use models::value::{
    Argument, ContainerPath, EnvironmentName, ImageReference, RegistryHost, ResourceName, UrlPath,
    trim,
};

use super::{Target, text};

pub(super) const IMAGES: Target = Target {
    name: "images",
    about: "image and registry names",
    seeds: &[
        "nginx",
        "nginx:1.27-alpine",
        "library/nginx",
        "ghcr.io/team/app:v1",
        "localhost:5000/a/b",
        "127.0.0.1:5000/team/app:2",
        "index.docker.io/a",
        "GHCR.io/a",
        "[fd00::1]:5000/a",
        "LOCALDOMAIN/a",
        "a..b/c",
        " app:1\n",
        "app@sha256:0000000000000000000000000000000000000000000000000000000000000000",
        "a:1@sha256:00000000000000000000000000000000000000000000000000000000000000ff",
    ],
    check: |input| {
        let text = trim::trim(text(input).into_owned());
        if let Ok(image) = ImageReference::new(text.as_str()) {
            let plain = text
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"._-/:@[]".contains(&b));
            assert!(
                plain && !text.starts_with(['-', '/', '.']),
                "{text:?} was taken"
            );
            assert!(!text.contains("/../"), "{text:?} was taken");
            let host = image.registry();
            assert!(
                RegistryHost::new(host.as_str()).is_ok(),
                "{text:?} comes from {host}"
            );
            assert!(
                text.starts_with(image.repository()),
                "{text:?} is {}",
                image.repository()
            );
            if let Some(digest) = image.digest() {
                let is_known = [64, 96, 128].contains(&digest.digits().len());
                assert!(is_known, "{text:?} is {digest}");
            }
        }
        if let Ok(host) = RegistryHost::new(text.as_str()) {
            assert!(
                !host.as_str().contains(['/', '@', ' ', '\\']),
                "{text:?} was taken"
            );
            assert_eq!(
                RegistryHost::new(host.as_str()).ok(),
                Some(host),
                "{text:?} changes"
            );
        }
    },
};

pub(super) const NAMES: Target = Target {
    name: "names",
    about: "resource names, variable names and command arguments",
    seeds: &[
        "A",
        "_a1",
        "DATABASE_URL",
        "discovery.type",
        "my-app-2",
        "a",
        "--privileged",
        "$(id)",
        "a b",
    ],
    check: |input| {
        let typed = text(input);
        let text = trim::trim(typed.clone().into_owned());
        if EnvironmentName::new(text.as_str()).is_ok() {
            let plain = text
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"_-.".contains(&b));
            let begins = text.starts_with(|c: char| c.is_ascii_digit()) || text.starts_with("..");
            assert!(plain && !begins, "{text:?} was taken");
        }
        if ResourceName::new(text.as_str()).is_ok() {
            let plain = text
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
            assert!(
                plain && text.len() <= 63 && !text.starts_with('-'),
                "{text:?} was taken"
            );
        }
        if Argument::new(typed.as_ref()).is_ok() {
            assert!(!typed.contains('\0'), "{typed:?} was taken");
        }
    },
};

pub(super) const PATHS: Target = Target {
    name: "paths",
    about: "container paths and URL paths",
    seeds: &[
        "/",
        "/etc/app.toml",
        "/a b/$(id)",
        "/..a/.b",
        "/a/../b",
        "/proc/1",
        "/sbin/init",
        "/etc/resolv.conf",
        "/usr/share/nginx/html",
        "/healthz?full=1",
        "//a",
    ],
    check: |input| {
        let text = trim::trim(text(input).into_owned());
        if let Ok(path) = ContainerPath::new(text.as_str())
            && path.is_for_files().is_ok()
        {
            leads_nowhere_else(&text);
            let first = text.split('/').nth(1).unwrap_or_default();
            let is_systems = ["bin", "boot", "dev", "lib", "lib64", "proc", "sbin", "sys"];
            assert!(!is_systems.contains(&first), "{text:?} is the system's");
        }
        if UrlPath::new(text.as_str()).is_ok() {
            assert!(
                text.starts_with('/') && text.bytes().all(|b| b.is_ascii_graphic()),
                "{text:?} was taken"
            );
        }
    },
};

/// Asserts that a path below one of our folders stays inside it.
pub(super) fn leads_nowhere_else(path: &str) {
    let below = path.strip_prefix('/').unwrap_or_default();
    let parts: Vec<&str> = below.split('/').collect();
    let stays = parts.iter().all(|part| !matches!(*part, "" | "." | ".."));
    assert!(
        stays && !path.contains(char::is_control),
        "{path:?} was taken"
    );
}
