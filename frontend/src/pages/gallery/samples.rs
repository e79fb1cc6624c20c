//! Sample data for the gallery.

use std::ops::Range;

use components::{
    chart::{ChartLine, ChartMarker, ChartPoint, ChartRange, SeriesColor},
    environment::{Source, Variable},
    log::Line,
};
use models::{
    deployment::{LastError, Observed, Release},
    time::Timestamp,
};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

const MINUTE_MS: i64 = 60_000;

const ID: &str = "01890000-0000-7000-8000-000000000000";

/// Reference time of all samples.
fn base() -> Timestamp {
    Timestamp::from_micros(1_790_000_000_000_000)
}

fn at(seconds: i64) -> String {
    base().plus_millis(seconds * 1_000).to_string()
}

fn read<T: DeserializeOwned>(value: Value) -> Option<T> {
    serde_json::from_value(value).ok()
}

/// A sample observed state.
pub(super) fn observed(summary: &str, freshness: &str) -> Option<Observed> {
    read(json!({
        "summary": summary, "instances": [], "freshness": freshness, "at": at(0),
    }))
}

/// A sample last error.
pub(super) fn last_error(fault: &str) -> Option<LastError> {
    read(json!({
        "fault": fault, "code": "liveness_probe_failed",
        "message": "The app failed its liveness probe 3 times in a row and is restarted. Last failure: GET / on port 8080 returned status 500.",
        "since": at(0), "next_try_at": at(30),
    }))
}

/// A sample release that reached these phases, one every three seconds.
pub(super) fn release(phases: &[&str]) -> Option<Release> {
    let timeline: Vec<Value> = (0..)
        .zip(phases)
        .map(|(step, phase)| json!({"phase": phase, "at": at(3 * step)}))
        .collect();
    let phase = *phases.last()?;
    let mut release = json!({
        "release_id": ID, "number": 3, "phase": phase, "timeline": timeline,
        "spec": {"image": "localhost/berth/hello:latest", "ports": [{"number": 8080}]},
        "reason": "deployed", "created_by": {"kind": "person", "name": "Ada"}, "created_at": at(0),
    });
    match phase {
        "pulling" => {
            release["progress"] = json!({
                "message": "Layer 3 of 7", "done_bytes": 35_861_299, "total_bytes": 120_586_240,
            });
        }
        "verifying" => {
            release["progress"] = json!({"message": "Waiting for port 8080 to answer"});
        }
        "failed" => {
            release["failure"] = json!({
                "fault": "user", "code": "port_does_not_answer",
                "message": "Nothing answered on port 8080 within 3 minutes. Does the app listen on 0.0.0.0 and on this port?",
            });
        }
        _ => {}
    }
    read(release)
}

/// Log lines as programs print them, including hostile ones.
pub(super) fn log_lines() -> Vec<Line> {
    let lines = [
        ("stdout", "listening on 0.0.0.0:8080"),
        (
            "stdout",
            "\u{1b}[32mINFO\u{1b}[0m request \u{1b}[1mGET /\u{1b}[0m 200 in 3 ms",
        ),
        ("stderr", "\u{1b}[33mWARN\u{1b}[0m the pool is nearly empty"),
        ("stderr", "\u{1b}[1;31mERROR\u{1b}[0m connection refused"),
        ("stdout", "<script>alert('a log is text')</script>"),
        (
            "stdout",
            "\u{1b}]0;title\u{7}\u{1b}[2Ja line that tried to clear the screen",
        ),
        (
            "stdout",
            "a very long line that does not fit into any window, however wide it may be, because it goes on and on and on until someone gives up reading it, which happens about here",
        ),
    ];
    (1..)
        .zip(lines)
        .filter_map(|(position, (stream, text))| {
            read(json!({
                "position": position, "instance_id": ID, "at": at(position),
                "stream": stream, "text": text,
            }))
        })
        .collect()
}

/// Sample variables: a valid one, an invalid one, a secret.
pub(super) fn variables() -> Vec<Variable> {
    [
        ("GREETING", "Hello", ""),
        ("1_BAD", "value", ""),
        ("STRIPE_KEY", "", ID),
    ]
    .map(|(name, value, secret)| Variable {
        name: name.to_owned(),
        value: value.to_owned(),
        secret: secret.to_owned(),
    })
    .into()
}

/// Sample secrets.
pub(super) fn secrets() -> Vec<Source> {
    vec![Source {
        id: ID.to_owned(),
        name: "STRIPE_KEY".to_owned(),
    }]
}

/// A time range of one hour.
pub(super) fn chart_range() -> ChartRange {
    ChartRange {
        from: base(),
        to: base().plus_millis(3_600_000),
        resolution_ms: MINUTE_MS,
    }
}

/// A change after this number of minutes.
pub(super) fn marker(minute: i64, label: &str) -> ChartMarker {
    ChartMarker {
        at: base().plus_millis(minute * MINUTE_MS),
        label: label.to_owned(),
        words: format!("release {label} is live"),
    }
}

/// A line that varies around a value, with a gap.
pub(super) fn line(name: &str, hue: SeriesColor, minutes: Range<u64>, around: u64) -> ChartLine {
    let minutes = minutes.filter(|minute| !(20..24).contains(minute));
    let points = minutes.filter_map(|minute| {
        let average = around * (90 + minute * 7 % 13 + minute * 3 % 5) / 100;
        Some(ChartPoint {
            at: base().plus_millis(i64::try_from(minute).ok()? * MINUTE_MS),
            average,
            maximum: average + average * (minute * 5 % 7) / 20,
        })
    });
    ChartLine {
        name: name.to_owned(),
        hue,
        points: points.collect(),
    }
}
