//! Reports of runs: one line between processes, and totals for people.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::{trace::Trace, world::World};

/// The result of a run.
#[derive(Clone, Debug, Default)]
pub(crate) struct Report {
    pub(crate) seed: u64,
    /// Violated invariants.
    pub(crate) broken: Vec<String>,
    /// Counts of events.
    pub(crate) counts: BTreeMap<String, u64>,
    pub(crate) simulated_secs: u64,
    /// The digest of the whole trace.
    pub(crate) digest: String,
}

impl Report {
    pub(crate) fn of(seed: u64, world: &World, trace: &Trace) -> Self {
        let (broken, counts) = world.outcome();
        let (digest, lines) = trace.digest();
        Self {
            seed,
            broken,
            counts: counts
                .into_iter()
                .map(|(what, count)| (what.to_owned(), count))
                .collect(),
            simulated_secs: world.lasted().as_secs(),
            digest: format!("{digest:016x} of {lines} lines"),
        }
    }

    /// The line that a process prints last.
    pub(crate) fn to_line(&self) -> String {
        json!({
            "seed": self.seed,
            "broken": self.broken,
            "counts": self.counts,
            "simulated_secs": self.simulated_secs,
            "digest": self.digest,
        })
        .to_string()
    }

    /// Parses the last line of a process; one that printed none counts as broken.
    pub(crate) fn from_output(seed: u64, output: &str) -> Self {
        let last = output.lines().last().unwrap_or_default();
        let Ok(line) = serde_json::from_str::<Value>(last) else {
            return Self {
                seed,
                broken: vec![format!("the process ended early: {last}")],
                ..Self::default()
            };
        };
        let texts = line["broken"].as_array().into_iter().flatten();
        let counts = line["counts"].as_object().into_iter().flatten();
        Self {
            seed,
            broken: texts.filter_map(Value::as_str).map(str::to_owned).collect(),
            counts: counts
                .map(|(what, count)| (what.clone(), count.as_u64().unwrap_or_default()))
                .collect(),
            simulated_secs: line["simulated_secs"].as_u64().unwrap_or_default(),
            digest: line["digest"].as_str().unwrap_or_default().to_owned(),
        }
    }
}
