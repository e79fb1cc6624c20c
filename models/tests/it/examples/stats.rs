//! Resource usage of instances.

use insta::assert_snapshot;
use models::{
    InstanceId, ReleaseId,
    api::workspace::{
        ListTrends, ListTrendsPath, ListTrendsResponse,
        deployment::{GetStats, GetStatsPath, GetStatsQuery, GetStatsResponse},
    },
    deployment::{
        DeploymentTrend, ReleaseMarker, ScalingChange, StatsPoint, StatsSeries, TrendPoint, Usage,
    },
    endpoint::Empty,
};

use super::{at, deployment_id, id, workspace_id};
use crate::exchange::exchange;

#[test]
fn of_a_deployment() {
    let path = GetStatsPath {
        workspace_id: workspace_id(),
        deployment_id: deployment_id(),
    };
    let query = GetStatsQuery {
        from: Some(at(0)),
        to: None,
    };
    let average = Usage {
        cpu_millis: 250,
        memory_bytes: 67_108_864,
        network_received_bytes_per_second: 1_000,
        network_sent_bytes_per_second: 2_000,
        disk_read_bytes_per_second: 3_000,
        disk_written_bytes_per_second: 4_000,
    };
    let response = GetStatsResponse {
        from: at(0),
        to: at(60),
        resolution_ms: 15_000,
        series: vec![StatsSeries {
            instance_id: id::<InstanceId>(5),
            release_number: Some(3),
            points: vec![StatsPoint {
                at: at(15),
                average,
                maximum: average.map(|number| 2 * number),
            }],
        }],
        releases: vec![ReleaseMarker {
            release_id: id::<ReleaseId>(4),
            number: 3,
            at: at(10),
        }],
        scaling: vec![ScalingChange {
            at: at(30),
            from: 2,
            to: 1,
            cpu_percent: 12,
            cpu_target_percent: 80,
            measured_ms: 60_000,
        }],
    };
    let call = exchange::<GetStats>(path, query, Empty {}, response);
    assert_snapshot!(call);
}

#[test]
fn of_a_workspace_in_outline() {
    let path = ListTrendsPath {
        workspace_id: workspace_id(),
    };
    let response = ListTrendsResponse {
        from: at(0),
        to: at(10_800),
        resolution_ms: 300_000,
        deployments: vec![DeploymentTrend {
            deployment_id: deployment_id(),
            points: vec![TrendPoint {
                at: at(300),
                cpu_millis: 12,
                memory_bytes: 3 << 20,
            }],
        }],
    };
    let call = exchange::<ListTrends>(path, Empty {}, Empty {}, response);
    assert_snapshot!(call);
}
