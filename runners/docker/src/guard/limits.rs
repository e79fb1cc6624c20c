//! Limits on the host's resources, over all containers of a release.
//!
//! The loop checks the specification of a release; this checks the container's actual values,
//! when it is created and whenever it is started again.

use std::collections::HashMap;

use bollard::{
    Docker,
    models::HostConfig,
    query_parameters::{InspectContainerOptions, ListContainersOptionsBuilder},
};
use models::runner::HostPolicy;
use runner_common::{InstanceKey, Owner, RunnerError, refused};

use crate::{error, instances, labels};

const NANOS_PER_MILLI: i64 = 1_000_000;

/// Checks a container that is about to be created or started.
///
/// # Errors
/// A refusal that names the first limit that it exceeds; else when the engine does not answer.
pub(crate) async fn check(
    docker: &Docker,
    owner: &Owner,
    policy: &HostPolicy,
    key: &InstanceKey,
    host: Option<&HostConfig>,
) -> Result<(), RunnerError> {
    if is_open(policy) {
        return Ok(());
    }
    let others = running_beside(docker, owner, key).await?;
    check_share(policy, host, others + 1)
}

/// Checks an existing container that is about to be started.
///
/// # Errors
/// As [`check`].
pub(crate) async fn check_present(
    docker: &Docker,
    owner: &Owner,
    policy: &HostPolicy,
    (key, container): (&InstanceKey, &str),
) -> Result<(), RunnerError> {
    if is_open(policy) {
        return Ok(());
    }
    let found = docker.inspect_container(container, None::<InspectContainerOptions>);
    let found = found.await.map_err(error::refused)?;
    check(docker, owner, policy, key, found.host_config.as_ref()).await
}

const fn is_open(policy: &HostPolicy) -> bool {
    policy.max_instances.is_none()
        && policy.max_cpu_millis.is_none()
        && policy.max_memory_mib.is_none()
}

/// Counts the other running containers of the same release.
async fn running_beside(
    docker: &Docker,
    owner: &Owner,
    key: &InstanceKey,
) -> Result<i64, RunnerError> {
    let filters = HashMap::from([
        ("label", labels::of_release(key)),
        ("status", vec!["running".to_owned()]),
    ]);
    let options = ListContainersOptionsBuilder::default()
        .filters(&filters)
        .build();
    let listed = docker.list_containers(Some(options)).await;
    let listed = listed.map_err(error::silent)?;
    let found = listed
        .iter()
        .filter_map(|container| instances::key(owner, container));
    let others = found.filter(|other| other != key && other.workload_id() == key.workload_id());
    Ok(i64::try_from(others.count()).unwrap_or(i64::MAX - 1))
}

/// Checks that `containers` with this share stay within the limits.
///
/// All containers of one release have the same share.
fn check_share(
    policy: &HostPolicy,
    host: Option<&HostConfig>,
    containers: i64,
) -> Result<(), RunnerError> {
    // The engine writes "unlimited" as zero.
    let share = |amount: Option<i64>| amount.filter(|amount| *amount > 0);
    let memory = share(host.and_then(|host| host.memory));
    let nano_cpus = share(host.and_then(|host| host.nano_cpus));
    for (key, limit, each) in [
        (
            "max_instances",
            policy.max_instances.map(i64::from),
            Some(1),
        ),
        (
            "max_cpu_millis",
            policy
                .max_cpu_millis
                .map(|most| i64::from(most) * NANOS_PER_MILLI),
            nano_cpus,
        ),
        (
            "max_memory_mib",
            policy.max_memory_mib.map(|most| i64::from(most) << 20),
            memory,
        ),
    ] {
        let Some(limit) = limit else { continue };
        if each.is_none_or(|each| each.saturating_mul(containers) > limit) {
            return Err(refused(format!(
                "with this container, the app would exceed {key} in the policy file. Deploy with \
                 lower limits. The host's owner can raise {key}."
            )));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use bollard::models::HostConfig;
    use models::runner::HostPolicy;

    use super::check_share;

    fn refusal(policy: &HostPolicy, memory: i64, nano_cpus: i64, containers: i64) -> String {
        let host = HostConfig {
            memory: Some(memory),
            nano_cpus: Some(nano_cpus),
            ..HostConfig::default()
        };
        let checked = check_share(policy, Some(&host), containers);
        checked
            .err()
            .map_or_else(String::new, |error| error.message)
    }

    #[test]
    fn actual_limits_count_and_an_unlimited_container_exceeds_every_maximum() {
        let policy = HostPolicy {
            max_instances: Some(3),
            max_cpu_millis: Some(1_500),
            max_memory_mib: Some(300),
            ..HostPolicy::default()
        };
        let (mib, milli) = (1 << 20, 1_000_000);
        assert_eq!(refusal(&policy, 100 * mib, 500 * milli, 3), "");
        for (memory, nano_cpus, containers, named) in [
            (10 * mib, 10 * milli, 4, "max_instances"),
            (100 * mib + 1, 500 * milli, 3, "max_memory_mib"),
            (0, 500 * milli, 1, "max_memory_mib"),
            (100 * mib, 500 * milli + 1, 3, "max_cpu_millis"),
            (100 * mib, 0, 1, "max_cpu_millis"),
            (i64::MAX, milli, 2, "max_memory_mib"),
        ] {
            let message = refusal(&policy, memory, nano_cpus, containers);
            assert!(message.contains(named), "{named}: {message:?}");
        }
        assert!(
            check_share(&policy, None, 1).is_err(),
            "nothing is known of it"
        );
        assert!(check_share(&HostPolicy::default(), None, 1_000).is_ok());
    }
}
