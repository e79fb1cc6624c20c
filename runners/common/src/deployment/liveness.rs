//! Liveness probes of running instances.

use std::{
    collections::HashMap,
    sync::{Arc, OnceLock},
    time::Duration,
};

use models::{
    InstanceId,
    deployment::{Probe, Spec},
};
use tokio::{
    sync::Notify,
    time::{sleep, timeout},
};
use tokio_util::task::AbortOnDropHandle;
use tracing::warn;

use super::{probe, verify::Proof};
use crate::{
    board::Mark,
    context::Context,
    policy,
    runner::{InstanceKey, PlatformInstance, Runner},
    task,
};

/// The probes of a deployment's instances.
#[derive(Debug, Default)]
pub(super) struct Liveness {
    watches: HashMap<InstanceId, Watch>,
    alarm: Arc<Notify>,
}

#[derive(Debug)]
struct Watch {
    probe: Probe,
    complaint: Arc<OnceLock<String>>,
    _task: AbortOnDropHandle<()>,
}

impl Liveness {
    /// Probes these instances from now on, while they are up, and no others.
    pub(super) fn follow<R: Runner>(
        &mut self,
        context: &Arc<Context<R>>,
        spec: &Spec,
        present: &[PlatformInstance],
    ) {
        let probe = &spec.liveness_probe;
        let up = present.iter().filter(|instance| instance.state.is_up());
        let up: Vec<InstanceKey> = up.map(|instance| instance.key).collect();
        self.watches.retain(|id, watch| {
            watch.probe == *probe && up.iter().any(|key| key.instance_id == *id)
        });
        // A stricter policy leaves running instances alone, so a forbidden probe is just not
        // sent.
        if probe.question().is_none() || !policy::allows(&context.policy, probe) {
            return;
        }
        for key in up {
            let alarm = &self.alarm;
            self.watches
                .entry(key.instance_id)
                .or_insert_with(|| Watch::start(context, key, spec, alarm));
        }
    }

    /// Returns the last probe failure, once too many in a row have failed.
    pub(super) fn complaint(&self, key: &InstanceKey) -> Option<&str> {
        let watch = self.watches.get(&key.instance_id)?;
        watch.complaint.get().map(String::as_str)
    }

    /// Notified when an instance fails its liveness probe.
    pub(super) fn alarm(&self) -> Arc<Notify> {
        Arc::clone(&self.alarm)
    }
}

impl Watch {
    fn start<R: Runner>(
        context: &Arc<Context<R>>,
        key: InstanceKey,
        spec: &Spec,
        alarm: &Arc<Notify>,
    ) -> Self {
        let complaint = Arc::new(OnceLock::new());
        let (context, spec) = (Arc::clone(context), spec.clone());
        let probe = spec.liveness_probe.clone();
        let (found, alarm) = (Arc::clone(&complaint), Arc::clone(alarm));
        let watching = async move {
            // It may have just started, and need its time.
            let proof = Proof::of(&context, &spec, &key);
            let shown = async {
                let _ = proof.shown(&context, &key, &mut None).await;
            };
            let _ = timeout(proof.limit(&context), shown).await;
            let complaint = until_sick(&context, &key, &spec).await;
            context.board.mark(&key, Mark::Unhealthy);
            found.set(complaint).ok();
            alarm.notify_one();
        };
        Self {
            probe,
            complaint,
            _task: task::owned(watching),
        }
    }
}

/// Probes until too many checks in a row fail; returns the last failure.
async fn until_sick<R: Runner>(context: &Context<R>, key: &InstanceKey, spec: &Spec) -> String {
    let probe = &spec.liveness_probe;
    let mut wrong = 0;
    loop {
        sleep(Duration::from_millis(probe.interval_ms.into())).await;
        match probe::ask(context, key, probe, &spec.resources).await {
            Ok(()) => wrong = 0,
            Err(complaint) => {
                wrong += 1;
                warn!(
                    deployment.id = %key.deployment_id,
                    instance.id = %key.instance_id,
                    complaint,
                    wrong,
                    "a wrong answer to a liveness probe"
                );
                if wrong >= probe.failures {
                    return complaint;
                }
            }
        }
    }
}
