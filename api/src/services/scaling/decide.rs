//! The decision, by the rule of Kubernetes' `HorizontalPodAutoscaler`.
//!
//! <https://kubernetes.io/docs/concepts/workloads/autoscaling/horizontal-pod-autoscale/>: the number
//! of instances times what they use over what they should use, rounded up. A tenth more or less
//! changes nothing. What was not measured counts as nothing where there might be more instances, and
//! as what an instance should use where there might be fewer. There are at most twice as many at a
//! time, or four more, and fewer only when the highest wish of the last minutes is lower.

use std::cmp::Ordering;

/// The smallest difference that counts is one in so many.
const TOLERANCE: u64 = 10;

/// So many more at a time may there be, whatever is twice of what is there.
const STEP: u16 = 4;

/// What is known when it is decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Situation {
    /// The fewest instances there may be.
    pub(super) fewest: u16,
    /// The most instances there may be.
    pub(super) most: u16,
    /// How many there should be so far.
    pub(super) count: u16,
    /// How much processor one should use, in thousandths.
    pub(super) target: u64,
    /// How much each of those used that were measured.
    pub(super) uses: Vec<u64>,
    /// How much all used together in each of the last whiles; none where nothing was measured.
    pub(super) past: Vec<Option<u64>>,
}

/// How many instances there should be.
pub(super) fn decide(situation: &Situation) -> u16 {
    let Situation {
        fewest,
        most,
        count,
        ref past,
        ..
    } = *situation;
    let wish = wish_now(situation).clamp(fewest, most);
    let wanted = match wish.cmp(&count) {
        Ordering::Greater => wish.min(count.saturating_mul(2).max(count.saturating_add(STEP))),
        Ordering::Equal => count,
        Ordering::Less => {
            let wishes = past.iter().map(|used| match used {
                Some(used) => wish_for(*used, situation),
                None => count,
            });
            wishes.fold(wish, u16::max).min(count)
        }
    };
    wanted.clamp(fewest, most)
}

/// What the newest measures alone call for.
fn wish_now(situation: &Situation) -> u16 {
    let Situation {
        count,
        target,
        ref uses,
        ..
    } = *situation;
    if uses.is_empty() {
        return count;
    }
    let measured = uses.len() as u64;
    let together: u64 = uses.iter().sum();
    let unmeasured = u64::from(count).saturating_sub(measured);
    if together > target * measured {
        wish_for(together, situation).max(count)
    } else {
        wish_for(together + target * unmeasured, situation).min(count)
    }
}

/// How many instances it takes to use so much; as many as there are when it is about as much as they
/// should use.
fn wish_for(used: u64, situation: &Situation) -> u16 {
    let Situation { count, target, .. } = *situation;
    let meant = target * u64::from(count);
    if used.abs_diff(meant) * TOLERANCE <= meant {
        return count;
    }
    u16::try_from(used.div_ceil(target)).unwrap_or(u16::MAX)
}
