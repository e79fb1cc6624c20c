//! One reconcile at a time: the parts that are the same on every platform.

use std::{sync::Arc, time::Duration};

use models::{deployment::DesiredState, runner::Workload};
use tracing::warn;

use super::{Desired, run::RunWorker};
use crate::{
    backoff::Backoff,
    context::AgentContext,
    deployment::DeploymentHandle,
    platform::{Action, Reconciler, Retry, RunnerError},
    status::Errors,
};

/// The time of the next reconcile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// When something changes.
    Change,
    /// After this long, or when something changes.
    After(Duration),
    /// Never: the deployment is removed, as desired.
    Finished,
}

pub(super) struct Worker<R: Reconciler> {
    context: Arc<AgentContext>,
    reconciler: Arc<R>,
    deployment: Arc<DeploymentHandle<R>>,
    /// The reconciler's own state.
    state: R::Worker,
    /// The run's own state, if the workload is one.
    run: RunWorker<R>,
    /// The newest generation that was to be removed.
    removed_generation: i64,
    retry: Backoff,
}

impl<R: Reconciler> Worker<R> {
    pub(super) fn new(
        context: Arc<AgentContext>,
        reconciler: Arc<R>,
        deployment: Arc<DeploymentHandle<R>>,
    ) -> Self {
        Self {
            run: RunWorker::new(Arc::clone(&context), Arc::clone(&deployment)),
            state: reconciler.worker(Arc::clone(&deployment)),
            retry: Backoff::new(context.timings.retry_first, context.timings.restart_max),
            context,
            reconciler,
            deployment,
            removed_generation: 0,
        }
    }

    /// Reconciles once.
    pub(super) async fn reconcile(&mut self, desired: &Desired) -> Next {
        let id = self.deployment.id;
        match self.reconcile_once(desired).await {
            Ok(action) => {
                let status = &self.context.status;
                status.update_errors(id, Errors::clear_failure);
                match action {
                    Action::AwaitChange => {
                        self.retry.reset();
                        Next::Change
                    }
                    Action::RequeueSoon => Next::After(self.retry.next()),
                    Action::RequeueAfter(pause) => Next::After(pause),
                    Action::Finished => Next::Finished,
                }
            }
            Err(error) => {
                warn!(
                    deployment.id = %id.deployment_id,
                    run.id = ?id.run_id,
                    %error.code,
                    error = %error,
                    source = ?error.source,
                    "reconcile failed; retrying"
                );
                let pause = self.retry.next();
                let pause = match error.retry {
                    Retry::After(least) => pause.max(least),
                    Retry::Never => self.context.timings.restart_max,
                };
                self.deployment.record_retry(error, pause);
                Next::After(pause)
            }
        }
    }

    async fn reconcile_once(&mut self, desired: &Desired) -> Result<Action, RunnerError> {
        match desired {
            Desired::Unknown => {
                self.deployment.relist().await?;
                Ok(Action::AwaitChange)
            }
            Desired::Absent => {
                self.deployment.reporter.clear();
                self.reconciler.remove(&mut self.state).await
            }
            Desired::Present(workload) if workload.desired == DesiredState::Deleted => {
                self.delete(workload).await
            }
            Desired::Present(workload) => {
                if workload.run.is_none() && !workload.is_rollout() {
                    self.deployment.reporter.clear();
                }
                let action = match &workload.run {
                    Some(run) => {
                        let reconciler = (&*self.reconciler, &mut self.state);
                        self.run.reconcile(reconciler, workload, run).await
                    }
                    None => self.reconciler.reconcile(&mut self.state, workload).await,
                }?;
                // A stopped deployment is not forgotten, whatever its reconciler removed.
                Ok(match action {
                    Action::Finished => Action::AwaitChange,
                    other => other,
                })
            }
        }
    }

    async fn delete(&mut self, workload: &Workload) -> Result<Action, RunnerError> {
        if self.removed_generation != workload.generation {
            // Errors of an older intent are void.
            let status = &self.context.status;
            status.update_errors(workload.id(), Errors::clear);
            self.removed_generation = workload.generation;
        }
        self.deployment.reporter.clear();
        let action = self.reconciler.remove(&mut self.state).await?;
        if action == Action::Finished {
            // Otherwise a restart would start instances that the server has forgotten.
            self.context.desired_cache.persisted().await;
            if workload.run.is_none() {
                self.deployment.reporter.removed(workload.generation);
            }
        }
        Ok(action)
    }

    /// Drops all state of a removed workload.
    pub(super) fn clean_up(self) {
        let id = self.deployment.id;
        // Lines of a run belong to its deployment's log.
        if id.run_id.is_none() {
            self.context.status.remove(id.deployment_id);
            self.context.log_queue.remove(id.deployment_id);
        }
    }
}
