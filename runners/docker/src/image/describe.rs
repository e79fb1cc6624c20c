//! Facts of an image, read from the engine's response.

use bollard::models::{HealthConfig, ImageInspect};
use models::{
    deployment::{ImageDescription, ImageHealthCheck, ImagePlatform},
    time::Timestamp,
};

use crate::instances::moment;

const NANOS_PER_MILLI: i64 = 1_000_000;

/// Returns the facts of an image.
///
/// Empty texts stand for absent ones, as in the OCI image specification.
pub(crate) fn describe(found: &ImageInspect) -> ImageDescription {
    let config = found.config.clone().unwrap_or_default();
    ImageDescription {
        entrypoint: config.entrypoint.unwrap_or_default(),
        command: config.cmd.unwrap_or_default(),
        user: present(config.user),
        working_directory: present(config.working_dir),
        stop_signal: present(config.stop_signal),
        health_check: config.healthcheck.and_then(health_check),
        volumes: sorted(config.volumes),
        exposed_ports: sorted(config.exposed_ports),
        platform: ImagePlatform {
            os: found.os.clone().unwrap_or_default(),
            architecture: found.architecture.clone().unwrap_or_default(),
            variant: present(found.variant.clone()),
        },
    }
}

/// Returns the build time of the image.
pub(crate) fn created_at(found: &ImageInspect) -> Option<Timestamp> {
    moment(found.created.as_deref()?)
}

fn present(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.is_empty())
}

/// Sorts texts that the engine keeps in a map, which has no order.
fn sorted(texts: Option<Vec<String>>) -> Vec<String> {
    let mut texts = texts.unwrap_or_default();
    texts.sort();
    texts
}

/// Converts the health check; `NONE` turns off the check of a base image.
fn health_check(config: HealthConfig) -> Option<ImageHealthCheck> {
    let test = config.test.unwrap_or_default();
    let is_on = test.first().is_some_and(|kind| kind != "NONE");
    is_on.then(|| ImageHealthCheck {
        test,
        interval_ms: millis(config.interval),
        timeout_ms: millis(config.timeout),
        start_period_ms: millis(config.start_period),
        retries: u32::try_from(config.retries.unwrap_or(0)).unwrap_or(0),
    })
}

/// Rounds up, so that a time that is set never becomes 0, which stands for unset.
fn millis(nanos: Option<i64>) -> u64 {
    let nanos = u64::try_from(nanos.unwrap_or(0)).unwrap_or(0);
    nanos.div_ceil(NANOS_PER_MILLI.unsigned_abs())
}

#[cfg(test)]
mod tests {
    use bollard::models::ImageInspect;
    use serde_json::json;

    use super::describe;

    #[test]
    fn an_image_is_described_by_its_configuration() {
        let found: ImageInspect = serde_json::from_value(json!({
            "Os": "linux", "Architecture": "arm", "Variant": "v7",
            "Config": {
                "Entrypoint": ["/entry.sh"], "Cmd": ["serve", "--port=80"], "User": "app:app",
                "WorkingDir": "/srv", "StopSignal": "SIGQUIT",
                "Healthcheck": {
                    "Test": ["CMD-SHELL", "curl -f localhost"], "Interval": 30_000_000_000_i64,
                    "Timeout": 1, "StartPeriod": 5_000_000_000_i64, "Retries": 3,
                },
                "Volumes": {"/data": {}, "/cache": {}},
                "ExposedPorts": {"8080/tcp": {}, "53/udp": {}},
            },
        }))
        .unwrap();
        insta::assert_json_snapshot!(describe(&found));
    }

    #[test]
    fn fields_that_an_image_omits_are_absent() {
        let found: ImageInspect = serde_json::from_value(json!({
            "Os": "linux", "Architecture": "amd64",
            "Config": {
                "Entrypoint": null, "Cmd": null, "User": "", "WorkingDir": "", "Volumes": null,
                "Healthcheck": {"Test": ["NONE"]},
            },
        }))
        .unwrap();
        let json = serde_json::to_value(describe(&found)).unwrap();
        assert_eq!(
            json,
            json!({"platform": {"os": "linux", "architecture": "amd64"}})
        );
    }
}
