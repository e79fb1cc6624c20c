//! Text alternative of a chart, for screen readers.

use super::{ChartLine, ChartRange, Unit, highest};
use crate::format;

/// Maximum number of series that are described one by one.
const MAX_DESCRIBED: usize = 4;

/// Describes a chart: its measure, the newest values and the highest one.
pub(super) fn describe(
    title: &str,
    unit: Unit,
    range: ChartRange,
    lines: &[ChartLine],
    limit: Option<u64>,
) -> String {
    let from = format::exact(range.from);
    let to = format::exact(range.to);
    let mut sentences = vec![format!("{title} from {from} to {to}.")];
    let measured: Vec<_> = lines
        .iter()
        .filter(|line| !line.points.is_empty())
        .collect();
    if measured.is_empty() {
        sentences.push("No data.".to_owned());
    } else {
        sentences.push(format!("Latest: {}.", newest(unit, &measured)));
        sentences.push(format!("Max: {}.", unit.text(highest(lines))));
    }
    if let Some(limit) = limit {
        sentences.push(format!("Limit: {}.", unit.text(limit)));
    }
    sentences.join(" ")
}

/// Describes the newest values of the last series, which are the most important.
fn newest(unit: Unit, lines: &[&ChartLine]) -> String {
    let described = lines.iter().rev().take(MAX_DESCRIBED).filter_map(|line| {
        let point = line.points.last()?;
        Some(format!("{} {}", line.name, unit.text(point.average)))
    });
    let mut described: Vec<_> = described.collect();
    if lines.len() > MAX_DESCRIBED {
        described.push(format!("and {} more", lines.len() - MAX_DESCRIBED));
    }
    described.join(", ")
}

#[cfg(test)]
mod tests {
    use models::time::Timestamp;

    use super::describe;
    use crate::chart::{ChartLine, ChartPoint, ChartRange, SeriesColor, Unit};

    #[test]
    fn the_newest_and_the_highest_values_are_described() {
        let from = Timestamp::from_micros(1_700_000_000_000_000);
        let range = ChartRange {
            from,
            to: from.plus_millis(3_600_000),
            resolution_ms: 15_000,
        };
        let line = |name: &str, average, maximum| ChartLine {
            name: name.to_owned(),
            hue: SeriesColor::Series(0),
            points: vec![ChartPoint {
                at: from,
                average,
                maximum,
            }],
        };
        let lines = [line("a", 250, 900), line("b", 100, 100)];
        assert_eq!(
            describe("CPU", Unit::CpuMillis, range, &lines, Some(1_000)),
            "CPU from 2023-11-14 22:13:20 UTC to 2023-11-14 23:13:20 UTC. Latest: b 0.1 CPU, a \
             0.25 CPU. Max: 0.9 CPU. Limit: 1 CPU."
        );
        let many = vec![line("a", 1, 1); 6];
        assert!(describe("CPU", Unit::CpuMillis, range, &many, None).contains("and 2 more"));
        assert!(describe("CPU", Unit::CpuMillis, range, &[], None).ends_with("No data."));
    }
}
