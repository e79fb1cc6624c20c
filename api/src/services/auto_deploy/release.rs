//! Releases by auto-deploy after a tag moved.

use models::{
    DeploymentId, WorkspaceId,
    deployment::{DesiredState, ReleaseReason},
    error::ErrorCode,
    time::Timestamp,
    value::ImageDigest,
};

use super::has_moved;
use crate::{
    actor::Actor,
    app::App,
    db::{Abandon, Commit, Tx},
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
const RECHECK_MS: i64 = 5_000;

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
    app.db
        .write(async |tx| {
            let mut change = match Change::lock(app, tx, workspace_id, deployment_id).await {
                Err(error) if error.code() == ErrorCode::NotFound => return Ok(Abandon(None)),
                locked => locked?,
            };
            let found = tag_watch::find(&mut *change.tx, workspace_id, deployment_id).await?;
            let Some(mut watch) = found.filter(has_moved) else {
                return Ok(Abandon(None));
            };
            let Some(digest) = watch.digest.clone() else {
                return Ok(Abandon(None));
            };
            if change.row.desired()? != DesiredState::Running {
                return Ok(Abandon(None));
            }
            let now = app.clock.now();
            let verdict = judge(change.tx, &change.row, &watch, &digest, now).await?;
            if let Verdict::Wait(until) = verdict {
                return Ok(Abandon(Some(until)));
            }
            watch.handled_digest = Some(digest.clone());
            if let Verdict::Release = verdict {
                watch.pinned_digest = Some(digest.clone());
                watch.released_at = Some(now);
            }
            tag_watch::put(change.tx, workspace_id, deployment_id, &watch).await?;
            if let Verdict::Release = verdict {
                release(&mut change, &watch, &digest).await?;
            }
            Ok(Commit(None))
        })
        .await
}

/// Creates the release of a tag's new digest.
async fn release(
    change: &mut Change<'_>,
    watch: &TagWatch,
    digest: &ImageDigest,
) -> Result<(), AppError> {
    let spec = change.current_spec().await?;
    let draft = ReleaseDraft::of_settings(&spec, ReleaseReason::TagMoved, Some(digest));
    let tag = watch.image.tag().unwrap_or_default();
    change.release(&Actor::tag(tag), draft).await?;
    change.finish().await?;
    let deployment_id = change.row.deployment_id();
    let (image, digest) = (watch.image.to_string(), digest.clone());
    change.tx.after_commit(move || {
        tracing::info!(deployment.id = %deployment_id, image, %digest, "a tag moved");
    });
    Ok(())
}

async fn judge(
    tx: &mut Tx,
    row: &Deployment,
    watch: &TagWatch,
    digest: &ImageDigest,
    now: Timestamp,
) -> Result<Verdict, AppError> {
    // The tag was not seen moving. A digest that was tried before is not tried again.
    if watch.handled_digest.is_none() && store::release::has_digest(tx, row, digest).await? {
        return Ok(Verdict::Settled);
    }
    let runs = match store::release::under_way(&mut *tx, row).await? {
        Some(under_way) if under_way.spec().image == watch.image => {
            let Some(digest) = under_way.image_digest() else {
                return Ok(Verdict::Wait(now.plus_millis(RECHECK_MS)));
            };
            Some(digest)
        }
        Some(_) => None,
        None => {
            let live = store::release::live(tx, row).await?;
            live.and_then(|live| live.image_digest())
        }
    };
    if runs.as_ref() == Some(digest) {
        return Ok(Verdict::Settled);
    }
    let earliest = watch.released_at.map(|at| at.plus_millis(PAUSE_MS));
    Ok(match earliest.filter(|at| *at > now) {
        Some(earliest) => Verdict::Wait(earliest),
        None => Verdict::Release,
    })
}
