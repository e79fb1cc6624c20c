//! Version of the engine's API.
//!
//! Every request names it, so that a newer engine answers like those that the runner was tested
//! with.

use bollard::{BollardRequest, ClientVersion, Docker, models::SystemVersion};
use http::{
    Uri,
    uri::{Parts, PathAndQuery},
};
use models::deployment::FailureCode;
use runner_common::RunnerError;

/// API version of Docker Engine 20.10, the oldest engine that is tested.
const OLDEST: ClientVersion = ClientVersion {
    major_version: 1,
    minor_version: 41,
};

/// API version of Docker Engine 28.5, the newest engine that is tested.
///
/// A newer engine supports it too.
pub(super) const NEWEST: ClientVersion = ClientVersion {
    major_version: 1,
    minor_version: 51,
};

/// Makes every request name the version that was negotiated.
///
/// # Errors
/// When the engine supports none of the runner's versions.
pub(super) fn negotiate(docker: Docker, about: &SystemVersion) -> Result<Docker, RunnerError> {
    let version = docker.client_version();
    let engine = about.version.as_deref().unwrap_or("of an unknown version");
    if version < OLDEST {
        return Err(RunnerError::platform(
            FailureCode::DockerTooOld,
            format!(
                "Docker Engine {engine} is too old: its API version is {version}, and {OLDEST} is \
                 needed. Upgrade Docker on the runner's host to 20.10 or later."
            ),
        ));
    }
    let least = about.min_api_version.as_deref().and_then(read);
    if least.as_ref().is_some_and(|least| *least > version) {
        return Err(RunnerError::platform(
            FailureCode::DockerTooNew,
            format!(
                "Docker Engine {engine} is too new: it no longer supports API version {version}, \
                 the latest that this runner supports. Upgrade the runner."
            ),
        ));
    }
    let prefix = path_prefix(&version);
    Ok(docker.with_request_modifier(move |request| with_version(&prefix, request)))
}

/// Returns the prefix of every path in this version.
pub(crate) fn path_prefix(version: &ClientVersion) -> String {
    format!("/v{version}")
}

fn read(version: &str) -> Option<ClientVersion> {
    let (major, minor) = version.split_once('.')?;
    Some(ClientVersion {
        major_version: major.parse().ok()?,
        minor_version: minor.parse().ok()?,
    })
}

/// Adds the version to a request: the client negotiates one but names none.
fn with_version(prefix: &str, mut request: BollardRequest) -> BollardRequest {
    if let Some(uri) = versioned(prefix, request.uri()) {
        *request.uri_mut() = uri;
    }
    request
}

fn versioned(prefix: &str, uri: &Uri) -> Option<Uri> {
    let path = uri.path_and_query()?.as_str();
    if path.starts_with("/v1.") {
        return None;
    }
    let mut parts: Parts = uri.clone().into_parts();
    parts.path_and_query = PathAndQuery::try_from(format!("{prefix}{path}")).ok();
    Uri::from_parts(parts).ok()
}

#[cfg(test)]
mod tests {
    use bollard::{Docker, models::SystemVersion};

    use super::{NEWEST, negotiate, versioned};

    fn engine(client: (usize, usize), least: &str) -> Result<Docker, String> {
        let version = bollard::ClientVersion {
            major_version: client.0,
            minor_version: client.1,
        };
        let docker = Docker::connect_with_unix("/dev/null", 1, &version).unwrap();
        let about = SystemVersion {
            version: Some("99.1".to_owned()),
            min_api_version: Some(least.to_owned()),
            ..SystemVersion::default()
        };
        negotiate(docker, &about).map_err(|error| error.to_string())
    }

    #[tokio::test]
    async fn an_engine_that_is_too_old_or_too_new_is_refused_with_advice() {
        let newest = (NEWEST.major_version, NEWEST.minor_version);
        assert!(engine((1, 41), "1.12").is_ok());
        assert!(engine(newest, "1.44").is_ok());
        let old = engine((1, 40), "1.12").unwrap_err();
        assert!(
            old.contains("99.1 is too old") && old.contains("1.41 is needed"),
            "{old}"
        );
        let new = engine(newest, "1.52").unwrap_err();
        assert!(
            new.contains("99.1 is too new") && new.contains("Upgrade the runner"),
            "{new}"
        );
    }

    #[test]
    fn a_path_gets_the_version_once() {
        let uri = "unix://2f72756e/containers/json?all=true".parse().unwrap();
        let with = versioned("/v1.41", &uri).unwrap();
        assert_eq!(
            with.to_string(),
            "unix://2f72756e/v1.41/containers/json?all=true"
        );
        assert_eq!(versioned("/v1.41", &with), None);
    }
}
