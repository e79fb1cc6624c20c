//! One link of a runner, from its hello to its end.

use std::{sync::Arc, time::Duration};

use models::{
    DeploymentId, RunnerId,
    api::runner::ConnectRunner,
    error::ErrorCode,
    runner::{
        Hello, LINK_TIMEOUT_MS, MAX_REMOVALS_PER_FRAME, MAX_RETAINED_IMAGES,
        MAX_SERVER_FRAME_BYTES, PROTOCOL_VERSION, RunnerFrame, ServerFrame, StatsSample, Workload,
    },
};
use tokio::{
    sync::mpsc,
    time::{Instant, MissedTickBehavior, interval, timeout_at},
};
use tokio_util::sync::CancellationToken;

use crate::{
    actor::LinkedRunner,
    app::App,
    bus::{Event, Subscription, Topic},
    client::ClientAddress,
    error::AppError,
    http::{Closed, Socket, StreamCtx, StreamEnd},
    links::{ExecEnd, Execs},
    services::{self, stats::Ingester},
    store::observation::Reporter,
};

/// The time that a runner has to send its hello.
const HELLO_TIMEOUT: Duration = Duration::from_secs(10);

/// The size of one part of the desired state.
///
/// A runner must not be silent for long while it processes a part.
const PART_BYTES: usize = MAX_SERVER_FRAME_BYTES / 16;

/// The interval at which a runner is sent the images to keep, from its link on.
const IMAGES_EVERY: Duration = Duration::from_hours(1);

/// Serves a runner's link until it ends.
///
/// # Errors
/// [`Closed`] when the runner is gone, or after a failure that a new link will clear.
pub async fn run(
    ctx: StreamCtx<ConnectRunner>,
    mut socket: Socket<ConnectRunner>,
) -> Result<(), Closed> {
    let StreamCtx {
        app,
        actor: LinkedRunner { runner_id, .. },
        address,
        ..
    } = ctx;
    let first = tokio::time::timeout(HELLO_TIMEOUT, socket.receive()).await;
    let Ok(Ok(RunnerFrame::Hello(hello))) = first else {
        return Err(Closed);
    };
    let (execs, frames) = Execs::new();
    let (guard, events) = match establish(&app, runner_id, address, &hello, execs.clone()).await {
        Ok(established) => established,
        Err(error) => return refuse(&mut socket, &error).await,
    };
    tracing::info!(runner.id = %runner_id, epoch = guard.epoch, "a runner connected");
    let mut link = Link {
        app,
        runner_id,
        epoch: guard.epoch,
        execs,
        socket,
        ingester: Ingester::default(),
    };
    let ended = link.serve(events, frames, &guard.cut).await;
    if let Err(StreamEnd::Failed(error)) = &ended {
        tracing::warn!(
            runner.id = %runner_id, error = %error.chain(),
            "closed a runner's link because a frame could not be processed"
        );
    }
    ended.map_err(|_| Closed)
}

/// Takes the runner's lease, and subscribes to changes before it reads any state.
async fn establish(
    app: &App,
    runner_id: RunnerId,
    address: ClientAddress,
    hello: &Hello,
    execs: Arc<Execs>,
) -> Result<(LinkGuard, Subscription), AppError> {
    if hello.protocol != PROTOCOL_VERSION {
        return Err(ErrorCode::ProtocolVersionUnsupported.into());
    }
    if app.links.is_connected(runner_id) {
        return Err(ErrorCode::RunnerAlreadyConnected.into());
    }
    let epoch = services::runner::acquire_lease(app, runner_id, address).await?;
    let guard = LinkGuard {
        app: app.clone(),
        runner_id,
        epoch,
        cut: app.links.insert(runner_id, epoch, execs.clone()),
        execs,
    };
    services::runner::record_info(app, runner_id, epoch, &hello.about).await?;
    Ok((guard, app.bus.subscribe([Topic::Runner(runner_id)])))
}

async fn refuse(socket: &mut Socket<ConnectRunner>, error: &AppError) -> Result<(), Closed> {
    let refused = ServerFrame::Refused {
        code: error.code(),
        message: error.answer().message.clone(),
    };
    socket.send(&refused).await?;
    // The runner closes the socket; until then the frame may still be on its way.
    let _ = tokio::time::timeout(HELLO_TIMEOUT, socket.receive()).await;
    Ok(())
}

/// A link's entry in the hub and its lease, both released on drop.
struct LinkGuard {
    app: App,
    runner_id: RunnerId,
    epoch: i64,
    cut: CancellationToken,
    execs: Arc<Execs>,
}

impl Drop for LinkGuard {
    fn drop(&mut self) {
        let (app, runner_id, epoch) = (self.app.clone(), self.runner_id, self.epoch);
        self.app.links.remove(runner_id, epoch);
        self.execs.link_lost();
        self.app.tasks.spawn(async move {
            match services::runner::release_lease(&app, runner_id, epoch).await {
                Ok(()) => tracing::info!(runner.id = %runner_id, "a runner disconnected"),
                // The runner was deleted in the meantime.
                Err(error) if error.code() == ErrorCode::NotFound => {}
                Err(error) => tracing::warn!(
                    runner.id = %runner_id, error = %error.chain(),
                    "failed to release a runner's lease; it will expire"
                ),
            }
        });
    }
}

struct Link {
    app: App,
    runner_id: RunnerId,
    epoch: i64,
    execs: Arc<Execs>,
    socket: Socket<ConnectRunner>,
    ingester: Ingester,
}

impl Link {
    async fn serve(
        &mut self,
        mut events: Subscription,
        mut frames: mpsc::Receiver<ServerFrame>,
        cut: &CancellationToken,
    ) -> Result<(), StreamEnd> {
        self.socket
            .send(&ServerFrame::Welcome {
                protocol: PROTOCOL_VERSION,
                runner_id: self.runner_id,
                epoch: self.epoch,
            })
            .await?;
        // Boxed, because its large state must not count for each of thousands of idle links.
        Box::pin(self.send_full_state()).await?;
        self.send_removals().await?;
        let mut images = interval(IMAGES_EVERY);
        images.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let silence = Duration::from_millis(LINK_TIMEOUT_MS);
        let mut heard_at = Instant::now();
        loop {
            tokio::select! {
                () = cut.cancelled() => return Ok(()),
                received = timeout_at(heard_at + silence, self.socket.receive_or_heartbeat()) => {
                    let received = received.map_err(|_| Closed)?;
                    heard_at = Instant::now();
                    if let Some(frame) = received? {
                        Box::pin(self.handle(frame)).await?;
                    }
                }
                _ = images.tick() => self.send_retained_images().await?,
                Some(frame) = frames.recv() => self.socket.send(&frame).await?,
                event = events.next() => match event {
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

    async fn send_full_state(&mut self) -> Result<(), StreamEnd> {
        let workloads = services::workload::of_runner(&self.app, self.runner_id).await?;
        let mut parts = parts(workloads, PART_BYTES).into_iter().peekable();
        while let Some(workloads) = parts.next() {
            let frame = ServerFrame::DesiredState {
                epoch: self.epoch,
                workloads,
                more: parts.peek().is_some(),
            };
            self.socket.send(&frame).await?;
        }
        Ok(())
    }

    /// Sends the images that a release may be rolled back to.
    ///
    /// The runner can then remove others.
    async fn send_retained_images(&mut self) -> Result<(), StreamEnd> {
        let digests = services::release::images_to_keep(&self.app, self.runner_id).await?;
        // A truncated list would have the runner remove images that it must keep.
        if digests.len() <= MAX_RETAINED_IMAGES {
            let epoch = self.epoch;
            let frame = ServerFrame::RetainImages { epoch, digests };
            self.socket.send(&frame).await?;
        }
        Ok(())
    }

    async fn send_workload(&mut self, deployment_id: DeploymentId) -> Result<(), StreamEnd> {
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
        Ok(self.socket.send(&frame).await?)
    }

    /// Requests the removal of every due volume, again for those requested before.
    async fn send_removals(&mut self) -> Result<(), StreamEnd> {
        let due = services::volume::due_for_removal(&self.app, self.runner_id).await?;
        for volume_ids in due.chunks(MAX_REMOVALS_PER_FRAME) {
            let frame = ServerFrame::RemoveVolumes {
                epoch: self.epoch,
                volume_ids: volume_ids.to_vec(),
            };
            self.socket.send(&frame).await?;
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

    async fn handle(&mut self, frame: RunnerFrame) -> Result<(), StreamEnd> {
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
                self.socket.send(&kept).await?;
            }
            RunnerFrame::TagResolved(report) => {
                services::auto_deploy::record_report(app, reporter, report).await?;
            }
            RunnerFrame::Stats { samples } => {
                self.ingest_samples(samples).await;
            }
            RunnerFrame::ExecOutput { exec_id, bytes } => self.execs.output(exec_id, &bytes.0),
            RunnerFrame::ExecCredit { exec_id, bytes } => self.execs.credit(exec_id, bytes),
            RunnerFrame::ExecExited {
                exec_id,
                code,
                oom_killed,
            } => {
                self.execs
                    .end(exec_id, ExecEnd::Exited { code, oom_killed });
            }
            RunnerFrame::ExecRefused { exec_id, failure } => {
                self.execs.end(exec_id, ExecEnd::Refused(failure));
            }
            RunnerFrame::Hello(_) | RunnerFrame::Heartbeat | RunnerFrame::Unknown => {}
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
