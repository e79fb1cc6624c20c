//! Current instance count, its reason and its changes.

use components::{
    format,
    rows::{Row, Rows},
    section::Section,
    time::Moment,
};
use leptos::prelude::*;
use models::deployment::{Scale, ScalingChange};

const MINUTE_MS: i64 = 60_000;

/// The current instance count of a range, and its reason; nothing without a range.
#[component]
pub(super) fn ScaleNow(#[prop(optional_no_strip)] scale: Option<Scale>) -> impl IntoView {
    let scale = scale.filter(|scale| scale.max_instances > scale.min_instances)?;
    let why = scale.last_change.map(|change| {
        let at = change.at;
        view! { ", because " {reason(&change)} ", decided " <Moment at=at /> }
    });
    Some(view! { <p>{range(&scale)} {why}</p> })
}

/// The latest changes of the instance count.
#[component]
pub(super) fn ScalingChanges(changes: Vec<ScalingChange>) -> impl IntoView {
    if changes.is_empty() {
        return None;
    }
    let rows = changes.into_iter().map(|change| {
        let at = change.at;
        let meant = change.cpu_target_percent;
        view! {
            <Row
                title=format!("{} → {} instances", change.from, change.to)
                detail=format!("{}; target {meant} %", reason(&change))
                end=move || view! { <Moment at=at /> }
            />
        }
        .into_any()
    });
    let rows = rows.collect::<Vec<_>>();
    Some(view! {
        <Section title="Scaling">
            <Rows label="Scaling changes">{rows}</Rows>
        </Section>
    })
}

/// Formats the count within its range, for example `2 of 1–5 instances`.
fn range(scale: &Scale) -> String {
    let Scale {
        instances,
        min_instances,
        max_instances,
        ..
    } = scale;
    format!("{instances} of {min_instances}–{max_instances} instances")
}

/// Formats the reason, for example `CPU was 93 % over the last minute`.
fn reason(change: &ScalingChange) -> String {
    let time = match change.measured_ms {
        MINUTE_MS => "minute".to_owned(),
        other => format::duration(other),
    };
    format!("CPU was {} % over the last {time}", change.cpu_percent)
}

#[cfg(test)]
mod tests {
    use models::{
        deployment::{Scale, ScalingChange},
        time::Timestamp,
    };

    use super::{range, reason};

    #[test]
    fn an_instance_count_is_described_with_its_range_and_reason() {
        let change = ScalingChange {
            at: Timestamp::from_micros(0),
            from: 1,
            to: 2,
            cpu_percent: 93,
            cpu_target_percent: 80,
            measured_ms: 60_000,
        };
        let scale = Scale {
            instances: 2,
            min_instances: 1,
            max_instances: 5,
            last_change: Some(change),
        };
        assert_eq!(range(&scale), "2 of 1–5 instances");
        assert_eq!(reason(&change), "CPU was 93 % over the last minute");
        let shorter = ScalingChange {
            measured_ms: 15_000,
            ..change
        };
        assert_eq!(reason(&shorter), "CPU was 93 % over the last 15 s");
    }
}
