//! Detection of lines that are stored already.
//!
//! Repeated lines are looked up in compressed segments, and opening one takes milliseconds. So
//! the search runs before the transaction, while nobody waits for it. Inside the transaction
//! only segments that arrived meanwhile are searched.

#[cfg(test)]
mod tests;

use std::collections::{HashMap, HashSet};

use models::{InstanceId, runner::LogEntry, time::Timestamp};

use super::{
    super::segment::{Opened, Printer},
    LineId, line_id,
};
use crate::{
    db::Source,
    error::AppError,
    store::{self, deployment_log::DeploymentLog, log_truncation::Name},
};

/// The lines of a batch, and those found in segments so far.
#[derive(Debug)]
pub(super) struct Known {
    /// Ids of the lines, by instance.
    ///
    /// This keeps the cost linear in the lengths of the batch and of the segments, even with very
    /// many instances.
    wanted: HashMap<InstanceId, HashSet<Name>>,
    span: (Timestamp, Timestamp),
    found: HashSet<LineId>,
    /// All candidate segments up to this position were searched. The lines at a position never
    /// change, whichever segment has them.
    searched_to: i64,
}

impl Known {
    /// Starts a search for these lines; `None` if there are none.
    pub(super) fn of(lines: &[LogEntry]) -> Option<Self> {
        let instants = || lines.iter().map(|line| line.at);
        let mut wanted: HashMap<InstanceId, HashSet<Name>> = HashMap::new();
        for (instance_id, name) in lines.iter().map(line_id) {
            wanted.entry(instance_id).or_default().insert(name);
        }
        Some(Self {
            span: instants().min().zip(instants().max())?,
            wanted,
            found: HashSet::new(),
            searched_to: 0,
        })
    }

    /// Drops the lines that are stored already.
    pub(super) fn drop_from(&self, lines: &mut Vec<LogEntry>) {
        lines.retain(|line| !self.found.contains(&line_id(line)));
    }

    /// Returns the earliest time of the lines.
    pub(super) const fn since(&self) -> Timestamp {
        self.span.0
    }

    /// Searches the segments that were not searched before.
    ///
    /// Line ids of an instance only grow, so new lines come after all stored lines of their
    /// instance. A segment hardly ever needs to be opened.
    pub(super) async fn search(
        mut self,
        source: impl Into<Source<'_>>,
        log: &DeploymentLog,
    ) -> Result<Self, AppError> {
        let mut source = source.into();
        'restart: loop {
            let span = self.span;
            let parts = store::log_segment::overlapping(source.reborrow(), log, span).await?;
            for part in parts {
                if part.last_position <= self.searched_to {
                    continue;
                }
                if self.may_be_in(&part.instances)? {
                    let first = part.first_position;
                    let data = store::log_segment::data(source.reborrow(), log, first).await?;
                    let Some((raw_bytes, data)) = data else {
                        // The segment was merged or dropped since it was listed.
                        continue 'restart;
                    };
                    self = self.open(data, raw_bytes).await?;
                }
                self.searched_to = part.last_position;
            }
            return Ok(self);
        }
    }

    fn may_be_in(&self, instances: &str) -> Result<bool, AppError> {
        let printers = Printer::read(instances)?;
        Ok(printers.iter().any(|printer| {
            let names = self.wanted.get(&printer.instance_id);
            names.is_some_and(|names| names.iter().any(|name| printer.may_have(*name)))
        }))
    }

    /// Searches a segment, on a blocking thread.
    async fn open(mut self, data: Vec<u8>, raw_bytes: i64) -> Result<Self, AppError> {
        let searching = crate::blocking::run(move || {
            let opened = Opened::read(&data, raw_bytes)?;
            let names = opened
                .lines()
                .map(|line| (line.instance_id, (line.at, line.ordinal)));
            let is_wanted = |(instance_id, name): &LineId| {
                let names = self.wanted.get(instance_id);
                names.is_some_and(|names| names.contains(name))
            };
            self.found.extend(names.filter(is_wanted));
            Ok(self)
        });
        searching.await.map_err(AppError::internal)?
    }
}
