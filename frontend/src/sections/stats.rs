//! Resource usage of instances, as charts and as a table.

use components::{
    chart::{
        Chart, ChartLine, ChartMarker, ChartPoint, ChartRange, SeriesColor, Unit,
        newest::{NewestRow, NewestValues},
    },
    empty::EmptyState,
    icon::Glyph,
};
use leptos::prelude::*;
use models::{
    api::workspace::deployment::GetStatsResponse,
    deployment::{Resources, StatsSeries, Usage},
};

const MIB: u64 = 1024 * 1024;

/// One measure: its names in the chart and in the table, and its source.
struct Measure {
    title: &'static str,
    column: &'static str,
    unit: Unit,
    number: fn(&Usage) -> u64,
}

const MEASURES: [Measure; 6] = [
    Measure {
        title: "CPU",
        column: "CPU",
        unit: Unit::CpuMillis,
        number: |usage| usage.cpu_millis,
    },
    Measure {
        title: "Memory",
        column: "Memory",
        unit: Unit::Bytes,
        number: |usage| usage.memory_bytes,
    },
    Measure {
        title: "Network, received",
        column: "Network in",
        unit: Unit::BytesPerSecond,
        number: |usage| usage.network_received_bytes_per_second,
    },
    Measure {
        title: "Network, sent",
        column: "Network out",
        unit: Unit::BytesPerSecond,
        number: |usage| usage.network_sent_bytes_per_second,
    },
    Measure {
        title: "Disk, read",
        column: "Disk read",
        unit: Unit::BytesPerSecond,
        number: |usage| usage.disk_read_bytes_per_second,
    },
    Measure {
        title: "Disk, written",
        column: "Disk written",
        unit: Unit::BytesPerSecond,
        number: |usage| usage.disk_written_bytes_per_second,
    },
];

/// An instance with its display properties.
struct ChartedInstance {
    name: String,
    hue: SeriesColor,
    series: StatsSeries,
    /// Current usage; `None` if the instance has ended.
    newest: Option<Usage>,
}

/// The resource usage of instances.
#[component]
pub(crate) fn Stats(
    /// The measurements.
    stats: GetStatsResponse,
    /// The latest measurements of running instances.
    newest: Vec<StatsSeries>,
    /// The limits of each instance.
    resources: Resources,
) -> impl IntoView {
    if stats.series.is_empty() {
        return view! {
            <EmptyState
                glyph=Glyph::Clock
                title="No data for this time range"
                sentence="Instances are measured every 5 seconds while they run and their runner is connected."
            />
        }
        .into_any();
    }
    let range = ChartRange {
        from: stats.from,
        to: stats.to,
        resolution_ms: stats.resolution_ms,
    };
    let markers = markers(&stats);
    let shown = charted(stats.series, &newest);
    let charts = MEASURES.iter().map(|measure| {
        let limit = limit(measure, &resources);
        view! {
            <Chart
                title=measure.title
                unit=measure.unit
                range=range
                lines=lines(&shown, measure)
                markers=markers.clone()
                limit=limit
            />
        }
        .into_any()
    });
    let charts = charts.collect::<Vec<_>>();
    let has_past = shown.iter().any(|shown| shown.newest.is_none());
    let past = has_past.then_some(" Gray lines are instances that have exited.");
    view! {
        <div class="stack">
            {newest_values(&shown)}
            <div class="charts">{charts}</div>
            <p class="soft">
                "Lines show averages; the shading above a line shows its maximum. Vertical lines mark a release that went live (#) or a change in the number of instances (×). Times are in UTC."
                {past}
            </p>
        </div>
    }
    .into_any()
}

/// Returns the changes within the range, oldest first.
fn markers(stats: &GetStatsResponse) -> Vec<ChartMarker> {
    let releases = stats.releases.iter().map(|release| ChartMarker {
        at: release.at,
        label: format!("#{}", release.number),
        words: format!("release {} is live", release.number),
    });
    let scaling = stats.scaling.iter().map(|change| ChartMarker {
        at: change.at,
        label: format!("×{}", change.to),
        words: format!("{} → {} instances", change.from, change.to),
    });
    let mut markers: Vec<_> = releases.chain(scaling).collect();
    markers.sort_by_key(|marker| marker.at);
    markers
}

/// Orders ended instances first, so that running ones are drawn above them.
fn charted(series: Vec<StatsSeries>, newest: &[StatsSeries]) -> Vec<ChartedInstance> {
    let mut numbers = 0..;
    let shown = series.into_iter().map(|series| {
        let is_same = |newest: &&StatsSeries| newest.instance_id == series.instance_id;
        let newest = newest.iter().find(is_same);
        let newest = newest.and_then(|newest| Some(newest.points.last()?.average));
        let number = newest.and_then(|_| numbers.next());
        ChartedInstance {
            name: name(&series),
            hue: number.map_or(SeriesColor::Past, SeriesColor::Series),
            series,
            newest,
        }
    });
    let mut shown: Vec<_> = shown.collect();
    shown.sort_by_key(|shown| shown.newest.is_some());
    shown
}

/// Returns the name of an instance: the last digits of its id.
///
/// The first digits encode the time, and are the same for instances created together.
fn name(series: &StatsSeries) -> String {
    let id = series.instance_id.to_string();
    id.get(id.len().saturating_sub(6)..)
        .unwrap_or_default()
        .to_owned()
}

fn lines(shown: &[ChartedInstance], measure: &Measure) -> Vec<ChartLine> {
    let line = |shown: &ChartedInstance| ChartLine {
        name: shown.name.clone(),
        hue: shown.hue,
        points: shown
            .series
            .points
            .iter()
            .map(|point| ChartPoint {
                at: point.at,
                average: (measure.number)(&point.average),
                maximum: (measure.number)(&point.maximum),
            })
            .collect(),
    };
    shown.iter().map(line).collect()
}

fn limit(measure: &Measure, resources: &Resources) -> Option<u64> {
    match measure.unit {
        Unit::CpuMillis => resources.cpu_millis.map(u64::from),
        Unit::Bytes => resources.memory_mib.map(|mib| u64::from(mib) * MIB),
        Unit::BytesPerSecond => None,
    }
}

/// Renders the latest values of running instances; `None` if none runs.
fn newest_values(shown: &[ChartedInstance]) -> Option<AnyView> {
    let rows: Vec<NewestRow> = shown
        .iter()
        .filter_map(|shown| {
            let newest = shown.newest?;
            let values = MEASURES.iter();
            let release = shown.series.release_number;
            Some(NewestRow {
                name: shown.name.clone(),
                detail: release.map_or_else(String::new, |number| format!("release {number}")),
                hue: shown.hue,
                values: values
                    .map(|measure| measure.unit.text((measure.number)(&newest)))
                    .collect(),
            })
        })
        .collect();
    let columns = MEASURES.iter().map(|measure| measure.column.to_owned());
    (!rows.is_empty()).then(|| {
        view! {
            <NewestValues
                label="Latest values of each instance"
                subject="Instance"
                columns=columns.collect()
                rows=rows
            />
        }
        .into_any()
    })
}
