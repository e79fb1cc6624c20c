//! The frame of every change that a person makes to a deployment.
//!
//! A change is one transaction that locks the deployment. Its runner is notified once it is
//! committed.

use models::{
    DeploymentId, WorkspaceId,
    deployment::{Deployment, DesiredState, ReleaseReason, Spec},
    error::ErrorCode,
    runner::Runner,
};

use super::read;
use crate::{
    actor::Actor,
    app::App,
    db::{Decision, Tx},
    error::AppError,
    services::{
        Redactable, auto_deploy, capacity,
        release::{self, ReleaseDraft},
        sealed_spec, secret, volume,
    },
    store::{self, deployment::LockedDeployment},
};

/// A change of one deployment, inside its transaction.
pub(in crate::services) struct Change<'a> {
    pub(in crate::services) app: &'a App,
    pub(in crate::services) tx: &'a mut Tx,
    /// The deployment before the change, locked.
    pub(in crate::services) row: LockedDeployment,
}

/// Changes a deployment that is not being deleted, and returns it.
///
/// `apply` decides whether the change is committed.
pub(super) async fn change(
    app: &App,
    workspace_id: WorkspaceId,
    deployment_id: DeploymentId,
    apply: impl AsyncFnOnce(&mut Change<'_>) -> Result<Decision<()>, AppError>,
) -> Result<Redactable<Deployment>, AppError> {
    app.db
        .write(async |tx| {
            let mut change = Change::lock(app, tx, workspace_id, deployment_id).await?;
            if change.row.desired()? == DesiredState::Deleted {
                return Err(ErrorCode::DeploymentBeingDeleted.into());
            }
            let decision = apply(&mut change).await?;
            if let Decision::Commit(()) = decision {
                change.finish().await?;
            }
            let deployment = change.read().await?;
            Ok(decision.map(|()| deployment))
        })
        .await
}

impl<'a> Change<'a> {
    /// Starts a change of a deployment in any desired state.
    pub(in crate::services) async fn lock(
        app: &'a App,
        tx: &'a mut Tx,
        workspace_id: WorkspaceId,
        deployment_id: DeploymentId,
    ) -> Result<Self, AppError> {
        let row = store::deployment::find_locked(tx, workspace_id, deployment_id).await?;
        Ok(Self { app, tx, row })
    }

    /// Sets the desired state.
    pub(super) async fn set_desired(&mut self, desired: DesiredState) -> Result<(), AppError> {
        let now = self.app.clock.now();
        Ok(store::deployment::set_desired(self.tx, &self.row, desired, now).await?)
    }

    /// Returns the whole specification in the settings before the change.
    pub(in crate::services) async fn current_spec(&mut self) -> Result<Spec, AppError> {
        read::current_spec(self.app, &mut *self.tx, &self.row).await
    }

    /// Replaces the specification in the settings.
    pub(super) async fn set_spec(&mut self, spec: &Spec) -> Result<(), AppError> {
        let (workspace_id, id) = (self.row.workspace_id(), self.row.deployment_id());
        let key = sealed_spec::data_key(self.app, &mut *self.tx, workspace_id).await?;
        let (rest, sealed) = sealed_spec::seal(&key, workspace_id, id.uuid(), spec)?;
        let now = self.app.clock.now();
        store::deployment::set_spec(self.tx, &self.row, &rest, &sealed, now).await?;
        // The newest settings hold even if a roll back under way becomes live later.
        store::release::clear_settings_change(self.tx, &self.row).await?;
        self.claim(spec).await
    }

    /// Checks the capacity and claims the secrets and volumes that settings name.
    pub(super) async fn claim(&mut self, spec: &Spec) -> Result<(), AppError> {
        self.check_capacity(spec).await?;
        secret::record_refs(self.tx, &self.row, spec).await?;
        volume::claim(self.tx, &self.row, spec, self.app.clock.now()).await
    }

    /// Claims the volumes of a release whose settings take effect once it is live.
    ///
    /// Until then the settings stay as they are. The secrets are only checked.
    pub(super) async fn claim_for_release(&mut self, spec: &Spec) -> Result<(), AppError> {
        secret::check_refs(self.tx, &self.row, spec).await?;
        volume::claim(self.tx, &self.row, spec, self.app.clock.now()).await
    }

    /// Creates a release.
    pub(in crate::services) async fn release(
        &mut self,
        by: &Actor,
        draft: ReleaseDraft<'_>,
    ) -> Result<(), AppError> {
        self.check_capacity(draft.shape()).await?;
        release::create(self.app, self.tx, by, &self.row, draft).await?;
        Ok(())
    }

    /// Creates a release of the settings.
    pub(super) async fn release_settings(
        &mut self,
        by: &Actor,
        spec: &Spec,
        reason: ReleaseReason,
    ) -> Result<(), AppError> {
        let digest = auto_deploy::pinned_digest(self.tx, &self.row, &spec.image).await?;
        let draft = ReleaseDraft::of_settings(spec, reason, digest.as_ref());
        self.release(by, draft).await
    }

    async fn check_capacity(&mut self, spec: &Spec) -> Result<(), AppError> {
        let runner = self.runner().await?;
        capacity::check(runner.about.as_ref(), spec)
    }

    /// Finds the deployment's runner.
    pub(super) async fn runner(&mut self) -> Result<Runner, AppError> {
        let (workspace_id, runner_id) = (self.row.workspace_id(), self.row.runner_id());
        let now = self.app.clock.now();
        let runner = store::runner::find(&mut *self.tx, workspace_id, runner_id, now).await?;
        Ok(runner.ok_or(ErrorCode::RunnerNotFound)?)
    }

    /// Cancels the release under way, if there is one.
    pub(super) async fn cancel_under_way(&mut self) -> Result<(), AppError> {
        release::cancel_under_way(self.app, self.tx, &self.row).await
    }

    /// Ends the change: what is no longer needed is released, and others learn of it.
    pub(in crate::services) async fn finish(&mut self) -> Result<(), AppError> {
        volume::release_volumes(self.tx, &self.row).await?;
        self.notify().await
    }

    /// Tells the runner and the pages of the deployment's new state after the commit.
    pub(super) async fn notify(&mut self) -> Result<(), AppError> {
        release::notify(self.app, self.tx, &self.row).await
    }

    /// Returns the deployment with the change.
    pub(super) async fn read(&mut self) -> Result<Redactable<Deployment>, AppError> {
        let (workspace_id, deployment_id) = (self.row.workspace_id(), self.row.deployment_id());
        read::load(self.app, &mut *self.tx, workspace_id, deployment_id).await
    }
}
