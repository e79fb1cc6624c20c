//! Mapping of values and times to positions in the picture.

use models::time::Timestamp;

use super::{ChartRange, Unit};

/// Maximum number of intervals on the value axis.
const PARTS: u64 = 4;
/// Maximum number of time labels; six just fit on a phone.
const TIMES: i64 = 6;

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// Possible intervals between time labels, in milliseconds.
const STEPS: [i64; 14] = [
    MINUTE,
    5 * MINUTE,
    10 * MINUTE,
    15 * MINUTE,
    30 * MINUTE,
    HOUR,
    2 * HOUR,
    3 * HOUR,
    6 * HOUR,
    12 * HOUR,
    DAY,
    2 * DAY,
    5 * DAY,
    10 * DAY,
];

const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

/// The value axis, from zero to a round number above all values.
#[derive(Clone, Copy, Debug)]
pub(super) struct ValueScale {
    step: u64,
    parts: u64,
}

impl ValueScale {
    pub(super) fn new(highest: u64, unit: Unit) -> Self {
        let step = unit.round_up(highest.div_ceil(PARTS)).max(1);
        let parts = highest.div_ceil(step).max(1);
        Self { step, parts }
    }

    /// Returns the values that have a grid line.
    pub(super) fn ticks(self) -> impl Iterator<Item = u64> {
        (0..=self.parts).map(move |part| part.saturating_mul(self.step))
    }

    /// Returns the height of a value, from 0 to 1.
    #[expect(clippy::cast_precision_loss, reason = "pictures have few pixels")]
    pub(super) fn share(self, value: u64) -> f64 {
        let top = self.step as f64 * self.parts as f64;
        (value as f64 / top).clamp(0.0, 1.0)
    }
}

/// The time axis, from left to right.
#[derive(Clone, Copy, Debug)]
pub(super) struct TimeScale {
    range: ChartRange,
    step: i64,
}

impl TimeScale {
    pub(super) fn new(range: ChartRange) -> Self {
        let length = range.to.millis_since(range.from).max(1);
        let fits = STEPS.into_iter().find(|step| length / step < TIMES);
        let step = fits.unwrap_or_else(|| (length / TIMES / DAY + 1) * DAY);
        Self { range, step }
    }

    /// Returns the longest gap between points of one line, in milliseconds.
    ///
    /// A larger gap means that nothing was measured.
    pub(super) fn longest_gap_ms(self) -> i64 {
        (self.range.resolution_ms * 5 / 2).max(15_000)
    }

    /// Returns the round times that have a label.
    pub(super) fn ticks(self) -> Vec<Timestamp> {
        let step = self.step * 1_000;
        let first = self.range.from.micros().div_euclid(step) + 1;
        let times = (first..).map(|number| Timestamp::from_micros(number.saturating_mul(step)));
        times.take_while(|at| *at <= self.range.to).collect()
    }

    /// Returns the label of a round time, in UTC.
    pub(super) fn label(self, at: Timestamp) -> String {
        let text = at.to_string();
        let part = |range: std::ops::Range<usize>| text.get(range).unwrap_or_default();
        if self.step < DAY {
            return part(11..16).to_owned();
        }
        let month: usize = part(5..7).parse().unwrap_or(1);
        let month = MONTHS.get(month.wrapping_sub(1)).copied();
        let day = part(8..10).trim_start_matches('0');
        format!("{day} {}", month.unwrap_or_default())
    }

    /// Returns the horizontal position of a moment, from 0 to 1.
    pub(super) fn share(self, at: Timestamp) -> f64 {
        self.share_of_millis(at.millis_since(self.range.from))
    }

    /// Returns the horizontal position of the middle of a point's bucket, from 0 to 1.
    pub(super) fn share_of_point(self, at: Timestamp) -> f64 {
        let middle = at.plus_millis(self.range.resolution_ms / 2);
        self.share(middle)
    }

    #[expect(clippy::cast_precision_loss, reason = "pictures have few pixels")]
    fn share_of_millis(self, millis: i64) -> f64 {
        let length = self.range.to.millis_since(self.range.from).max(1);
        (millis as f64 / length as f64).clamp(0.0, 1.0)
    }
}

#[cfg(test)]
mod tests {
    use models::time::Timestamp;

    use super::{ChartRange, DAY, HOUR, MINUTE, TimeScale, Unit, ValueScale};

    fn scale(length: i64) -> TimeScale {
        // 2023-11-14 22:13:20 UTC
        let to = Timestamp::from_micros(1_700_000_000_000_000);
        TimeScale::new(ChartRange {
            from: to.plus_millis(-length),
            to,
            resolution_ms: 15_000,
        })
    }

    #[test]
    fn values_lie_between_round_numbers() {
        for (highest, unit, ticks) in [
            (0, Unit::CpuMillis, vec![0, 2]),
            (250, Unit::CpuMillis, vec![0, 100, 200, 300]),
            (1_000, Unit::CpuMillis, vec![0, 500, 1_000]),
            (3 << 20, Unit::Bytes, vec![0, 1 << 20, 2 << 20, 3 << 20]),
        ] {
            let scale = ValueScale::new(highest, unit);
            assert_eq!(scale.ticks().collect::<Vec<_>>(), ticks, "{highest}");
            assert!((0.0..=1.0).contains(&scale.share(highest)));
        }
        assert!(ValueScale::new(u64::MAX, Unit::Bytes).share(u64::MAX) <= 1.0);
    }

    #[test]
    fn every_range_has_a_few_round_times() {
        for (length, first) in [
            (HOUR, "21:15"),
            (6 * HOUR, "18:00"),
            (24 * HOUR, "00:00"),
            (7 * DAY, "9 Nov"),
            (30 * DAY, "20 Oct"),
            (400 * DAY, "31 Oct"),
        ] {
            let scale = scale(length);
            let ticks = scale.ticks();
            assert!((3..=6).contains(&ticks.len()), "{length}: {ticks:?}");
            assert_eq!(scale.label(ticks[0]), first, "{length}");
        }
        assert!(scale(3 * MINUTE).ticks().len() >= 3);
    }

    #[test]
    fn values_out_of_range_stay_at_the_edge() {
        let scale = scale(HOUR);
        assert!(scale.share(Timestamp::from_micros(0)) <= 0.0);
        assert!(scale.share(Timestamp::from_micros(i64::MAX)) >= 1.0);
    }
}
