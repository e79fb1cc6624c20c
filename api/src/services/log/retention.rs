//! Log retention: drops the oldest lines, in whole segments and short transactions.

use models::DeploymentId;

use super::segment::Printer;
use crate::{
    app::App,
    db::{Abandon, Commit},
    error::AppError,
    store::{
        self,
        deployment_log::{Change, DeploymentLog},
        log_segment::{Deleted, Head},
    },
};

/// Segments dropped per transaction.
const STEP: i64 = 32;

/// Instances per deployment whose last dropped line is recorded.
const MAX_RECORDS: i64 = 1_000;

/// Drops log segments that are too old or too much.
pub async fn trim(app: &App) -> Result<(), AppError> {
    let before = app.clock.now().plus_millis(-app.config.logs.max_age_ms());
    while let Some(deployment_id) = store::log_segment::expired(&app.db, before).await? {
        let Some(log) = store::deployment_log::find(&app.db, deployment_id).await? else {
            break;
        };
        let oldest = store::log_segment::oldest(&app.db, &log, STEP).await?;
        // The first one goes in any case, so that a clock that was set back does not stop this.
        let last = oldest.iter().rfind(|segment| segment.kept_at() < before);
        if !drop_through(app, &log, last.or(oldest.first())).await? {
            break;
        }
    }
    let most = app.config.logs.max_bytes();
    for deployment_id in store::deployment_log::larger_than(&app.db, most).await? {
        by_size(app, deployment_id).await?;
    }
    Ok(())
}

/// Drops a deployment's oldest segments until the rest fits the size limit.
pub(super) async fn by_size(app: &App, deployment_id: DeploymentId) -> Result<(), AppError> {
    loop {
        let Some(log) = store::deployment_log::find(&app.db, deployment_id).await? else {
            return Ok(());
        };
        let surplus = log.stored_bytes - app.config.logs.max_bytes();
        if surplus <= 0 {
            return Ok(());
        }
        let oldest = store::log_segment::oldest(&app.db, &log, STEP).await?;
        let mut dropped = 0;
        let enough = oldest.iter().find(|segment| {
            dropped += segment.stored_bytes;
            dropped >= surplus
        });
        if !drop_through(app, &log, enough.or(oldest.last())).await? {
            return Ok(());
        }
    }
}

/// Drops a log's segments up to and including this one; true if any existed.
async fn drop_through(
    app: &App,
    log: &DeploymentLog,
    last: Option<&Head>,
) -> Result<bool, AppError> {
    let Some(last) = last else {
        return Ok(false);
    };
    app.db
        .write(async |tx| {
            let Some(log) = store::deployment_log::lock(tx, log).await? else {
                return Ok(Abandon(false));
            };
            let span = (i64::MIN, last.last_position);
            let deleted = store::log_segment::delete(tx, &log, span).await?;
            let change = change(&deleted, log.closed_to);
            store::deployment_log::change(tx, &log, change).await?;
            for segment in &deleted {
                for printer in Printer::read(&segment.instances)? {
                    let (instance_id, last) = (printer.instance_id, printer.last());
                    store::log_truncation::record(tx, &log, instance_id, last).await?;
                }
            }
            store::log_truncation::keep_newest(tx, &log, MAX_RECORDS).await?;
            Ok(Commit(!deleted.is_empty()))
        })
        .await
}

/// Returns the change of the log's totals when these segments go.
fn change(deleted: &[Deleted], closed_to: i64) -> Change {
    let mut change = Change::default();
    for segment in deleted {
        change.stored_bytes -= segment.stored_bytes;
        if segment.first_position > closed_to {
            change.open_segments -= 1;
            change.open_bytes -= segment.raw_bytes;
        }
    }
    change
}
