//! A word-sized line chart for lists.

use leptos::prelude::*;

use super::{
    ChartPoint, ChartRange, Unit, paths,
    scale::{TimeScale, ValueScale},
};

/// One series over time, without numbers and axes.
#[component]
pub fn Sparkline(
    /// Name of the measure.
    #[prop(into)]
    title: String,
    /// Unit of the values.
    unit: Unit,
    /// Time range shown.
    range: ChartRange,
    /// Measurements, oldest first.
    points: Vec<ChartPoint>,
    /// Lower bound for the top of the chart. Without it, the smallest change of an idle app
    /// would look like a mountain.
    least: u64,
) -> impl IntoView {
    let highest = points.iter().map(|point| point.average).max();
    let newest = points.last().map_or(0, |point| point.average);
    let words = highest.map(|highest| {
        format!(
            "{title}: latest {}, max {}",
            unit.text(newest),
            unit.text(highest)
        )
    });
    let values = ValueScale::new(highest.unwrap_or(0).max(least), unit);
    let line = paths::line(&points, TimeScale::new(range), values);
    words.map(|words| {
        view! {
            <span class="sparkline" role="img" aria-label=words.clone() title=words>
                <svg viewBox=paths::VIEW_BOX preserveAspectRatio="none" aria-hidden="true">
                    <path class="chart-line" d=line></path>
                </svg>
            </span>
        }
    })
}
