//! The containers of a runner.
//!
//! A list says which containers there are and which state they are in; when one was started and
//! how it ended takes a question for each. The answers are kept until the engine says that
//! something happened to the container.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use bollard::{
    Docker,
    models::{ContainerSummary, ContainerSummaryStateEnum, PortSummary},
    query_parameters::{InspectContainerOptions, ListContainersOptionsBuilder},
};
use models::{RunnerId, time::Timestamp};
use runner_common::{InstanceKey, PlatformInstance, PlatformState, RunnerError};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use crate::{error, labels};

/// What was learned of containers.
#[derive(Debug, Default)]
pub(crate) struct Known(Mutex<Inner>);

#[derive(Debug, Default)]
struct Inner {
    details: HashMap<String, Details>,
    /// Counts what was forgotten, so that an answer that was on its way meanwhile is not kept.
    forgotten: u64,
}

#[derive(Clone, Copy, Debug)]
struct Details {
    state: ContainerSummaryStateEnum,
    started_at: Option<Timestamp>,
    exit_code: i64,
}

impl Known {
    /// Something happened to this container.
    pub(crate) fn forget(&self, container: &str) {
        let mut inner = self.inner();
        inner.forgotten += 1;
        inner.details.remove(container);
    }

    /// Something may have happened to any of them.
    pub(crate) fn forget_all(&self) {
        let mut inner = self.inner();
        inner.forgotten += 1;
        inner.details.clear();
    }

    fn get(&self, container: &str, state: ContainerSummaryStateEnum) -> Option<Details> {
        let inner = self.inner();
        let details = inner.details.get(container);
        details.filter(|details| details.state == state).copied()
    }

    fn keep(&self, container: &str, details: Details, forgotten: u64) {
        let mut inner = self.inner();
        if inner.forgotten == forgotten {
            inner.details.insert(container.to_owned(), details);
        }
    }

    fn keep_only(&self, listed: &[ContainerSummary]) {
        let listed: Vec<_> = listed.iter().filter_map(|c| c.id.as_deref()).collect();
        self.inner()
            .details
            .retain(|id, _| listed.contains(&id.as_str()));
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Every container of the runner.
///
/// # Errors
/// When the engine does not answer.
pub(crate) async fn list(
    docker: &Docker,
    known: &Known,
    owner: RunnerId,
) -> Result<Vec<PlatformInstance>, RunnerError> {
    let forgotten = known.inner().forgotten;
    let filters = HashMap::from([("label", vec![format!("{}={owner}", labels::RUNNER)])]);
    let options = ListContainersOptionsBuilder::default()
        .all(true)
        .filters(&filters)
        .build();
    let listed = docker.list_containers(Some(options)).await;
    let listed = listed.map_err(error::silent)?;
    known.keep_only(&listed);
    let mut instances = Vec::with_capacity(listed.len());
    for container in listed {
        if let Some(key) = container.labels.as_ref().and_then(labels::read) {
            instances.extend(instance(docker, known, forgotten, key, container).await?);
        }
    }
    Ok(instances)
}

async fn instance(
    docker: &Docker,
    known: &Known,
    forgotten: u64,
    key: InstanceKey,
    container: ContainerSummary,
) -> Result<Option<PlatformInstance>, RunnerError> {
    let Some(id) = container.id else {
        return Ok(None);
    };
    let listed = container.state.unwrap_or(ContainerSummaryStateEnum::EMPTY);
    let details = match known.get(&id, listed) {
        Some(details) => details,
        None => match inspect(docker, &id, listed).await? {
            Some(details) => {
                known.keep(&id, details, forgotten);
                details
            }
            // It went away between the two questions.
            None => return Ok(None),
        },
    };
    let unhealthy = container
        .status
        .is_some_and(|status| status.contains("(unhealthy)"));
    Ok(Some(PlatformInstance {
        key,
        state: state(listed, unhealthy, details.exit_code),
        url: container.ports.as_deref().and_then(url),
        started_at: details.started_at,
    }))
}

async fn inspect(
    docker: &Docker,
    id: &str,
    listed: ContainerSummaryStateEnum,
) -> Result<Option<Details>, RunnerError> {
    let found = match docker
        .inspect_container(id, None::<InspectContainerOptions>)
        .await
    {
        Ok(found) => found,
        Err(error) if error::is_missing(&error) => return Ok(None),
        Err(error) => return Err(error::silent(error)),
    };
    let state = found.state.unwrap_or_default();
    Ok(Some(Details {
        state: listed,
        started_at: state.started_at.as_deref().and_then(moment),
        exit_code: state.exit_code.unwrap_or(0),
    }))
}

const fn state(
    listed: ContainerSummaryStateEnum,
    unhealthy: bool,
    exit_code: i64,
) -> PlatformState {
    use ContainerSummaryStateEnum as Listed;
    match listed {
        Listed::CREATED | Listed::EMPTY => PlatformState::Created,
        Listed::RUNNING if unhealthy => PlatformState::Unhealthy,
        Listed::RUNNING | Listed::RESTARTING => PlatformState::Running,
        // Somebody froze it: it is there and answers nothing.
        Listed::PAUSED => PlatformState::Unhealthy,
        Listed::REMOVING | Listed::STOPPING => PlatformState::Stopping,
        Listed::EXITED | Listed::DEAD => PlatformState::Exited { code: exit_code },
    }
}

/// Where a container's port is published, as seen from this machine.
fn url(ports: &[PortSummary]) -> Option<String> {
    let (ip, port) = ports
        .iter()
        .find_map(|port| Some((port.ip.as_deref()?, port.public_port?)))?;
    Some(match ip {
        "0.0.0.0" | "" => format!("http://127.0.0.1:{port}"),
        "::" => format!("http://[::1]:{port}"),
        ip if ip.contains(':') => format!("http://[{ip}]:{port}"),
        ip => format!("http://{ip}:{port}"),
    })
}

/// A moment as the engine writes it; none for its year 1, which stands for «never».
pub(crate) fn moment(text: &str) -> Option<Timestamp> {
    let moment = OffsetDateTime::parse(text, &Rfc3339).ok()?;
    let micros = i64::try_from(moment.unix_timestamp_nanos() / 1_000).ok()?;
    (micros > 0).then(|| Timestamp::from_micros(micros))
}

#[cfg(test)]
mod tests {
    use bollard::models::PortSummary;
    use models::time::Timestamp;

    use super::{moment, url};

    fn published(ip: &str) -> PortSummary {
        PortSummary {
            ip: Some(ip.to_owned()),
            private_port: 8080,
            public_port: Some(40_000),
            typ: None,
        }
    }

    #[test]
    fn a_published_port_is_where_this_machine_reaches_it() {
        let hidden = PortSummary {
            private_port: 9090,
            ..PortSummary::default()
        };
        assert_eq!(url(&[]), None);
        assert_eq!(url(std::slice::from_ref(&hidden)), None);
        for (ip, expected) in [
            ("127.0.0.1", "http://127.0.0.1:40000"),
            ("0.0.0.0", "http://127.0.0.1:40000"),
            ("192.0.2.7", "http://192.0.2.7:40000"),
            ("::", "http://[::1]:40000"),
        ] {
            assert_eq!(
                url(&[hidden.clone(), published(ip)]).as_deref(),
                Some(expected)
            );
        }
    }

    #[test]
    fn the_engines_moments_are_read_and_its_never_is_none() {
        assert_eq!(
            moment("2023-11-14T22:13:20.000001999Z"),
            Some(Timestamp::from_micros(1_700_000_000_000_001))
        );
        assert_eq!(moment("0001-01-01T00:00:00Z"), None);
        assert_eq!(moment("yesterday"), None);
    }
}
