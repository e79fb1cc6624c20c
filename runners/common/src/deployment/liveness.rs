//! Whether instances still work: their liveness probes, asked again and again.

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use models::{InstanceId, deployment::Probe};
use tokio::{sync::Notify, time::sleep};
use tokio_util::task::AbortOnDropHandle;
use tracing::warn;

use super::probe;
use crate::{
    board::Mark,
    context::Context,
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
    is_sick: Arc<AtomicBool>,
    _task: AbortOnDropHandle<()>,
}

impl Liveness {
    /// Asks these instances from now on, as far as they are up, and no others.
    pub(super) fn follow<R: Runner>(
        &mut self,
        context: &Arc<Context<R>>,
        probe: &Probe,
        present: &[PlatformInstance],
    ) {
        let up = present.iter().filter(|instance| instance.state.is_up());
        let up: Vec<InstanceKey> = up.map(|instance| instance.key).collect();
        self.watches.retain(|id, watch| {
            watch.probe == *probe && up.iter().any(|key| key.instance_id == *id)
        });
        if probe.question().is_none() {
            return;
        }
        for key in up {
            let alarm = &self.alarm;
            self.watches
                .entry(key.instance_id)
                .or_insert_with(|| Watch::start(context, key, probe, alarm));
        }
    }

    /// Whether an instance has given too many wrong answers in a row.
    pub(super) fn is_sick(&self, key: &InstanceKey) -> bool {
        let watch = self.watches.get(&key.instance_id);
        watch.is_some_and(|watch| watch.is_sick.load(Ordering::Relaxed))
    }

    /// Rings when an instance turned out to be sick.
    pub(super) fn alarm(&self) -> Arc<Notify> {
        Arc::clone(&self.alarm)
    }
}

impl Watch {
    fn start<R: Runner>(
        context: &Arc<Context<R>>,
        key: InstanceKey,
        probe: &Probe,
        alarm: &Arc<Notify>,
    ) -> Self {
        let is_sick = Arc::new(AtomicBool::new(false));
        let (context, asked) = (Arc::clone(context), probe.clone());
        let (found, alarm) = (Arc::clone(&is_sick), Arc::clone(alarm));
        let watching = async move {
            until_sick(&context, &key, &asked).await;
            context.board.mark(&key, Mark::Unhealthy);
            found.store(true, Ordering::Relaxed);
            alarm.notify_one();
        };
        Self {
            probe: probe.clone(),
            is_sick,
            _task: task::owned(watching),
        }
    }
}

async fn until_sick<R: Runner>(context: &Context<R>, key: &InstanceKey, probe: &Probe) {
    let mut wrong = 0;
    while wrong < probe.failures {
        sleep(Duration::from_millis(probe.interval_ms.into())).await;
        match probe::ask(context, key, probe).await {
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
            }
        }
    }
}
