//! Measurements for an autoscaling decision.

use std::collections::BTreeMap;

use models::{
    InstanceId,
    deployment::{Instance, Spec},
    runner::SAMPLE_INTERVAL_MS,
    time::Timestamp,
};

use super::decide::ScalingInput;
use crate::config::Scaling;

/// Samples needed to measure an instance; a single one may be an outlier.
const FEWEST_SAMPLES: usize = 2;

/// Processor use of an instance at a moment, in thousandths.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sample {
    pub(super) instance_id: InstanceId,
    pub(super) at: Timestamp,
    pub(super) cpu_millis: u64,
}

/// An input, with the average it is based on.
#[derive(Clone, Debug)]
pub(super) struct Measure {
    pub(super) input: ScalingInput,
    /// Average use of the measured instances, in percent.
    pub(super) cpu_percent: u32,
    /// Length of the measured time, in milliseconds.
    pub(super) measured_ms: i64,
}

/// Returns how far back samples are needed, in milliseconds.
pub(super) fn reach_ms(times: &Scaling) -> i64 {
    i64::from(times.calm_ms) + i64::from(times.average_over_ms.get())
}

/// Measures the live release; `None` if no instance of it was measured.
pub(super) fn measure(
    spec: &Spec,
    count: u16,
    running: &[Instance],
    samples: &[Sample],
    (now, times): (Timestamp, &Scaling),
) -> Option<Measure> {
    let mut running: Vec<_> = running.iter().collect();
    // When more instances run than wanted, the newest are the first to stop.
    running.sort_by_key(|instance| instance.instance_id);
    running.truncate(count.into());
    let average_ms = i64::from(times.average_over_ms.get());
    let since = now.plus_millis(-average_ms);
    let counted: Vec<Vec<Sample>> = running
        .iter()
        .map(|instance| counted(instance, samples, (since, now), times))
        .filter(|counted| counted.len() >= FEWEST_SAMPLES)
        .collect();
    // All over the same time, because earlier samples lack the newest instance's help.
    let since = counted
        .iter()
        .filter_map(|one| Some(one.first()?.at))
        .max()?;
    let uses: Vec<u64> = counted
        .iter()
        .filter_map(|one| average(one.iter().filter(|sample| sample.at >= since)))
        .collect();
    let share = spec.cpu_share_millis();
    let together: u64 = uses.iter().sum();
    let whole = share * uses.len() as u64;
    let percent = (together * 100 + whole / 2).checked_div(whole)?;
    Some(Measure {
        cpu_percent: u32::try_from(percent).unwrap_or(u32::MAX),
        // The first sample covers the interval before it.
        measured_ms: (now.millis_since(since) + SAMPLE_INTERVAL_MS.cast_signed())
            .clamp(0, average_ms),
        input: ScalingInput {
            fewest: spec.instances,
            most: spec.most_instances(),
            count,
            target: (share * u64::from(spec.cpu_target_percent)).div_ceil(100),
            uses,
            past: past(samples, now, times),
        },
    })
}

/// Returns an instance's samples after a moment, without those of its warm-up.
fn counted(
    instance: &Instance,
    samples: &[Sample],
    (since, now): (Timestamp, Timestamp),
    times: &Scaling,
) -> Vec<Sample> {
    let is_own = |sample: &&Sample| sample.instance_id == instance.instance_id;
    let mut own: Vec<_> = samples.iter().filter(is_own).copied().collect();
    own.sort_by_key(|sample| sample.at);
    // A start time in the future comes from a wrong clock and is ignored.
    let started_at = instance.started_at.filter(|at| *at <= now);
    let Some(started_at) = started_at.or(own.first().map(|first| first.at)) else {
        return own;
    };
    let warm = started_at.plus_millis(times.warm_up_ms.into());
    own.retain(|sample| sample.at > since && sample.at >= warm);
    own
}

/// Returns the total use in each of the last intervals, stopped instances included.
fn past(samples: &[Sample], now: Timestamp, times: &Scaling) -> Vec<Option<u64>> {
    let step = i64::from(times.decide_every_ms.get());
    let steps = 0..=i64::from(times.calm_ms) / step;
    let whiles = steps.map(|back| {
        let to = now.plus_millis(-back * step);
        let from = to.plus_millis(-i64::from(times.average_over_ms.get()));
        let mut by_instance: BTreeMap<InstanceId, Vec<&Sample>> = BTreeMap::new();
        for sample in samples {
            if sample.at > from && sample.at <= to {
                by_instance
                    .entry(sample.instance_id)
                    .or_default()
                    .push(sample);
            }
        }
        let averages = by_instance.into_values();
        let averages = averages.filter_map(|own| average(own.into_iter()));
        averages.reduce(|sum, one| sum + one)
    });
    whiles.collect()
}

fn average<'a>(samples: impl Iterator<Item = &'a Sample>) -> Option<u64> {
    let (sum, count) = samples.fold((0_u64, 0_u64), |(sum, count), sample| {
        (sum + sample.cpu_millis, count + 1)
    });
    sum.checked_div(count)
}
