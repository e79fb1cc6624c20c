//! Description of a runner's platform.

use models::runner::{PlatformSupport, RunnerInfo};

use super::runner_policy::listed;

/// Returns the platform with its version.
pub(super) fn name(about: &RunnerInfo) -> String {
    let kind = match about.kind.as_str() {
        "docker" => "Docker Engine",
        kind => kind,
    };
    format!("{kind} {}", about.platform_version)
}

/// Describes the platform, its version, and its test status with this runner.
pub(super) fn describe(about: &RunnerInfo) -> String {
    let api = about.platform_api.as_ref();
    let api = api.map(|api| format!(" (API {api})")).unwrap_or_default();
    let standing = about.platform_support().map(|standing| match standing {
        PlatformSupport::Tested => ", tested".to_owned(),
        PlatformSupport::Untested => {
            format!(", not tested: Berth was tested with {}", tested(about))
        }
        PlatformSupport::Newer => format!(
            ", newer than any version Berth was tested with: {}",
            tested(about)
        ),
    });
    format!("{}{api}{}", name(about), standing.unwrap_or_default())
}

fn tested(about: &RunnerInfo) -> String {
    listed(about.tested_platforms.iter(), "and")
}

#[cfg(test)]
mod tests {
    use models::runner::RunnerInfo;

    use super::describe;

    fn with(version: &str, tested: &[&str]) -> String {
        let about = serde_json::json!({
            "kind": "docker", "version": "0", "platform_version": version, "platform_api": "1.51",
            "tested_platforms": tested, "os": "linux", "arch": "x86_64", "host_name": "a",
            "cpus": 1, "memory_bytes": 1,
        });
        let about: RunnerInfo = serde_json::from_value(about).unwrap();
        describe(&about)
    }

    #[test]
    fn people_read_which_engine_it_is_and_whether_it_was_tested() {
        let tested = ["20.10", "26.1", "28.5"];
        for (version, words) in [
            ("28.5.2", "Docker Engine 28.5.2 (API 1.51), tested"),
            (
                "29.1.0",
                "Docker Engine 29.1.0 (API 1.51), newer than any version Berth was tested with: \
                 20.10, 26.1 and 28.5",
            ),
            (
                "27.0.1",
                "Docker Engine 27.0.1 (API 1.51), not tested: Berth was tested with 20.10, 26.1 and 28.5",
            ),
        ] {
            assert_eq!(with(version, &tested), words);
        }
        assert_eq!(with("28.5.2", &[]), "Docker Engine 28.5.2 (API 1.51)");
    }
}
