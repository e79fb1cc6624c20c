//! Resource usage of containers.

use bollard::{
    Docker,
    models::{ContainerBlkioStats, ContainerMemoryStats, ContainerStatsResponse},
    query_parameters::StatsOptionsBuilder,
};
use futures::{StreamExt, TryStreamExt, stream};
use runner_common::{InstanceKey, InstanceStats, Owner, RunnerError};

use crate::{error, instances::moment, lookup};

/// Concurrent requests for measurements: each keeps the engine busy for a moment.
const AT_ONCE: usize = 4;

/// Names of reclaimable page cache in versions 1 and 2 of control groups.
///
/// The engine's own `docker stats` subtracts it too.
const INACTIVE_FILE: [&str; 2] = ["total_inactive_file", "inactive_file"];

/// Measures those of the containers that run.
///
/// # Errors
/// When the engine does not answer.
pub(crate) async fn measure(
    docker: &Docker,
    owner: &Owner,
    instances: &[InstanceKey],
) -> Result<Vec<InstanceStats>, RunnerError> {
    let Some(runner_id) = instances.first().map(|key| key.runner_id) else {
        return Ok(Vec::new());
    };
    let containers = lookup::running(docker, owner, runner_id).await?;
    let there = instances
        .iter()
        .filter_map(|key| Some((*key, containers.get(key)?)));
    let asked: Vec<_> = there.map(|(key, id)| one(docker, key, id)).collect();
    let answers = stream::iter(asked).buffer_unordered(AT_ONCE);
    let measured: Vec<_> = answers.try_collect().await?;
    Ok(measured.into_iter().flatten().collect())
}

async fn one(
    docker: &Docker,
    key: InstanceKey,
    container: &str,
) -> Result<Option<InstanceStats>, RunnerError> {
    // Without `one_shot` the engine would wait a second for another reading.
    let options = StatsOptionsBuilder::default()
        .stream(false)
        .one_shot(true)
        .build();
    let mut answer = std::pin::pin!(docker.stats(container, Some(options)));
    match answer.try_next().await {
        Ok(stats) => Ok(stats.and_then(|stats| read(key, stats))),
        Err(error) if error::is_missing(&error) => Ok(None),
        Err(error) => Err(error::refused(error)),
    }
}

/// Reads the engine's response; `None` for a container that does not run.
///
/// For such a container the engine reports only zeros and its year 1.
fn read(key: InstanceKey, stats: ContainerStatsResponse) -> Option<InstanceStats> {
    let at = moment(stats.read.as_deref()?)?;
    let cpu = stats.cpu_stats.and_then(|cpu| cpu.cpu_usage);
    let networks = stats.networks.unwrap_or_default();
    let disks = stats.blkio_stats.unwrap_or_default();
    Some(InstanceStats {
        key,
        at,
        cpu_nanos: cpu.and_then(|cpu| cpu.total_usage)?,
        memory_bytes: memory(&stats.memory_stats.unwrap_or_default()),
        network_received_bytes: networks.values().filter_map(|one| one.rx_bytes).sum(),
        network_sent_bytes: networks.values().filter_map(|one| one.tx_bytes).sum(),
        disk_read_bytes: disk(&disks, "read"),
        disk_written_bytes: disk(&disks, "write"),
    })
}

fn memory(stats: &ContainerMemoryStats) -> u64 {
    let parts = stats.stats.as_ref();
    let files = INACTIVE_FILE
        .iter()
        .find_map(|name| parts?.get(*name).copied());
    let usage = stats.usage.unwrap_or(0);
    usage.saturating_sub(files.unwrap_or(0))
}

/// Returns the bytes of an operation.
///
/// Version 1 of control groups says `Read`, version 2 `read`.
fn disk(stats: &ContainerBlkioStats, operation: &str) -> u64 {
    let entries = stats.io_service_bytes_recursive.iter().flatten();
    entries
        .filter(|entry| {
            let name = entry.op.as_deref().unwrap_or_default();
            name.eq_ignore_ascii_case(operation)
        })
        .filter_map(|entry| entry.value)
        .sum()
}

#[cfg(test)]
mod tests {
    use bollard::models::ContainerStatsResponse;
    use models::{DeploymentId, InstanceId, ReleaseId, RunnerId};
    use runner_common::{InstanceKey, InstanceStats};
    use serde_json::{Value, json};
    use uuid::Uuid;

    fn read(answer: Value) -> Option<InstanceStats> {
        let id = Uuid::from_u128(1);
        let key = InstanceKey {
            runner_id: RunnerId::from_uuid(id),
            deployment_id: DeploymentId::from_uuid(id),
            release_id: ReleaseId::from_uuid(id),
            instance_id: InstanceId::from_uuid(id),
            attempt: None,
        };
        let answer: ContainerStatsResponse = serde_json::from_value(answer).unwrap();
        super::read(key, answer)
    }

    /// A response with memory and disks in the form of one version of control groups.
    fn answer(memory: &Value, disks: &Value) -> Value {
        json!({
            "read": "2026-03-01T10:00:00.000001999Z",
            "cpu_stats": {"cpu_usage": {"total_usage": 1_500_000_000_u64}},
            "memory_stats": memory,
            "networks": {
                "eth0": {"rx_bytes": 1_000, "tx_bytes": 200},
                "eth1": {"rx_bytes": 1, "tx_bytes": 2},
            },
            "blkio_stats": {"io_service_bytes_recursive": disks},
        })
    }

    #[test]
    fn both_versions_of_control_groups_are_understood() {
        let first = answer(
            &json!({"usage": 9_000, "stats": {"total_inactive_file": 4_000, "inactive_file": 1}}),
            &json!([
                {"major": 8, "minor": 0, "op": "Read", "value": 10},
                {"major": 8, "minor": 16, "op": "Read", "value": 1},
                {"major": 8, "minor": 0, "op": "Write", "value": 20},
                {"major": 8, "minor": 0, "op": "Total", "value": 31},
            ]),
        );
        let second = answer(
            &json!({"usage": 9_000, "stats": {"inactive_file": 4_000}}),
            &json!([
                {"major": 8, "minor": 0, "op": "read", "value": 11},
                {"major": 8, "minor": 0, "op": "write", "value": 20},
            ]),
        );
        for answer in [first, second] {
            let stats = read(answer).unwrap();
            assert_eq!(stats.at.to_string(), "2026-03-01T10:00:00.000001Z");
            assert_eq!(stats.cpu_nanos, 1_500_000_000);
            assert_eq!(stats.memory_bytes, 5_000);
            assert_eq!(stats.network_received_bytes, 1_001);
            assert_eq!(stats.network_sent_bytes, 202);
            assert_eq!((stats.disk_read_bytes, stats.disk_written_bytes), (11, 20));
        }
    }

    #[test]
    fn counters_that_the_engine_omits_are_zero() {
        let stats = read(answer(&json!({}), &json!(null))).unwrap();
        assert_eq!((stats.memory_bytes, stats.disk_read_bytes), (0, 0));
    }

    #[test]
    fn a_container_that_does_not_run_is_not_measured() {
        let ended = json!({
            "read": "0001-01-01T00:00:00Z",
            "cpu_stats": {"cpu_usage": {"total_usage": 0}},
            "memory_stats": {},
        });
        assert_eq!(read(ended), None);
    }
}
