//! Deploying by itself when the tag that a deployment's image names moves.
//!
//! The runner asks the registry and says what it found; here it is decided what follows. A digest is
//! deployed by itself once: whatever becomes of that release, it comes back only after the tag meant
//! something else. After a roll back, what the tag means then is left alone as well.

mod release;

use garde::Validate;
use models::{
    DeploymentId, WorkspaceId,
    deployment::watchable,
    error::{ApiError, FieldError},
    runner::{Runner, TagReport, WatchedTag},
    value::ImageReference,
};

pub use self::release::release_due;
use super::{deployment::changed, registry, said};
use crate::{
    app::App,
    db::Tx,
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

/// Refuses a runner that cannot ask registries. One that never was connected has not said yet; what
/// it finds, or that it finds nothing, will be shown.
pub(super) fn can_look(runner: &Runner) -> Result<(), AppError> {
    match &runner.about {
        Some(about) if !about.tags => Err(wrong(
            "This runner cannot ask a registry what a tag means. Leave this off, or choose another \
             runner.",
        )),
        _ => Ok(()),
    }
}

fn wrong(message: &str) -> AppError {
    let field = FieldError {
        field: "deploy_on_push".to_owned(),
        message: message.to_owned(),
    };
    ApiError::invalid(vec![field]).into()
}

/// Takes up what the settings say from now on; as before where nothing is wanted. Gives whether it
/// is on, if that changed.
pub(super) async fn settle(
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
    watchable(image)(&Some(is_on), &()).map_err(|error| wrong(error.message()))?;
    let was_on = before.is_on;
    let mut watch = about(before, image);
    watch.is_on = is_on;
    if is_on && !was_on {
        watch.look += 1;
        watch.is_held = false;
        watch.handled_digest = None;
    }
    tag_watch::put(tx, workspace_id, deployment_id, &watch).await?;
    Ok((is_on != was_on).then_some(is_on))
}

/// What is known of one tag says nothing of another.
fn about(watch: TagWatch, image: &ImageReference) -> TagWatch {
    if watch.image == *image {
        return watch;
    }
    TagWatch {
        is_on: watch.is_on,
        look: watch.look + 1,
        released_at: watch.released_at,
        ..TagWatch::off(image.clone())
    }
}

/// The digest that a release of other settings runs, when it is not for the runner to ask what the tag
/// means: the one that was deployed because the tag moved, or the one that a person went back to. It
/// changes when the tag moves or a person deploys.
pub(super) async fn pinned(
    tx: &mut Tx,
    deployment: &Deployment,
    image: &ImageReference,
) -> Result<Option<String>, AppError> {
    let (workspace_id, deployment_id) = (deployment.workspace_id(), deployment.deployment_id());
    let found = tag_watch::find(tx, workspace_id, deployment_id).await?;
    let of_image = found.filter(|watch| watch.image == *image);
    Ok(of_image.and_then(|watch| watch.pinned_digest))
}

/// A person wants what the tag means, whatever was rolled back before.
pub(super) async fn deployed(tx: &mut Tx, deployment: &Deployment) -> Result<(), AppError> {
    change(tx, deployment, |watch| {
        watch.pinned_digest = None;
        if watch.is_on && watch.digest.is_some() {
            watch.handled_digest.clone_from(&watch.digest);
        }
        watch.is_held = false;
        watch.look += 1;
    })
    .await
}

/// A person wants an older release back: what the tag means now is not deployed by itself, neither
/// while that release is on its way nor after.
pub(super) async fn rolling_back(tx: &mut Tx, deployment: &Deployment) -> Result<(), AppError> {
    change(tx, deployment, |watch| {
        watch.is_held = watch.is_on;
        watch.look += 1;
    })
    .await
}

/// An older release is live again and its settings hold: releases of the settings run its image until
/// a person deploys or the tag moves.
pub(super) async fn rolled_back(
    tx: &mut Tx,
    deployment: &Deployment,
    to: &Release,
) -> Result<(), AppError> {
    change(tx, deployment, |watch| {
        let image = &to.spec().image;
        *watch = about(watch.clone(), image);
        watch.is_on &= image.tag().is_some();
        watch.is_held = watch.is_on;
        watch.look += 1;
        watch.pinned_digest.clone_from(&to.image_digest);
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

/// The tag that a runner keeps an eye on for a deployment that is meant to run.
pub(super) async fn watched(
    app: &App,
    deployment: &Deployment,
) -> Result<Option<WatchedTag>, AppError> {
    let (workspace_id, deployment_id) = (deployment.workspace_id(), deployment.deployment_id());
    let found = tag_watch::find(&app.db, workspace_id, deployment_id).await?;
    let Some(watch) = found.filter(|watch| watch.is_on) else {
        return Ok(None);
    };
    Ok(Some(WatchedTag {
        registry_credential: registry::credential_for(app, workspace_id, &watch.image).await?,
        image: watch.image,
        look: watch.look,
    }))
}

/// Takes a runner's word on what a tag means.
///
/// It may speak of its own deployments only, of those that deploy by themselves, and of the image
/// that their settings name now. What comes over a link that is not its newest may be old.
pub async fn report(app: &App, reporter: Reporter, report: TagReport) -> Result<(), AppError> {
    if let Err(error) = report.validate() {
        tracing::debug!(runner.id = %reporter.runner_id, %error, "a runner spoke of what is no digest");
        return Ok(());
    }
    let deployment_id = report.deployment_id;
    let mut tx = app.db.begin().await?;
    let locked = store::deployment::lock_reported(&mut tx, deployment_id, reporter).await?;
    let Some(workspace_id) = locked else {
        return Ok(());
    };
    let found = tag_watch::find(&mut tx, workspace_id, deployment_id).await?;
    let is_asked = |watch: &TagWatch| watch.is_on && watch.image == report.image;
    let Some(mut watch) = found.filter(is_asked) else {
        return Ok(());
    };
    watch.looked_at = Some(app.clock.now());
    watch.failure = report.failure.as_ref().map(said::failure);
    if report.digest.is_some() {
        watch.failure = None;
        if watch.is_held && report.look >= watch.look {
            watch.is_held = false;
            watch.handled_digest.clone_from(&report.digest);
        }
        watch.digest = report.digest;
    }
    tag_watch::put(&mut tx, workspace_id, deployment_id, &watch).await?;
    if has_moved(&watch) {
        deploy_soon(app, &mut tx, workspace_id, deployment_id).await?;
    }
    tx.commit().await?;
    changed(app, workspace_id, deployment_id);
    Ok(())
}

/// Whether the tag means something that nothing followed from yet.
fn has_moved(watch: &TagWatch) -> bool {
    watch.is_on && !watch.is_held && watch.digest.is_some() && watch.digest != watch.handled_digest
}

async fn deploy_soon(
    app: &App,
    tx: &mut Tx,
    workspace_id: WorkspaceId,
    deployment_id: DeploymentId,
) -> Result<(), AppError> {
    let job = Job::DeployPushed {
        workspace_id,
        deployment_id,
    };
    Ok(app.jobs.enqueue(tx, &job).await?)
}
