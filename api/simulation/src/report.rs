//! What came of a run, as one line between processes and in sums for people.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::{trace::Trace, world::World};

/// What came of a run.
#[derive(Clone, Debug, Default)]
pub(crate) struct Report {
    pub(crate) seed: u64,
    /// What did not hold.
    pub(crate) broken: Vec<String>,
    /// What happened how often.
    pub(crate) counts: BTreeMap<String, u64>,
    pub(crate) simulated_secs: u64,
    /// Stands for the whole trace.
    pub(crate) digest: String,
}

impl Report {
    pub(crate) fn of(seed: u64, world: &World, trace: &Trace) -> Self {
        let (broken, counts) = world.findings();
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

    /// Reads such a line; a process that printed none broke.
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
