//! Ingest of samples from runners, within limits.

use std::collections::{BTreeSet, HashMap};

use models::{
    DeploymentId, InstanceId, RunnerId,
    deployment::{MAX_INSTANCES, Usage},
    runner::{SAMPLE_INTERVAL_MS, StatsSample},
    time::Timestamp,
};

use crate::{
    app::App,
    bus::Event,
    db::{Commit, Tx},
    error::AppError,
    store::{
        self,
        stats_sample::Sample,
        stats_series::{Bound, SeriesId},
    },
};

/// Shortest time between two samples of an instance, in milliseconds.
///
/// Half the usual interval, because delays on the way vary.
const SHORTEST_GAP_MS: i64 = SAMPLE_INTERVAL_MS.cast_signed() / 2;

/// Largest number of instances of one deployment measured per interval.
///
/// Twice the limit of a deployment, because old and new instances run together during a
/// rollout.
const MAX_PER_INTERVAL: u32 = 2 * MAX_INSTANCES as u32;

/// Largest number of new series of one deployment per hour.
const MAX_NEW_SERIES_PER_HOUR: i64 = 500;
pub(super) const HOUR_MS: i64 = 3_600_000;

/// Largest accepted delay of a sample's time, in milliseconds.
///
/// Older times, and all times in the future, are replaced by the time of arrival.
const LATEST_MS: i64 = 60_000;

/// Largest stored number, 16 TiB as bytes.
///
/// The sum of a day's samples, which is the widest point, still fits.
const LARGEST: u64 = 1 << 44;

/// Cached series of one link, so that most samples need no database query.
#[derive(Debug, Default)]
pub struct Ingester {
    series: HashMap<(DeploymentId, InstanceId), Known>,
    /// Last interval of each deployment, and the number of its samples.
    intervals: HashMap<DeploymentId, (i64, u32)>,
}

#[derive(Clone, Copy, Debug)]
struct Known {
    series_id: SeriesId,
    newest: Timestamp,
}

impl Ingester {
    /// True if a deployment may have another sample in this interval.
    ///
    /// Counts the sample.
    fn has_room(&mut self, deployment_id: DeploymentId, now: Timestamp) -> bool {
        let interval = now.micros() / 1_000 / SAMPLE_INTERVAL_MS.cast_signed();
        let (last, count) = self.intervals.entry(deployment_id).or_default();
        if *last != interval {
            (*last, *count) = (interval, 0);
        }
        *count += 1;
        *count <= MAX_PER_INTERVAL
    }

    /// Drops series without a sample for an hour.
    fn tidy(&mut self, now: Timestamp) {
        let is_old = |at: Timestamp| now.millis_since(at) > HOUR_MS;
        self.series.retain(|_, known| !is_old(known.newest));
        let of = |id: &DeploymentId| self.series.keys().any(|(deployment, _)| deployment == id);
        self.intervals.retain(|id, _| of(id));
    }
}

/// Stores samples of a runner.
///
/// Samples of another runner's deployments, too early ones and too many ones are dropped.
pub async fn ingest(
    app: &App,
    runner_id: RunnerId,
    ingester: &mut Ingester,
    mut samples: Vec<StatsSample>,
) -> Result<(), AppError> {
    let now = app.clock.now();
    for sample in &mut samples {
        sample.at = moment(now, sample.at);
    }
    samples.retain(|sample| {
        let key = (sample.deployment_id, sample.instance_id);
        let known = ingester.series.get(&key);
        known.is_none_or(|known| is_due(known, sample.at))
    });
    let own = own_deployments(app, runner_id, ingester, &samples).await?;
    samples.retain(|sample| {
        own.contains(&sample.deployment_id) && ingester.has_room(sample.deployment_id, now)
    });
    if samples.is_empty() {
        return Ok(());
    }
    let storing = app.db.write(async |tx| {
        let mut kept = Vec::with_capacity(samples.len());
        for sample in &samples {
            let Some(known) = known(tx, runner_id, ingester, sample, now).await? else {
                continue;
            };
            kept.push(Sample {
                series_id: known.series_id,
                at: sample.at,
                usage: bounded(sample.usage),
            });
        }
        let count = store::stats_sample::insert(tx, runner_id, &kept).await?;
        Ok::<_, AppError>(Commit(count < kept.len() as u64))
    });
    if storing.await? {
        // A cached deployment or series was deleted meanwhile.
        *ingester = Ingester::default();
    }
    ingester.tidy(now);
    for deployment_id in own {
        app.bus.publish(Event::StatsAppended { deployment_id });
    }
    Ok(())
}

/// Returns which deployments of the samples are the runner's.
async fn own_deployments(
    app: &App,
    runner_id: RunnerId,
    ingester: &Ingester,
    samples: &[StatsSample],
) -> Result<BTreeSet<DeploymentId>, AppError> {
    let spoken: BTreeSet<_> = samples.iter().map(|sample| sample.deployment_id).collect();
    let is_known = |id: &DeploymentId| ingester.intervals.contains_key(id);
    if spoken.iter().all(is_known) {
        return Ok(spoken);
    }
    let own = store::deployment::of_runner(&app.db, runner_id).await?;
    let own = own.into_iter().map(|(deployment_id, _)| deployment_id);
    Ok(own.filter(|id| spoken.contains(id)).collect())
}

/// Finds or creates the series of a sample.
///
/// Returns `None` when no more series are allowed, or the sample comes too early.
async fn known(
    tx: &mut Tx,
    runner_id: RunnerId,
    ingester: &mut Ingester,
    sample: &StatsSample,
    now: Timestamp,
) -> Result<Option<Known>, AppError> {
    let key = (sample.deployment_id, sample.instance_id);
    let (deployment_id, instance_id) = key;
    let is_fresh = |known: &Known| now.millis_since(known.newest) < HOUR_MS;
    let mut found = ingester.series.get(&key).copied().filter(is_fresh);
    if found.is_none() {
        let kept = store::stats_series::find(tx, runner_id, deployment_id, instance_id).await?;
        found = kept.map(|(series_id, newest)| Known { series_id, newest });
        // Maintenance rarely visits a series without new samples, so it is made due now.
        if let Some((series_id, _)) = kept {
            store::stats_series::wake(tx, series_id, now).await?;
        }
    }
    let known = match found {
        Some(known) if is_due(&known, sample.at) => known,
        Some(_) => return Ok(None),
        None => {
            let bound = Bound {
                since: now.plus_millis(-HOUR_MS),
                most: MAX_NEW_SERIES_PER_HOUR,
            };
            let begun = store::stats_series::insert(tx, runner_id, sample, now, bound).await?;
            let Some(series_id) = begun else {
                return Ok(None);
            };
            Known {
                series_id,
                newest: sample.at,
            }
        }
    };
    let newest = sample.at;
    ingester.series.insert(key, Known { newest, ..known });
    Ok(Some(known))
}

const fn is_due(known: &Known, at: Timestamp) -> bool {
    at.millis_since(known.newest) >= SHORTEST_GAP_MS
}

/// Returns the time at which a sample counts as measured.
const fn moment(now: Timestamp, at: Timestamp) -> Timestamp {
    match now.millis_since(at) {
        0..=LATEST_MS if at.micros() <= now.micros() => at,
        _ => now,
    }
}

fn bounded(usage: Usage) -> Usage {
    usage.map(|number| number.min(LARGEST))
}

#[cfg(test)]
mod tests {
    use models::time::Timestamp;

    use super::moment;

    #[test]
    fn a_wrong_clock_puts_no_point_into_the_future_or_far_into_the_past() {
        let now = Timestamp::from_micros(1_700_000_000_000_000);
        let counted = |millis| moment(now, now.plus_millis(millis));
        assert_eq!(counted(0), now);
        assert_eq!(counted(-2_000), now.plus_millis(-2_000));
        for wrong in [-61_000, 2_000, i64::MAX, i64::MIN] {
            assert_eq!(counted(wrong), now, "{wrong}");
        }
        assert_eq!(moment(now, Timestamp::from_micros(now.micros() + 1)), now);
    }
}
