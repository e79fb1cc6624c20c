//! Pulling an image and starting instances of it.

use std::{convert::Infallible, future::Future, iter, sync::Arc, time::Duration};

use futures::stream::{FuturesUnordered, StreamExt};
use models::{
    deployment::{Progress, ReleasePhase},
    runner::WorkloadRelease,
};
use tokio::{
    sync::watch,
    time::{sleep, timeout},
};
use tracing::{info, warn};

use super::{report::Reporter, worker::Worker};
use crate::{
    backoff::Backoff,
    context::Context,
    policy,
    runner::{
        InstanceKey, InstanceSpec, PullProgress, Pulled, ReadyImage, Retry, Runner, RunnerError,
    },
    timings::Timings,
    volumes,
};

/// Number of instances of a deployment that are started at a time.
///
/// An engine creates their networks one after the other, so a larger number is no faster.
const AT_ONCE: usize = 5;

impl<R: Runner> Worker<R> {
    /// Checks that the host policy allows a release.
    pub(super) fn is_allowed(&self, release: &WorkloadRelease) -> Result<(), RunnerError> {
        policy::check(&self.context.policy, &release.spec)
    }

    /// Checks that the used volumes of a release are still on this host.
    pub(super) async fn has_its_volumes(
        &self,
        release: &WorkloadRelease,
    ) -> Result<(), RunnerError> {
        let looking = || volumes::refuse_if_lost(&self.context, release);
        retrying(&self.context.timings, looking, |error, pause| {
            self.tell_trouble(release, error, pause);
        })
        .await
    }

    /// Pulls the image of a release.
    pub(super) async fn get_image(
        &self,
        release: &WorkloadRelease,
    ) -> Result<ReadyImage, RunnerError> {
        self.get_image_by(release, release.image_digest.as_deref())
            .await
    }

    /// Gets the image with this digest, or the host's copy, or else the registry's.
    pub(super) async fn get_image_by(
        &self,
        release: &WorkloadRelease,
        digest: Option<&str>,
    ) -> Result<ReadyImage, RunnerError> {
        let image = &release.spec.image;
        let credential = release.registry_credential.as_ref();
        let (progress, pulled) = PullProgress::new();
        let pulling = || {
            let runner = &self.context.runner;
            runner.pull(image, digest, credential, &progress)
        };
        let pull = retrying(&self.context.timings, pulling, |error, pause| {
            self.tell_trouble(release, error, pause);
            if !release.live {
                self.tell_wait(release, error, pause);
            }
        });
        let pull = timeout(self.context.timings.pull_limit, pull);
        let timed = if release.live {
            pull.await
        } else {
            let interval = self.context.timings.progress;
            // In this order, so that the phase is reported even if the image is present.
            tokio::select! {
                biased;
                never = tell_progress(&self.reporter, release, pulled, interval) => match never {},
                timed = pull => timed,
            }
        };
        timed.unwrap_or_else(|_| {
            Err(RunnerError::platform(
                "image_pull_timeout",
                format!("Getting the image {image} took too long."),
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
            let asking = self.context.runner.look_up(image, credential);
            let limit = self.context.timings.look_limit;
            timeout(limit, asking).await.unwrap_or_else(|_| {
                let message = format!("The registry {} did not answer in time.", image.registry());
                Err(RunnerError::platform("registry_silent", message))
            })
        };
        retrying(&self.context.timings, asking, |_, _| {}).await?;
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
        image_digest: &str,
        count: usize,
        then: impl Fn(&Self, &InstanceKey, usize),
    ) -> Result<Vec<InstanceKey>, RunnerError> {
        let limit = self.context.timings.start_limit;
        let starting = async {
            let mut tries = Tries::new(&self.context.timings);
            let mut started = Vec::with_capacity(count);
            while started.len() < count {
                let so_far = started.len();
                let then = |worker: &Self, key: &_, more| then(worker, key, so_far + more);
                let missing = count - so_far;
                let round = self.try_start(release, image_digest, missing, then).await;
                started.extend(round.started);
                if let Some(error) = round.error {
                    self.take_down(&round.failed).await?;
                    self.trials.retain(|trial| !round.failed.contains(trial));
                    let pause = tries.next(&error)?;
                    self.tell_trouble(release, &error, pause);
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
            let message = format!("The platform took too long to start {what}.");
            Err(RunnerError::platform("start_timeout", message))
        })
    }

    /// Reports a failed try outside a rollout. During one, the rollout reports it.
    fn tell_trouble(&self, release: &WorkloadRelease, error: &RunnerError, pause: Duration) {
        if release.live {
            self.not_yet(error.clone(), pause);
        }
    }

    /// Reports that the image is not available yet, and when the next try is.
    fn tell_wait(&self, release: &WorkloadRelease, error: &RunnerError, pause: Duration) {
        let seconds = pause.as_millis().div_ceil(1_000);
        let progress = Progress {
            message: format!("{error} Trying again in {seconds} s"),
            done_bytes: None,
            total_bytes: None,
        };
        self.reporter.phase(
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
        image_digest: &str,
        count: usize,
        then: impl Fn(&Self, &InstanceKey, usize),
    ) -> Tried {
        let context = Arc::clone(&self.context);
        let new = || context.new_instance(self.id, release.release_id);
        let keys: Vec<_> = iter::repeat_with(new).take(count).collect();
        if !release.live {
            self.trials.extend(&keys);
        }
        let mut tried = Tried::default();
        let mut waiting = keys.iter();
        let mut starts = FuturesUnordered::new();
        loop {
            let room = AT_ONCE - starts.len();
            if tried.error.is_none() {
                let begun = waiting.by_ref().take(room);
                starts.extend(
                    begun.map(|key| create_and_start(&context, *key, release, image_digest)),
                );
            }
            let Some((key, result)) = starts.next().await else {
                break;
            };
            if let Err(error) = result {
                tried.failed.push(key);
                tried.error.get_or_insert(error);
                continue;
            }
            self.logs.follow_new(&key);
            info!(
                deployment.id = %key.deployment_id,
                release.id = %key.release_id,
                instance.id = %key.instance_id,
                "started an instance"
            );
            tried.started.push(key);
            then(self, &key, tried.started.len());
        }
        drop(starts);
        // Some instances were never begun.
        self.trials.retain(|trial| {
            !keys.contains(trial) || tried.started.contains(trial) || tried.failed.contains(trial)
        });
        tried
    }
}

/// Result of starting instances.
#[derive(Default)]
struct Tried {
    started: Vec<InstanceKey>,
    /// Instances that failed to start and may be half made.
    failed: Vec<InstanceKey>,
    /// The first error.
    error: Option<RunnerError>,
}

async fn create_and_start<R: Runner>(
    context: &Context<R>,
    key: InstanceKey,
    release: &WorkloadRelease,
    image_digest: &str,
) -> (InstanceKey, Result<(), RunnerError>) {
    let spec = InstanceSpec {
        key,
        spec: release.spec.clone(),
        image_digest: image_digest.to_owned(),
        expected_volumes: release.expected_volumes.clone(),
    };
    let starting = async {
        let claim = volumes::claim(context, release).await?;
        context.runner.create(&spec).await?;
        drop(claim);
        context.runner.start(&key).await
    };
    (key, starting.await)
}

/// Reports the progress of a pull on each change, but not too often.
async fn tell_progress(
    reporter: &Reporter,
    release: &WorkloadRelease,
    mut pulled: watch::Receiver<Pulled>,
    interval: Duration,
) -> Infallible {
    loop {
        let Pulled {
            done_bytes,
            total_bytes,
        } = *pulled.borrow_and_update();
        let known = total_bytes > 0;
        let progress = Progress {
            message: format!("Getting the image {}", release.spec.image),
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

/// Retries an operation until it works, the error is final, or the tries are used up.
async fn retrying<T, F>(
    timings: &Timings,
    mut operation: impl FnMut() -> F,
    failed: impl Fn(&RunnerError, Duration),
) -> Result<T, RunnerError>
where
    F: Future<Output = Result<T, RunnerError>>,
{
    let mut tries = Tries::new(timings);
    loop {
        match operation().await {
            Ok(value) => return Ok(value),
            Err(error) => {
                let pause = tries.next(&error)?;
                failed(&error, pause);
                sleep(pause).await;
            }
        }
    }
}

/// Count of tries, with their backoff.
struct Tries {
    left: u32,
    pause: Backoff,
}

impl Tries {
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
                warn!(error.code, error = %error, source = ?error.source, "trying again");
                self.left -= 1;
                Ok(self.pause.next().max(least))
            }
            Retry::After(_) | Retry::Never => Err(error.clone()),
        }
    }
}
