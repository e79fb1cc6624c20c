//! The decision, by the rule of Kubernetes' `HorizontalPodAutoscaler`.
//!
//! <https://kubernetes.io/docs/concepts/workloads/autoscaling/horizontal-pod-autoscale/>: the
//! instance count times the measured use, divided by the target use, rounded up. A difference
//! of up to a tenth changes nothing. An unmeasured instance counts as unused when scaling up,
//! and as using its target when scaling down. One step at most doubles the count, or adds four
//! if that is more. The count falls only when the highest recommendation of the last minutes is
//! lower.

use std::cmp::Ordering;

/// Tolerance: differences of up to one in this many are ignored.
const TOLERANCE: u64 = 10;

/// Instances that one step may add even if this more than doubles the count.
const STEP: u16 = 4;

/// Input of a decision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ScalingInput {
    /// Smallest allowed count.
    pub(super) fewest: u16,
    /// Largest allowed count.
    pub(super) most: u16,
    /// Current desired count.
    pub(super) count: u16,
    /// Target processor use of one instance, in thousandths.
    pub(super) target: u64,
    /// Processor use of each measured instance.
    pub(super) uses: Vec<u64>,
    /// Total processor use in each of the last intervals; `None` if not measured.
    pub(super) past: Vec<Option<u64>>,
}

/// Returns the new instance count.
pub(super) fn decide(input: &ScalingInput) -> u16 {
    let ScalingInput {
        fewest,
        most,
        count,
        ref past,
        ..
    } = *input;
    let desired = desired_now(input).clamp(fewest, most);
    let wanted = match desired.cmp(&count) {
        Ordering::Greater => desired.min(count.saturating_mul(2).max(count.saturating_add(STEP))),
        Ordering::Equal => count,
        Ordering::Less => {
            let recommendations = past.iter().map(|used| match used {
                Some(used) => desired_for(*used, input),
                None => count,
            });
            recommendations.fold(desired, u16::max).min(count)
        }
    };
    wanted.clamp(fewest, most)
}

/// Returns the recommendation from the newest measurements alone.
fn desired_now(input: &ScalingInput) -> u16 {
    let ScalingInput {
        count,
        target,
        ref uses,
        ..
    } = *input;
    if uses.is_empty() {
        return count;
    }
    let measured = uses.len() as u64;
    let together: u64 = uses.iter().sum();
    let unmeasured = u64::from(count).saturating_sub(measured);
    if together > target * measured {
        desired_for(together, input).max(count)
    } else {
        desired_for(together + target * unmeasured, input).min(count)
    }
}

/// Returns the count for a total use; the current one within the tolerance.
fn desired_for(used: u64, input: &ScalingInput) -> u16 {
    let ScalingInput { count, target, .. } = *input;
    let meant = target * u64::from(count);
    if used.abs_diff(meant) * TOLERANCE <= meant {
        return count;
    }
    u16::try_from(used.div_ceil(target)).unwrap_or(u16::MAX)
}
