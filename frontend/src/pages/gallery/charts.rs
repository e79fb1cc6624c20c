//! Charts.

use components::chart::{
    Chart, SeriesColor, Unit,
    newest::{NewestRow, NewestValues},
};
use leptos::prelude::*;

use super::{Part, samples};

#[component]
pub(super) fn Charts() -> impl IntoView {
    let range = samples::chart_range();
    let markers = || {
        vec![
            samples::marker(12, "#2"),
            samples::marker(14, "#3"),
            samples::marker(40, "#4"),
        ]
    };
    let two = |step: u64| {
        vec![
            samples::line("6f1c2a", SeriesColor::Past, 0..40, 40 * step),
            samples::line("9b04d7", SeriesColor::Series(0), 40..60, 60 * step),
            samples::line("c3e815", SeriesColor::Series(1), 40..60, 25 * step),
        ]
    };
    let many = (0..9).map(|number: u64| {
        let hue = SeriesColor::Series(usize::try_from(number).unwrap_or_default());
        samples::line("instance", hue, 0..60, 100 + 150 * number)
    });
    view! {
        <Part title="Charts">
            <div class="charts">
                <Chart
                    title="CPU"
                    unit=Unit::CpuMillis
                    range=range
                    lines=two(10)
                    markers=markers()
                    limit=Some(1_000)
                />
                <Chart
                    title="Memory"
                    unit=Unit::Bytes
                    range=range
                    lines=two(3 << 20)
                    markers=markers()
                    limit=Some(512 << 20)
                />
                <Chart
                    title="Many instances"
                    unit=Unit::BytesPerSecond
                    range=range
                    lines=many.collect()
                />
                <Chart title="Nothing" unit=Unit::CpuMillis range=range lines=Vec::new() />
            </div>
        </Part>
        <Part title="Latest values">
            <NewestValues
                label="Latest values of each example"
                subject="Instance"
                columns=["CPU", "Memory", "Received", "Sent"].map(str::to_owned).to_vec()
                rows=vec![row("9b04d7", 0), row("c3e815", 1), row("e70a11", 6)]
            />
        </Part>
    }
}

fn row(name: &str, hue: usize) -> NewestRow {
    NewestRow {
        name: name.to_owned(),
        detail: "release 4".to_owned(),
        hue: SeriesColor::Series(hue),
        values: ["0.25 CPU", "34.2 MiB", "1.5 KiB/s", "0 B/s"]
            .map(str::to_owned)
            .to_vec(),
    }
}
