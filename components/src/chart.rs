//! Time series, drawn as SVG.
//!
//! All positions are percentages, so that a chart fills its container and its text keeps its
//! size; only the lines stretch. The server draws everything.

mod description;
pub mod newest;
mod paths;
mod scale;
mod sparkline;
mod unit;

use leptos::prelude::*;
use models::time::Timestamp;

use crate::format;

use self::scale::{TimeScale, ValueScale};
pub use self::{sparkline::Sparkline, unit::Unit};

/// Upper edge of the plot area, in percent from the top of the picture.
///
/// Releases are named above the plot area, times below it.
const TOP: f64 = 11.0;
const BOTTOM: f64 = 87.0;

/// Minimum distance between two labels, in percent of the width; closer ones touch.
const LABEL_WIDTH: f64 = 6.0;

/// A time bucket with its measurements.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChartPoint {
    /// Start of the bucket.
    pub at: Timestamp,
    /// The average.
    pub average: u64,
    /// The maximum.
    pub maximum: u64,
}

/// Color of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SeriesColor {
    /// One of several series, counted from 0.
    Series(usize),
    /// Something that has ended.
    Past,
}

impl SeriesColor {
    /// Number of distinct hues; further series repeat them with dashed lines.
    const COUNT: usize = 6;

    /// Returns the CSS classes for this hue.
    pub fn class(self) -> String {
        match self {
            Self::Past => "hue hue-past".to_owned(),
            Self::Series(number) => {
                let dashed = (number / Self::COUNT) % 2 == 1;
                let dashed = if dashed { " hue-dashed" } else { "" };
                format!("hue hue-{}{dashed}", number % Self::COUNT + 1)
            }
        }
    }
}

/// One series of measurements.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChartLine {
    /// Name of the series.
    pub name: String,
    /// Color of the line.
    pub hue: SeriesColor,
    /// Measurements, oldest first.
    pub points: Vec<ChartPoint>,
}

/// A change at one moment, for example a release.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChartMarker {
    /// Time of the change.
    pub at: Timestamp,
    /// Label of a few letters.
    pub label: String,
    /// Description in words.
    pub words: String,
}

/// Time range of a chart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChartRange {
    /// The left edge.
    pub from: Timestamp,
    /// The right edge.
    pub to: Timestamp,
    /// Length of one bucket, in milliseconds.
    pub resolution_ms: i64,
}

/// A chart of one measure for several series.
#[component]
pub fn Chart(
    /// Name of the measure.
    #[prop(into)]
    title: String,
    /// Unit of the values.
    unit: Unit,
    /// Time range shown.
    range: ChartRange,
    /// Series to draw, the most important last.
    lines: Vec<ChartLine>,
    /// Changes within the range.
    #[prop(optional)]
    markers: Vec<ChartMarker>,
    /// Upper limit of the values, such as the memory limit; absent if there is none.
    #[prop(optional_no_strip)]
    limit: Option<u64>,
) -> impl IntoView {
    let highest = highest(&lines);
    let values = ValueScale::new(highest.max(limit.unwrap_or(0)), unit);
    let times = TimeScale::new(range);
    let words = description::describe(&title, unit, range, &lines, limit);
    let drawn = lines.iter().map(|line| line_view(line, times, values));
    let drawn = drawn.collect::<Vec<_>>();
    view! {
        <figure class="chart">
            <figcaption class="chart-head">
                <span class="chart-title">{title}</span>
                <span class="chart-note">"max " {unit.text(highest)}</span>
            </figcaption>
            <div class="chart-picture" role="img" aria-label=words>
            <svg class="chart-values" aria-hidden="true">
                {values.ticks().map(|tick| value_label(values, tick, unit)).collect::<Vec<_>>()}
            </svg>
            <svg class="chart-plot" aria-hidden="true">
                {values.ticks().map(|tick| grid_line(values, tick)).collect::<Vec<_>>()}
                {markers_view(&markers, times)}
                <svg
                    class="chart-lines"
                    y=percent(TOP)
                    width="100%"
                    height=percent(BOTTOM - TOP)
                    viewBox=paths::VIEW_BOX
                    preserveAspectRatio="none"
                >
                    {drawn}
                </svg>
                {limit.map(|limit| limit_view(values, limit, unit))}
                {times.ticks().into_iter().map(|at| time_label(times, at)).collect::<Vec<_>>()}
            </svg>
            </div>
        </figure>
    }
}

/// Returns the highest of all averages and maxima.
fn highest(lines: &[ChartLine]) -> u64 {
    let points = lines.iter().flat_map(|line| &line.points);
    points.map(|point| point.maximum).max().unwrap_or(0)
}

fn percent(number: f64) -> String {
    format!("{number:.2}%")
}

fn height(values: ValueScale, value: u64) -> f64 {
    BOTTOM - (BOTTOM - TOP) * values.share(value)
}

fn grid_line(values: ValueScale, tick: u64) -> AnyView {
    let y = percent(height(values, tick));
    view! { <line class="chart-grid" x1="0" x2="100%" y1=y.clone() y2=y></line> }.into_any()
}

fn value_label(values: ValueScale, tick: u64, unit: Unit) -> AnyView {
    let y = percent(height(values, tick));
    view! {
        <text class="chart-label" x="100%" y=y dy="4" text-anchor="end">
            {unit.text(tick)}
        </text>
    }
    .into_any()
}

fn time_label(times: TimeScale, at: Timestamp) -> AnyView {
    let x = times.share(at) * 100.0;
    view! {
        <text class="chart-label" x=percent(x) y="100%" dy="-3" text-anchor=anchor(x)>
            {times.label(at)}
        </text>
    }
    .into_any()
}

/// Aligns a label near an edge to that edge, so that it is not cut off.
fn anchor(x: f64) -> &'static str {
    if x < LABEL_WIDTH {
        "start"
    } else if x > 100.0 - LABEL_WIDTH {
        "end"
    } else {
        "middle"
    }
}

fn limit_view(values: ValueScale, limit: u64, unit: Unit) -> AnyView {
    let y = percent(height(values, limit));
    // Release names occupy the space above the plot area.
    let dy = if values.share(limit) > 0.85 {
        "13"
    } else {
        "-4"
    };
    view! {
        <line class="chart-limit" x1="0" x2="100%" y1=y.clone() y2=y.clone()></line>
        <text class="chart-limit-label" x="0" y=y dy=dy>
            "limit "
            {unit.text(limit)}
        </text>
    }
    .into_any()
}

fn markers_view(markers: &[ChartMarker], times: TimeScale) -> Vec<AnyView> {
    let mut last_label = f64::NEG_INFINITY;
    let views = markers.iter().map(|marker| {
        let x = times.share(marker.at) * 100.0;
        // Where labels would overlap, the line alone is enough.
        let has_room = x - last_label >= LABEL_WIDTH;
        if has_room {
            last_label = x;
        }
        let label = has_room.then(|| {
            let label = marker.label.clone();
            view! {
                <text class="chart-marker-label" x=percent(x) y="0" dy="11" text-anchor=anchor(x)>
                    {label}
                </text>
            }
        });
        let exact = format!("{}, {}", marker.words, format::exact(marker.at));
        let x = percent(x);
        view! {
            <line class="chart-marker" x1=x.clone() x2=x y1=percent(TOP) y2=percent(BOTTOM)>
                <title>{exact}</title>
            </line>
            {label}
        }
        .into_any()
    });
    views.collect()
}

fn line_view(line: &ChartLine, times: TimeScale, values: ValueScale) -> AnyView {
    let band = paths::band(&line.points, times, values);
    let path = paths::line(&line.points, times, values);
    view! {
        <g class=line.hue.class()>
            {band.map(|band| view! { <path class="chart-band" d=band></path> })}
            <path class="chart-line" d=path></path>
        </g>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::{SeriesColor, anchor};

    #[test]
    fn hues_come_again_with_dashes() {
        assert_eq!(SeriesColor::Series(0).class(), "hue hue-1");
        assert_eq!(SeriesColor::Series(5).class(), "hue hue-6");
        assert_eq!(SeriesColor::Series(6).class(), "hue hue-1 hue-dashed");
        assert_eq!(SeriesColor::Series(12).class(), "hue hue-1");
    }

    #[test]
    fn labels_stay_inside() {
        assert_eq!([0.0, 50.0, 100.0].map(anchor), ["start", "middle", "end"]);
    }
}
