//! Pulling an image and starting instances of it.

use std::{convert::Infallible, future::Future, iter, sync::Arc, time::Duration};

use futures::stream::{FuturesUnordered, StreamExt};
use models::{
    deployment::{FailureCode, Progress, ReleasePhase},
    runner::WorkloadRelease,
    value::ImageDigest,
};
use tokio::{
    sync::watch,
    time::{sleep, timeout},
};
use tracing::{info, warn};

use super::{context::Context, volumes, worker::Worker};
use crate::{
    backoff::Backoff,
    platform::{
        InstanceKey, InstanceNetwork, InstancePlatform, InstanceSpec, PullProgress, PullStatus,
        ReadyImage, Retry, RunnerError,
    },
    reporter::Reporter,
    timings::Timings,
};

/// Number of instances of a deployment that are started at a time.
///
/// An engine creates their networks one after the other, so a larger number is no faster.
const AT_ONCE: usize = 5;

impl<P: InstancePlatform> Worker<P> {
    /// Checks that the host policy and the platform allow a release.
    pub(super) fn check_spec(&self, release: &WorkloadRelease) -> Result<(), RunnerError> {
        self.context.agent.check_spec(&release.spec)
    }

    /// Checks that the used volumes of a release are still on this host.
    pub(super) async fn has_its_volumes(
        &self,
        release: &WorkloadRelease,
    ) -> Result<(), RunnerError> {
        let check = || volumes::check_present(&self.context, release);
        retry(&self.context.agent.timings, check, |error, pause| {
            self.report_retry(release, error, pause);
        })
        .await
    }

    /// Pulls the image of a release.
    pub(super) async fn ensure_image(
        &self,
        release: &WorkloadRelease,
    ) -> Result<ReadyImage, RunnerError> {
        self.ensure_image_with_digest(release, release.image_digest.as_ref())
            .await
    }

    /// Gets the image with this digest, or the host's copy, or else the registry's.
    pub(super) async fn ensure_image_with_digest(
        &self,
        release: &WorkloadRelease,
        digest: Option<&ImageDigest>,
    ) -> Result<ReadyImage, RunnerError> {
        let image = &release.spec.image;
        let credential = release.registry_credential.as_ref();
        let (progress, pulled) = PullProgress::new();
        let pulling = || {
            let runner = &self.context.platform;
            runner.pull(image, digest, credential, &progress)
        };
        let pull = retry(&self.context.agent.timings, pulling, |error, pause| {
            self.report_retry(release, error, pause);
            if !release.live {
                self.report_wait(release, error, pause);
            }
        });
        let pull = timeout(self.context.agent.timings.pull_timeout, pull);
        let timed = if release.live {
            pull.await
        } else {
            let interval = self.context.agent.timings.progress;
            // In this order, so that the phase is reported even if the image is present.
            tokio::select! {
                biased;
                never = report_pull_progress(&self.deployment.reporter, release, pulled, interval) => match never {},
                timed = pull => timed,
            }
        };
        timed.unwrap_or_else(|_| {
            Err(RunnerError::platform(
                FailureCode::ImagePullTimeout,
                format!("Pulling the image {image} timed out."),
            ))
        })
    }

    /// Checks that the registry lets this release have its image. Retries as often as a pull
    /// would.
    pub(super) async fn ask_for_access(
        &self,
        release: &WorkloadRelease,
    ) -> Result<(), RunnerError> {
        let image = &release.spec.image;
        let credential = release.registry_credential.as_ref();
        let asking = || async {
            let asking = self.context.platform.resolve_tag(image, credential);
            let limit = self.context.agent.timings.tag_poll_timeout;
            timeout(limit, asking).await.unwrap_or_else(|_| {
                let message = format!("The registry {} did not respond in time.", image.registry());
                Err(RunnerError::platform(FailureCode::RegistrySilent, message))
            })
        };
        retry(&self.context.agent.timings, asking, |_, _| {}).await?;
        Ok(())
    }

    /// Creates and starts instances of a release, a few at a time.
    ///
    /// `then` receives each one, with the number started so far. When the platform fails, the
    /// half-made instance is removed and a new one is made, since the fault may lie in the
    /// instance, as when its port was taken meanwhile.
    pub(super) async fn start_instances(
        &mut self,
        release: &WorkloadRelease,
        image_digest: &ImageDigest,
        count: usize,
        then: impl Fn(&Self, &InstanceKey, usize),
    ) -> Result<Vec<InstanceKey>, RunnerError> {
        let limit = self.context.agent.timings.start_timeout;
        let starting = async {
            let mut budget = RetryBudget::new(&self.context.agent.timings);
            let mut started = Vec::with_capacity(count);
            while started.len() < count {
                let so_far = started.len();
                let then = |worker: &Self, key: &_, more| then(worker, key, so_far + more);
                let missing = count - so_far;
                let results = self.try_start(release, image_digest, missing, then).await;
                started.extend(results.started);
                if let Some(error) = results.error {
                    self.stop_instances(&results.failed).await?;
                    self.candidates
                        .retain(|candidate| !results.failed.contains(candidate));
                    let pause = budget.next(&error)?;
                    self.report_retry(release, &error, pause);
                    sleep(pause).await;
                }
            }
            Ok(started)
        };
        timeout(limit, starting).await.unwrap_or_else(|_| {
            let what = if count == 1 {
                "the app".to_owned()
            } else {
                format!("{count} instances")
            };
            let message =
                format!("The platform did not start {what} in time. Check the runner's log.");
            Err(RunnerError::platform(FailureCode::StartTimeout, message))
        })
    }

    /// Reports a failed try outside a rollout. During one, the rollout reports it.
    fn report_retry(&self, release: &WorkloadRelease, error: &RunnerError, pause: Duration) {
        if release.live {
            self.deployment.record_retry(error.clone(), pause);
        }
    }

    /// Reports that the image is not available yet, and when the next try is.
    fn report_wait(&self, release: &WorkloadRelease, error: &RunnerError, pause: Duration) {
        let seconds = pause.as_millis().div_ceil(1_000);
        let progress = Progress {
            message: format!("{error} Retrying in {seconds} s"),
            done_bytes: None,
            total_bytes: None,
        };
        self.deployment.reporter.phase(
            release.release_id,
            ReleasePhase::Pulling,
            None,
            Some(progress),
        );
    }

    /// Tries to start each instance once; begins no more after the first failure.
    async fn try_start(
        &mut self,
        release: &WorkloadRelease,
        image_digest: &ImageDigest,
        count: usize,
        then: impl Fn(&Self, &InstanceKey, usize),
    ) -> StartResults {
        let context = Arc::clone(&self.context);
        let network = self.network.clone();
        let new = || context.agent.new_instance(self.id, release.release_id);
        let keys: Vec<_> = iter::repeat_with(new).take(count).collect();
        if !release.live {
            self.candidates.extend(&keys);
        }
        let mut results = StartResults::default();
        let mut waiting = keys.iter();
        let mut starts = FuturesUnordered::new();
        loop {
            let room = AT_ONCE - starts.len();
            if results.error.is_none() {
                let begun = waiting.by_ref().take(room);
                starts.extend(begun.map(|key| {
                    create_and_start(&context, *key, (release, network.as_ref()), image_digest)
                }));
            }
            let Some((key, result)) = starts.next().await else {
                break;
            };
            if let Err(error) = result {
                results.failed.push(key);
                results.error.get_or_insert(error);
                continue;
            }
            self.deployment.follow_logs(&key);
            info!(
                deployment.id = %key.deployment_id,
                release.id = %key.release_id,
                instance.id = %key.instance_id,
                "started an instance"
            );
            results.started.push(key);
            then(self, &key, results.started.len());
        }
        drop(starts);
        // Some instances were never begun.
        self.candidates.retain(|candidate| {
            !keys.contains(candidate)
                || results.started.contains(candidate)
                || results.failed.contains(candidate)
        });
        results
    }
}

/// Result of starting instances.
#[derive(Default)]
struct StartResults {
    started: Vec<InstanceKey>,
    /// Instances that failed to start and may be half made.
    failed: Vec<InstanceKey>,
    /// The first error.
    error: Option<RunnerError>,
}

/// Creates an instance, and does not start it.
///
/// It tries again while the platform fails. A half-made one is removed before the next try.
pub(super) async fn create<P: InstancePlatform>(
    context: &Context<P>,
    key: InstanceKey,
    (release, network): (&WorkloadRelease, Option<&InstanceNetwork>),
    image_digest: &ImageDigest,
) -> Result<(), RunnerError> {
    let mut budget = RetryBudget::new(&context.agent.timings);
    while let Err(error) = create_once(context, key, (release, network), image_digest).await {
        let pause = budget.next(&error)?;
        let remove = || context.platform.remove(&key);
        retry(&context.agent.timings, remove, |_, _| {}).await?;
        sleep(pause).await;
    }
    Ok(())
}

async fn create_once<P: InstancePlatform>(
    context: &Context<P>,
    key: InstanceKey,
    (release, network): (&WorkloadRelease, Option<&InstanceNetwork>),
    image_digest: &ImageDigest,
) -> Result<(), RunnerError> {
    let spec = InstanceSpec {
        key,
        spec: release.spec.clone(),
        image_digest: image_digest.clone(),
        expected_volumes: release.expected_volumes.clone(),
        network: network.cloned(),
    };
    let guards = volumes::claim(context, release).await?;
    context.platform.create(&spec).await?;
    drop(guards);
    Ok(())
}

async fn create_and_start<P: InstancePlatform>(
    context: &Context<P>,
    key: InstanceKey,
    (release, network): (&WorkloadRelease, Option<&InstanceNetwork>),
    image_digest: &ImageDigest,
) -> (InstanceKey, Result<(), RunnerError>) {
    let starting = async {
        create_once(context, key, (release, network), image_digest).await?;
        context.platform.start(&key).await
    };
    (key, starting.await)
}

/// Reports the progress of a pull on each change, but not too often.
async fn report_pull_progress(
    reporter: &Reporter,
    release: &WorkloadRelease,
    mut pulled: watch::Receiver<PullStatus>,
    interval: Duration,
) -> Infallible {
    loop {
        let PullStatus {
            done_bytes,
            total_bytes,
        } = *pulled.borrow_and_update();
        let known = total_bytes > 0;
        let progress = Progress {
            message: format!("Pulling the image {}", release.spec.image),
            done_bytes: known.then_some(done_bytes),
            total_bytes: known.then_some(total_bytes),
        };
        reporter.phase(
            release.release_id,
            ReleasePhase::Pulling,
            None,
            Some(progress),
        );
        sleep(interval).await;
        if pulled.changed().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

/// Retries an operation until it works, its error is final, or no try is left.
pub(super) async fn retry<T, F>(
    timings: &Timings,
    mut operation: impl FnMut() -> F,
    failed: impl Fn(&RunnerError, Duration),
) -> Result<T, RunnerError>
where
    F: Future<Output = Result<T, RunnerError>>,
{
    let mut budget = RetryBudget::new(timings);
    loop {
        match operation().await {
            Ok(value) => return Ok(value),
            Err(error) => {
                let pause = budget.next(&error)?;
                failed(&error, pause);
                sleep(pause).await;
            }
        }
    }
}

/// Count of tries, with their backoff.
struct RetryBudget {
    left: u32,
    pause: Backoff,
}

impl RetryBudget {
    fn new(timings: &Timings) -> Self {
        Self {
            left: timings.tries.saturating_sub(1),
            pause: Backoff::new(timings.retry_first, timings.retry_max),
        }
    }

    /// Returns the pause until the next try, or the error when no try is left.
    fn next(&mut self, error: &RunnerError) -> Result<Duration, RunnerError> {
        match error.retry {
            Retry::After(least) if self.left > 0 => {
                warn!(%error.code, error = %error, source = ?error.source, "trying again");
                self.left -= 1;
                Ok(self.pause.next().max(least))
            }
            Retry::After(_) | Retry::Never => Err(error.clone()),
        }
    }
}
