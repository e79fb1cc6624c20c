use models::time::Timestamp;

use super::{Bounds, DAY_MS, HOUR_MS, LATE_MS, ROLLUP_MS, Remaining};

/// End of a rollup interval.
const BEGIN: Timestamp = Timestamp::from_micros(1_790_000_100_000_000);

const NOTHING: Remaining = Remaining {
    oldest_sample: None,
    newest_sample: None,
    oldest_rollup: None,
};

fn bounds() -> Bounds {
    Bounds {
        now: BEGIN.plus_millis(LATE_MS + 10_000),
        rolled_up_to: BEGIN,
        samples_ms: DAY_MS,
        rollups_ms: 30 * DAY_MS,
    }
}

fn ago(millis: i64) -> Timestamp {
    bounds().now.plus_millis(-millis)
}

/// Returns the milliseconds until a series that began ten days ago is due next.
fn due_in(remaining: Remaining) -> Option<i64> {
    let bounds = bounds();
    let next = bounds.next(bounds.now.plus_millis(-10 * DAY_MS), &remaining);
    next.map(|next| next.millis_since(bounds.now))
}

#[test]
fn a_series_that_speaks_is_due_when_the_next_while_can_be_summed_up() {
    let remaining = Remaining {
        oldest_sample: Some(ago(DAY_MS / 2)),
        newest_sample: Some(ago(5_000)),
        oldest_rollup: Some(ago(DAY_MS)),
    };
    assert_eq!(due_in(remaining), Some(ROLLUP_MS - 10_000));
}

#[test]
fn a_silent_series_is_due_when_something_of_it_is_old_enough_to_go_or_after_a_day() {
    let silent = Remaining {
        oldest_sample: Some(ago(DAY_MS - 5_000)),
        newest_sample: Some(ago(HOUR_MS)),
        oldest_rollup: Some(ago(DAY_MS)),
    };
    assert_eq!(due_in(silent), Some(5_001));
    let rollups = Remaining {
        oldest_rollup: Some(ago(DAY_MS)),
        ..NOTHING
    };
    assert_eq!(due_in(rollups), Some(DAY_MS));
}

#[test]
fn an_unfinished_step_is_due_at_once_and_a_finished_one_ends() {
    let overdue = Remaining {
        oldest_sample: Some(ago(2 * DAY_MS)),
        newest_sample: Some(ago(2 * DAY_MS)),
        oldest_rollup: None,
    };
    assert!(due_in(overdue).is_some_and(|millis| millis <= 0));
    assert_eq!(due_in(NOTHING), None);
    let bounds = bounds();
    let young = bounds.next(bounds.now, &NOTHING);
    assert_eq!(young, Some(bounds.now.plus_millis(DAY_MS)));
}
