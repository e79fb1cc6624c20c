//! Creation of releases.

use models::{
    ReleaseId,
    deployment::{DesiredState, ReleasePhase, ReleaseReason, Spec},
};

use super::advance;
use crate::{
    actor::Actor,
    app::App,
    db::Tx,
    error::AppError,
    services::{confidential, secret},
    store::{
        self,
        release::{NewRelease, Told},
    },
};

/// The content of a new release, and its reason.
pub(in crate::services) struct Making<'a> {
    pub(in crate::services) spec: &'a Spec,
    pub(in crate::services) reason: ReleaseReason,
    /// Digest to run even if the tag moved; if absent, the runner resolves the tag.
    pub(in crate::services) digest: Option<&'a str>,
    /// The release that this one repeats.
    pub(in crate::services) repeats: Option<&'a store::release::Release>,
}

impl<'a> Making<'a> {
    /// Describes a release of the settings.
    pub(in crate::services) const fn of_settings(
        spec: &'a Spec,
        reason: ReleaseReason,
        digest: Option<&'a str>,
    ) -> Self {
        Self {
            spec,
            reason,
            digest,
            repeats: None,
        }
    }
}

/// Creates a release; one that is under way is superseded.
pub(in crate::services) async fn create(
    app: &App,
    tx: &mut Tx,
    by: &Actor,
    deployment: &store::deployment::Deployment,
    making: Making<'_>,
) -> Result<ReleaseId, AppError> {
    let deployment_id = deployment.deployment_id();
    let workspace_id = deployment.workspace_id();
    let now = app.clock.now();
    let mut starts = deployment.desired()? == DesiredState::Stopped;
    if let Some(older) = store::release::under_way(&mut *tx, deployment_id).await? {
        starts |= older.starts();
        let older_id = older.release_id();
        advance(
            app,
            tx,
            older_id,
            ReleasePhase::Superseded,
            &Told::default(),
        )
        .await?;
    }
    let release_id = ReleaseId::from_uuid(app.ids.next());
    let key = confidential::data_key(app, &mut *tx, workspace_id).await?;
    let filled_in = match making.repeats {
        // The specification already has the secret values of that time.
        Some(_) => making.spec.clone(),
        None => secret::filled_in(app, &mut *tx, workspace_id, making.spec).await?,
    };
    let (spec, sealed_confidential) =
        confidential::seal(&key, workspace_id, release_id.uuid(), &filled_in)?;
    let number = store::deployment::take_release_number(tx, deployment_id).await?;
    let release = NewRelease {
        release_id,
        deployment_id,
        number,
        deadline_at: ReleasePhase::Queued
            .deadline_ms()
            .map(|ms| now.plus_millis(ms)),
        spec: &spec,
        sealed_confidential: &sealed_confidential,
        image_digest: making.digest,
        reason: making.reason,
        repeats: making.repeats.map(|old| old.number),
        starts,
        moves_settings: making.reason == ReleaseReason::RolledBack,
        created_by: by.user_id(),
        created_by_kind: by.kind,
        created_by_name: &by.name,
        at: now,
    };
    store::release::insert(tx, release).await?;
    store::deployment::next_generation(tx, deployment_id).await?;
    Ok(release_id)
}
