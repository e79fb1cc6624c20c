//! Releases by auto-deploy after a tag moved.

use models::{
    DeploymentId, WorkspaceId,
    deployment::{DesiredState, ReleaseReason},
    error::ErrorCode,
    time::Timestamp,
};

use super::has_moved;
use crate::{
    actor::Actor,
    app::App,
    db::Tx,
    error::AppError,
    services::{deployment::Change, release::ReleaseDraft},
    store::{
        self,
        deployment::Deployment,
        tag_watch::{self, TagWatch},
    },
};

/// Shortest time between two auto-deployed releases, in milliseconds.
///
/// It protects a deployment from a build that pushes in a loop and from a hostile runner.
const PAUSE_MS: i64 = 60_000;

/// Delay of the decision while a release has no digest yet, in milliseconds.
const LOOK_AGAIN_MS: i64 = 5_000;

/// Decision about a tag's digest.
enum Verdict {
    /// No release: the digest runs already, or ran before the tag was watched.
    Settled,
    /// Undecided until this moment.
    Wait(Timestamp),
    /// A release is due.
    Release,
}

/// Creates the release for a tag that moved, if one is due.
///
/// Returns the time to ask again if that is undecided. While a deployment is stopped nothing is
/// released and nothing is marked as handled: its runner checks the tag again when it is
/// started.
pub async fn deploy_if_due(
    app: &App,
    workspace_id: WorkspaceId,
    deployment_id: DeploymentId,
) -> Result<Option<Timestamp>, AppError> {
    let mut change = match Change::begin_even_if_deleted(app, workspace_id, deployment_id).await {
        Ok(change) => change,
        Err(error) if error.code() == ErrorCode::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let found = tag_watch::find(&mut change.tx, workspace_id, deployment_id).await?;
    let Some(mut watch) = found.filter(has_moved) else {
        return Ok(None);
    };
    let Some(digest) = watch.digest.clone() else {
        return Ok(None);
    };
    if change.row.desired()? != DesiredState::Running {
        return Ok(None);
    }
    let now = app.clock.now();
    let is_release = match judge(&mut change.tx, &change.row, &watch, &digest, now).await? {
        Verdict::Wait(until) => return Ok(Some(until)),
        Verdict::Settled => false,
        Verdict::Release => true,
    };
    watch.handled_digest = Some(digest.clone());
    if is_release {
        watch.pinned_digest = Some(digest.clone());
        watch.released_at = Some(now);
    }
    tag_watch::put(&mut change.tx, workspace_id, deployment_id, &watch).await?;
    if !is_release {
        change.tx.commit().await?;
        return Ok(None);
    }
    let spec = change.current_spec().await?;
    let draft = ReleaseDraft::of_settings(&spec, ReleaseReason::TagMoved, Some(&digest));
    let tag = watch.image.tag().unwrap_or_default().to_owned();
    change.release(&Actor::tag(&tag), draft).await?;
    change.commit().await?;
    tracing::info!(deployment.id = %deployment_id, image = %watch.image, digest, "a tag moved");
    Ok(None)
}

async fn judge(
    tx: &mut Tx,
    row: &Deployment,
    watch: &TagWatch,
    digest: &str,
    now: Timestamp,
) -> Result<Verdict, AppError> {
    let deployment_id = row.deployment_id();
    // The tag was not seen moving. A digest that was tried before is not tried again.
    if watch.handled_digest.is_none()
        && store::release::has_digest(tx, deployment_id, digest).await?
    {
        return Ok(Verdict::Settled);
    }
    let runs = match store::release::under_way(&mut *tx, deployment_id).await? {
        Some(under_way) if under_way.spec().image == watch.image => {
            if under_way.image_digest.is_none() {
                return Ok(Verdict::Wait(now.plus_millis(LOOK_AGAIN_MS)));
            }
            under_way.image_digest
        }
        Some(_) => None,
        None => match row.live_release_id() {
            Some(live) => store::release::find(&mut *tx, live).await?.image_digest,
            None => None,
        },
    };
    if runs.as_deref() == Some(digest) {
        return Ok(Verdict::Settled);
    }
    let earliest = watch.released_at.map(|at| at.plus_millis(PAUSE_MS));
    Ok(match earliest.filter(|at| *at > now) {
        Some(earliest) => Verdict::Wait(earliest),
        None => Verdict::Release,
    })
}
