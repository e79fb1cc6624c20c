//! Auto-deploy: releases when the tag of a deployment's image moves.
//!
//! The runner asks the registry and reports the digest; the server decides. A digest is
//! auto-deployed once: whatever becomes of that release, it is deployed again only after the
//! tag had another digest. After a roll back, the tag's digest at that time is skipped as well.

mod release;

use models::{
    DeploymentId, WorkspaceId,
    deployment::check_watchable,
    error::{ApiError, FieldError},
    runner::{Runner, TagReport, WatchedTag},
    time::Timestamp,
    value::{ImageDigest, ImageReference},
};

pub use self::release::deploy_if_due;
use super::{deployment::changed, registry, untrusted_text};
use crate::{
    app::App,
    db::{Abandon, Commit, Snapshot, Tx},
    error::AppError,
    jobs::Job,
    store::{
        self,
        deployment::Deployment,
        observation::Reporter,
        release::Release,
        tag_watch::{self, TagWatch},
    },
};

/// Rejects a runner that cannot ask registries.
///
/// A runner that never connected passes; its results, or their absence, will be shown.
pub(super) fn check_capability(runner: &Runner) -> Result<(), AppError> {
    match &runner.about {
        Some(about) if !about.tags => Err(wrong(
            "This runner does not support auto-deploy. Turn it off, or choose another runner.",
        )),
        _ => Ok(()),
    }
}

fn wrong(message: &str) -> AppError {
    let field = FieldError {
        field: "auto_deploy".to_owned(),
        message: message.to_owned(),
    };
    ApiError::invalid(vec![field]).into()
}

/// Applies changed settings to the tag watch.
///
/// An absent `wanted` keeps auto-deploy on or off. Returns the new on/off state if it changed.
pub(super) async fn configure(
    tx: &mut Tx,
    deployment: &Deployment,
    image: &ImageReference,
    wanted: Option<bool>,
) -> Result<Option<bool>, AppError> {
    let (workspace_id, deployment_id) = (deployment.workspace_id(), deployment.deployment_id());
    let found = tag_watch::find(&mut *tx, workspace_id, deployment_id).await?;
    if found.is_none() && wanted != Some(true) {
        return Ok(None);
    }
    let before = found.unwrap_or_else(|| TagWatch::off(image.clone()));
    let is_on = wanted.unwrap_or(before.is_on);
    check_watchable(image)(&Some(is_on), &()).map_err(|error| wrong(error.message()))?;
    let was_on = before.is_on;
    let mut watch = for_image(before, image);
    watch.is_on = is_on;
    if is_on && !was_on {
        watch.poll_serial += 1;
        watch.is_held = false;
        watch.handled_digest = None;
    }
    tag_watch::put(tx, workspace_id, deployment_id, &watch).await?;
    Ok((is_on != was_on).then_some(is_on))
}

/// Resets the state of the tag when the image changes.
fn for_image(watch: TagWatch, image: &ImageReference) -> TagWatch {
    if watch.image == *image {
        return watch;
    }
    TagWatch {
        is_on: watch.is_on,
        poll_serial: watch.poll_serial + 1,
        released_at: watch.released_at,
        ..TagWatch::off(image.clone())
    }
}

/// Returns the digest for releases of changed settings; `None` to resolve the tag.
///
/// It is the digest that was auto-deployed, or that a person rolled back to. It changes when
/// the tag moves or a person deploys.
pub(super) async fn pinned_digest(
    tx: &mut Tx,
    deployment: &Deployment,
    image: &ImageReference,
) -> Result<Option<ImageDigest>, AppError> {
    let (workspace_id, deployment_id) = (deployment.workspace_id(), deployment.deployment_id());
    let found = tag_watch::find(tx, workspace_id, deployment_id).await?;
    let of_image = found.filter(|watch| watch.image == *image);
    Ok(of_image.and_then(|watch| watch.pinned_digest))
}

/// Records that a person deployed: the tag's digest wins over any roll back.
pub(super) async fn on_deploy(tx: &mut Tx, deployment: &Deployment) -> Result<(), AppError> {
    change(tx, deployment, |watch| {
        watch.pinned_digest = None;
        if watch.is_on && watch.digest.is_some() {
            watch.handled_digest.clone_from(&watch.digest);
        }
        watch.is_held = false;
        watch.poll_serial += 1;
    })
    .await
}

/// Records that a person started a roll back.
///
/// The tag's current digest is not auto-deployed, neither during that release nor after.
pub(super) async fn on_rollback_started(
    tx: &mut Tx,
    deployment: &Deployment,
) -> Result<(), AppError> {
    change(tx, deployment, |watch| {
        watch.is_held = watch.is_on;
        watch.poll_serial += 1;
    })
    .await
}

/// Records that a roll back is live and its settings hold.
///
/// Releases of the settings use its image digest until a person deploys or the tag moves.
pub(super) async fn on_rollback_live(
    tx: &mut Tx,
    deployment: &Deployment,
    to: &Release,
) -> Result<(), AppError> {
    change(tx, deployment, |watch| {
        let image = &to.spec().image;
        *watch = for_image(watch.clone(), image);
        watch.is_on &= image.tag().is_some();
        watch.is_held = watch.is_on;
        watch.poll_serial += 1;
        watch.pinned_digest = to.image_digest();
    })
    .await
}

async fn change(
    tx: &mut Tx,
    deployment: &Deployment,
    change: impl FnOnce(&mut TagWatch),
) -> Result<(), AppError> {
    let (workspace_id, deployment_id) = (deployment.workspace_id(), deployment.deployment_id());
    if let Some(mut watch) = tag_watch::find(&mut *tx, workspace_id, deployment_id).await? {
        change(&mut watch);
        tag_watch::put(tx, workspace_id, deployment_id, &watch).await?;
    }
    Ok(())
}

/// Returns the tag that a runner should watch for a running deployment.
pub(super) async fn watched_tag(
    app: &App,
    snapshot: &mut Snapshot,
    deployment: &Deployment,
) -> Result<Option<WatchedTag>, AppError> {
    let (workspace_id, deployment_id) = (deployment.workspace_id(), deployment.deployment_id());
    let found = tag_watch::find(&mut *snapshot, workspace_id, deployment_id).await?;
    let Some(watch) = found.filter(|watch| watch.is_on) else {
        return Ok(None);
    };
    Ok(Some(WatchedTag {
        registry_credential: registry::credential_for(app, snapshot, workspace_id, &watch.image)
            .await?,
        image: watch.image,
        poll_serial: watch.poll_serial,
    }))
}

/// Applies a runner's report on a tag.
///
/// A runner may report only on its own deployments with auto-deploy, and on the image in their
/// current settings. Reports over a link that is not the newest may be old and are ignored.
pub async fn record_report(
    app: &App,
    reporter: Reporter,
    report: TagReport,
) -> Result<(), AppError> {
    app.db
        .write(async |tx| {
            let deployment_id = report.deployment_id;
            let locked = store::deployment::lock_reported(tx, deployment_id, reporter).await?;
            let Some(deployment) = locked else {
                return Ok(Abandon(()));
            };
            let workspace_id = deployment.workspace_id();
            let found = tag_watch::find(&mut *tx, workspace_id, deployment_id).await?;
            let is_asked = |watch: &TagWatch| watch.is_on && watch.image == report.image;
            let Some(mut watch) = found.filter(is_asked) else {
                return Ok(Abandon(()));
            };
            apply_report(&mut watch, report, app.clock.now());
            tag_watch::put(tx, workspace_id, deployment_id, &watch).await?;
            if has_moved(&watch) {
                enqueue_deploy(app, tx, workspace_id, deployment_id).await?;
            }
            changed(app, tx, workspace_id, deployment_id);
            Ok(Commit(()))
        })
        .await
}

/// Applies the result of a check to the tag's state.
fn apply_report(watch: &mut TagWatch, report: TagReport, now: Timestamp) {
    watch.checked_at = Some(now);
    watch.failure = report
        .failure
        .as_ref()
        .map(untrusted_text::sanitize_failure);
    if report.digest.is_some() {
        watch.failure = None;
        if watch.is_held && report.poll_serial >= watch.poll_serial {
            watch.is_held = false;
            watch.handled_digest.clone_from(&report.digest);
        }
        watch.digest = report.digest;
    }
}

/// True if the tag has a digest that was not handled yet.
fn has_moved(watch: &TagWatch) -> bool {
    watch.is_on && !watch.is_held && watch.digest.is_some() && watch.digest != watch.handled_digest
}

async fn enqueue_deploy(
    app: &App,
    tx: &mut Tx,
    workspace_id: WorkspaceId,
    deployment_id: DeploymentId,
) -> Result<(), AppError> {
    let job = Job::AutoDeploy {
        workspace_id,
        deployment_id,
    };
    Ok(app.jobs.enqueue(tx, &job).await?)
}
