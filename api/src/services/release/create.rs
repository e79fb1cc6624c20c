//! Creation of releases.

use models::{
    ReleaseId,
    deployment::{DesiredState, ReleasePhase, ReleaseReason, Spec},
    value::ImageDigest,
};

use super::advance;
use crate::{
    actor::Actor,
    app::App,
    db::Tx,
    error::AppError,
    services::{resolved_spec::ResolvedSpec, sealed_spec},
    store::{
        self,
        deployment::LockedDeployment,
        release::{NewRelease, ReleaseUpdate},
    },
};

/// The content of a new release, and its reason.
pub(in crate::services) struct ReleaseDraft<'a> {
    pub(in crate::services) content: ReleaseContent<'a>,
    pub(in crate::services) reason: ReleaseReason,
    /// Digest to run even if the tag moved; if absent, the runner resolves the tag.
    pub(in crate::services) digest: Option<&'a ImageDigest>,
}

/// The specification of a new release.
#[derive(Clone, Copy)]
pub(in crate::services) enum ReleaseContent<'a> {
    /// The settings; their secrets have the values of now.
    Settings(&'a Spec),
    /// Another release, with the values of its time.
    Repeat(&'a store::release::Release, &'a ResolvedSpec),
}

impl<'a> ReleaseDraft<'a> {
    /// Describes a release of the settings.
    pub(in crate::services) const fn of_settings(
        spec: &'a Spec,
        reason: ReleaseReason,
        digest: Option<&'a ImageDigest>,
    ) -> Self {
        Self {
            content: ReleaseContent::Settings(spec),
            reason,
            digest,
        }
    }

    /// Returns the specification, possibly without its variables and files.
    pub(in crate::services) fn shape(&self) -> &'a Spec {
        match self.content {
            ReleaseContent::Settings(spec) => spec,
            ReleaseContent::Repeat(release, _) => release.spec(),
        }
    }
}

/// Creates a release; one that is under way is superseded.
pub(in crate::services) async fn create(
    app: &App,
    tx: &mut Tx,
    by: &Actor,
    deployment: &LockedDeployment,
    draft: ReleaseDraft<'_>,
) -> Result<ReleaseId, AppError> {
    let workspace_id = deployment.workspace_id();
    let now = app.clock.now();
    let mut starts = deployment.desired()? == DesiredState::Stopped;
    if let Some(older) = store::release::under_way(&mut *tx, deployment).await? {
        starts |= older.starts();
        let older_id = older.release_id();
        advance(
            app,
            tx,
            deployment,
            older_id,
            ReleasePhase::Superseded,
            &ReleaseUpdate::default(),
        )
        .await?;
    }
    let release_id = ReleaseId::from_uuid(app.ids.next());
    let key = sealed_spec::data_key(app, &mut *tx, workspace_id).await?;
    let (now_resolved, repeats);
    let resolved = match draft.content {
        ReleaseContent::Settings(spec) => {
            now_resolved = ResolvedSpec::resolve(app, &mut *tx, workspace_id, spec).await?;
            repeats = None;
            &now_resolved
        }
        ReleaseContent::Repeat(release, spec) => {
            repeats = Some(release.number);
            spec
        }
    };
    let (spec, sealed_fields) = resolved.seal(&key, workspace_id, release_id.uuid())?;
    let number = store::deployment::take_release_number(tx, deployment).await?;
    let release = NewRelease {
        release_id,
        number,
        deadline_at: ReleasePhase::Queued
            .deadline_ms()
            .map(|ms| now.plus_millis(ms)),
        spec: &spec,
        sealed_fields: &sealed_fields,
        image_digest: draft.digest,
        reason: draft.reason,
        repeats,
        starts,
        changes_settings: draft.reason == ReleaseReason::RolledBack,
        created_by: by.user_id(),
        created_by_kind: by.kind,
        created_by_name: &by.name,
        at: now,
    };
    store::release::insert(tx, deployment, release).await?;
    store::deployment::next_generation(tx, deployment).await?;
    Ok(release_id)
}
