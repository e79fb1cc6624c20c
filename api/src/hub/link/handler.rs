//! A link's reports and desired state: everything that needs the database.

use std::time::Duration;

use models::{
    DeploymentId, RunId, RunnerId,
    runner::{
        MAX_REMOVALS_PER_FRAME, MAX_RETAINED_IMAGES, MAX_SERVER_FRAME_BYTES, RunnerFrame,
        ServerFrame, StatsSample, Workload,
    },
};
use tokio::time::{MissedTickBehavior, interval};

use super::transport::Queues;
use crate::{
    app::App,
    bus::{Event, Subscription},
    error::AppError,
    services::{self, stats::Ingester},
    store::observation::Reporter,
};

/// The size of one part of the desired state.
///
/// A runner must not be silent for long while it processes a part.
const PART_BYTES: usize = MAX_SERVER_FRAME_BYTES / 16;

/// The interval at which a runner is sent the images to keep, from its link on.
const IMAGES_EVERY: Duration = Duration::from_hours(1);

/// Handles one report after the other, and tells the runner what it must do.
pub(super) struct Handler {
    app: App,
    runner_id: RunnerId,
    epoch: i64,
    queues: Queues,
    events: Subscription,
    /// True if the runner supports runs; another would take one for its deployment.
    has_runs: bool,
    ingester: Ingester,
}

impl Handler {
    pub(super) fn new(
        app: App,
        runner_id: RunnerId,
        epoch: i64,
        queues: Queues,
        events: Subscription,
        has_runs: bool,
    ) -> Self {
        Self {
            app,
            runner_id,
            epoch,
            queues,
            events,
            has_runs,
            ingester: Ingester::default(),
        }
    }

    /// Runs until the transport has ended and its last report is handled.
    ///
    /// # Errors
    /// When a report cannot be handled, or the desired state cannot be read.
    pub(super) async fn run(mut self) -> Result<(), AppError> {
        // Boxed, because its large state must not count for each of thousands of idle links.
        Box::pin(self.send_full_state()).await?;
        self.send_removals().await?;
        let mut images = interval(IMAGES_EVERY);
        images.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                report = self.queues.reports.recv() => match report {
                    Some(report) => Box::pin(self.handle(*report.frame)).await?,
                    None => return Ok(()),
                },
                _ = images.tick() => self.send_retained_images().await?,
                event = self.events.next() => match event {
                    Event::DesiredChanged { deployment_id: Some(of), run_id: Some(run_id), .. } => {
                        Box::pin(self.send_run(of, run_id)).await?;
                    }
                    Event::DesiredChanged { deployment_id: Some(deployment_id), .. } => {
                        Box::pin(self.send_workload(deployment_id)).await?;
                    }
                    Event::DesiredChanged { deployment_id: None, .. } => {
                        Box::pin(self.send_full_state()).await?;
                    }
                    Event::VolumesToRemove { .. } => self.send_removals().await?,
                    Event::Resync => {
                        Box::pin(self.send_full_state()).await?;
                        self.send_removals().await?;
                    }
                    _ => {}
                },
            }
        }
    }

    async fn send(&self, frame: ServerFrame) {
        // The end of the transport ends this, too.
        self.queues.state.send(Box::new(frame)).await.ok();
    }

    async fn send_full_state(&mut self) -> Result<(), AppError> {
        let mut workloads = services::workload::of_runner(&self.app, self.runner_id).await?;
        if !self.has_runs {
            workloads.retain(|workload| workload.run.is_none());
        }
        let mut parts = parts(workloads, PART_BYTES).into_iter().peekable();
        while let Some(workloads) = parts.next() {
            let frame = ServerFrame::DesiredState {
                epoch: self.epoch,
                workloads,
                more: parts.peek().is_some(),
            };
            self.send(frame).await;
        }
        Ok(())
    }

    /// Sends the images that a release may be rolled back to.
    ///
    /// The runner can then remove others.
    async fn send_retained_images(&mut self) -> Result<(), AppError> {
        let digests = services::release::images_to_keep(&self.app, self.runner_id).await?;
        // A truncated list would have the runner remove images that it must keep.
        if digests.len() <= MAX_RETAINED_IMAGES {
            let epoch = self.epoch;
            let frame = ServerFrame::RetainImages { epoch, digests };
            self.send(frame).await;
        }
        Ok(())
    }

    async fn send_workload(&mut self, deployment_id: DeploymentId) -> Result<(), AppError> {
        let found =
            services::workload::one_of_runner(&self.app, self.runner_id, deployment_id).await?;
        let Some(workload) = found else {
            // A deleted deployment is reported by its absence from a resync.
            return self.send_full_state().await;
        };
        let frame = ServerFrame::WorkloadChanged {
            epoch: self.epoch,
            workload: Box::new(workload),
        };
        self.send(frame).await;
        Ok(())
    }

    async fn send_run(
        &mut self,
        deployment_id: DeploymentId,
        run_id: RunId,
    ) -> Result<(), AppError> {
        if !self.has_runs {
            return Ok(());
        }
        let (app, runner_id) = (&self.app, self.runner_id);
        let workload = services::run::workload(app, runner_id, deployment_id, run_id).await?;
        let frame = ServerFrame::WorkloadChanged {
            epoch: self.epoch,
            workload: Box::new(workload),
        };
        self.send(frame).await;
        Ok(())
    }

    /// Requests the removal of every due volume, again for those requested before.
    async fn send_removals(&mut self) -> Result<(), AppError> {
        let due = services::volume::due_for_removal(&self.app, self.runner_id).await?;
        for volume_ids in due.chunks(MAX_REMOVALS_PER_FRAME) {
            let frame = ServerFrame::RemoveVolumes {
                epoch: self.epoch,
                volume_ids: volume_ids.to_vec(),
            };
            self.send(frame).await;
        }
        Ok(())
    }

    /// Stores samples. A failure is not worth ending the link.
    async fn ingest_samples(&mut self, samples: Vec<StatsSample>) {
        let ingester = &mut self.ingester;
        let taken = services::stats::ingest(&self.app, self.runner_id, ingester, samples).await;
        if let Err(error) = taken {
            self.ingester = Ingester::default();
            tracing::warn!(
                runner.id = %self.runner_id, error = %error.chain(),
                "failed to store instance stats"
            );
        }
    }

    async fn handle(&mut self, frame: RunnerFrame) -> Result<(), AppError> {
        let (app, runner_id) = (&self.app, self.runner_id);
        let reporter = Reporter {
            runner_id,
            epoch: self.epoch,
        };
        match frame {
            RunnerFrame::Observed { workloads } => {
                services::observation::all(app, reporter, &workloads).await?;
            }
            RunnerFrame::ObservationChanged { workload } => {
                services::observation::one(app, reporter, &workload).await?;
            }
            RunnerFrame::Release(report) => {
                services::release::report(app, reporter, report).await?;
            }
            RunnerFrame::Run(report) => services::run::report(app, reporter, report).await?,
            RunnerFrame::Removed {
                deployment_id,
                generation,
            } => {
                services::deployment::removed(app, runner_id, deployment_id, generation).await?;
            }
            RunnerFrame::VolumeRemoved { volume_id } => {
                services::volume::removed(app, runner_id, volume_id).await?;
            }
            RunnerFrame::VolumeRemovalFailed { volume_id, failure } => {
                services::volume::record_removal_failure(app, runner_id, volume_id, &failure)
                    .await?;
            }
            RunnerFrame::VolumeLost { volume_id } => {
                services::volume::lost(app, reporter, volume_id).await?;
            }
            RunnerFrame::Logs(batch) => {
                let number = batch.batch;
                services::log::append(app, runner_id, batch).await?;
                let kept = ServerFrame::LogsAcknowledged { batch: number };
                self.send(kept).await;
            }
            RunnerFrame::TagResolved(report) => {
                services::auto_deploy::record_report(app, reporter, report).await?;
            }
            RunnerFrame::Stats { samples } => {
                self.ingest_samples(samples).await;
            }
            // The transport passes the frames of execs on itself.
            RunnerFrame::ExecOutput { .. }
            | RunnerFrame::ExecCredit { .. }
            | RunnerFrame::ExecExited { .. }
            | RunnerFrame::ExecRefused { .. }
            | RunnerFrame::Hello(_)
            | RunnerFrame::Heartbeat
            | RunnerFrame::Unknown => {}
        }
        Ok(())
    }
}

/// Splits workloads into parts of at most about this size.
///
/// There is always at least one part, because an empty desired state must be sent too.
fn parts(workloads: Vec<Workload>, bytes: usize) -> Vec<Vec<Workload>> {
    let mut parts = vec![Vec::new()];
    let mut room = bytes;
    for workload in workloads {
        let size = serde_json::to_vec(&workload).map_or(bytes, |json| json.len());
        if size > room && parts.last().is_some_and(|part| !part.is_empty()) {
            parts.push(Vec::new());
            room = bytes;
        }
        room = room.saturating_sub(size);
        if let Some(part) = parts.last_mut() {
            part.push(workload);
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use models::{DeploymentId, deployment::DesiredState, runner::Workload};
    use uuid::Uuid;

    use super::parts;

    fn workload() -> Workload {
        Workload {
            deployment_id: DeploymentId::from_uuid(Uuid::now_v7()),
            generation: 1,
            desired: DesiredState::Stopped,
            release: None,
            watched_tag: None,
            network: None,
            run: None,
        }
    }

    #[test]
    fn a_state_is_split_where_it_does_not_fit_and_nothing_is_lost() {
        let one = serde_json::to_vec(&workload()).unwrap().len();
        let all: Vec<_> = (0..5).map(|_| workload()).collect();
        let sizes = |bytes| {
            let parts = parts(all.clone(), bytes);
            assert_eq!(parts.concat(), all);
            parts.iter().map(Vec::len).collect::<Vec<_>>()
        };
        assert_eq!(sizes(one * 10), [5]);
        assert_eq!(sizes(one * 2), [2, 2, 1]);
        assert_eq!(sizes(1), [1, 1, 1, 1, 1], "each is sent, however large");
        assert_eq!(parts(Vec::new(), one), [Vec::new()]);
    }
}
