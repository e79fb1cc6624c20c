//! A line as small as a word, for lists.

use leptos::prelude::*;

use super::{
    ChartPoint, ChartRange, Unit, paths,
    scale::{TimeScale, ValueScale},
};

/// One measure of one thing over time, without numbers and axes.
#[component]
pub fn Sparkline(
    /// What is measured.
    #[prop(into)]
    title: String,
    /// What the numbers are.
    unit: Unit,
    /// The time that is shown.
    range: ChartRange,
    /// What was measured, the oldest first.
    points: Vec<ChartPoint>,
    /// The line reaches the top here, if it does not go higher: or the smallest change of something
    /// that does next to nothing would look like a mountain.
    least: u64,
) -> impl IntoView {
    let highest = points.iter().map(|point| point.average).max();
    let newest = points.last().map_or(0, |point| point.average);
    let words = highest.map(|highest| {
        format!(
            "{title}: {} last, {} at the most",
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
