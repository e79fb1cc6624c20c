//! One link, from the server's side.

use std::collections::HashMap;

use futures::{SinkExt, StreamExt};
use models::{
    DeploymentId, ReleaseId,
    deployment::{FailureCode, Instance, LastError, ReleasePhase},
    run::RunPhase,
    runner::{
        LogBatch, LogEntry, ReleaseReport, RunReport, RunnerFrame, ServerFrame, Workload,
        WorkloadObservation,
    },
};
use tokio::{net::TcpStream, time::timeout};
use tokio_tungstenite::{WebSocketStream, tungstenite::Message};

use super::{PATIENCE, server::receive};

/// A link that a runner opened.
#[derive(Debug)]
pub struct Link {
    socket: WebSocketStream<TcpStream>,
    /// The link's epoch.
    pub epoch: i64,
    /// True if lines are acknowledged.
    pub keeps_logs: bool,
    /// All received lines.
    pub lines: Vec<LogEntry>,
    /// Last observation of each deployment.
    seen: HashMap<DeploymentId, Vec<Instance>>,
    errors: HashMap<DeploymentId, LastError>,
    batch: u64,
}

impl Link {
    pub(super) fn new(socket: WebSocketStream<TcpStream>, epoch: i64) -> Self {
        Self {
            socket,
            epoch,
            keeps_logs: true,
            lines: Vec::new(),
            seen: HashMap::new(),
            errors: HashMap::new(),
            batch: 0,
        }
    }

    /// Sends a frame to the runner.
    pub async fn send(&mut self, frame: ServerFrame) {
        let text = serde_json::to_string(&frame).expect("frames are JSON");
        self.send_text(&text).await;
    }

    /// Sends text that need not be a frame.
    pub async fn send_text(&mut self, text: &str) {
        let sent = self.socket.send(Message::text(text)).await;
        sent.expect("the link holds");
    }

    /// Sends text and waits until the runner has hung up.
    ///
    /// The runner may do so before the end of the text.
    pub async fn is_closed(mut self, text: &str) {
        self.socket.send(Message::text(text)).await.ok();
        self.end().await;
    }

    /// Receives until the runner ends the link.
    pub async fn end(mut self) {
        let ended = async { while let Some(Ok(_)) = self.socket.next().await {} };
        timeout(PATIENCE, ended)
            .await
            .expect("the runner ends the link");
    }

    /// Sends the whole desired state.
    pub async fn set_desired(&mut self, workloads: &[Workload]) {
        let epoch = self.epoch;
        let workloads = workloads.to_vec();
        self.send(ServerFrame::DesiredState {
            epoch,
            workloads,
            more: false,
        })
        .await;
    }

    /// Sends a changed workload.
    pub async fn change(&mut self, workload: &Workload) {
        let epoch = self.epoch;
        let workload = Box::new(workload.clone());
        self.send(ServerFrame::WorkloadChanged { epoch, workload })
            .await;
    }

    /// Receives the next frame. Lines are recorded and acknowledged on the way.
    pub async fn recv(&mut self) -> RunnerFrame {
        let frame = receive(&mut self.socket).await;
        match &frame {
            RunnerFrame::Logs(batch) => self.record_lines(batch).await,
            RunnerFrame::Observed { workloads } => {
                self.seen.clear();
                self.errors.clear();
                for workload in workloads {
                    self.record(workload);
                }
            }
            RunnerFrame::ObservationChanged { workload } => self.record(workload),
            _ => {}
        }
        frame
    }

    fn record(&mut self, workload: &WorkloadObservation) {
        self.seen
            .insert(workload.deployment_id, workload.instances.clone());
        match &workload.error {
            Some(error) => self.errors.insert(workload.deployment_id, error.clone()),
            None => self.errors.remove(&workload.deployment_id),
        };
    }

    /// Receives until a deployment has this error, if it does not have it already.
    pub async fn error(&mut self, deployment: DeploymentId, code: FailureCode) -> LastError {
        let listening = async {
            loop {
                match self.errors.get(&deployment) {
                    Some(error) if error.failure.code == code => return error.clone(),
                    _ => self.recv().await,
                };
            }
        };
        let heard = timeout(PATIENCE, listening).await;
        heard.unwrap_or_else(|_| panic!("never heard {code}, but {:?}", self.errors))
    }

    /// Receives until a deployment has no error.
    pub async fn no_error(&mut self, deployment: DeploymentId) {
        let listening = async {
            while self.errors.contains_key(&deployment) {
                self.recv().await;
            }
        };
        let was_heard = timeout(PATIENCE, listening).await.is_ok();
        assert!(was_heard, "it is never over: {:?}", self.errors);
    }

    async fn record_lines(&mut self, batch: &LogBatch) {
        assert_eq!(batch.batch, self.batch + 1, "batches are counted from 1");
        assert!(!batch.lines.is_empty() && batch.lines.len() <= 500);
        self.batch = batch.batch;
        self.lines.extend_from_slice(&batch.lines);
        if self.keeps_logs {
            self.send(ServerFrame::LogsAcknowledged { batch: batch.batch })
                .await;
        }
    }

    /// Receives until a frame matches.
    pub async fn until<T>(
        &mut self,
        what: &str,
        mut heard: impl FnMut(&RunnerFrame) -> Option<T>,
    ) -> T {
        let mut last = None;
        let listening = async {
            loop {
                let frame = self.recv().await;
                if let Some(found) = heard(&frame) {
                    return found;
                }
                if !matches!(frame, RunnerFrame::Heartbeat | RunnerFrame::Logs(_)) {
                    last = Some(frame);
                }
            }
        };
        let heard = timeout(PATIENCE, listening).await;
        heard.unwrap_or_else(|_| panic!("never heard {what}, but last {last:?}"))
    }

    /// Receives every report of a release, up to the last possible one.
    pub async fn reports(&mut self, release: ReleaseId) -> Vec<ReleaseReport> {
        let mut reports = Vec::new();
        self.until("how the release ends", |frame| {
            if let RunnerFrame::Release(report) = frame
                && report.release_id == release
            {
                reports.push(report.clone());
                return report.phase.is_terminal().then_some(());
            }
            None
        })
        .await;
        reports
    }

    /// Receives every report of a run, up to one of this phase.
    pub async fn run_reports(&mut self, run: &Workload, phase: RunPhase) -> Vec<RunReport> {
        let run_id = run.run.map(|run| run.run_id);
        let mut reports: Vec<RunReport> = Vec::new();
        self.until("that phase of the run", |frame| {
            if let RunnerFrame::Run(report) = frame
                && Some(report.run_id) == run_id
            {
                reports.push(report.clone());
                assert!(
                    report.phase == phase || !report.phase.is_terminal(),
                    "{report:?}"
                );
                return (report.phase == phase).then_some(());
            }
            None
        })
        .await;
        reports
    }

    /// Receives until the release is live.
    pub async fn live(&mut self, release: ReleaseId) {
        let reports = self.reports(release).await;
        let last = reports.last().expect("there is a last report");
        assert_eq!(last.phase, ReleasePhase::Live, "{last:?}");
    }

    /// Returns the last observation of a deployment.
    pub fn observation(&self, deployment: DeploymentId) -> &[Instance] {
        self.seen.get(&deployment).map_or(&[], Vec::as_slice)
    }

    /// Receives until a deployment's instances match, if they do not already.
    pub async fn observed(
        &mut self,
        what: &str,
        deployment: DeploymentId,
        is: impl Fn(&[Instance]) -> bool,
    ) -> Vec<Instance> {
        let listening = async {
            while !is(self.observation(deployment)) {
                self.recv().await;
            }
        };
        let was_seen = timeout(PATIENCE, listening).await.is_ok();
        assert!(
            was_seen,
            "never saw {what}, but {:?}",
            self.observation(deployment)
        );
        self.observation(deployment).to_vec()
    }

    /// Breaks the link without a goodbye, as a pulled cable does.
    pub fn cut(self) -> Vec<LogEntry> {
        self.lines
    }
}
