//! Liveness probes of running instances.

use std::{
    collections::HashMap,
    sync::{Arc, OnceLock},
    time::Duration,
};

use models::{InstanceId, deployment::Probe, runner::RunnerSpec};
use tokio::{
    sync::Notify,
    time::{sleep, timeout},
};
use tokio_util::task::AbortOnDropHandle;
use tracing::warn;

use super::{context::Context, probe, verify::Verification};
use crate::{
    platform::{InstanceKey, InstancePlatform, PlatformInstance},
    policy,
    status::Condition,
    task,
};

/// The probes of a deployment's instances.
#[derive(Debug)]
pub(super) struct LivenessProbes {
    tasks: HashMap<InstanceId, ProbeTask>,
    /// Notified when an instance fails its liveness probe.
    failed: Arc<Notify>,
}

#[derive(Debug)]
struct ProbeTask {
    probe: Probe,
    failure: Arc<OnceLock<String>>,
    _task: AbortOnDropHandle<()>,
}

impl LivenessProbes {
    pub(super) fn new(failed: Arc<Notify>) -> Self {
        Self {
            tasks: HashMap::new(),
            failed,
        }
    }

    /// Probes these instances from now on, while they are up, and no others.
    pub(super) fn follow<P: InstancePlatform>(
        &mut self,
        context: &Arc<Context<P>>,
        spec: &RunnerSpec,
        present: &[PlatformInstance],
    ) {
        let probe = &spec.liveness_probe;
        let up = present.iter().filter(|instance| instance.state.is_up());
        let up: Vec<InstanceKey> = up.map(|instance| instance.key).collect();
        self.tasks
            .retain(|id, task| task.probe == *probe && up.iter().any(|key| key.instance_id == *id));
        // A stricter policy leaves running instances alone, so a forbidden probe is just not
        // sent.
        if probe.question().is_none() || !policy::allows(&context.agent.policy, probe) {
            return;
        }
        for key in up {
            let failed = &self.failed;
            self.tasks
                .entry(key.instance_id)
                .or_insert_with(|| ProbeTask::start(context, key, spec, failed));
        }
    }

    /// Returns the last probe failure, once too many in a row have failed.
    pub(super) fn failure(&self, key: &InstanceKey) -> Option<&str> {
        let task = self.tasks.get(&key.instance_id)?;
        task.failure.get().map(String::as_str)
    }
}

impl ProbeTask {
    fn start<P: InstancePlatform>(
        context: &Arc<Context<P>>,
        key: InstanceKey,
        spec: &RunnerSpec,
        failed: &Arc<Notify>,
    ) -> Self {
        let failure = Arc::new(OnceLock::new());
        let (context, spec) = (Arc::clone(context), spec.clone());
        let probe = spec.liveness_probe.clone();
        let (found, failed) = (Arc::clone(&failure), Arc::clone(failed));
        let watching = async move {
            // It may have just started, and need its time.
            let verification = Verification::of(&context, &spec, &key);
            let verified = async {
                let _ = verification.evaluate(&context, &key, &mut None).await;
            };
            let _ = timeout(verification.limit(&context), verified).await;
            let failure = probe_until_failed(&context, &key, &spec).await;
            context
                .agent
                .status
                .set_condition(&key, Condition::Unhealthy);
            found.set(failure).ok();
            failed.notify_one();
        };
        Self {
            probe,
            failure,
            _task: task::spawn_owned(watching),
        }
    }
}

/// Probes until too many checks in a row fail; returns the last failure.
async fn probe_until_failed<P: InstancePlatform>(
    context: &Context<P>,
    key: &InstanceKey,
    spec: &RunnerSpec,
) -> String {
    let probe = &spec.liveness_probe;
    let mut failures = 0;
    loop {
        sleep(Duration::from_millis(probe.interval_ms.into())).await;
        match probe::run_probe(context, key, probe, &spec.resources).await {
            Ok(()) => failures = 0,
            Err(failure) => {
                failures += 1;
                warn!(
                    deployment.id = %key.deployment_id,
                    instance.id = %key.instance_id,
                    failure,
                    failures,
                    "an app failed a liveness probe"
                );
                if failures >= probe.failures {
                    return failure;
                }
            }
        }
    }
}
