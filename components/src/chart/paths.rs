//! Chart lines as SVG path data.

use std::fmt::Write;

use super::{
    ChartPoint,
    scale::{TimeScale, ValueScale},
};

/// Coordinate grid of the lines; the picture stretches it.
pub(super) const VIEW_BOX: &str = "0 0 2000 500";
const WIDTH: f64 = 2_000.0;
const HEIGHT: f64 = 500.0;

/// Draws the averages as one line.
///
/// The line breaks where measurements are missing; an isolated point becomes a dot.
pub(super) fn line(points: &[ChartPoint], times: TimeScale, values: ValueScale) -> String {
    let mut path = String::new();
    for part in unbroken(points, times) {
        let places = part.iter().map(|point| (point, point.average));
        draw(&mut path, 'M', places, times, values);
        if part.len() == 1 {
            path.push_str("h0");
        }
    }
    path
}

/// Draws the area between averages and maxima; `None` if they are equal.
pub(super) fn band(points: &[ChartPoint], times: TimeScale, values: ValueScale) -> Option<String> {
    if points.iter().all(|point| point.average == point.maximum) {
        return None;
    }
    let mut path = String::new();
    for part in unbroken(points, times).filter(|part| part.len() > 1) {
        let above = part.iter().map(|point| (point, point.maximum));
        draw(&mut path, 'M', above, times, values);
        let below = part.iter().rev().map(|point| (point, point.average));
        draw(&mut path, 'L', below, times, values);
        path.push('z');
    }
    Some(path)
}

/// Splits the points where measurements are missing.
fn unbroken(points: &[ChartPoint], times: TimeScale) -> impl Iterator<Item = &[ChartPoint]> {
    points.chunk_by(move |one, next| next.at.millis_since(one.at) <= times.longest_gap_ms())
}

fn draw<'a>(
    path: &mut String,
    first: char,
    places: impl Iterator<Item = (&'a ChartPoint, u64)>,
    times: TimeScale,
    values: ValueScale,
) {
    for (index, (point, value)) in places.enumerate() {
        let command = if index == 0 { first } else { 'L' };
        let x = times.share_of_point(point.at) * WIDTH;
        let y = HEIGHT - values.share(value) * HEIGHT;
        // Writing to a `String` cannot fail.
        let _ = write!(path, "{command}{x:.0} {y:.0}");
    }
}

#[cfg(test)]
mod tests {
    use models::time::Timestamp;

    use super::{band, line};
    use crate::chart::{
        ChartPoint, ChartRange, Unit,
        scale::{TimeScale, ValueScale},
    };

    const FROM: Timestamp = Timestamp::from_micros(1_700_000_000_000_000);

    fn point(seconds: i64, average: u64, maximum: u64) -> ChartPoint {
        ChartPoint {
            at: FROM.plus_millis(seconds * 1_000),
            average,
            maximum,
        }
    }

    fn scales() -> (TimeScale, ValueScale) {
        let range = ChartRange {
            from: FROM,
            to: FROM.plus_millis(200_000),
            resolution_ms: 10_000,
        };
        (
            TimeScale::new(range),
            ValueScale::new(1_000, Unit::CpuMillis),
        )
    }

    #[test]
    fn a_line_is_broken_where_nothing_was_measured() {
        let (times, values) = scales();
        let points = [
            point(0, 0, 0),
            point(10, 500, 500),
            point(100, 1_000, 1_000),
        ];
        let path = line(&points, times, values);
        assert_eq!(path, "M50 500L150 250M1050 0h0");
        assert_eq!(line(&[], times, values), "");
    }

    #[test]
    fn maxima_are_a_band_above_the_averages() {
        let (times, values) = scales();
        let points = [point(0, 0, 500), point(10, 0, 1_000)];
        let path = band(&points, times, values).unwrap();
        assert_eq!(path, "M50 250L150 0L150 500L50 500z");
        assert_eq!(band(&[point(0, 1, 1)], times, values), None);
    }
}
