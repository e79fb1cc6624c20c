//! A deployment with a log.

use std::{collections::BTreeSet, time::Duration};

use api::{clock::Clock, services, store};
use models::{
    DeploymentId, InstanceId, RunnerId, WorkspaceId,
    api::workspace::deployment::{ListLogLinesQuery, ListLogLinesResponse},
    deployment::{LogLine, LogStream},
    runner::{LogBatch, LogEntry},
    time::Timestamp,
};
use serde_json::json;
use uuid::Uuid;

use crate::{Backing, Client, TestServer};

/// The time of the first line.
pub const BEGIN: i64 = 1_790_000_000_000_000;

pub struct Fixture {
    pub server: TestServer,
    pub owner: Client,
    pub workspace_id: WorkspaceId,
    pub runner_id: RunnerId,
    pub deployment_id: DeploymentId,
}

impl Fixture {
    pub async fn new(db: impl Into<Backing>) -> Self {
        Self::on(TestServer::new(db)).await
    }

    pub async fn with_clock(db: impl Into<Backing>, clock: &Clock) -> Self {
        Self::on(TestServer::with_clock(db, clock)).await
    }

    pub async fn on(server: TestServer) -> Self {
        let (mut owner, workspace_id) = server.set_up().await;
        let runners = format!("/workspace/{workspace_id}/runner");
        let runner = owner.post(&runners, &json!({"name": "first"})).await.body;
        let runner_id = runner["runner"]["runner_id"].clone();
        let deployments = format!("/workspace/{workspace_id}/deployment");
        let request = json!({"name": "app", "runner_id": runner_id, "spec": {"image": "app:1"}});
        let deployment = owner.post(&deployments, &request).await.body;
        let deployment_id = &deployment["deployment"]["deployment_id"];
        Self {
            server,
            owner,
            workspace_id,
            runner_id: serde_json::from_value(runner_id).unwrap(),
            deployment_id: serde_json::from_value(deployment_id.clone()).unwrap(),
        }
    }

    pub async fn append(&self, lines: &[LogEntry]) {
        let batch = LogBatch {
            batch: 1,
            deployment_id: self.deployment_id,
            lines: lines.to_vec(),
        };
        services::log::append(&self.server.app, self.runner_id, batch)
            .await
            .unwrap();
    }

    pub async fn compact(&self) {
        services::log::compact(&self.server.app, self.deployment_id)
            .await
            .unwrap();
    }

    pub async fn list(&self, query: &ListLogLinesQuery) -> ListLogLinesResponse {
        let (workspace_id, deployment_id) = (self.workspace_id, self.deployment_id);
        services::log::list(&self.server.app, workspace_id, deployment_id, query)
            .await
            .unwrap()
    }

    /// Reads all lines that a query finds, from the newest back.
    pub async fn backward(&self, query: &ListLogLinesQuery) -> Vec<LogLine> {
        let mut query = query.clone();
        let mut pages = Vec::new();
        loop {
            let page = self.list(&query).await;
            pages.push(page.lines);
            match page.older {
                Some(older) => query.before = Some(older),
                None => break,
            }
        }
        pages.into_iter().rev().flatten().collect()
    }

    /// Reads all lines that a query finds, from the oldest on.
    pub async fn forward(&self, query: &ListLogLinesQuery) -> Vec<LogLine> {
        let mut query = query.clone();
        query.after = Some(-1);
        let mut lines = Vec::new();
        loop {
            let page = self.list(&query).await;
            lines.extend(page.lines);
            match page.newer {
                Some(newer) => query.after = Some(newer),
                None => return lines,
            }
        }
    }

    /// Counts the segments.
    pub async fn segments(&self) -> usize {
        let (db, id) = (&self.server.app.db, self.deployment_id);
        let log = store::deployment_log::find(db, id).await.unwrap().unwrap();
        let all = store::log_segment::oldest(db, &log, 1_000_000);
        all.await.unwrap().len()
    }

    /// Checks that the summary of the log matches its segments.
    pub async fn assert_consistent(&self) {
        let (db, id) = (&self.server.app.db, self.deployment_id);
        let log = store::deployment_log::find(db, id).await.unwrap().unwrap();
        let all = store::log_segment::oldest(db, &log, 1_000_000)
            .await
            .unwrap();
        let open: Vec<_> = all
            .iter()
            .filter(|segment| segment.first_position > log.closed_to)
            .collect();
        let stored: i64 = all.iter().map(|segment| segment.stored_bytes).sum();
        let open_bytes: i64 = open.iter().map(|segment| segment.raw_bytes).sum();
        assert_eq!(log.stored_bytes, stored);
        assert_eq!(log.open_bytes, open_bytes);
        assert_eq!(usize::try_from(log.open_segments).unwrap(), open.len());
        for two in all.windows(2) {
            assert!(two[0].last_position < two[1].first_position, "{two:?}");
        }
    }
}

/// A query for all lines, in pages of this size.
pub fn pages_of(limit: u16) -> ListLogLinesQuery {
    ListLogLinesQuery {
        before: None,
        after: None,
        from: None,
        to: None,
        instance_id: None,
        stream: None,
        search: None,
        limit: Some(limit),
    }
}

pub fn instance(number: u128) -> InstanceId {
    InstanceId::from_uuid(Uuid::from_u128(number))
}

/// The nth line of an instance.
pub fn line(of: u128, number: i64, text: impl Into<String>) -> LogEntry {
    LogEntry {
        instance_id: instance(of),
        at: Timestamp::from_micros(BEGIN + number),
        ordinal: 0,
        stream: if number % 3 == 0 {
            LogStream::Stderr
        } else {
            LogStream::Stdout
        },
        text: text.into(),
        is_cut: false,
    }
}

/// Lines of an instance that look like those of an ordinary app.
pub fn lines(of: u128, numbers: std::ops::Range<i64>) -> Vec<LogEntry> {
    let lines = numbers.map(|number| line(of, number, ordinary(number)));
    lines.collect()
}

/// A line like those of a web server, different each time.
pub fn ordinary(number: i64) -> String {
    let mixed = number.wrapping_mul(0x5851_F42D_4C95_7F2D).rotate_left(17);
    format!(
        "level=info method=GET path=/orders/{} status=200 duration_us={} request={:016x}",
        mixed.rem_euclid(100_000),
        mixed.rem_euclid(9_973),
        mixed
    )
}

pub fn texts(lines: &[LogLine]) -> Vec<&str> {
    lines.iter().map(|line| line.text.as_str()).collect()
}

/// Checks that each line appears once, in the order of positions.
pub fn assert_in_order(lines: &[LogLine]) {
    let positions: BTreeSet<i64> = lines.iter().map(|line| line.position).collect();
    assert_eq!(positions.len(), lines.len(), "a line is there twice");
    assert!(lines.is_sorted_by_key(|line| line.position));
}

pub const DAY: Duration = Duration::from_hours(24);
