//! Samples as runners send them, believed only so far.

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
    db::Tx,
    error::AppError,
    store::{
        self,
        stats_sample::Sample,
        stats_series::{Bound, SeriesId},
    },
};

/// Two samples of one instance are at least this far apart. Half of what is usual, because no two
/// steps on the way take the same time.
const SHORTEST_GAP_MS: i64 = SAMPLE_INTERVAL_MS.cast_signed() / 2;

/// The most instances of one deployment that are measured within one interval. Twice what a
/// deployment may have: while a release replaces another, both run.
const MAX_PER_INTERVAL: u32 = 2 * MAX_INSTANCES as u32;

/// The most instances of one deployment that are measured for the first time within an hour.
const MAX_BEGUN_PER_HOUR: i64 = 500;
pub(super) const HOUR_MS: i64 = 3_600_000;

/// A runner's clock is believed as long as it is not more than this late, and never when it is
/// ahead: no point may lie in the future.
const LATEST_MS: i64 = 60_000;

/// The largest number that is kept, 16 TiB of bytes: the sum of a day's samples, which is the widest
/// point there is, still fits.
const LARGEST: u64 = 1 << 44;

/// What is known of the series of one link, so that a sample costs no question to the database.
#[derive(Debug, Default)]
pub struct Intake {
    series: HashMap<(DeploymentId, InstanceId), Known>,
    /// In which interval a deployment was measured last, and how many samples there were in it.
    intervals: HashMap<DeploymentId, (i64, u32)>,
}

#[derive(Clone, Copy, Debug)]
struct Known {
    series_id: SeriesId,
    newest: Timestamp,
}

impl Intake {
    /// Whether a deployment has room for another sample in this interval.
    fn has_room(&mut self, deployment_id: DeploymentId, now: Timestamp) -> bool {
        let interval = now.micros() / 1_000 / SAMPLE_INTERVAL_MS.cast_signed();
        let (last, count) = self.intervals.entry(deployment_id).or_default();
        if *last != interval {
            (*last, *count) = (interval, 0);
        }
        *count += 1;
        *count <= MAX_PER_INTERVAL
    }

    /// Forgets what was not heard of for long.
    fn tidy(&mut self, now: Timestamp) {
        let is_old = |at: Timestamp| now.millis_since(at) > HOUR_MS;
        self.series.retain(|_, known| !is_old(known.newest));
        let of = |id: &DeploymentId| self.series.keys().any(|(deployment, _)| deployment == id);
        self.intervals.retain(|id, _| of(id));
    }
}

/// Keeps samples of a runner. Those that are not about its own deployments, come too often or are
/// too many are dropped.
pub async fn take(
    app: &App,
    runner_id: RunnerId,
    intake: &mut Intake,
    mut samples: Vec<StatsSample>,
) -> Result<(), AppError> {
    let now = app.clock.now();
    for sample in &mut samples {
        sample.at = moment(now, sample.at);
    }
    samples.retain(|sample| {
        let key = (sample.deployment_id, sample.instance_id);
        let known = intake.series.get(&key);
        known.is_none_or(|known| is_due(known, sample.at))
    });
    let own = own_deployments(app, runner_id, intake, &samples).await?;
    samples.retain(|sample| {
        own.contains(&sample.deployment_id) && intake.has_room(sample.deployment_id, now)
    });
    if samples.is_empty() {
        return Ok(());
    }
    let mut tx = app.db.begin().await?;
    let mut kept = Vec::with_capacity(samples.len());
    for sample in &samples {
        let Some(known) = known(&mut tx, runner_id, intake, sample, now).await? else {
            continue;
        };
        kept.push(Sample {
            series_id: known.series_id,
            at: sample.at,
            usage: bounded(sample.usage),
        });
    }
    let count = store::stats_sample::insert(&mut tx, runner_id, &kept).await?;
    tx.commit().await?;
    if count < kept.len() as u64 {
        // Something of what is known was deleted meanwhile.
        *intake = Intake::default();
    }
    intake.tidy(now);
    for deployment_id in own {
        app.bus.publish(Event::StatsAppended { deployment_id });
    }
    Ok(())
}

/// Which of the deployments that are spoken of are the runner's.
async fn own_deployments(
    app: &App,
    runner_id: RunnerId,
    intake: &Intake,
    samples: &[StatsSample],
) -> Result<BTreeSet<DeploymentId>, AppError> {
    let spoken: BTreeSet<_> = samples.iter().map(|sample| sample.deployment_id).collect();
    let is_known = |id: &DeploymentId| intake.intervals.contains_key(id);
    if spoken.iter().all(is_known) {
        return Ok(spoken);
    }
    let own = store::deployment::of_runner(&app.db, runner_id).await?;
    let own = own.into_iter().map(|(deployment_id, _)| deployment_id);
    Ok(own.filter(|id| spoken.contains(id)).collect())
}

/// The series of a sample; none when it may not have one or its turn has not come.
async fn known(
    tx: &mut Tx,
    runner_id: RunnerId,
    intake: &mut Intake,
    sample: &StatsSample,
    now: Timestamp,
) -> Result<Option<Known>, AppError> {
    let key = (sample.deployment_id, sample.instance_id);
    let (deployment_id, instance_id) = key;
    let is_fresh = |known: &Known| now.millis_since(known.newest) < HOUR_MS;
    let mut found = intake.series.get(&key).copied().filter(is_fresh);
    if found.is_none() {
        let kept = store::stats_series::find(tx, runner_id, deployment_id, instance_id).await?;
        found = kept.map(|(series_id, newest)| Known { series_id, newest });
        // Upkeep looks seldom at a series of which nothing was heard for long.
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
                most: MAX_BEGUN_PER_HOUR,
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
    intake.series.insert(key, Known { newest, ..known });
    Ok(Some(known))
}

const fn is_due(known: &Known, at: Timestamp) -> bool {
    at.millis_since(known.newest) >= SHORTEST_GAP_MS
}

/// When a sample counts as measured.
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
        let told = |millis| moment(now, now.plus_millis(millis));
        assert_eq!(told(0), now);
        assert_eq!(told(-2_000), now.plus_millis(-2_000));
        for wrong in [-61_000, 2_000, i64::MAX, i64::MIN] {
            assert_eq!(told(wrong), now, "{wrong}");
        }
        assert_eq!(moment(now, Timestamp::from_micros(now.micros() + 1)), now);
    }
}
