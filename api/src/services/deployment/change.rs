//! The frame of every change that a person makes: one transaction that holds the deployment, and
//! that tells its runner when it is committed.

use models::{
    DeploymentId, WorkspaceId,
    deployment::{Deployment, DesiredState, ReleaseReason, Spec},
    error::ErrorCode,
    runner::Runner,
};

use super::{changed, read};
use crate::{
    actor::Actor,
    app::App,
    db::Tx,
    error::AppError,
    jobs::Job,
    services::{
        Guarded, capacity, confidential, push,
        release::{self, Making},
        secret, volume,
    },
    store,
};

/// A change of one deployment. What is not committed has not happened.
pub(in crate::services) struct Change<'a> {
    pub(in crate::services) app: &'a App,
    pub(in crate::services) tx: Tx,
    /// The deployment as it was before the change, locked.
    pub(in crate::services) row: store::deployment::Deployment,
}

impl<'a> Change<'a> {
    /// Begins a change of a deployment, unless that is being deleted.
    pub(super) async fn begin(
        app: &'a App,
        workspace_id: WorkspaceId,
        deployment_id: DeploymentId,
    ) -> Result<Self, AppError> {
        let change = Self::begin_anyway(app, workspace_id, deployment_id).await?;
        if change.row.desired()? == DesiredState::Deleted {
            return Err(ErrorCode::DeploymentBeingDeleted.into());
        }
        Ok(change)
    }

    /// Begins a change of a deployment, whatever people want of it.
    pub(in crate::services) async fn begin_anyway(
        app: &'a App,
        workspace_id: WorkspaceId,
        deployment_id: DeploymentId,
    ) -> Result<Self, AppError> {
        let mut tx = app.db.begin().await?;
        let row = store::deployment::find_locked(&mut tx, workspace_id, deployment_id).await?;
        Ok(Self { app, tx, row })
    }

    /// Changes what people want.
    pub(super) async fn desire(&mut self, desired: DesiredState) -> Result<(), AppError> {
        let (id, now) = (self.row.deployment_id(), self.app.clock.now());
        Ok(store::deployment::set_desired(&mut self.tx, id, desired, now).await?)
    }

    /// What the settings said before the change, whole.
    pub(in crate::services) async fn current_spec(&mut self) -> Result<Spec, AppError> {
        read::current_spec(self.app, &mut self.tx, &self.row).await
    }

    /// Makes this the settings.
    pub(super) async fn set_spec(&mut self, spec: &Spec) -> Result<(), AppError> {
        let (workspace_id, id) = (self.row.workspace_id(), self.row.deployment_id());
        let key = confidential::data_key(self.app, &mut self.tx, workspace_id).await?;
        let (rest, sealed) = confidential::seal(&key, workspace_id, id.uuid(), spec)?;
        let now = self.app.clock.now();
        store::deployment::set_spec(&mut self.tx, id, &rest, &sealed, now).await?;
        // The person's newest word holds, whatever becomes of a roll back that is on its way.
        store::release::leave_settings(&mut self.tx, id).await?;
        self.claim(spec).await
    }

    /// Gives the deployment what its settings name, as far as its runner has it.
    pub(super) async fn claim(&mut self, spec: &Spec) -> Result<(), AppError> {
        self.check_capacity(spec).await?;
        let (workspace_id, id) = (self.row.workspace_id(), self.row.deployment_id());
        secret::note_uses(&mut self.tx, workspace_id, id, spec).await?;
        volume::claim(&mut self.tx, &self.row, spec, self.app.clock.now()).await
    }

    /// Gives the deployment what a release needs whose settings follow when it is live. The settings
    /// stay as they are until then.
    pub(super) async fn claim_ahead(&mut self, spec: &Spec) -> Result<(), AppError> {
        secret::check_named(&mut self.tx, self.row.workspace_id(), spec).await?;
        volume::claim(&mut self.tx, &self.row, spec, self.app.clock.now()).await
    }

    /// Makes a release.
    pub(in crate::services) async fn release(
        &mut self,
        by: &Actor,
        making: Making<'_>,
    ) -> Result<(), AppError> {
        self.check_capacity(making.spec).await?;
        release::create(self.app, &mut self.tx, by, &self.row, making).await?;
        Ok(())
    }

    /// Makes a release of settings.
    pub(super) async fn release_settings(
        &mut self,
        by: &Actor,
        spec: &Spec,
        reason: ReleaseReason,
    ) -> Result<(), AppError> {
        let digest = push::pinned(&mut self.tx, &self.row, &spec.image).await?;
        let making = Making::of_settings(spec, reason, digest.as_deref());
        self.release(by, making).await
    }

    async fn check_capacity(&mut self, spec: &Spec) -> Result<(), AppError> {
        let runner = self.runner().await?;
        capacity::check(runner.about.as_ref(), spec)
    }

    /// The runner of the deployment.
    pub(super) async fn runner(&mut self) -> Result<Runner, AppError> {
        let (workspace_id, runner_id) = (self.row.workspace_id(), self.row.runner_id());
        let now = self.app.clock.now();
        let runner = store::runner::find(&mut self.tx, workspace_id, runner_id, now).await?;
        Ok(runner.ok_or(ErrorCode::RunnerNotFound)?)
    }

    /// Cancels the release that is on its way, if there is one.
    pub(super) async fn cancel_under_way(&mut self) -> Result<(), AppError> {
        release::cancel_under_way(self.app, &mut self.tx, self.row.deployment_id()).await
    }

    /// Changes nothing after all; gives the deployment as it is.
    pub(super) async fn leave(self) -> Result<Guarded<Deployment>, AppError> {
        self.tx.rollback().await?;
        super::get(self.app, self.row.workspace_id(), self.row.deployment_id()).await
    }

    /// Commits the change together with the job that tells the runner; gives the deployment as it is
    /// then.
    pub(in crate::services) async fn commit(mut self) -> Result<Guarded<Deployment>, AppError> {
        let (workspace_id, deployment_id) = (self.row.workspace_id(), self.row.deployment_id());
        volume::let_go(&mut self.tx, workspace_id, deployment_id).await?;
        let deployment = self.read().await?;
        self.notify_runner().await?;
        self.tx.commit().await?;
        changed(self.app, workspace_id, deployment_id);
        Ok(deployment)
    }

    /// Has the runner told of the deployment as it is then.
    pub(super) async fn notify_runner(&mut self) -> Result<(), AppError> {
        let job = Job::NotifyRunner {
            runner_id: self.row.runner_id(),
            deployment_id: self.row.deployment_id(),
        };
        Ok(self.app.jobs.enqueue(&mut self.tx, &job).await?)
    }

    /// The deployment as it is with the change.
    pub(super) async fn read(&mut self) -> Result<Guarded<Deployment>, AppError> {
        let (workspace_id, deployment_id) = (self.row.workspace_id(), self.row.deployment_id());
        read::whole(self.app, &mut self.tx, workspace_id, deployment_id).await
    }
}
